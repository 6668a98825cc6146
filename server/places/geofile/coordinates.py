"""Coordinates brought to degrees, where their system is known to have our datum."""

import importlib
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from server.places.geofile.refusing import Refused

_DEGREES: Final = frozenset({"EPSG:4326", "EPSG:4490", "OGC:CRS84"})
_KNOWN: Final = re.compile(r"wgs_?84|wgs_?1984|cgcs_?2000|china_geodetic_coordinate_system_2000")
_KNOWN_DATUMS: Final = re.compile(r"World Geodetic System 1984( ensemble)?|China 2000")
#: How a coordinate system of the register is named, in GeoJSON as elsewhere.
EPSG: Final = re.compile(r"EPSG[:/](?:[0-9.]*[:/])?(\d{4,6})\b", re.IGNORECASE)
_NAME: Final = re.compile(r'^(GEOG|PROJ|GEOD)(?:CS|CRS)\["([^"]+)"')


def said_beside(shape: Path) -> str | None:
    """Give what the file beside a shapefile says of its coordinate system, None without one."""
    beside = shape.with_suffix(".prj")
    said = beside.read_bytes()[:10_000].decode("utf-8-sig", "replace") if beside.exists() else ""
    return said.strip() or None


def in_degrees(shapes: NDArray[Any], crs: str | None) -> tuple[NDArray[Any], bool]:
    """Return shapes in degrees, and whether they had to be converted.

    No datum is changed: only one that equals WGS-84 is taken, and projections of it undone. A
    file that names none is taken as it is; its range of values is judged like any other.
    """
    if crs is None or crs.upper() in _DEGREES:
        return shapes, False
    kind, name = _named(crs)
    if kind == "GEOG" and _is_known(name):
        return shapes, False
    undo = _undoing(crs)
    if undo is None:
        return shapes, False
    return shapely.transform(shapes, lambda xy: np.column_stack(undo(xy[:, 0], xy[:, 1]))), True


def projected(file: Path) -> list[Any]:
    """Undo the projection that GeoJSON declares; what else is wrong in it is left to be judged."""
    told = json.loads(file.read_bytes())
    named = str(told["crs"].get("properties"))
    code = EPSG.search(named)
    if code is None:
        raise Refused("crs.unsupported", crs=named[:60])
    undo = _undoing(f"EPSG:{code[1]}")
    for feature in told.get("features", []):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if undo and isinstance(geometry, dict) and isinstance(geometry.get("coordinates"), list):
            geometry["coordinates"] = _undone(geometry["coordinates"], undo)
    rows = [each if isinstance(each, dict) else {} for each in told.get("features", [])]
    for row in rows:
        row["properties"] = {"layer": ""} | (row.get("properties") or {})
    return rows


def _undone(coordinates: list[Any], undo: Callable[..., Any]) -> list[Any]:
    """Give rings of positions in degrees, however deep they lie; heights are left out."""
    if coordinates and isinstance(coordinates[0], list) and coordinates[0]:
        if isinstance(coordinates[0][0], list):
            return [_undone(each, undo) for each in coordinates]
        try:
            xy = np.array([each[:2] for each in coordinates], np.float64)
        except (TypeError, ValueError, IndexError):
            return coordinates
        degrees: list[Any] = np.column_stack(undo(xy[:, 0], xy[:, 1])).tolist()
        return degrees
    return coordinates


def _undoing(crs: str) -> Callable[..., Any] | None:
    """Give what brings positions back to degrees on their own datum, None for degrees."""
    if importlib.util.find_spec("pyproj") is None:
        raise Refused("crs.needs_pyproj", crs=_named(crs)[1])
    pyproj = importlib.import_module("pyproj")
    try:
        own = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise Refused("crs.unsupported", crs=_named(crs)[1]) from error
    ground = own.geodetic_crs
    datum = ground.datum.name if ground is not None and ground.datum is not None else ""
    if ground is None or not (_is_known(ground.name) or _KNOWN_DATUMS.fullmatch(datum)):
        raise Refused("crs.unsupported", crs=own.name)
    if own.is_geographic:
        return None
    undo: Callable[..., Any] = pyproj.Transformer.from_crs(own, ground, always_xy=True).transform
    return undo


def _is_known(name: str) -> bool:
    return _KNOWN.search(name.lower().replace(" ", "_")) is not None


def _named(crs: str) -> tuple[str, str]:
    found = _NAME.match(crs.strip())
    return (found[1], found[2]) if found else ("", crs[:60])
