"""The demo county's base map: streets, water, estates and houses made up along its boundaries."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import rotate, scale
from shapely.geometry.base import BaseGeometry

from geo.basemap.building import write
from geo.basemap.drawn import Drawn, numbered
from gridwhistle.demo.geography import features
from gridwhistle.demo.geography_mesh import lattice, metres

#: Streets of one name run within so many metres of each other.
_BAND: Final = 420.0
_STREET_WIDTH: Final = 24.0
_HOUSE_EVERY: Final = 55.0
_BLOCK: Final = (52.0, 13.0)
_BLOCK_STEP: Final = (66.0, 34.0)


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of the demo county, in metres around its middle."""

    code: str
    name: str
    stem: str
    level: str
    shape: BaseGeometry

    @property
    def in_town(self) -> bool:
        """Whether it belongs to a street of the town in the middle."""
        return self.code[6] == "0"


def write_basemap(target: Path, seed: int = 1) -> None:
    """Write the demo county's base map to a file, if there is none yet."""
    if target.exists():
        return
    drawn, county = made_up(seed)
    write(drawn, target, county)


def made_up(seed: int = 1) -> tuple[list[Drawn], BaseGeometry]:
    """Give all that is drawn of the demo county, and its outline; the same for the same seed."""
    places = _places(seed)
    county = next(each.shape for each in places if each.level == "county")
    made = list(_made(places, np.random.default_rng(seed)))
    flat = np.array([*(each.geometry for each in made), county], object)
    *shapes, outline = shapely.transform(flat, lattice)
    return [
        Drawn(each.layer, each.kind, shape, each.name, each.short)
        for each, shape in zip(made, shapes, strict=True)
    ], outline


