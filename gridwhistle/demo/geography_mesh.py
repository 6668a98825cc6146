"""The smallest cells of the demo county: a Voronoi mesh whose borders wiggle like field paths.

Lengths are metres on a local equirectangular plane around `ORIGIN`; `lattice` turns them into
degrees on the 1e-7 degree lattice that every published coordinate lies on.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Shapes: TypeAlias = NDArray[np.object_]
Point: TypeAlias = tuple[float, float]
Edge: TypeAlias = tuple[Point, Point]

ORIGIN = (117.55, 34.75)
METRES_PER_LAT = 111_194.92664455873
METRES_PER_LON = METRES_PER_LAT * math.cos(math.radians(ORIGIN[1]))

HALF_WIDTH, HALF_HEIGHT = 14_700.0, 12_300.0
CORE_RADIUS = 3_300.0
FIELD_STEP, TOWN_STEP = 1_215.0, 377.0
GUARD = 1.35


@dataclass(frozen=True, slots=True)
class Mesh:
    """Convex cells around seeds; cells outside the county only keep its outer line in shape."""

    seeds: Floats
    rings: tuple[tuple[Point, ...], ...]
    neighbours: tuple[tuple[int, ...], ...]
    sides: Mapping[Edge, tuple[int, ...]]
    inside: frozenset[int]
    core: frozenset[int]


def lattice(xy: Floats) -> Floats:
    """Return longitudes and latitudes, rounded to 1e-7 degree, of metres on the local plane."""
    scale = np.array([METRES_PER_LON, METRES_PER_LAT])
    rounded: Floats = np.round(xy / scale + np.array(ORIGIN), 7)
    return rounded


def metres(lonlat: Floats) -> Floats:
    """Return metres on the local plane of longitudes and latitudes."""
    scale = np.array([METRES_PER_LON, METRES_PER_LAT])
    xy: Floats = (lonlat - np.array(ORIGIN)) * scale
    return xy


def mesh(rng: np.random.Generator) -> Mesh:
    """Return a relaxed mesh: large cells over the fields, small ones in the town in the middle."""
    seeds = _seeds(rng)
    for _ in range(3):
        seeds = shapely.get_coordinates(shapely.centroid(_voronoi(seeds)))
    rings = tuple(
        tuple((float(x), float(y)) for x, y in shapely.get_coordinates(cell)[:-1])
        for cell in _voronoi(seeds)
    )
    sides = _sides(rings)
    around: list[set[int]] = [set() for _ in rings]
    for pair in sides.values():
        if len(pair) == 2:
            around[pair[0]].add(pair[1])
            around[pair[1]].add(pair[0])
    reach = _reach(seeds)
    inside = np.flatnonzero(reach < 1)
    in_core = np.hypot(*seeds.T) < _core_radius(seeds)
    return Mesh(
        seeds=seeds,
        rings=rings,
        neighbours=tuple(tuple(sorted(one)) for one in around),
        sides=sides,
        inside=frozenset(inside.tolist()),
        core=frozenset(inside[in_core[inside]].tolist()),
    )


def polygons(of: Mesh, detail: Callable[[Edge], int], rng: np.random.Generator) -> Shapes:
    """Return the cells inside the county as lon/lat polygons (others None), by number.

    `detail` says how many times an edge is halved. Each edge is drawn once and used by both
    sides, so neighbours share bit-identical vertices.
    """
    lines = {
        edge: lattice(_wiggle(of.seeds[cells[0]], edge, detail(edge), rng))
        for edge, cells in of.sides.items()
        if any(cell in of.inside for cell in cells)
    }
    drawn = np.full(len(of.rings), None, dtype=object)
    for cell in of.inside:
        ring = of.rings[cell]
        parts = []
        for p, q in zip(ring, ring[1:] + ring[:1], strict=True):
            parts.append(lines[p, q][:-1] if p < q else lines[q, p][:0:-1])
        drawn[cell] = shapely.Polygon(np.concatenate(parts))
    return drawn


def _seeds(rng: np.random.Generator) -> Floats:
    fields = _jittered(FIELD_STEP, GUARD, rng)
    fields = fields[np.hypot(*fields.T) > CORE_RADIUS + FIELD_STEP / 4]
    town = _jittered(TOWN_STEP, CORE_RADIUS / HALF_HEIGHT, rng)
    return np.vstack([fields, town[np.hypot(*town.T) < CORE_RADIUS]])


def _jittered(step: float, reach: float, rng: np.random.Generator) -> Floats:
    """Lay points in a brick pattern, each moved by up to 0.35 of a step."""
    east = np.arange(-HALF_WIDTH * reach, HALF_WIDTH * reach, step)
    north = np.arange(-HALF_HEIGHT * reach, HALF_HEIGHT * reach, step)
    x, y = np.meshgrid(east, north)
    x[1::2] += step / 2
    grid = np.column_stack([x.ravel(), y.ravel()])
    return grid + rng.uniform(-0.35, 0.35, grid.shape) * step


def _reach(xy: Floats) -> Floats:
    """Say how far out a point lies: 1 on the county's rough outline."""
    angle = np.arctan2(xy[:, 1] / HALF_HEIGHT, xy[:, 0] / HALF_WIDTH)
    bays = 0.08 * np.sin(3 * angle + 0.7) + 0.05 * np.sin(5 * angle + 2) + 0.03 * np.cos(9 * angle)
    reach: Floats = np.hypot(xy[:, 0] / HALF_WIDTH, xy[:, 1] / HALF_HEIGHT) / (1 + bays)
    return reach


