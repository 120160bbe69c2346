"""The questions: files of bench/queries, each with its shape and how its answers compare."""

import re
from dataclasses import dataclass

from .provision import REPOSITORY

FOLDER = REPOSITORY / "bench/queries"

# How answers compare. `rows`: as multisets of rows. `ordered`: as lists, because the order is total. `words`: as
# multisets of rows whose cells are bags of words. `triples`: as sets of triples.
COMPARISONS = ("rows", "ordered", "words", "triples")


@dataclass(frozen=True)
class Query:
    """One question."""

    name: str
    shape: str
    compare: str
    text: str


def read(wanted):
    """The questions of these names, or all for `all`; a name may leave out its number."""
    found = [parse(path) for path in sorted(FOLDER.glob("*.rq"))]
    if wanted == ["all"]:
        return found
    names = {name: query for query in found for name in (query.name, query.name.partition("-")[2])}
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise SystemExit(f"there is no query {', '.join(unknown)} in {FOLDER}")
    return [names[name] for name in wanted]


def parse(path):
    """A file: its shape in the first comment, `# compare:` in the second, then SPARQL."""
    text = path.read_text()
    match = re.match(r"# (?P<shape>.+)\n# compare: (?P<compare>\w+)\n", text)
    if match is None or match["compare"] not in COMPARISONS:
        raise SystemExit(f"{path}: begin with a line '# shape' and a line '# compare: {'|'.join(COMPARISONS)}'")
    return Query(path.stem, match["shape"], match["compare"], text[match.end() :].strip())
