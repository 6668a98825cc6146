"""Coordinates of GeoJSON made into polygons, nothing mended on the way."""

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from geo.files.strictjson import Json
from geo.ground.faults import Fact

KINDS = frozenset(
    (
        *("Point", "MultiPoint", "LineString", "MultiLineString"),
        *("Polygon", "MultiPolygon", "GeometryCollection"),
    )
)
_FINE = 9  # decimals of a degree: 0.1 mm


class BadGeometry(Exception):
    """A geometry that cannot be taken; `code` and `facts` say why."""

    def __init__(self, code: str, facts: dict[str, Fact] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts or {}


@dataclass(slots=True)
class Oddities:
    """What is strange but taken, counted for one geometry."""

    heights: int = 0
    repeated: int = 0
    empty_rings: int = 0
    too_fine: int = 0
    turned: int = 0
    holes: int = 0
    vertices: int = 0
    rings: int = field(default=0)
    mended: bool = False


def polygon_of(
    geometry: dict[str, Json], *, max_vertices: int, max_rings: int, mended: bool = False
) -> tuple[Polygon | MultiPolygon, Oddities]:
    """Give the polygon of a GeoJSON geometry object and what was strange; raise BadGeometry.

    `mended` closes open rings and leaves out those of too few positions, for a proposal.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadGeometry("geometry.unknown_type", {"type": _shown(kind)})
    if kind not in ("Polygon", "MultiPolygon"):
        raise BadGeometry("geometry.not_a_boundary", {"type": kind})
    if not isinstance(coordinates, list):
        raise BadGeometry("geometry.no_coordinates", {"type": kind})
    parts: list[Json] = [coordinates] if kind == "Polygon" else coordinates
    _require_size(parts, max_vertices, max_rings)
    odd = Oddities(mended=mended)
    polygons = [made for at, part in enumerate(parts) if (made := _polygon(part, at, odd))]
    if not polygons:
        raise BadGeometry("geometry.empty", {"type": kind})
    return (polygons[0] if kind == "Polygon" else MultiPolygon(polygons)), odd


def _require_size(parts: list[Json], max_vertices: int, max_rings: int) -> None:
    n_rings = n_vertices = 0
    for part in parts:
        if not isinstance(part, list):
            raise BadGeometry("coordinates.depth")
        n_rings += len(part)
        n_vertices += sum(len(ring) for ring in part if isinstance(ring, list))
    if n_rings > max_rings:
        raise BadGeometry("geometry.too_many_rings", {"n_rings": n_rings, "most": max_rings})
    if n_vertices > max_vertices:
        facts: dict[str, Fact] = {"n_vertices": n_vertices, "most": max_vertices}
        raise BadGeometry("geometry.too_many_vertices", facts)


def _polygon(part: Json, at: int, odd: Oddities) -> Polygon | None:
    """Give one polygon, or None where it is written down but empty."""
    if not isinstance(part, list):
        raise BadGeometry("coordinates.depth", {"part": at})
    rings = [_ring(ring, at, number, odd) for number, ring in enumerate(part)]
    if not rings or rings[0] is None:
        if not odd.mended and any(ring is not None for ring in rings):
            raise BadGeometry("geometry.hole_without_shell", {"part": at})
        odd.empty_rings += 1
        return None
    shell, *holes = (ring for ring in rings if ring is not None)
    odd.holes += len(holes)
    odd.turned += _clockwise(shell) + sum(not _clockwise(hole) for hole in holes)
    return Polygon(shell, holes)


def _ring(ring: Json, part: int, number: int, odd: Oddities) -> NDArray[np.float64] | None:
    where: dict[str, Fact] = {"part": part, "ring": number}
    if not isinstance(ring, list):
        raise BadGeometry("coordinates.depth", where)
    if not ring:
        odd.empty_rings += 1
        return None
    dimensions = _dimensions(ring, where)
    array = np.array(ring, np.float64)
    if not np.array_equal(array[0], array[-1]):
        if not odd.mended:
            raise BadGeometry("ring.not_closed", where)
        array = np.concatenate([array, array[:1]])
    if len(array) < 4:
        if odd.mended:
            return None
        raise BadGeometry("ring.too_short", {**where, "n_positions": len(array)})
    odd.heights += len(array) if dimensions == 3 else 0
    flat = array[:, :2]
    odd.vertices += len(flat)
    odd.rings += 1
    odd.repeated += int((flat[1:] == flat[:-1]).all(axis=1).sum())
    odd.too_fine += int((np.abs(flat - np.round(flat, _FINE)) > 1e-13).any(axis=1).sum())
    return flat


def _dimensions(ring: list[Json], where: dict[str, Fact]) -> int:
    """Give how many numbers each position has; refuse anything that is no position."""
    lengths = set()
    for number, position in enumerate(ring):
        if not isinstance(position, list):
            raise BadGeometry("coordinates.depth", {**where, "position": number})
        if not 2 <= len(position) <= 3:
            facts = {**where, "position": number, "n_numbers": len(position)}
            raise BadGeometry("coordinates.not_a_position", facts)
        for value in position:
            # type() and not isinstance(): a bool is an int to Python
            if type(value) is not float and type(value) is not int:
                raise BadGeometry(_not_a_number(value), {**where, "position": number})
        lengths.add(len(position))
    if len(lengths) > 1:
        raise BadGeometry("coordinates.mixed_dimensions", where)
    return int(lengths.pop())


def _not_a_number(value: Json) -> str:
    return "coordinates.depth" if isinstance(value, list) else "coordinates.not_a_number"


def _clockwise(ring: NDArray[np.float64]) -> bool:
    x, y = (ring - ring[0]).T
    return bool((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() < 0)


def reason_invalid(shape: Polygon | MultiPolygon) -> dict[str, Fact] | None:
    """Give why and where a polygon is invalid, or None where it is valid."""
    if shapely.is_valid(shape):
        return None
    reason, _, where = str(shapely.is_valid_reason(shape)).partition("[")
    facts: dict[str, Fact] = {"reason": reason.strip()}
    numbers = where.rstrip("]").split()
    if len(numbers) >= 2:
        lon, lat = float(numbers[0]), float(numbers[1])
        if math.isfinite(lon) and math.isfinite(lat):
            facts |= {"lon": lon, "lat": lat}
    return facts


def _shown(value: Json) -> str | None:
    return value[:60] if isinstance(value, str) else None
