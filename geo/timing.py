"""Look-ups in somebody's own places, ours beside shapely's, on fresh points."""

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from geo.ground.errors import GeoError
from geo.index.places import build

Points = NDArray[np.float64]

_ROUNDS = 5
_N_ONE = 2_000
_N_MANY = 50_000


class _Tree:
    """The usual way: a tree over prepared polygons, the lowest code of those that hold a point."""

    def __init__(self, shapes: Sequence[Polygon | MultiPolygon], codes: Sequence[str]) -> None:
        self._shapes = np.empty(len(shapes), dtype=object)
        order = sorted(range(len(codes)), key=codes.__getitem__)
        self._shapes[:] = [shapes[place] for place in order]
        self._order = np.append(np.array(order, np.int64), -1)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def find(self, lon: float, lat: float) -> int:
        hits = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        return int(self._order[hits.min() if len(hits) else -1])

    def find_many(self, lon: Points, lat: Points) -> NDArray[np.int64]:
        point, rank = self._tree.query(shapely.points(lon, lat), predicate="intersects")
        found = np.full(len(lon), len(self._shapes))
        np.minimum.at(found, point, rank)
        return np.asarray(self._order[found])


def side_by_side(shapes: Sequence[Polygon | MultiPolygon], codes: Sequence[str]) -> str:
    """Give the figures as text: medians of five rounds; raises GeoError where answers differ."""
    start = time.perf_counter()
    ours = build(shapes, codes)
    built = time.perf_counter() - start
    tree = _Tree(shapes, codes)
    rng = np.random.default_rng()
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    one: tuple[list[float], list[float]] = ([], [])
    many: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        lon, lat = rng.uniform(west, east, _N_MANY), rng.uniform(south, north, _N_MANY)
        if (ours.find_many(lon, lat) != tree.find_many(lon, lat)).any():
            raise GeoError("bench.answers_differ")
        lon, lat = rng.uniform(west, east, _N_MANY), rng.uniform(south, north, _N_MANY)
        points = list(zip(lon[:_N_ONE].tolist(), lat[:_N_ONE].tolist(), strict=True))
        for each, times in ((ours, one[0]), (tree, one[1])):
            times.append(_each(each.find, points))
        for each, times in ((ours, many[0]), (tree, many[1])):
            start = time.perf_counter()
            each.find_many(lon, lat)
            times.append((time.perf_counter() - start) / _N_MANY * 1e6)
    return "\n".join(
        (
            f"  built in {built:.2f} s; {_ROUNDS * _N_MANY} points answered alike",
            _line("one point", *one),
            _line("many points, each", *many),
        )
    )


def _each(find: Callable[[float, float], int | None], points: list[tuple[float, float]]) -> float:
    start = time.perf_counter()
    for lon, lat in points:
        find(lon, lat)
    return (time.perf_counter() - start) / len(points) * 1e6


def _line(what: str, ours: list[float], theirs: list[float]) -> str:
    a, b = statistics.median(ours), statistics.median(theirs)
    return f"  {what:<18} {a:9.3f} us, shapely STRtree {b:9.3f} us: {b / a:.1f} times as fast"
