"""The ratios as bars on a logarithmic scale, in SVG."""

from html import escape
from math import ceil, floor, log10

COLOURS = ["#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#a463f2"]
LEFT, WIDTH, BAR, GAP, TOP = 190, 620, 8, 8, 64


def draw(title, times, names):
    """Bars for each query, one for each engine but the first, which is the line at 1."""
    engines = list(times)
    values = [value for engine in engines for value in times[engine].values()]
    low, high = floor(log10(min([*values, 1]))), max(ceil(log10(max([*values, 1]))), 1)

    def across(value):
        return LEFT + WIDTH * (log10(value) - low) / (high - low)

    step = BAR * (len(engines) - 1) + GAP
    height = TOP + step * len(names) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 60} {height}" font-family="sans-serif" '
        'font-size="11">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="18" font-size="14">{escape(title)}</text>',
    ]
    for index, engine in enumerate(engines[1:]):
        x = LEFT + 130 * index
        parts.append(f'<rect x="{x}" y="28" width="10" height="10" fill="{COLOURS[index % len(COLOURS)]}"/>')
        parts.append(f'<text x="{x + 15}" y="37">{escape(engine)}</text>')
    for power in range(low, high + 1):
        x, label = across(10**power), f"{10**power:g}×"
        colour = "#333" if power == 0 else "#ddd"
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 20}" stroke="{colour}"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP - 12}" text-anchor="middle" fill="#555">{label}</text>')
    for row, name in enumerate(names):
        y = TOP + step * row
        parts.append(f'<text x="{LEFT - 6}" y="{y + step / 2:.1f}" text-anchor="end">{escape(name)}</text>')
        for index, engine in enumerate(engines[1:]):
            top, value = y + BAR * index, times[engine].get(name)
            if value is None:
                parts.append(f'<text x="{across(1) + 4:.1f}" y="{top + 7}" font-size="8">timeout</text>')
                continue
            start, end = sorted((across(1), across(value)))
            colour = COLOURS[index % len(COLOURS)]
            parts.append(
                f'<rect x="{start:.1f}" y="{top}" width="{end - start:.1f}" height="{BAR - 1}" fill="{colour}">'
                f"<title>{escape(engine)}: {value:.2f}×</title></rect>"
            )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
