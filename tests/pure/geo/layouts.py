"""Synthetic places for the tests of geo, and an oracle in exact arithmetic."""

import math
import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box

SCALE = 1 << 70


def square(x, y, side=0.01, holes=()):
    return Polygon(box(x, y, x + side, y + side).exterior, holes)


def lattice(n_side, *, seed=3, west=120.0, south=30.0, step=0.01, between=4):
    """Neighbours with wiggly common edges, their vertices equal to the last bit."""
    rng = random.Random(seed)

    def jitter(x, y, by):
        return (
            round(x + rng.uniform(-by, by) * step, 7),
            round(y + rng.uniform(-by, by) * step, 7),
        )

    side, wiggle = range(n_side + 1), min(0.06, 0.2 / (between + 1))
    corner = {(i, j): jitter(west + i * step, south + j * step, 0.2) for i in side for j in side}

    def edge(a, b):
        (ax, ay), (bx, by) = corner[a], corner[b]
        part = [t / (between + 1) for t in range(1, between + 1)]
        return [jitter(ax + (bx - ax) * t, ay + (by - ay) * t, wiggle) for t in part]

    across = {(i, j): edge((i, j), (i + 1, j)) for i in range(n_side) for j in side}
    up = {(i, j): edge((i, j), (i, j + 1)) for i in side for j in range(n_side)}
    return [
        Polygon(
            [
                *(corner[i, j], *across[i, j], corner[i + 1, j], *up[i + 1, j]),
                *(corner[i + 1, j + 1], *across[i, j + 1][::-1]),
                *(corner[i, j + 1], *up[i, j][::-1]),
            ]
        )
        for i in range(n_side)
        for j in range(n_side)
    ]


def difficult():
    """A lattice with everything that goes wrong in real files: (polygons, codes)."""
    shapes = lattice(6)
    rng = random.Random(5)
    hole = shapely.affinity.scale(shapes[7], 0.4, 0.4)
    shapes[7] = Polygon(shapes[7].exterior, [hole.exterior])
    island = shapely.affinity.scale(hole, 0.3, 0.3)
    shapes[20] = MultiPolygon([shapes[20], island, shapes[35]])  # an exclave in the hole
    del shapes[35]  # owned by 20 now
    del shapes[14]  # a gap
    shapes.append(box(120.021, 30.031, 120.037, 30.048))  # lies over several
    shapes.append(shapely.affinity.rotate(shapes[-1], 31))
    codes = [f"{i:04d}" for i in range(len(shapes))]
    rng.shuffle(codes)
    return shapes, codes


def aligned():
    """Squares, a frame, a cross and triangles whose lines coincide with raster lines."""
    unit = 1 / 64
    shapes = [square(i * unit, j * unit, unit) for i in range(4) for j in range(4) if i != j]
    shapes.append(
        Polygon(
            box(5 * unit, 0, 8 * unit, 3 * unit).exterior,
            [box(6 * unit, unit, 7 * unit, 2 * unit).exterior],
        )
    )
    shapes.append(Polygon([(0, 5 * unit), (4 * unit, 5 * unit), (0, 9 * unit)]))
    shapes.append(Polygon([(4 * unit, 9 * unit), (4 * unit, 5 * unit), (0, 9 * unit)]))
    shapes.append(
        MultiPolygon([square(5 * unit, 5 * unit, unit), square(6 * unit, 6 * unit, unit)])
    )
    shapes.append(box(5.5 * unit, 5.5 * unit, 6.5 * unit, 6.5 * unit))
    shapes = [shapely.affinity.translate(each, 64, 32) for each in shapes]
    return shapes, [f"{97 * i % 89:03d}" for i in range(len(shapes))]


def spiky():
    """Needles, slivers and nearly equal polygons, crossing many cells at flat angles."""
    rng = random.Random(8)
    shapes = []
    for i in range(12):
        x, y = 110 + rng.random(), 25 + rng.random()
        far = (x + rng.uniform(-1, 1), y + rng.uniform(-1, 1))
        shapes.append(Polygon([(x, y), far, (far[0] + 1e-9, far[1] + 1e-9 * i)]))
    big = Polygon([(110, 25), (112, 25.0000001), (112, 27), (110, 26.9999999)])
    shapes += [big, shapely.affinity.translate(big, 1e-12, 0)]
    shapes = [each for each in shapes if each.is_valid and each.area > 0]
    return shapes, [str(1000 - i) for i in range(len(shapes))]


def hard_points(shapes, n, *, seed=11):
    """Vertices, middles of edges, and both shifted by a unit in the last place."""
    rng = random.Random(seed)
    points = []
    rings = [
        shapely.get_coordinates(ring).tolist() for shape in shapes for ring in rings_of(shape)
    ]
    while len(points) < n:
        xy = rng.choice(rings)
        i = rng.randrange(len(xy) - 1)
        (ax, ay), (bx, by) = xy[i], xy[i + 1]
        t = rng.choice((0.0, 0.0, 0.5, rng.random()))
        x, y = ax + (bx - ax) * t, ay + (by - ay) * t
        points.append((nudged(x, rng), nudged(y, rng)))
    return points


