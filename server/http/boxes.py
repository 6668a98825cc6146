"""Boxes on the map, as parameters write them."""

import math
import re
from typing import Final

from server.errors import BadInput

Box = tuple[float, float, float, float]

_NUMBER: Final = re.compile(r"[+-]?\d{1,3}(\.\d{1,20})?", re.ASCII)


def read_box(written: str, *, pointer: str = "/bbox") -> Box | None:
    """Return west, south, east, north in WGS-84 degrees of `116.9,32.8,117.1,33.0`, None of "".

    Raises BadInput for what is none: not four plain numbers, out of range, or the wrong way round.
    """
    if not written:
        return None
    parts = [part.strip() for part in written.split(",")]
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise _no_box(pointer)
    west, south, east, north = (float(part) for part in parts)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _no_box(pointer)
    return west, south, east, north


def of_rounded(box: Box, digits: int) -> Box:
    """Return the box of positions that lie in `box` once rounded to so many decimals.

    Its edges run only where rounding changes the answer: whoever moves a box about learns of a
    position nothing beyond its rounded one. It may be empty, east of west.
    """
    west, south, east, north = box
    scale = 10**digits
    return (
        (math.ceil(west * scale - _NOISE) - 0.5) / scale,
        (math.ceil(south * scale - _NOISE) - 0.5) / scale,
        (math.floor(east * scale + _NOISE) + 0.5) / scale,
        (math.floor(north * scale + _NOISE) + 0.5) / scale,
    )


# 117.123 * 1000 is not quite 117123.
_NOISE: Final = 1e-6


def _no_box(pointer: str) -> BadInput:
    return BadInput([{"pointer": pointer, "reason": "box"}])
