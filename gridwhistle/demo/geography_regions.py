"""Which cell of the mesh belongs to which township, village and grid of the demo county."""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gridwhistle.demo.geography_mesh import Floats, Mesh


@dataclass(frozen=True, slots=True)
class Regions:
    """Labels by cell number; a grid is a set of cells and is named by its smallest one."""

    township: Mapping[int, int]
    village: Mapping[int, tuple[int, int]]
    grid: Mapping[int, int]


def regions(
    mesh: Mesh,
    streets: Mapping[int, tuple[float, float]],
    towns: Mapping[int, tuple[float, float]],
    n_villages: Sequence[int],
    rng: np.random.Generator,
) -> Regions:
    """Share out the core to streets, the rest to towns; make one cell an exclave, one an island.

    `streets` and `towns` map the township's number to the rough seat in metres.
    """
    township = _grown(mesh, mesh.core, streets, rng)
    township |= _grown(mesh, mesh.inside - mesh.core, towns, rng)
    village: dict[int, tuple[int, int]] = {}
    for number, n in enumerate(n_villages):
        cells = sorted(cell for cell, t in township.items() if t == number)
        seats = dict(enumerate(_means(mesh.seeds[cells], n, rng)))
        for cell, v in _grown(mesh, cells, seats, rng).items():
            village[cell] = (number, v)
    grid = {cell: cell for cell in village}
    island = _island(mesh, village)
    ring = mesh.neighbours[island]
    grid |= dict.fromkeys(ring, min(ring))
    exclave, home = _exclave(mesh, township, village, towns, {island, *ring})
    village[exclave] = village[home]
    township[exclave] = township[home]
    return Regions(township, village, grid)


def in_reading_order(keys: Iterable[int], seeds: Mapping[int, Floats], band: float) -> list[int]:
    """Sort the keys from north to south in bands of `band` metres, west to east inside a band."""
    return sorted(keys, key=lambda key: (-round(seeds[key][1] / band), seeds[key][0]))


def _grown(
    mesh: Mesh,
    cells: Collection[int],
    seats: Mapping[int, Sequence[float] | Floats],
    rng: np.random.Generator,
) -> dict[int, int]:
    """Label the cells, every label a connected region grown from the cell nearest its seat."""
    free = set(cells)
    rough = rng.uniform(0.85, 1.15, len(mesh.seeds))
    heap: list[tuple[float, int, int]] = []
    first: set[int] = set()
    for label, seat in seats.items():
        away = np.hypot(*(mesh.seeds - np.asarray(seat)).T)
        start = min(free - first, key=lambda cell: (float(away[cell]), cell))
        first.add(start)
        heapq.heappush(heap, (-1.0, start, label))
    labels: dict[int, int] = {}
    while heap:
        _, cell, label = heapq.heappop(heap)
        if cell in labels:
            continue
        labels[cell] = label
        for other in mesh.neighbours[cell]:
            if other in free and other not in labels:
                away_now = float(np.hypot(*(mesh.seeds[other] - np.asarray(seats[label]))))
                heapq.heappush(heap, (away_now * float(rough[other]), other, label))
    return labels


def _means(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Find k centres of the points by Lloyd's iteration, begun far from each other."""
    centres = points[[int(rng.integers(len(points)))]]
    while len(centres) < k:
        away = np.hypot(*(points[:, None] - centres[None]).transpose(2, 0, 1)).min(axis=1)
        centres = np.vstack([centres, points[int(away.argmax())]])
    for _ in range(8):
        away = np.hypot(*(points[:, None] - centres[None]).transpose(2, 0, 1))
        nearest = away.argmin(axis=1)
        centres = np.array([points[nearest == i].mean(axis=0) for i in range(k)])
    return centres


def _island(mesh: Mesh, village: Mapping[int, tuple[int, int]]) -> int:
    """Find a cell enclosed by its own village, the largest village that has one."""
    sizes: dict[tuple[int, int], int] = {}
    for label in village.values():
        sizes[label] = sizes.get(label, 0) + 1
    enclosed = [
        cell
        for cell in sorted(village)
        if cell not in mesh.core
        and all(village.get(other) == village[cell] for other in mesh.neighbours[cell])
    ]
    return max(enclosed, key=lambda cell: (sizes[village[cell]], -cell))


def _exclave(
    mesh: Mesh,
    township: Mapping[int, int],
    village: Mapping[int, tuple[int, int]],
    towns: Collection[int],
    taken: Collection[int],
) -> tuple[int, int]:
    """Find a cell deep in one town, and the nearest cell of another town that will own it."""
    foreign: list[tuple[float, int, int]] = []
    for cell in sorted(village):
        own = township[cell]
        around = mesh.neighbours[cell]
        if cell in taken or own not in towns or any(township.get(o) != own for o in around):
            continue
        if not _connected(mesh, {c for c, v in village.items() if v == village[cell]} - {cell}):
            continue
        others = [c for c in sorted(village) if township[c] in towns and township[c] != own]
        away = np.hypot(*(mesh.seeds[others] - mesh.seeds[cell]).T)
        foreign.append((float(away.min()), cell, others[int(away.argmin())]))
    _, cell, home = min(foreign)
    return cell, home


def _connected(mesh: Mesh, cells: Collection[int]) -> bool:
    left = set(cells)
    stack = [left.pop()]
    while stack:
        near = left.intersection(mesh.neighbours[stack.pop()])
        left -= near
        stack.extend(near)
    return not left