def _core_radius(xy: Floats) -> Floats:
    angle = np.arctan2(xy[:, 1], xy[:, 0])
    lobes: Floats = 1 + 0.05 * np.sin(2 * angle) + 0.04 * np.sin(5 * angle + 1)
    return CORE_RADIUS * lobes


def _voronoi(seeds: Floats) -> Shapes:
    cells: Shapes = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), ordered=True)
    )
    return cells


def _sides(rings: tuple[tuple[Point, ...], ...]) -> dict[Edge, tuple[int, ...]]:
    sides: dict[Edge, tuple[int, ...]] = {}
    for cell, ring in enumerate(rings):
        for p, q in zip(ring, ring[1:] + ring[:1], strict=True):
            edge = (p, q) if p < q else (q, p)
            sides[edge] = (*sides.get(edge, ()), cell)
    return sides


def _wiggle(seed: Floats, edge: Edge, halvings: int, rng: np.random.Generator) -> Floats:
    """Bend the edge by midpoint displacement, inside the triangles it spans with its seeds.

    The triangles of all edges of a Voronoi diagram have no common interior, and a triangle's
    height is concave along the edge: so no two bent edges can cross.
    """
    a, b = np.array(edge[0]), np.array(edge[1])
    along = b - a
    length = float(np.hypot(*along))
    normal = np.array([-along[1], along[0]]) / length
    offsets = np.zeros(2)
    for level in range(halvings):
        middle = (offsets[:-1] + offsets[1:]) / 2
        middle += rng.uniform(-1, 1, len(middle)) * 0.22 * length / 2**level
        woven = np.empty(len(offsets) + len(middle))
        woven[0::2], woven[1::2] = offsets, middle
        offsets = woven
    t = np.linspace(0, 1, len(offsets))
    height = abs(float((seed - a) @ normal))
    foot = float((seed - a) @ along) / length**2
    room = np.ones(len(t))
    if foot > 0:
        room = np.minimum(room, t / foot)
    if foot < 1:
        room = np.minimum(room, (1 - t) / (1 - foot))
    limit = 0.7 * height * room
    offsets = np.clip(offsets, -limit, limit)
    line: Floats = a + t[:, None] * along + offsets[:, None] * normal
    line[0], line[-1] = a, b
    return line
