"""Metres and degrees near one point, on the WGS-84 ellipsoid."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

_A = 6378137.0
_F = 1 / 298.257223563
_E2 = _F * (2 - _F)


@dataclass(frozen=True, slots=True)
class Scale:
    """Metres per degree of longitude (`x`) and of latitude (`y`)."""

    x: float
    y: float


def scale_at(lat: float) -> Scale:
    """Give the local scale at a latitude, clipped short of the poles.

    From the radii of curvature M and N of the WGS-84 ellipsoid. Distances by it differ from the
    geodesic by under 1 mm at 100 m and about 1 m at 5 km.
    """
    phi = math.radians(max(-89.9, min(89.9, lat)))
    w2 = 1 - _E2 * math.sin(phi) ** 2
    meridian = _A * (1 - _E2) / w2**1.5
    normal = _A / math.sqrt(w2)
    return Scale(math.radians(normal * math.cos(phi)), math.radians(meridian))


def area_m2(geometry: BaseGeometry) -> float:
    """Give the square metres of a lon/lat geometry, by the scale at its middle latitude."""
    if geometry.is_empty:
        return 0.0
    _, south, _, north = geometry.bounds
    scale = scale_at((south + north) / 2)
    return float(geometry.area) * scale.x * scale.y


def in_metres(geometry: BaseGeometry, lon: float, lat: float) -> BaseGeometry:
    """Give the geometry in metres east and north of a point, by the scale at that point."""
    scale = scale_at(lat)
    origin, factor = np.array([lon, lat]), np.array([scale.x, scale.y])
    return shapely.transform(geometry, lambda xy: (xy - origin) * factor)
