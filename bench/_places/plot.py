"""A plot of times over the number of places, both axes logarithmic, as one small SVG."""

from html import escape
from math import log10

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 420, 62, 34, 190, 48
COLOURS = ("#0b6e4f", "#c1440e", "#e08e45", "#3b6fb6", "#8a56ac", "#6b7280", "#b8336a", "#444444")


def plot(title, unit, lines):
    """Draw {name: [(n, microseconds), ...]}; the first line is ours and is drawn thick."""
    points = [point for line in lines.values() for point in line]
    n_low, n_high = log10(min(n for n, _ in points)), log10(max(n for n, _ in points))
    t_low = int(log10(min(t for _, t in points)) // 1)
    t_high = int(-(-log10(max(t for _, t in points)) // 1))

    def x(n):
        return LEFT + (log10(n) - n_low) / max(n_high - n_low, 0.1) * (WIDTH - LEFT - RIGHT)

    def y(t):
        return HEIGHT - BOTTOM - (log10(t) - t_low) / (t_high - t_low) * (HEIGHT - TOP - BOTTOM)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for power in range(t_low, t_high + 1):
        at = y(10.0**power)
        out.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        label = f"{10.0**power:g} {unit}"
        out.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{label}</text>')
    for n in sorted({n for n, _ in points}):
        out.append(f'<path d="M{x(n):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eee"/>')
        out.append(
            f'<text x="{x(n):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{n:,}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    out.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">places</text>')
    out += _lines(lines, x, y)
    return "\n".join([*out, "</svg>\n"])


def _lines(lines, x, y):
    ends = sorted((y(line[-1][1]), name) for name, line in lines.items())
    label_at, last = {}, -100.0
    for at, name in ends:
        last = label_at[name] = max(at, last + 15)
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        path = " ".join(f"{x(n):.1f},{y(t):.1f}" for n, t in line)
        thick = 3.5 if name == next(iter(lines)) else 1.6
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{thick}"/>'
        for n, t in line:
            yield f'<circle cx="{x(n):.1f}" cy="{y(t):.1f}" r="3" fill="{colour}"/>'
        at = x(line[-1][0]) + 9
        where = f'x="{at:.1f}" y="{label_at[name] + 4:.1f}"'
        yield f'<text {where} fill="{colour}">{escape(name)}</text>'
