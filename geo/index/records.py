"""What is known inside the cells that boundaries cross, and which candidates hold a point there.

A ray from the point to the west crosses the boundary of a candidate an odd number of times where
the point lies inside. The crossings that depend on the point are those with the pieces of
boundary in its own cell; all others are summed up in one bit of the cell's record. Pieces are kept
in units of the cell, in single precision, so the ray is only believed when it is clear of every
piece and every end of one by far more than all rounding here; any other point is left to an
exact test. What this module decides is therefore right, and it decides all but a few in 10 000.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

MOST_CANDIDATES = 8  # bits of a mask
MOST_PIECES = 24
EXACT = 255  # in the place of the number of pieces: only the exact test knows
STEEPEST = 64.0  # cells across per cell up; a flatter piece is never believed
# A piece's x is wrong by under 2e-5: c, m, v and their product and sum each by half a unit in the
# last place of a number up to 65. Its ends are wrong by under 2e-7.
CLEAR_X = 4e-5
CLEAR_Y = 5e-7

_LOWEST = np.array([0, *((x & -x).bit_length() for x in range(1, 256))], np.int64)
_PIECE = struct.Struct("4f")


@dataclass(frozen=True, slots=True)
class Records:
    """Per boundary cell a head, a list of candidates, and pieces.

    A head is first piece << 16 | number of pieces << 8 | state, the state being the candidates
    that hold the point when no piece is crossed. `lists` from `offsets` on: the place that fills
    the whole cell or NONE, the candidates from the lowest code on, NONE. A piece is lo, hi, m, c:
    the line x = m * y + c for lo <= y < hi; its mask says whose boundary it is. A piece too flat
    has no c (NaN).
    """

    heads: NDArray[np.int64]
    offsets: NDArray[np.int32]
    lists: NDArray[np.int32]
    pieces: Singles
    masks: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.heads)


def states(
    records: Records, number: Ints, u: Singles, v: Singles
) -> tuple[NDArray[np.uint8], Ints]:
    """Tell which candidates hold each of the points (u, v) of cells.

    The second answer gives those points of which it cannot be told here.
    """
    heads = records.heads[number]
    state = heads.astype(np.uint8)
    count = heads >> 8 & 255
    exact = count == EXACT
    (some,) = ((count > 0) & ~exact).nonzero()
    if len(some) == 0:
        return state, exact.nonzero()[0]
    if len(some) < len(count):
        heads, count, u, v = heads[some], count[some], u[some], v[some]
    end = count.cumsum()
    first = end - count
    at = ((heads >> 16) - first).repeat(count)
    at += np.arange(len(at))
    # One take of 16 bytes is several times as fast as one of four numbers.
    lo, hi, m, c = records.pieces.view(np.complex128).ravel()[at].view(np.float32).reshape(-1, 4).T
    y, t = v.repeat(count), u.repeat(count)
    t -= m * y + c
    crossed = (y >= lo) & (y < hi) & (t > 0)
    state[some] ^= np.bitwise_xor.reduceat(records.masks[at] * crossed, first)
    (close,) = (~(np.abs(t) > CLEAR_X)).nonzero()
    if len(close):
        y, lo, hi = y[close], lo[close], hi[close]
        close = close[(y > lo - CLEAR_Y) & (y < hi + CLEAR_Y)]
        exact[some[end.searchsorted(close, "right")]] = True
    return state, exact.nonzero()[0]


def answers(records: Records, number: Ints, state: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Give the place of the lowest code among the candidates in each state, or NONE."""
    return np.asarray(records.lists[records.offsets[number] + _LOWEST[state]])


def asker(records: Records) -> Callable[[int, float, float], int | None]:
    """Give a function of a record and a point in its cell: the place, NONE, or None for unsure."""
    heads, offsets, lists = records.heads.data, records.offsets.data, records.lists.data
    pieces, masks = records.pieces.view(np.uint8).ravel().data, records.masks.data
    unpack = _PIECE.iter_unpack

    def ask(number: int, u: float, v: float) -> int | None:
        head = heads[number]
        state, count, start = head & 255, head >> 8 & 255, head >> 16
        if count == EXACT:
            return None
        stop = start + count
        for (lo, hi, m, c), mask in zip(
            unpack(pieces[16 * start : 16 * stop]), masks[start:stop], strict=True
        ):
            if lo <= v < hi:
                t = u - m * v - c
                if t > CLEAR_X:
                    state ^= mask
                elif not t < -CLEAR_X:
                    return None
            elif lo - CLEAR_Y < v < hi + CLEAR_Y and not abs(u - m * v - c) > CLEAR_X:
                return None
        return int(lists[offsets[number] + (state & -state).bit_length()])

    return ask
