"""How far a point is from polygons, measured from their rings at once and without GEOS."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo.metric import Scale

Rings = Sequence[NDArray[np.float64]]

_SURE_M = 1e-6
_LEAST = 1e-300


def distances_m(
    places: Sequence[Rings], lon: float, lat: float, scale: Scale
) -> list[float | None]:
    """Give the metres from a point to each of several polygons, by the scale there.

    Zero inside; None where the point is so near a line (1 µm) that only an exact test can tell.
    """
    rings = [ring for place in places for ring in place]
    if not rings:
        return []
    xy = np.concatenate(rings) if len(rings) > 1 else rings[0]
    x, y = (xy[:, 0] - lon) * scale.x, (xy[:, 1] - lat) * scale.y
    ax, ay, bx, by = x[:-1], y[:-1], x[1:], y[1:]
    dx, dy = bx - ax, by - ay
    # A segment without length is as far as its end, whatever t.
    t = -(ax * dx + ay * dy) / np.maximum(dx * dx + dy * dy, _LEAST)
    t = np.minimum(np.maximum(t, 0.0), 1.0)
    ax, ay = ax + t * dx, ay + t * dy
    squares = ax * ax + ay * ay
    # By the sign of the turn alone; where rounding could turn it, the distance is below _SURE_M.
    crossed = ((y[:-1] > 0) != (by > 0)) & ((x[:-1] * by - bx * y[:-1] > 0) == (dy > 0))
    found: list[float | None] = []
    start = 0
    for place in places:
        least, inside = math.inf, 0
        for ring in place:
            part = slice(start, start + len(ring) - 1)
            least = min(least, float(squares[part].min()))
            inside ^= int(np.count_nonzero(crossed[part]))
            start += len(ring)
        far = math.sqrt(least)
        found.append(None if far < _SURE_M else 0.0 if inside & 1 else far)
    return found
