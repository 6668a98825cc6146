"""Look-ups of points, ours beside shapely's STRtree, on a lattice made here.

    python bench/lookup.py [N ...]        default: 1000 10000

All methods of one N run in this process on the same fresh points, in turn, five rounds, medians.
The lattice is jittered, its edges wiggle, and neighbours share their vertices to the last bit.
"""

import statistics
import sys
import time

import numpy as np
import shapely

from geo.index import build

ROUNDS = 5
N_SINGLE = 4000
N_BATCH = 100_000


def lattice(n, seed=1, k=5):
    """Make about n polygons with common edges, over a county-sized square."""
    rng = np.random.default_rng(seed)
    side = max(1, round(n**0.5))
    step = 0.5 / side
    at = np.arange(side + 1) * step
    corner = np.stack(np.meshgrid(120 + at, 30 + at, indexing="ij"), -1)
    corner += rng.uniform(-0.2, 0.2, corner.shape) * step
    t = (np.arange(1, k + 1) / (k + 1))[:, None]

    def edges(a, b):
        along = a[..., None, :] + (b - a)[..., None, :] * t
        return along + rng.uniform(-0.05, 0.05, along.shape) * step

    across, up = edges(corner[:-1], corner[1:]), edges(corner[:, :-1], corner[:, 1:])
    rings = np.concatenate(
        [
            corner[:-1, :-1][:, :, None], across[:, :-1],
            corner[1:, :-1][:, :, None], up[1:],
            corner[1:, 1:][:, :, None], across[:, 1:][:, :, ::-1],
            corner[:-1, 1:][:, :, None], up[:-1][:, :, ::-1],
            corner[:-1, :-1][:, :, None],
        ],
        axis=2,
    )  # fmt: skip
    shapes = shapely.polygons(np.round(rings, 7).reshape(side * side, -1, 2))
    return shapes, [f"{i:012d}" for i in range(len(shapes))]


class Tree:
    """The best form of the usual way: a prepared tree, and the lowest code of what it finds."""

    def __init__(self, shapes):
        shapely.prepare(shapes)
        self.shapes = shapes
        self.tree = shapely.STRtree(shapes)

    def find(self, lon, lat):
        hits = self.tree.query(shapely.Point(lon, lat))
        inside = [i for i in hits.tolist() if shapely.intersects_xy(self.shapes[i], lon, lat)]
        return min(inside, default=None)

    def find_many(self, lon, lat):
        point, place = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        found = np.full(len(lon), len(self.shapes))
        np.minimum.at(found, point, place)
        return np.where(found == len(self.shapes), -1, found)


def microseconds(find, lon, lat):
    points = list(zip(lon.tolist(), lat.tolist(), strict=True))
    start = time.perf_counter()
    for x, y in points:
        find(x, y)
    return (time.perf_counter() - start) / len(points) * 1e6


def microseconds_many(find_many, lon, lat):
    start = time.perf_counter()
    find_many(lon, lat)
    return (time.perf_counter() - start) / len(lon) * 1e6


def measure(n):
    shapes, codes = lattice(n)
    start = time.perf_counter()
    index = build(shapes, codes)
    built = time.perf_counter() - start
    tree = Tree(shapes)
    rng = np.random.default_rng(7)
    west, south, east, north = shapely.total_bounds(shapes)
    rows = {"find": ([], []), "find_many": ([], [])}
    for _ in range(ROUNDS):
        lon, lat = rng.uniform(west, east, N_BATCH), rng.uniform(south, north, N_BATCH)
        one = slice(0, N_SINGLE)
        for place, each in enumerate((index, tree)):
            rows["find_many"][place].append(microseconds_many(each.find_many, lon, lat))
            rows["find"][place].append(microseconds(each.find, lon[one], lat[one]))
        if not (index.find_many(lon, lat) == tree.find_many(lon, lat)).all():
            raise SystemExit("the two ways answer differently")
    for name, (ours, theirs) in rows.items():
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"{len(shapes):>8} {name:<10} {a:8.3f} {b:8.3f} {b / a:6.1f}")
    print(f"{len(shapes):>8} built in {built:.2f} s")


if __name__ == "__main__":
    print("polygons method      ours us  tree us  ratio")
    for text in sys.argv[1:] or ["1000", "10000"]:
        measure(int(text))
