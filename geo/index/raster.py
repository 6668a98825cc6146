"""The raster under the index: each cell is of one place, of none, or has a record.

A cell that no boundary comes near is wholly inside or wholly outside a polygon; the cells a
boundary does come near keep the polygon as a candidate. "Near" is generous (`segments.NEAR`),
which swallows every rounding in the arithmetic here: the raster may be too careful, never wrong.
Made band by band of rows, so that memory stays bounded.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ground.grid import Grid, crossings_of
from geo.index.records import EXACT, MOST_CANDIDATES, MOST_PIECES, Records, states
from geo.index.segments import (
    NEAR,
    PROBE_X,
    PROBE_Y,
    Segments,
    crossings,
    near_cells,
    pieces_in,
    segments_of,
    spread,
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]

NONE = -1  # a cell, or the end of a list of candidates: no place
_BAND_VERTICES = 250_000
_BAND_CELLS = 1 << 22
_BAND_CROSSINGS = 2_000_000
_MOST_AROUND = 4096  # cells
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class Raster:
    """Per cell: an id, NONE, or -2 - the number of its record."""

    grid: Grid
    cells: NDArray[np.int32]
    records: Records

    def around(self, lon: float, lat: float, x: float, y: float) -> tuple[list[int] | None, bool]:
        """Give the places that may lie within some degrees of a point, in no order.

        None where they are too many to be worth looking at. The second answer is true where all
        of it is of one place, or of none.
        """
        grid = self.grid
        middle_x, middle_y = (lon - grid.west) * grid.per_lon, (lat - grid.south) * grid.per_lat
        across, up = x * grid.per_lon, y * grid.per_lat
        if 4 * across * up > _MOST_AROUND:
            return None, False
        west, south = max(0, int(middle_x - across)), max(0, int(middle_y - up))
        east, north = max(0, int(middle_x + across) + 1), max(0, int(middle_y + up) + 1)
        cells = self.cells.reshape(grid.ny, grid.nx)[south:north, west:east].ravel()
        known = cells >= NONE
        found = set(cells[known].tolist())
        crossed = -2 - cells[~known]
        is_one = len(crossed) == 0 and len(found) <= 1
        lists = self.records.lists.data
        for at in set(self.records.offsets[crossed].tolist()) if len(crossed) else ():
            found.add(lists[at])
            while (place := lists[at := at + 1]) != NONE:
                found.add(place)
        found.discard(NONE)
        return list(found), is_one


@dataclass(frozen=True, slots=True)
class _Band:
    """Some rows of the raster; `ids` are those of the shapes near them, lowest code first."""

    grid: Grid
    first_row: int
    n_rows: int
    ids: Ints

    @property
    def n_cells(self) -> int:
        return self.n_rows * self.grid.nx


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Shapes and cells that their boundaries come near, and whether the shape holds the probe."""

    rank: Ints
    cell: Ints
    inside: Bools


def rasterise(grid: Grid, shapes: Shapes, order: Ints) -> Raster:
    """Give the raster of shapes; `order` gives the ids from the first code to the last."""
    cells, parts = [], []
    n_records = n_lists = n_pieces = 0
    for band in _bands(grid, shapes, order):
        made, records = _band(band, shapes[band.ids])
        made[made < NONE] -= n_records
        cells.append(made)
        parts.append(
            replace(
                records,
                heads=records.heads + (n_pieces << 16),
                offsets=records.offsets + np.int32(n_lists),
            )
        )
        n_records += len(records)
        n_lists += len(records.lists)
        n_pieces += len(records.masks)
    return Raster(grid, np.concatenate([np.empty(0, np.int32), *cells]), _joined(parts))


def _joined(parts: list[Records]) -> Records:
    return Records(
        np.concatenate([np.empty(0, np.int64), *(each.heads for each in parts)]),
        np.concatenate([np.empty(0, np.int32), *(each.offsets for each in parts)]),
        np.concatenate([np.empty(0, np.int32), *(each.lists for each in parts)]),
        np.concatenate([np.empty((0, 4), np.float32), *(each.pieces for each in parts)]),
        np.concatenate([np.empty(0, np.uint8), *(each.masks for each in parts)]),
    )


