"""How far polygons on a shelf are from a point, in metres by the ellipsoid's scale there."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from geo.ground.metric import Scale
from geo.index.polygon_store import Shelf

_ORIGIN = Point(0.0, 0.0)
_SEVERAL = 3
_SURE_M = 1e-6  # nearer than this only the exact test tells inside from outside


def distances_m(
    shelf: Shelf, places: Sequence[int], lon: float, lat: float, scale: Scale
) -> list[float]:
    """Give the metres to each of some places, zero inside."""
    # Straight from their bytes: quicker than to have them read and prepared.
    shapes = [shelf.parts(place) for place in places]
    single = [parts[0][0] for parts in shapes if len(parts) == 1 and len(parts[0]) == 1]
    if len(single) < len(shapes) or len(single) < _SEVERAL:
        return [distance_m(shelf, place, lon, lat, scale) for place in places]
    flat = (np.concatenate(single) - (lon, lat)) * (scale.x, scale.y)
    owner = np.repeat(np.arange(len(single)), [len(ring) for ring in single])
    rings = shapely.linearrings(flat, indices=owner)
    found: list[float] = shapely.distance(shapely.polygons(rings), _ORIGIN).tolist()
    return [
        distance_m(shelf, place, lon, lat, scale) if 0 < least < _SURE_M else least
        for place, least in zip(places, found, strict=True)
    ]


def distance_m(shelf: Shelf, place: int, lon: float, lat: float, scale: Scale) -> float:
    """Give the metres to a place, zero inside."""
    origin, factor = np.array((lon, lat)), np.array((scale.x, scale.y))
    least = math.inf
    for shell, *holes in shelf.parts(place):
        flat = [(hole - origin) * factor for hole in holes]
        part = Polygon((shell - origin) * factor, flat)
        least = min(least, float(shapely.distance(part, _ORIGIN)))
    if 0 < least < _SURE_M and shapely.intersects_xy(shelf.ready(place), lon, lat):
        return 0.0
    return least
