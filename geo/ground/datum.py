"""Datums met in China, and the way between them.

GCJ-02 is a secret offset; the formula here is the one that became public in 2010 ("EvilTransform",
later googollee/eviltransform and wandergis/coordtransform): polynomials and sines of lon - 105 and
lat - 35 in metres, laid on the Krasovsky 1940 ellipsoid. BD-09 is Baidu's further offset of
GCJ-02, from the same sources. CGCS2000 equals WGS-84 to less than a metre and is taken as it.

There is no "outside China" rectangle: the caller says which datum a position has.
"""

import math
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.ground.errors import DatumError

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09", "unknown")

Floats = NDArray[np.float64]
Value = float | Floats
Box = tuple[float, float, float, float]

_A = 6378245.0
_EE = 0.00669342162296594323
_BD = math.pi * 3000.0 / 180.0
_STEPS = 20
_ENOUGH = 1e-13  # degrees: 0.01 micrometre


def to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Give the WGS-84 position of a point given in one of `DATUMS`.

    Degrees. The inverse of the forward formula to under a micrometre.
    Raises DatumError: datum.unknown_name, position.not_finite, position.out_of_range.
    """
    _require_known(datum)
    _require_position(lon, lat)
    x, y = _inverse(math, lon, lat, datum)
    return float(x), float(y)


def to_wgs84_many(lons: ArrayLike, lats: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Give the WGS-84 positions of many points; NaN for one not finite or out of range."""
    _require_known(datum)
    x, y = _usable(lons, lats)
    a, b = _inverse(np, x, y, datum)
    return np.asarray(a, np.float64), np.asarray(b, np.float64)


def from_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Give the position of a WGS-84 point in one of `DATUMS`; raises what `to_wgs84` raises."""
    _require_known(datum)
    _require_position(lon, lat)
    x, y = _forward(math, lon, lat, datum)
    return float(x), float(y)


def from_wgs84_many(lons: ArrayLike, lats: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Give the positions of many WGS-84 points in one of `DATUMS`; NaN as in `to_wgs84_many`."""
    _require_known(datum)
    x, y = _usable(lons, lats)
    a, b = _forward(np, x, y, datum)
    return np.asarray(a, np.float64), np.asarray(b, np.float64)


def inside(lon: float, lat: float, bounds: Box) -> bool:
    """Tell whether a point lies in a box (west, south, east, north), border included."""
    west, south, east, north = bounds
    return west <= lon <= east and south <= lat <= north


def swapped(lon: float, lat: float, bounds: Box) -> bool:
    """Tell whether a point outside the bounds would lie inside them with its axes exchanged."""
    return not inside(lon, lat, bounds) and inside(lat, lon, bounds)


def _require_known(datum: str) -> None:
    if datum not in DATUMS:
        raise DatumError("datum.unknown_name", {"datum": datum, "known": DATUMS})


def _require_position(lon: float, lat: float) -> None:
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise DatumError("position.not_finite", {"lon": repr(lon), "lat": repr(lat)})
    if abs(lon) > 180 or abs(lat) > 90:
        raise DatumError("position.out_of_range", {"lon": lon, "lat": lat})


def _usable(lons: ArrayLike, lats: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.broadcast_arrays(np.asarray(lons, np.float64), np.asarray(lats, np.float64))
    good = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    return np.where(good, x, np.nan), np.where(good, y, np.nan)


# One formula for floats and arrays: `m` is math or numpy, which name their functions alike.


def _forward(m: ModuleType, lon: Value, lat: Value, datum: str) -> tuple[Value, Value]:
    if datum == "gcj02":
        return _gcj02(m, lon, lat)
    if datum == "bd09":
        return _bd09(m, *_gcj02(m, lon, lat))
    return lon, lat


def _inverse(m: ModuleType, lon: Value, lat: Value, datum: str) -> tuple[Value, Value]:
    """Fixed-point iteration: the offset changes by a few parts in a thousand per degree."""
    x, y = lon, lat
    if datum not in ("gcj02", "bd09"):
        return x, y
    for _ in range(_STEPS):
        a, b = _forward(m, x, y, datum)
        dx, dy = lon - a, lat - b
        x, y = x + dx, y + dy
        moving = m.fabs(dx) + m.fabs(dy) > _ENOUGH
        if not (moving if m is math else np.any(moving)):
            break
    return x, y


def _gcj02(m: ModuleType, lon: Value, lat: Value) -> tuple[Value, Value]:
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    root = m.sqrt(m.fabs(x))
    common = (20.0 * m.sin(6.0 * x * pi) + 20.0 * m.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * m.sin(y * pi) + 40.0 * m.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * m.sin(y / 12.0 * pi) + 320.0 * m.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * m.sin(x * pi) + 40.0 * m.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * m.sin(x / 12.0 * pi) + 300.0 * m.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = lat / 180.0 * pi
    magic = 1 - _EE * m.sin(phi) * m.sin(phi)
    root_magic = m.sqrt(magic)
    dlat = north * 180.0 / ((_A * (1 - _EE)) / (magic * root_magic) * pi)
    dlon = east * 180.0 / (_A / root_magic * m.cos(phi) * pi)
    return lon + dlon, lat + dlat


def _bd09(m: ModuleType, lon: Value, lat: Value) -> tuple[Value, Value]:
    arctan2 = math.atan2 if m is math else np.arctan2
    z = m.sqrt(lon * lon + lat * lat) + 0.00002 * m.sin(lat * _BD)
    theta = arctan2(lat, lon) + 0.000003 * m.cos(lon * _BD)
    return z * m.cos(theta) + 0.0065, z * m.sin(theta) + 0.006