def _bands(grid: Grid, shapes: Shapes, order: Ints) -> Iterator[_Band]:
    if len(order) == 0:
        return
    ordered = shapes[order]
    bounds = shapely.bounds(ordered)
    low = (bounds[:, 1] - grid.south) * grid.per_lat - NEAR
    high = (bounds[:, 3] - grid.south) * grid.per_lat + NEAR
    n_vertices = int(shapely.get_num_coordinates(ordered).sum())
    n_bands = max(
        n_vertices / _BAND_VERTICES,
        grid.nx * grid.ny / _BAND_CELLS,
        float(crossings_of(grid, ordered).sum()) / _BAND_CROSSINGS,
    )
    n_rows = max(1, math.ceil(grid.ny / math.ceil(n_bands)))
    for first in range(0, grid.ny, n_rows):
        stop = min(first + n_rows, grid.ny)
        yield _Band(grid, first, stop - first, order[(high >= first) & (low <= stop)])


def _band(band: _Band, shapes: Shapes) -> tuple[NDArray[np.int32], Records]:
    """Give cells and records of one band; numbers and offsets count from its own first."""
    grid, first_row, n_rows = band.grid, band.first_row, band.n_rows
    segments = segments_of(grid, shapes, first_row, n_rows)
    segment, row, column = near_cells(grid, segments, first_row, n_rows)
    cell = (row - first_row) * grid.nx + column
    pairs, filled = _judged(band, segments, segments.shape[segment], cell)
    cells = np.append(band.ids, NONE)[filled].astype(np.int32)
    useful = np.flatnonzero(segments.shape[segment] < filled[cell])
    mixed, start, count = _runs(pairs.cell)
    number = np.full(band.n_cells, -1, np.int32)
    number[mixed] = np.arange(len(mixed))
    offsets, lists = _lists(band.ids[pairs.rank], start, count, cells[mixed])
    cells[mixed] = -2 - np.arange(len(mixed), dtype=np.int32)
    crowded = count > MOST_CANDIDATES
    useful = useful[~crowded[number[cell[useful]]]]
    found = pieces_in(segments, segment[useful], row[useful], column[useful])
    at = useful[found.pair]
    bit = np.minimum(np.arange(len(pairs.rank)) - np.repeat(start, count), MOST_CANDIDATES - 1)
    key = pairs.cell * len(band.ids) + pairs.rank
    mine = bit[np.searchsorted(key, cell[at] * len(band.ids) + segments.shape[segment[at]])]
    pieces, masks, n_pieces = _merged(number[cell[at]], found.lines, mine, len(mixed))
    n_pieces[crowded] = EXACT
    held = (
        np.bitwise_or.reduceat((pairs.inside << bit).astype(np.uint8), start)
        if len(start)
        else start
    )
    records = _with_heads(Records(held.astype(np.int64), offsets, lists, pieces, masks), n_pieces)
    return cells, records


def _judged(band: _Band, segments: Segments, shape: Ints, cell: Ints) -> tuple[_Pairs, Ints]:
    """Give the distinct pairs that matter, by cell and rank, and the first to fill each cell."""
    nx, n = band.grid.nx, len(band.ids)
    # np.unique would hash where sorting is five times as fast.
    key, _, _ = _runs(np.sort(shape * band.n_cells + cell))
    rank, cell = np.divmod(key, band.n_cells)
    crossed = crossings(band.grid, segments, band.first_row, band.n_rows)
    lines = np.sort(_probe_key(band, *crossed))
    inside = _is_inside(band, lines, rank, cell)
    filled = np.full(band.n_cells, n, np.int64)
    row = cell // nx
    gap = np.flatnonzero(
        (rank[1:] == rank[:-1]) & (row[1:] == row[:-1]) & (cell[1:] > cell[:-1] + 1)
    )
    gap = gap[_is_inside(band, lines, rank[gap], cell[gap] + 1)]
    run, within = spread(cell[gap] + 1, cell[gap + 1] - 1)
    np.minimum.at(filled, within, rank[gap][run])
    useful = rank < filled[cell]
    by_cell = np.sort((cell[useful] * n + rank[useful]) << 1 | inside[useful])
    cell, rank = np.divmod(by_cell >> 1, n)
    return _Pairs(rank, cell, (by_cell & 1).astype(np.bool_)), filled


