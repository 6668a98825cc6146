"""Boundaries in units of a raster's cells: their segments, and the cells these come near."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ground.grid import Grid
from geo.index.records import STEEPEST

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

NEAR = 1e-6  # cells; swallows every rounding in the arithmetic of a raster
PROBE_X, PROBE_Y = 0.3819660, 0.4142136  # where in a cell insides are told; on no likely line
_EDGE = NEAR / 2
_BEYOND = 1e-5  # pieces this far above or below a cell do not matter to it
_EVER = 4.0


@dataclass(frozen=True, slots=True)
class Segments:
    """Segments of the boundaries of shapes: whose, and both ends in cells, the lower one first."""

    shape: Ints
    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats

    def take(self, at: Ints) -> "Segments":
        """Give some of them."""
        return Segments(self.shape[at], self.x1[at], self.y1[at], self.x2[at], self.y2[at])


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of boundary: the number of the pair they come from, and lo, hi, m, c of each."""

    pair: Ints
    lines: NDArray[np.float32]


def segments_of(grid: Grid, shapes: Shapes, first_row: int, n_rows: int) -> Segments:
    """Give the segments that come near a band of rows."""
    if (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all():
        rings, ring_owner = shapely.get_rings(shapes, return_index=True)
    else:
        parts, owner = shapely.get_parts(shapes, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        ring_owner = owner[ring_part]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = grid.locate(xy[:, 0], xy[:, 1])
    y1, y2 = y[:-1], y[1:]
    joined = (ring[1:] == ring[:-1]) & (np.maximum(y1, y2) >= first_row - NEAR)
    at = np.flatnonzero(joined & (np.minimum(y1, y2) <= first_row + n_rows + NEAR))
    low, high = at, at + 1
    turn = (y[low] > y[high]) | ((y[low] == y[high]) & (x[low] > x[high]))
    low, high = np.where(turn, high, low), np.where(turn, low, high)
    return Segments(ring_owner[ring[at]], x[low], y[low], x[high], y[high])


def near_cells(
    grid: Grid, segments: Segments, first_row: int, n_rows: int
) -> tuple[Ints, Ints, Ints]:
    """Give triples (segment, row, column): the cells of a band that each segment comes near."""
    turn = segments.x1 > segments.x2
    left, right = (
        np.where(turn, segments.x2, segments.x1),
        np.where(turn, segments.x1, segments.x2),
    )
    y_left = np.where(turn, segments.y2, segments.y1)
    y_right = np.where(turn, segments.y1, segments.y2)
    first = np.clip(np.floor(left - NEAR), 0, grid.nx - 1).astype(np.int64)
    last = np.clip(np.floor(right + NEAR), 0, grid.nx - 1).astype(np.int64)
    segment, column = spread(first, last)
    low, high = _rows_in_column(
        column, left[segment], y_left[segment], right[segment], y_right[segment]
    )
    inside = np.flatnonzero((high >= first_row) & (low < first_row + n_rows))
    bounds = (first_row, first_row + n_rows - 1)
    step, row = spread(np.clip(low[inside], *bounds), np.clip(high[inside], *bounds))
    step = inside[step]
    return segment[step], row, column[step]


def _rows_in_column(
    column: Ints, x1: Floats, y1: Floats, x2: Floats, y2: Floats
) -> tuple[Ints, Ints]:
    """Give first and last row that a segment comes near within a column."""
    dx = x2 - x1
    steep = dx < 4 * NEAR
    safe = np.where(steep, 1.0, dx)
    enter = np.clip((column - NEAR - x1) / safe, 0.0, 1.0)
    leave = np.clip((column + 1 + NEAR - x1) / safe, 0.0, 1.0)
    ya = np.where(steep, y1, y1 + (y2 - y1) * enter)
    yb = np.where(steep, y2, y1 + (y2 - y1) * leave)
    low = np.floor(np.minimum(ya, yb) - NEAR)
    high = np.floor(np.maximum(ya, yb) + NEAR)
    return low.astype(np.int64), high.astype(np.int64)


def spread(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Give each range first..last written out: the range's number, and the value."""
    length = last - first + 1
    owner = np.repeat(np.arange(len(first)), length)
    before = np.cumsum(length) - length
    return owner, np.arange(len(owner)) + (first - before)[owner]


def crossings(
    grid: Grid, segments: Segments, first_row: int, n_rows: int
) -> tuple[Ints, Ints, Ints]:
    """Give triples (shape, row, column): boundaries crossing the line through a row's probes.

    The column is the first whose probe lies east of the crossing, at most nx.
    """
    # By the vertex alone, so that the segments that meet there agree and parities come out even.
    first = np.ceil(segments.y1 - PROBE_Y).astype(np.int64)
    last = np.ceil(segments.y2 - PROBE_Y).astype(np.int64) - 1
    first, last = np.maximum(first, first_row), np.minimum(last, first_row + n_rows - 1)
    span = np.flatnonzero(first <= last)
    some = segments.take(span)
    at, row = spread(first[span], last[span])
    slope = (some.x2 - some.x1) / (some.y2 - some.y1)
    x = some.x1[at] + (row + PROBE_Y - some.y1[at]) * slope[at]
    column = np.clip(np.ceil(x - PROBE_X), 0, grid.nx).astype(np.int64)
    return some.shape[at], row, column


def pieces_in(segments: Segments, segment: Ints, row: Ints, column: Ints) -> Pieces:
    """Give the pieces of segments in cells, one pair of segment and cell after the other.

    Where a boundary leaves a cell to the west, a piece that lies west of everything stands for
    the rest of it, so that whatever lies inside the cell alone tells how a crossing changes with
    the height of the point.
    """
    ax, ay = segments.x1[segment] - column, segments.y1[segment] - row
    bx, by = segments.x2[segment] - column, segments.y2[segment] - row
    dx, dy = bx - ax, by - ay
    west, east = -_EDGE, 1 + _EDGE
    with np.errstate(divide="ignore", invalid="ignore"):
        at_west = np.clip(ay + (west - ax) * (dy / dx), ay, by)
        at_east = np.clip(ay + (east - ax) * (dy / dx), ay, by)
        m = dx / dy
        flat = ~(np.abs(m) <= STEEPEST)
        c = ax - ay * m
    a_west, b_west, a_east, b_east = ax < west, bx < west, ax > east, bx > east
    lo = np.where(a_west, at_west, np.where(a_east, at_east, ay))
    hi = np.where(b_west, at_west, np.where(b_east, at_east, by))
    matters = (hi > -_BEYOND) & (lo < 1 + _BEYOND) & (lo <= hi)
    real = np.flatnonzero(matters & ~(a_west & b_west) & ~(a_east & b_east))
    leaves = (a_west != b_west) & (at_west > -_BEYOND) & (at_west < 1 + _BEYOND)
    gone = np.flatnonzero(leaves)
    lines = np.empty((len(real) + len(gone), 4), np.float32)
    n = len(real)
    lines[:n, 0] = np.clip(lo[real], -1, 2)
    lines[:n, 1] = np.clip(hi[real], -1, 2)
    lines[:n, 2] = np.where(flat, 0.0, m)[real]
    lines[:n, 3] = np.where(flat, np.nan, c)[real]
    lines[n:, 0] = at_west[gone]
    lines[n:, 1:] = (_EVER, 0.0, -1.0)
    lines += 0.0  # no negative zeros: equal pieces are equal bytes
    return Pieces(np.concatenate([real, gone]), lines)
