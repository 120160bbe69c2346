"""One size: every engine loads, answers, and is timed, one after the other."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field

from . import answers, client, timing
from .processes import Failed


@dataclass
class Entry:
    """One engine at one size, and everything measured of it."""

    engine: object
    load_seconds: float = 0.0
    load_memory: int = 0
    disk: int = 0
    start_seconds: float = 0.0
    memory: int = 0
    # By name of the query: an `Answer`, or a word for why there is none.
    answers: dict = field(default_factory=dict)
    one: dict = field(default_factory=dict)
    many: dict = field(default_factory=dict)
    mix: dict | None = None


def tell(*words):
    """Says what is going on, on standard error."""
    print(*words, file=sys.stderr, flush=True)


def ask_all(entry, queries, timeout):
    """Collects the answers of one engine. After a timeout it is started again: the query might still be running."""
    engine = entry.engine
    for query in queries:
        try:
            body = client.ask(engine.port, engine.path, query, timeout)
            entry.answers[query.name] = answers.read(query, body)
        except TimeoutError:
            entry.answers[query.name] = "timeout"
            engine.restart()
        except (client.Refused, ValueError, OSError) as error:
            entry.answers[query.name] = f"error: {error}"
            if engine.process.poll() is not None:
                engine.restart()


def disagreements(entries, queries):
    """What is wrong with a query, by its name: answers that differ, or an error. Timeouts are no disagreement."""
    found = {}
    for query in queries:
        given = [(entry.engine.title, entry.answers[query.name]) for entry in entries]
        errors = [f"{title}: {answer}" for title, answer in given if isinstance(answer, str) and answer != "timeout"]
        answered = [(title, answer) for title, answer in given if isinstance(answer, answers.Answer)]
        differing = [
            f"{answered[0][0]} and {title}: {answers.difference(answered[0][1], answer)}"
            for title, answer in answered[1:]
            if answer.digest != answered[0][1].digest
        ]
        if errors or differing:
            found[query.name] = errors + differing
        elif not answered:
            found[query.name] = ["no engine answered in time"]
    return found


def time_all(entry, queries, mixed, options):
    """Times one engine: each query with one client and with several, then the mix."""
    engine, timeout = entry.engine, options.timeout
    if mixed and options.warm_up_seconds:
        # For engines that compile what runs often, and for cold pages.
        timing.measure(engine, mixed, 2, 0, 10**9, options.warm_up_seconds, timeout)
    for query in queries:
        if entry.answers[query.name] == "timeout":
            entry.one[query.name] = entry.many[query.name] = {"timed_out": True}
            continue
        seen = timing.measure(engine, [query], 1, options.warm_up, options.runs, options.seconds, timeout)
        entry.one[query.name] = seen
        if not seen["timed_out"]:
            seen = timing.measure(engine, [query], options.clients, 0, 10**9, options.load_seconds, timeout)
            entry.many[query.name] = seen
        if seen["timed_out"] or engine.process.poll() is not None:
            engine.restart()
    if mixed:
        entry.mix = timing.measure(engine, mixed, options.clients, 0, 10**9, options.mix_seconds, timeout)


def hold(engines, triples, queries, options):
    """Holds one size. Gives the entries, the disagreements, the queries of the mix, and why engines are missing."""
    with ExitStack() as running:
        entries, missing = [], {}
        for kind in engines:
            try:
                entries.append(prepare(running.enter_context(kind()), triples, queries, options))
            except Failed as error:
                missing[kind.title] = str(error)
                tell(f"{kind.title}: LEFT OUT: {error}")
        wrong = disagreements(entries, queries)
        for name, reasons in wrong.items():
            tell(f"{name}: EXCLUDED: {' | '.join(reasons)}")
        agreed = [query for query in queries if query.name not in wrong]
        mixed = [query for query in agreed if all(entry.answers[query.name] != "timeout" for entry in entries)]
        for entry in entries:
            tell(f"{entry.engine.title}: timing")
            entry.start_seconds = entry.engine.start()
            time_all(entry, agreed, mixed, options)
            entry.memory = entry.engine.memory()
            entry.engine.stop()
        return entries, wrong, mixed, missing


def prepare(engine, triples, queries, options):
    """Loads one engine and collects its answers; its data stay, its server does not."""
    entry = Entry(engine)
    tell(f"{engine.title}: loading {triples.name}")
    try:
        entry.load_seconds, entry.load_memory = engine.load(triples)
        entry.disk = engine.disk()
        tell(f"{engine.title}: answering")
        engine.start()
        ask_all(entry, queries, options.timeout)
    finally:
        engine.stop()
    return entry
