"""The raster under the index: each cell is of one place, of none, or holds candidates.

Made from exact predicates only. A cell that no boundary comes near is wholly inside or wholly
outside a polygon, so one exact test of its middle decides it; the cells a boundary does come near
keep the polygon as a candidate, to be tested point by point. "Near" is generous (`_NEAR` cells),
which swallows every rounding in the arithmetic here: the raster may be too careful, never wrong.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.metric import scale_at

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

NONE = -1  # a cell, or the end of a list of candidates: no place
_NEAR = 1e-6  # cells
_FINEST = 1e-7  # degrees
_CELLS_PER_POLYGON = 64
_CELLS_PER_VERTEX = 2
_MOST_CELLS = 1 << 25
_CHUNK = 1 << 21


@dataclass(frozen=True, slots=True)
class Grid:
    """A uniform raster: south-west corner, cells per degree, cells across and up."""

    west: float
    south: float
    per_lon: float
    per_lat: float
    nx: int
    ny: int

    def locate(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Give positions in cells; the very same arithmetic as in the look-up of one point."""
        return (lon - self.west) * self.per_lon, (lat - self.south) * self.per_lat

    def middle(self, cell: Ints) -> tuple[Floats, Floats]:
        """Give the lon and lat of cells' middles."""
        row, column = np.divmod(cell, self.nx)
        lon = self.west + (column + 0.5) / self.per_lon
        return lon, self.south + (row + 0.5) / self.per_lat


@dataclass(frozen=True, slots=True)
class Raster:
    """Per cell: an id, NONE, or -2 - offset into `lists`.

    A list in `lists` is ids to test in order, then an end: NONE, or -2 - id of a place that fills
    the whole cell and needs no test.
    """

    grid: Grid
    cells: NDArray[np.int32]
    lists: NDArray[np.int32]


def grid_over(shapes: Shapes, cells: int | None) -> Grid:
    """Give a grid over all shapes with a margin of half a cell, cells about square in metres."""
    if len(shapes) == 0:
        return Grid(0.0, 0.0, 1.0, 1.0, 0, 0)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    if cells is None:
        n_vertices = int(shapely.get_num_coordinates(shapes).sum())
        cells = max(_CELLS_PER_POLYGON * len(shapes), _CELLS_PER_VERTEX * n_vertices)
    cells = max(1, min(cells, _MOST_CELLS))
    scale = scale_at((south + north) / 2)
    width, height = max(east - west, _FINEST), max(north - south, _FINEST)
    side = math.sqrt(width * scale.x * height * scale.y / cells)
    nx = _across(width, side / scale.x, cells)
    ny = _across(height, side / scale.y, cells)
    step_x, step_y = width / nx, height / ny
    return Grid(west - step_x / 2, south - step_y / 2, 1 / step_x, 1 / step_y, nx + 1, ny + 1)


def _across(extent: float, step: float, most: int) -> int:
    return max(1, min(round(extent / step), most, int(extent / _FINEST)))


def rasterise(grid: Grid, shapes: Shapes, order: Ints) -> Raster:
    """Give the raster of shapes; `order` gives the ids from the first code to the last."""
    n_cells = grid.nx * grid.ny
    filled = np.full(n_cells, len(order), np.int64)  # rank of the first shape that fills a cell
    near_ranks: list[Ints] = []
    near_cells: list[Ints] = []
    for ranks in _chunks(shapes, order):
        rank, cell = _near_cells(grid, shapes[order[ranks]])
        rank += ranks.start
        near_ranks.append(rank)
        near_cells.append(cell)
        _fill(grid, shapes, order, rank, cell, filled)
    rank = np.concatenate(near_ranks) if near_ranks else np.empty(0, np.int64)
    cell = np.concatenate(near_cells) if near_cells else np.empty(0, np.int64)
    useful = rank < filled[cell]
    return _encode(grid, order, rank[useful], cell[useful], filled)


