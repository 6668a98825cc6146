"""The base map's things in a county's own survey: a folder of GeoJSON files and shapefiles."""

import importlib
import importlib.util
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.basemap.drawn import LAYERS, PLAIN, Drawn, middle_of, numbered, words
from geo.files.envelope import BadEnvelope, crs_of, features_in
from geo.files.strictjson import Json, Unreadable, parse
from geo.ground.errors import GeoError

_GEOJSON: Final = (".geojson", ".json")
_MOST_BYTES: Final = 500_000_000
_MOST_VALUES: Final = 30_000_000
_DEGREES: Final = frozenset({"EPSG:4326", "EPSG:4490", "OGC:CRS84"})
_KNOWN: Final = re.compile(r"wgs_?84|wgs_?1984|cgcs_?2000|china_geodetic_coordinate_system_2000")


def read(folder: Path, tell: Callable[[int], None] = lambda _: None) -> Iterator[Drawn]:
    """Give what the files of a folder hold for the map, in CGCS2000; `tell` hears how many.

    Which layer a file is says its name (`words.toml`); files of other names are left alone.
    Raises GeoError: basemap.no_layer, basemap.unreadable, basemap.crs, basemap.needs_gis.
    """
    files = [each for each in sorted(folder.iterdir()) if _readable(each)]
    known = [(each, layer) for each in files if (layer := _layer_of(each.stem))]
    if not known:
        raise GeoError("basemap.no_layer", {"names": tuple(each.name for each in files[:5])})
    number = 0
    for file, layer in known:
        for properties, shape in _features(file):
            number += 1
            if number % 10_000 == 0:
                tell(number)
            yield from _things(layer, properties, shape)


def _readable(file: Path) -> bool:
    return file.suffix.lower() in (*_GEOJSON, ".shp")


def _plain(word: str) -> str:
    return re.sub(r"\s", "", word).lower()


def _layer_of(stem: str) -> str | None:
    named = _plain(stem)
    for layer, fragments in words()["layers"].items():
        if any(each in named for each in fragments):
            return str(layer)
    return None


def _features(file: Path) -> Iterator[tuple[Mapping[str, Any], BaseGeometry]]:
    if file.suffix.lower() == ".shp":
        yield from _shapefile(file)
        return
    try:
        value = parse(
            file.read_bytes(), max_bytes=_MOST_BYTES, max_depth=20, max_values=_MOST_VALUES
        )
        raw = features_in(value)
        if isinstance(value, dict):
            crs_of(value)
    except (Unreadable, BadEnvelope) as error:
        code = "basemap.crs" if error.code == "crs.unsupported" else "basemap.unreadable"
        raise GeoError(code, {"file": file.name, "why": error.code}) from error
    for number, each in enumerate(raw, start=1):
        yield _feature(file, number, each)


def _feature(file: Path, number: int, feature: Json) -> tuple[Mapping[str, Any], BaseGeometry]:
    told = feature if isinstance(feature, dict) else {}
    properties = told.get("properties")
    try:
        shape = shapely.from_geojson(json.dumps(told.get("geometry")))
    except shapely.errors.GEOSException as error:
        facts = {"file": file.name, "why": f"#{number}"}
        raise GeoError("basemap.unreadable", facts) from error
    return (properties if isinstance(properties, dict) else {}), shapely.force_2d(shape)


def _shapefile(file: Path) -> Iterator[tuple[Mapping[str, Any], BaseGeometry]]:
    if importlib.util.find_spec("pyogrio") is None:
        raise GeoError("basemap.needs_gis", {"file": file.name})
    raw = importlib.import_module("pyogrio.raw")
    try:
        # Latin 1 keeps every byte, whatever it means.
        meta, _, shapes, columns = raw.read(file, encoding="ISO-8859-1", force_2d=True)
    except Exception as error:
        facts = {"file": file.name, "why": str(error)[:80]}
        raise GeoError("basemap.unreadable", facts) from error
    drawn = _in_degrees(file, shapely.from_wkb(shapes), meta["crs"])
    headings = [_words(str(each)) for each in meta["fields"]]
    for number, shape in enumerate(drawn):
        if shape is not None:
            row = (_words(column[number]) for column in columns)
            yield dict(zip(headings, row, strict=True)), shape


def _words(value: Any) -> Any:  # noqa: ANN401
    """Give a text whose bytes were read as Latin 1 in its own encoding: UTF-8, or else GBK."""
    if not isinstance(value, str):
        return value
    data = value.encode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _in_degrees(file: Path, shapes: NDArray[Any], crs: str | None) -> NDArray[Any]:
    """Give shapes in degrees; another datum than WGS-84 or CGCS2000 is refused, never shifted."""
    if crs is None or crs in _DEGREES:
        return shapes
    if importlib.util.find_spec("pyproj") is None:
        raise GeoError("basemap.needs_gis", {"file": file.name})
    pyproj = importlib.import_module("pyproj")
    try:
        own = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise GeoError("basemap.crs", {"file": file.name, "why": crs[:40]}) from error
    ground = own.geodetic_crs
    if ground is None or not _KNOWN.search(ground.name.lower().replace(" ", "_")):
        raise GeoError("basemap.crs", {"file": file.name, "why": own.name})
    undo = pyproj.Transformer.from_crs(own, ground, always_xy=True).transform
    degrees: NDArray[Any] = shapely.transform(
        shapes, lambda xy: np.column_stack(undo(xy[:, 0], xy[:, 1]))
    )
    return degrees


def _things(layer: str, properties: Mapping[str, Any], shape: BaseGeometry) -> Iterator[Drawn]:
    told = {_plain(str(key)): each for key, each in properties.items()}
    name, kind = _told(told, "name"), _kind(layer, _plain(_told(told, "kind")))
    number = _told(told, "number")
    if number:
        yield Drawn("places", "number", middle_of(shape), *numbered(_told(told, "street"), number))
    if layer == "places":
        if name and not number:
            yield Drawn(layer, kind, middle_of(shape), name)
        return
    if shapely.get_dimensions(shape) not in LAYERS[layer]:
        return
    if layer == "water" and shapely.get_dimensions(shape) == 1 and kind == PLAIN["water"]:
        kind = "river"
    yield Drawn(layer, kind, shape, name if layer != "buildings" else "")
    if name and layer in ("areas", "buildings"):
        of = "estate" if layer == "areas" else "point"
        yield Drawn("places", of, middle_of(shape), name)


def _told(properties: Mapping[str, Any], column: str) -> str:
    names: Iterable[str] = words()["columns"][column]
    for name in names:
        found = properties.get(name)
        if found is not None and str(found).strip():
            return str(found).strip()
    return ""


def _kind(layer: str, said: str) -> str:
    for kind, fragments in words()["kinds"].get(layer, {}).items():
        if said and any(each in said for each in fragments):
            return str(kind)
    return PLAIN[layer]