def rings_of(shape):
    return shapely.get_rings(shapely.get_parts(shape)).tolist()


def nudged(value, rng):
    way = rng.choice((None, -math.inf, math.inf))
    return value if way is None else math.nextafter(value, way)


class Oracle:
    """Closed polygons, lowest code wins, in whole numbers: nothing is rounded."""

    def __init__(self, shapes, codes):
        self.places = sorted(
            (code, at, [whole(ring) for ring in rings_of(shape)])
            for at, (shape, code) in enumerate(zip(shapes, codes, strict=True))
        )

    def find(self, lon, lat):
        x, y = exact(lon), exact(lat)
        return next((at for _, at, rings in self.places if in_rings(x, y, rings)), None)


def exact(value):
    scaled = Fraction(value) * SCALE
    assert scaled.denominator == 1
    return scaled.numerator


def whole(ring):
    return [(exact(x), exact(y)) for x, y in shapely.get_coordinates(ring).tolist()]


def in_rings(x, y, rings):
    """Even-odd over all rings of a valid polygon, its lines included."""
    inside = False
    for ring in rings:
        for (ax, ay), (bx, by) in pairwise(ring):
            turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            within = min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
            if turn == 0 and within:
                return True
            if (ay > y) != (by > y) and (turn > 0) == (by > ay):
                inside = not inside
    return inside


def brute(shapes, codes, lons, lats):
    """What shapely answers without any index of ours; -1 for none."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    point, place = shapely.STRtree(made).query(shapely.points(lons, lats), predicate="intersects")
    order = sorted(range(len(codes)), key=codes.__getitem__)
    rank = np.empty(len(codes), np.int64)
    rank[order] = np.arange(len(codes))
    best = np.full(len(lons), len(codes))
    np.minimum.at(best, point, rank[place])
    return np.append(order, -1)[best]


def fan(n, *, x=120.0, y=30.0, size=0.01):
    """Triangles that share one point, all round it."""
    turns = [2 * math.pi * (i + 0.137) / n for i in range(n)]
    rim = [(x + size * math.cos(turn), y + size * math.sin(turn)) for turn in turns]
    return [Polygon([(x, y), rim[i], rim[(i + 1) % n]]) for i in range(n)]


def comb(n_teeth=60):
    """Long thin teeth, up and down and to both sides, that leave a cell many times."""
    shapes = []
    for turned in (False, True):
        points = [(0.0, 0.0), (1.0, 0.0)]
        for i in range(n_teeth, -1, -1):
            points += [((i + 0.6) / (n_teeth + 1), 0.9), ((i + 0.1) / (n_teeth + 1), 0.05)]
        flat = [(y, x) if turned else (x, y) for x, y in points]
        shapes.append(Polygon([(120 + x * 0.05, 30 + y * 0.05) for x, y in flat]))
    return [each for each in shapes if each.is_valid], ["b", "a"]


def nearly_level():
    """Edges that rise by next to nothing, or by nothing, over many cells; and the same upright."""
    shapes = []
    for i in range(9):
        low, high = 30 + i * 0.01, 30 + (i + 1) * 0.01
        lift = 10.0 ** -(i + 5)
        shapes.append(Polygon([(120, low), (120.1, low + lift), (120.1, high), (120, high)]))
        shapes.append(
            Polygon(
                [
                    (120.2 + (low - 30), 30),
                    (120.2 + (high - 30), 30 + lift),
                    (120.2 + (high - 30) - lift, 30.1),
                    (120.2 + (low - 30), 30.1),
                ]
            )
        )
    return shapes, [f"{7 * i % 18:02d}" for i in range(len(shapes))]


def close_points(shapes, n, *, seed=12):
    """Points at every distance from an edge, from 1e-18 to 1e-3 degrees, and about its ends."""
    rng = random.Random(seed)
    rings = [shapely.get_coordinates(ring).tolist() for each in shapes for ring in rings_of(each)]
    points = []
    for _ in range(n):
        xy = rng.choice(rings)
        i = rng.randrange(len(xy) - 1)
        (ax, ay), (bx, by) = xy[i], xy[i + 1]
        t = rng.choice((0.0, 1.0, rng.random(), rng.random(), 10 ** -rng.uniform(1, 16)))
        far, turn = 10 ** -rng.uniform(3, 18), rng.uniform(0, 2 * math.pi)
        x, y = ax + (bx - ax) * t, ay + (by - ay) * t
        points.append((x + far * math.cos(turn), y + far * math.sin(turn) * rng.choice((0, 1, 1))))
    return points


class Nearby:
    """The oracle in exact arithmetic, asked only about places whose box holds the point."""

    def __init__(self, shapes, codes):
        self.oracle = Oracle(shapes, codes)
        ordered = np.empty(len(shapes), dtype=object)
        ordered[:] = [shapes[at] for _, at, _ in self.oracle.places]
        self.tree = shapely.STRtree(ordered)

    def find(self, lon, lat):
        x, y = exact(lon), exact(lat)
        for rank in sorted(self.tree.query(shapely.Point(lon, lat)).tolist()):
            _, at, rings = self.oracle.places[rank]
            if in_rings(x, y, rings):
                return at
        return None
