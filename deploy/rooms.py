"""Draw who imports whom, floor by floor, as docs/rooms.svg: the house, and the rooms within.

    python deploy/rooms.py

The floors are those of the layer contracts in pyproject.toml; the lines are the imports that the
code really has, thicker where there are more. Every line goes down: a contract sees to that.
"""

import math
import tomllib
from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("gridwhistle", "mobile_api", "server", "geo", "media")
WIDE, HIGH, GAP, FLOOR, MARGIN = 132, 34, 18, 62, 24


@dataclass(frozen=True)
class Panel:
    """One drawing: its title, the packages on each floor, from the top down."""

    title: str
    floors: list[list[str]]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height with its margin."""
        most = max(len(floor) for floor in self.floors)
        return most * (WIDE + GAP) - GAP + 2 * MARGIN, len(self.floors) * FLOOR + 2 * MARGIN + 6


def main() -> None:
    """Write the picture."""
    graph = grimp.build_graph(*PACKAGES, include_external_packages=False)
    modules = [name for name in graph.modules if not name.startswith("server.migrations.")]
    imports = [
        (one, other) for one in modules for other in graph.find_modules_directly_imported_by(one)
    ]
    house, *rooms = panels()
    parts, left, right = [], house.size[0], 0
    parts.append(drawn(house, modules, imports, 0, 0))
    top = 0
    for panel in rooms:
        parts.append(drawn(panel, modules, imports, left, top))
        top += panel.size[1]
        right = max(right, panel.size[0])
    width, height = left + right, max(house.size[1], top)
    style = (
        "text{font:13px sans-serif;fill:#1d2b36}.t{font-weight:600;font-size:15px}"
        ".n{font-size:10px;fill:#5b6b78}rect{fill:#eef4f8;stroke:#7d97aa;rx:6}"
        "path{fill:none;stroke:#2f6f9f}"
    )
    (ROOT / "docs/rooms.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><style>{style}</style>'
        f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n",
        encoding="utf-8",
    )


def panels() -> list[Panel]:
    """The house first, then one panel for each slice that has rooms."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layered = [
        each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"
    ]
    floors = {
        container: [[f"{container}.{name.strip()}" for name in row.split("|")] for row in rows]
        for each in layered
        for container, rows in ((each.get("containers", [""])[0], each["layers"]),)
    }
    packages = [[name.removeprefix(".") for name in row] for row in floors.pop("")]
    house = []
    for row in packages:
        house += floors.pop("server") if row == ["server"] else [row]
    return [Panel("The house", house), *(Panel(name, rows) for name, rows in floors.items())]


def drawn(
    panel: Panel, modules: list[str], imports: list[tuple[str, str]], left: int, top: int
) -> str:
    """Return a panel as SVG, its corner at `left` and `top`."""
    nodes = [name for floor in panel.floors for name in floor]

    def room(module: str) -> str:
        return next((n for n in nodes if module == n or module.startswith(f"{n}.")), "")

    sizes = Counter(map(room, modules))
    lines = Counter((room(one), room(other)) for one, other in imports)
    places = {}
    for depth, floor in enumerate(panel.floors):
        used = len(floor) * (WIDE + GAP) - GAP
        # Floors of one room are shifted in turn, so that lines to lower floors pass beside them.
        shift = (depth % 3 - 1) * 70 if len(floor) == 1 and len(panel.floors) > 8 else 0
        x = left + (panel.size[0] - used) / 2 + shift
        for name in floor:
            places[name] = (x, top + MARGIN + 18 + depth * FLOOR)
            x += WIDE + GAP
    out = [f'<text class="t" x="{left + MARGIN}" y="{top + MARGIN}">{escape(panel.title)}</text>']
    for (one, other), n in sorted(lines.items()):
        if one and other and one != other:
            (x1, y1), (x2, y2) = places[one], places[other]
            x1, x2, y1 = x1 + WIDE / 2, x2 + WIDE / 2, y1 + HIGH
            bend = (y2 - y1) / 2
            out.append(
                f'<path d="M{x1:.0f} {y1}C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} '
                f'{x2:.0f} {y2}" stroke-width="{0.5 + math.log2(n) / 2:.1f}" opacity=".35"/>'
            )
    for name, (x, y) in places.items():
        n = sizes[name]
        out.append(f'<rect x="{x:.0f}" y="{y}" width="{WIDE}" height="{HIGH}"/>')
        short = escape(name.rpartition(".")[2])
        out.append(
            f'<text x="{x + WIDE / 2:.0f}" y="{y + 15}" text-anchor="middle">{short}</text>'
            f'<text class="n" x="{x + WIDE / 2:.0f}" y="{y + 28}" text-anchor="middle">'
            f"{n} module{'s' * (n != 1)}</text>"
        )
    return "\n".join(out)


if __name__ == "__main__":
    main()
