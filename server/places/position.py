"""Is this a position at all: the only grounds on which one is refused."""

import math

from geo.ground import datum as datums
from geo.ground.errors import DatumError
from server.errors import BadPosition
from server.places.boundaries import Box
from server.texts.catalogue import text


def check_position(lon: float, lat: float, box: Box | None) -> None:
    """Refuse with BadPosition what is no position, or one whose axes are exchanged.

    `facts`: `problem` (not_finite, out_of_range, swapped), `reason` in words, `swapped`. A point
    outside the county's box (west, south, east, north) is a position like any other unless
    exchanging its axes brings it inside.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise _refusal("not_finite")
    if box is not None and datums.swapped(lon, lat, box):
        raise _refusal("swapped")
    if abs(lon) > 180 or abs(lat) > 90:
        raise _refusal("out_of_range")


def to_wgs84(lon: float, lat: float, datum: str, box: Box | None) -> tuple[float, float]:
    """Return the WGS-84 position of one given in a declared datum, checked first.

    Raises BadPosition as `check_position`; `problem` is `datum` for a datum unknown by name.
    """
    check_position(lon, lat, box)
    try:
        return datums.to_wgs84(lon, lat, datum)
    except DatumError as error:
        raise _refusal("datum") from error


def _refusal(problem: str) -> BadPosition:
    reason = text(f"position.{problem}")
    return BadPosition(problem=problem, reason=reason, swapped=problem == "swapped")
