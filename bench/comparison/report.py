"""The figures as Markdown."""

from math import exp, log


def milliseconds(value):
    """A time with three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def multiple(ratio):
    """A ratio with one digit behind the point, or two digits that count when it is small."""
    return f"{ratio:.1f}×" if ratio >= 1 else f"{ratio:.2g}×"


def size(count):
    """Bytes as megabytes."""
    return f"{count / 1e6:,.0f} MB"


def ratios(entries, queries, figure):
    """By engine and query: how many times worse than the first engine a figure is."""
    first = entries[0]
    found = {entry.engine.title: {} for entry in entries}
    for query in queries:
        base = figure(first, query.name)
        for entry in entries:
            value = figure(entry, query.name)
            if base and value:
                found[entry.engine.title][query.name] = value / base
    return found


def median(entry, name):
    """The median with one client in milliseconds; nothing after a timeout or an error."""
    seen = entry.one.get(name, {})
    return None if seen.get("timed_out") or seen.get("errors") else seen.get("median")


def slowness(entry, name):
    """Seconds a request with several clients."""
    seen = entry.many.get(name, {})
    usable = not seen.get("timed_out") and not seen.get("errors") and seen.get("per_second")
    return 1 / seen["per_second"] if usable else None


def geometric_mean(values):
    """The mean of ratios."""
    values = list(values)
    return exp(sum(map(log, values)) / len(values)) if values else None


def table(header, rows):
    """A table; all columns but the first hold numbers."""
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(entry, name, times):
    """One engine's time for one query with one client."""
    seen = entry.one[name]
    if seen.get("timed_out"):
        return "timeout"
    if seen["errors"]:
        return f"{seen['errors']} errors"
    ratio = f" ({multiple(times[name])})" if name in times else ""
    return f"{milliseconds(seen['median'])} / {milliseconds(seen['p99'])}{ratio}"


def write(resources, triples, held, queries):
    """One size as Markdown."""
    entries, wrong, mixed, missing = held
    text = [f"## {resources:,} resources, {triples:,} triples\n"]
    text += [f"Left out: {title}: {reason}\n" for title, reason in missing.items()]
    if not entries:
        return "\n".join(text)
    titles = [entry.engine.title for entry in entries]
    agreed = [query for query in queries if query.name not in wrong]
    text.append(one_client(entries, titles, queries, wrong, agreed))
    text.append(several_clients(entries, titles, agreed, mixed))
    text.append(costs(entries, titles))
    text += [f"Excluded: `{name}`: {'; '.join(reasons)}\n" for name, reasons in wrong.items()]
    return "\n".join(text)


def one_client(entries, titles, queries, wrong, agreed):
    """Median and 99th percentile with one client."""
    times = ratios(entries, agreed, median)
    rows = []
    for query in queries:
        if query.name in wrong:
            rows.append([f"{query.name} ✗ excluded", *["–"] * len(entries)])
        else:
            rows.append([query.name, *(cell(entry, query.name, times[entry.engine.title]) for entry in entries)])
    means = [geometric_mean(times[title].values()) for title in titles]
    rows.append(["**geometric mean of the ratios**", *(f"**{multiple(mean)}**" if mean else "–" for mean in means)])
    note = f"One client: median / 99th percentile in ms (median as a multiple of {titles[0]}'s)\n\n"
    return note + table(["query", *titles], rows)


def several_clients(entries, titles, agreed, mixed):
    """Requests a second with several clients."""
    times = ratios(entries, agreed, slowness)
    rows = []
    for query in agreed:
        seen = [entry.many.get(query.name, {"timed_out": True}) for entry in entries]
        rows.append([query.name, *(throughput(it) for it in seen)])
    if mixed:
        rows.append([f"**mix of {len(mixed)} queries**", *(throughput(entry.mix) for entry in entries)])
    means = [geometric_mean(times[title].values()) for title in titles]
    rows.append(["**slower, geometric mean**", *(f"**{multiple(mean)}**" if mean else "–" for mean in means)])
    return "Several clients at once: answers a second\n\n" + table(["query", *titles], rows)


def throughput(seen):
    """Answers a second, or why there are none."""
    if seen.get("timed_out"):
        return "timeout"
    return f"{seen['per_second']:,.1f}" + (f" ({seen['errors']} errors)" if seen["errors"] else "")


def costs(entries, titles):
    """What loading and serving take."""
    rows = [
        ["load, s", *(f"{entry.load_seconds:.1f}" for entry in entries)],
        ["greatest memory while loading", *(size(entry.load_memory) for entry in entries)],
        ["disk after loading", *(size(entry.disk) for entry in entries)],
        ["start to first answer, s", *(f"{entry.start_seconds:.2f}" for entry in entries)],
        ["memory after serving", *(size(entry.memory) for entry in entries)],
    ]
    return "Loading and serving\n\n" + table(["", *titles], rows)