@cache
def _names() -> dict[str, Any]:
    source = resources.files("gridwhistle.demo").joinpath("data", "basemap.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _places(seed: int) -> list[_Place]:
    return [
        _Place(told["code"], told["name"], _stem(told["name"]), told["level"], shape)
        for feature in features(seed)["features"]
        for told in [feature["properties"]]
        for shape in [shapely.transform(shapely.geometry.shape(feature["geometry"]), metres)]
    ]


def _stem(name: str) -> str:
    for suffix in _names()["suffixes"]:
        if name.endswith(suffix):
            return str(name.removesuffix(suffix))
    return name


def _made(places: Sequence[_Place], rng: np.random.Generator) -> Iterator[Drawn]:
    grids = [each for each in places if each.level == "grid"]
    villages = {each.code: each for each in places if each.level == "village"}
    town = shapely.union_all([each.shape for each in grids if each.in_town])
    river = _river(town)
    yield Drawn("water", "water", river.buffer(28), _names()["river"])
    yield Drawn("water", "water", _lake(), _names()["lake"])
    streets = list(_streets([each for each in places if each.in_town], town))
    yield from streets
    yield from _house_numbers(streets)
    yield from _highways(places, rng)
    bank = river.buffer(28 + _STREET_WIDTH)
    of: dict[str, int] = {}
    for grid in grids:
        village = villages[grid.code[:12]]
        section = of[village.code] = of.get(village.code, -1) + 1
        if grid.in_town:
            yield from _estate(grid, village, section, bank, rng)
        else:
            yield Drawn("roads", "path", grid.shape.boundary.simplify(15))
    for village in villages.values():
        if not village.in_town:
            yield from _village(village, rng)


def _river(town: BaseGeometry) -> BaseGeometry:
    """Give the river's line: through the county from the west, along the south of the town."""
    west, south, east, north = town.bounds
    y = south + (north - south) * 0.3
    bends = [(-17_000, y + 4_500), (-9_000, y + 1_800), (west, y + 300), (west / 2, y - 150),
             (0, y + 60), (east / 2, y - 200), (east, y + 150), (9_000, y - 2_200),
             (17_000, y - 3_500)]  # fmt: skip
    x, heights = np.array(bends).T
    along = np.linspace(x[0], x[-1], 400)
    line = np.column_stack([along, np.interp(along, x, heights) + 60 * np.sin(along / 350)])
    return shapely.LineString(line)


def _lake() -> BaseGeometry:
    long = scale(shapely.Point(-6_200, 7_400).buffer(650), 1, 0.55)
    return rotate(long, 30)


def _streets(places: Sequence[_Place], town: BaseGeometry) -> Iterator[Drawn]:
    """Lay streets along the borders in town, the wider the greater the places they divide."""
    done: BaseGeometry = town.boundary
    yield from _named_lines(done, "main", _names()["ring"])
    for level, kind in (("township", "main"), ("village", "street"), ("grid", "street")):
        borders = [each.shape.boundary for each in places if each.level == level]
        every = shapely.union_all(borders)
        yield from _named_lines(shapely.difference(every, done), kind)
        done = shapely.union_all([done, every])


def _named_lines(lines: BaseGeometry, kind: str, name: str = "") -> Iterator[Drawn]:
    for line in shapely.get_parts(shapely.line_merge(lines)):
        straight = line.simplify(9)
        yield Drawn("roads", kind, straight, name or _street_name(straight))


def _street_name(line: BaseGeometry) -> str:
    """Name a street by the band it runs in: east-west ones and north-south ones apart."""
    (x0, y0), (x1, y1) = line.coords[0], line.coords[-1]
    lies = abs(x1 - x0) >= abs(y1 - y0)
    names = _names()["avenues" if lies else "streets"]
    across = (y0 + y1) / 2 if lies else (x0 + x1) / 2
    return str(names[int(across // _BAND) % len(names)])


def _house_numbers(streets: Sequence[Drawn]) -> Iterator[Drawn]:
    """Number the houses of each street from where the county's middle line is."""
    for street in streets:
        line = street.geometry
        for away in np.arange(_HOUSE_EVERY / 2, line.length, _HOUSE_EVERY):
            at, on = line.interpolate(away), line.interpolate(away + 1)
            side = np.array([at.y - on.y, on.x - at.x])
            x, y = np.array([at.x, at.y]) + side / np.hypot(*side) * (_STREET_WIDTH / 2 + 4)
            number = 1 + int((abs(x) + abs(y)) / 20)
            full, short = numbered(street.name, str(number))
            yield Drawn("places", "number", shapely.Point(x, y), full, short)


def _highways(places: Sequence[_Place], rng: np.random.Generator) -> Iterator[Drawn]:
    """Join the towns with the town in the middle, and their villages with them."""
    towns = [each for each in places if each.level == "township"]
    middle = next(each for each in towns if each.in_town)
    for town in towns:
        if town.in_town:
            continue
        seat = town.shape.point_on_surface()
        name = _names()["highway"].format(a=middle.stem[0], b=town.stem[0])
        yield Drawn("roads", "main", _bent((0.0, 0.0), (seat.x, seat.y), rng), name)
        for village in places:
            if village.level == "village" and village.code.startswith(town.code[:9]):
                at = village.shape.point_on_surface()
                yield Drawn("roads", "street", _bent((seat.x, seat.y), (at.x, at.y), rng))


def _bent(
    start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator
) -> BaseGeometry:
    a, b = np.array(start), np.array(end)
    along = np.linspace(0, 1, 24)[:, None]
    across = np.array([a[1] - b[1], b[0] - a[0]]) * rng.uniform(-0.09, 0.09)
    return shapely.LineString(a + (b - a) * along + across * np.sin(along * np.pi))


def _estate(
    grid: _Place, village: _Place, section: int, bank: BaseGeometry, rng: np.random.Generator
) -> Iterator[Drawn]:
    """Fill a grid of the town with an estate or a park, its gates, blocks and shops."""
    ground = shapely.difference(grid.shape.buffer(-_STREET_WIDTH / 2 - 4), bank)
    ground = max(shapely.get_parts(ground), key=lambda part: part.area).simplify(6)
    names = _names()
    if section % 9 == 6:
        yield Drawn("areas", "green", ground, park := names["park"].format(village.stem))
        yield Drawn("places", "estate", ground.point_on_surface(), park)
        return
    name = names["sections"][section % len(names["sections"])].format(village.stem)
    yield Drawn("areas", "estate", ground, name)
    yield Drawn("places", "estate", ground.point_on_surface(), name)
    corners = shapely.get_coordinates(ground.exterior)
    for gate, at in zip(
        names["gates"], (corners[:, 1].argmax(), corners[:, 1].argmin()), strict=True
    ):
        yield Drawn("places", "point", shapely.Point(corners[at]), gate.format(name))
    shop = names["shops"][int(rng.integers(len(names["shops"])))].format(village.stem)
    yield Drawn("places", "point", ground.exterior.interpolate(rng.uniform(0, 900)), shop)
    blocks = _rows_of(ground.buffer(-10), _BLOCK, _BLOCK_STEP, rng.uniform(-6, 6))
    for number, block in enumerate(blocks, start=1):
        yield Drawn("buildings", "building", block)
        short = names["block"].format(number)
        yield Drawn("places", "number", block.centroid, name + short, short)


def _village(village: _Place, rng: np.random.Generator) -> Iterator[Drawn]:
    """Build a village around the middle of its land."""
    middle = village.shape.point_on_surface()
    yield Drawn("places", "settlement", middle, village.name)
    ground = shapely.intersection(middle.buffer(rng.uniform(170, 240)), village.shape)
    yield Drawn("areas", "estate", ground, village.name)
    turned = rng.uniform(-20, 20)
    for house in _rows_of(ground, (15.0, 11.0), (30.0, 38.0), turned):
        if rng.uniform() < 0.85:
            yield Drawn("buildings", "building", house)
    for name in _names()["village"]:
        x, y = np.array([middle.x, middle.y]) + rng.uniform(-120, 120, 2)
        yield Drawn("places", "point", shapely.Point(x, y), name.format(village.stem))
    ring = shapely.get_coordinates(ground.buffer(-60).exterior.simplify(30))
    for a, b in pairwise(ring):
        yield Drawn("roads", "path", shapely.LineString([a, b]))


def _rows_of(
    ground: BaseGeometry,
    size: tuple[float, float],
    step: tuple[float, float],
    turned: float,
) -> NDArray[Any]:
    """Give the rectangles of a turned lattice that lie in the ground, row by row."""
    if ground.is_empty:
        return np.empty(0, object)
    west, south, east, north = ground.bounds
    x, y = np.meshgrid(np.arange(west, east, step[0]), np.arange(north, south, -step[1]))
    boxes = shapely.box(x.ravel(), y.ravel(), x.ravel() + size[0], y.ravel() + size[1])
    middle, angle = np.array(ground.centroid.coords[0]), np.radians(turned)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned_boxes = shapely.transform(boxes, lambda xy: (xy - middle) @ turn + middle)
    kept: NDArray[Any] = turned_boxes[shapely.contains_properly(ground, turned_boxes)]
    return kept