def _probe_key(band: _Band, shape: Ints, row: Ints, column: Ints) -> Ints:
    return (shape * band.n_rows + row - band.first_row) * (band.grid.nx + 1) + column


def _is_inside(band: _Band, lines: Ints, rank: Ints, cell: Ints) -> Bools:
    """Tell whether shapes hold the probes of cells, by the parity of the crossings before."""
    row, column = np.divmod(cell, band.grid.nx)
    key = _probe_key(band, rank, row + band.first_row, column)
    return (np.searchsorted(lines, key, "right") & 1).astype(np.bool_)


def _runs(values: Ints) -> tuple[Ints, Ints, Ints]:
    """Give the distinct values of a sorted array, where each begins, and how often it occurs."""
    start = np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
    return values[start], start, np.diff(np.append(start, len(values)))


def _lists(
    ids: Ints, start: Ints, count: Ints, whole: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Give for each cell the offset of its list, and the lists; equal ones are kept once."""
    length = count + 2
    end = np.cumsum(length)
    lists = np.full(int(end[-1]) if len(end) else 0, NONE, np.int32)
    first = end - length
    lists[first] = whole
    within = np.arange(len(ids)) - np.repeat(start, count)
    lists[np.repeat(first, count) + within + 1] = ids
    if len(first) == 0:
        return first.astype(np.int32), lists
    place = (np.arange(len(lists)) - np.repeat(first, length)).astype(np.uint64)
    mixed = (lists.astype(np.uint64) + np.uint64(_MIX[0])) * (place * 2 + 1) * np.uint64(_MIX[1])
    mixed ^= mixed >> np.uint64(29)
    sums = np.add.reduceat(mixed * np.uint64(_MIX[0]), first)
    _, one, which = np.unique(sums, return_index=True, return_inverse=True)
    twin = one[which]
    same = length == length[twin]
    step = np.repeat(np.where(same, first[twin] - first, 0), length)
    if not (same.all() and (lists == lists[np.arange(len(lists)) + step]).all()):
        return first.astype(np.int32), lists  # two lists of one sum: keep all
    kept = np.concatenate([[0], np.cumsum(length[one])[:-1]])
    _, source = spread(first[one], end[one] - 1)
    return kept[which].astype(np.int32), lists[source]


def _merged(
    number: NDArray[np.int32], lines: NDArray[np.float32], bit: Ints, n_records: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8], Ints]:
    """Give the pieces of each record in turn, those of several places once with a common mask."""
    halves = np.ascontiguousarray(lines).view(np.uint64)
    mixed = halves[:, 0] * np.uint64(_MIX[0]) ^ halves[:, 1] * np.uint64(_MIX[1])
    key = number.astype(np.uint64) << np.uint64(36) | mixed >> np.uint64(28)
    order = np.argsort(key)
    halves, number = halves[order], number[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (number[1:] != number[:-1]) | (halves[1:] != halves[:-1]).any(axis=1)
    start = np.flatnonzero(new)
    flags = (1 << bit[order]).astype(np.uint8)
    masks = np.bitwise_xor.reduceat(flags, start) if len(start) else flags
    n_pieces = np.bincount(number[start], minlength=n_records)
    heavy = n_pieces > MOST_PIECES
    light = np.flatnonzero(~heavy[number[start]])
    n_pieces[heavy] = EXACT
    return halves[start[light]].view(np.float32), masks[light], n_pieces


def _with_heads(records: Records, n_pieces: Ints) -> Records:
    """Pack the heads; until then `records.heads` says which candidates hold the probe."""
    length = np.where(n_pieces == EXACT, 0, n_pieces)
    first = np.cumsum(length) - length
    bare = replace(records, heads=first << 16 | n_pieces << 8)
    number = np.arange(len(records))
    u = np.full(len(number), PROBE_X, np.float32)
    v = np.full(len(number), PROBE_Y, np.float32)
    crossed, unsure = states(bare, number, u, v)
    n_pieces = n_pieces.copy()
    n_pieces[unsure] = EXACT
    return replace(records, heads=first << 16 | n_pieces << 8 | (records.heads ^ crossed))