def _chunks(shapes: Shapes, order: Ints) -> Iterator[slice]:
    """Give slices of the ranks with a bounded number of vertices, so that memory stays bounded."""
    total = np.cumsum(shapely.get_num_coordinates(shapes[order]))
    start = 0
    while start < len(order):
        done = total[start - 1] if start else 0
        stop = int(np.searchsorted(total, done + _CHUNK // 8, "right"))
        yield slice(start, max(stop, start + 1))
        start = max(stop, start + 1)


def _near_cells(grid: Grid, shapes: Shapes) -> tuple[Ints, Ints]:
    """Give pairs (shape, cell), sorted and distinct, for cells a boundary comes near."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    fx, fy = grid.locate(xy[:, 0], xy[:, 1])
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    shape = owner[ring_part[ring[joined]]]
    x1, y1, x2, y2 = fx[joined], fy[joined], fx[joined + 1], fy[joined + 1]
    turn = x1 > x2
    x1, x2, y1, y2 = (
        np.where(turn, x2, x1),
        np.where(turn, x1, x2),
        np.where(turn, y2, y1),
        np.where(turn, y1, y2),
    )
    n_cells = grid.nx * grid.ny
    first = np.clip(np.floor(x1 - _NEAR), 0, grid.nx - 1).astype(np.int64)
    last = np.clip(np.floor(x2 + _NEAR), 0, grid.nx - 1).astype(np.int64)
    segment, column = _spread(first, last)
    low, high = _rows_in_column(grid, x1[segment], y1[segment], x2[segment], y2[segment], column)
    step, row = _spread(low, high)
    key = shape[segment[step]] * n_cells + row * grid.nx + column[step]
    return np.divmod(np.unique(key), n_cells)


def _rows_in_column(
    grid: Grid, x1: Floats, y1: Floats, x2: Floats, y2: Floats, column: Ints
) -> tuple[Ints, Ints]:
    """Give first and last row that a segment comes near within a column."""
    dx = x2 - x1
    steep = dx < 4 * _NEAR
    safe = np.where(steep, 1.0, dx)
    enter = np.clip((column - _NEAR - x1) / safe, 0.0, 1.0)
    leave = np.clip((column + 1 + _NEAR - x1) / safe, 0.0, 1.0)
    ya = np.where(steep, y1, y1 + (y2 - y1) * enter)
    yb = np.where(steep, y2, y1 + (y2 - y1) * leave)
    low = np.floor(np.minimum(ya, yb) - _NEAR)
    high = np.floor(np.maximum(ya, yb) + _NEAR)
    top = grid.ny - 1
    return np.clip(low, 0, top).astype(np.int64), np.clip(high, 0, top).astype(np.int64)


def _spread(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Give each range first..last written out: the range's number, and the value."""
    length = last - first + 1
    owner = np.repeat(np.arange(len(first)), length)
    before = np.cumsum(length) - length
    return owner, np.arange(len(owner)) - before[owner] + first[owner]


def _fill(grid: Grid, shapes: Shapes, order: Ints, rank: Ints, cell: Ints, filled: Ints) -> None:
    """Note the cells that shapes fill: whole gaps between near cells of one row."""
    row = cell // grid.nx
    gap = (rank[1:] == rank[:-1]) & (row[1:] == row[:-1]) & (cell[1:] > cell[:-1] + 1)
    at = np.flatnonzero(gap)
    if len(at) == 0:
        return
    lon, lat = grid.middle(cell[at] + 1)
    inside = covers(shapes, order[rank[at]], lon, lat)
    at = at[inside]
    run, within = _spread(cell[at] + 1, cell[at + 1] - 1)
    np.minimum.at(filled, within, rank[at][run])


def covers(shapes: Shapes, ids: Ints, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Tell whether each point lies in or on the shape beside it."""
    used, place = np.unique(ids, return_inverse=True)
    copies = shapely.from_wkb(shapely.to_wkb(shapes[used]))
    shapely.prepare(copies)
    return np.asarray(shapely.intersects_xy(copies[place], lon, lat), np.bool_)


def _encode(grid: Grid, order: Ints, rank: Ints, cell: Ints, filled: Ints) -> Raster:
    """Cells and lists in their final form; equal lists are kept once."""
    whole = np.append(order, NONE)[filled]
    cells = whole.astype(np.int32)
    by_cell = np.lexsort((rank, cell))
    rank, cell = rank[by_cell], cell[by_cell]
    mixed, start, count = np.unique(cell, return_index=True, return_counts=True)
    end = np.where(whole[mixed] == NONE, NONE, -2 - whole[mixed])
    lists: list[int] = []
    known: dict[tuple[int, ...], int] = {}
    ids = order[rank].tolist()
    offsets = np.empty(len(mixed), np.int32)
    for i, (a, n, last) in enumerate(
        zip(start.tolist(), count.tolist(), end.tolist(), strict=True)
    ):
        key = (*ids[a : a + n], last)
        offset = known.setdefault(key, len(lists))
        if offset == len(lists):
            lists.extend(key)
        offsets[i] = offset
    cells[mixed] = -2 - offsets
    return Raster(grid, cells, np.array(lists, np.int32))
