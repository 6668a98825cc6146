"""Narrow slits of no place between places, open to the outside, where two drawings do not meet."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.ground.metric import scale_at

NARROW_M = 2.0
_TOUCH_M = 0.01
_LEAST_M = 10.0  # long: what is shorter is a corner
_LEAST_M2 = 0.1
_MITRE = 2.0


@dataclass(frozen=True, slots=True)
class Slit:
    """A slit in degrees, its area, length and mean width in metres, and the places along it."""

    geometry: BaseGeometry
    area_m2: float
    length_m: float
    width_m: float
    places: tuple[int, ...]


def slits(shapes: NDArray[np.object_], union: BaseGeometry) -> list[Slit]:
    """Give what closes when the union of shapes grows by a metre and shrinks by it again.

    That is what is narrower than `NARROW_M`; only what is long and lies along two places or more
    is given, the largest first. Holes of the union are not: they are gaps.
    """
    if union.is_empty:
        return []
    west, south, _, north = union.bounds
    scale = scale_at((south + north) / 2)
    corner, factor = np.array([west, south]), np.array([scale.x, scale.y])
    outer = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union)))
    flat = shapely.transform(outer, lambda xy: (xy - corner) * factor)
    whole = shapely.union_all(flat)
    grown = shapely.buffer(whole, NARROW_M / 2, join_style="mitre", mitre_limit=_MITRE)
    closed = shapely.buffer(grown, -NARROW_M / 2, join_style="mitre", mitre_limit=_MITRE)
    filled = shapely.get_parts(shapely.get_parts(shapely.difference(closed, whole)))
    tree = shapely.STRtree(shapes)
    found = []
    for part in filled.tolist():
        made = _slit(part, tree, corner, factor)
        if made is not None:
            found.append(made)
    return sorted(found, key=lambda each: -each.area_m2)


def _slit(
    flat: BaseGeometry,
    tree: shapely.STRtree,
    corner: NDArray[np.float64],
    factor: NDArray[np.float64],
) -> Slit | None:
    if flat.area < _LEAST_M2:
        return None
    length = flat.length / 2
    width = flat.area / length
    if length < _LEAST_M:
        return None
    wider = shapely.buffer(flat, _TOUCH_M)
    along = tree.query(_degrees(wider, corner, factor), predicate="intersects")
    if len(along) < 2:
        return None
    return Slit(
        _degrees(flat, corner, factor), flat.area, length, width, tuple(sorted(along.tolist()))
    )


def _degrees(
    flat: BaseGeometry, corner: NDArray[np.float64], factor: NDArray[np.float64]
) -> BaseGeometry:
    return shapely.transform(flat, lambda xy: xy / factor + corner)
