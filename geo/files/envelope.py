"""What surrounds the geometries in a GeoJSON file: its kind, CRS, bounding boxes, features."""

import re
from collections.abc import Iterator, Mapping

from geo.files.rings import KINDS
from geo.files.strictjson import Json
from geo.ground.faults import Fact

_CRS = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?"
    r"(?P<who>OGC|EPSG)[:/](?:[0-9.]*[:/])?(?P<what>CRS84|4326|4490)",
    re.IGNORECASE,
)
#: Names that people write by hand.
_BY_NAME = {"wgs84": "EPSG:4326", "wgs1984": "EPSG:4326", "cgcs2000": "EPSG:4490"}


class BadEnvelope(Exception):
    """A file or feature of the wrong make; `code` and `facts` say why."""

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, Fact] = facts or {}


def features_in(value: Json) -> list[Json]:
    """Give the raw features of a file: of a collection, one feature, or a bare geometry."""
    if not isinstance(value, dict):
        listed = isinstance(value, list) and value and isinstance(value[0], dict)
        raise BadEnvelope("geojson.not_an_object", {"looks_like": "list" if listed else None})
    kind = value.get("type") or _untold(value)
    if kind == "FeatureCollection":
        features = value.get("features")
        if not isinstance(features, list):
            raise BadEnvelope("geojson.no_features")
        if not features:
            raise BadEnvelope("geojson.empty")
        return features
    if kind == "Feature":
        return [value]
    if isinstance(kind, str) and kind in KINDS:
        geometry = {**value, "type": kind}
        return [{"type": "Feature", "properties": None, "geometry": geometry}]
    raise BadEnvelope("geojson.unknown_type", {"looks_like": _other_format(value)})


def _untold(value: Mapping[str, Json]) -> str | None:
    """Tell what an object is that has coordinates and does not say of what, by their depth."""
    inner, depth = value.get("coordinates"), 0
    while isinstance(inner, list) and inner:
        inner, depth = inner[0], depth + 1
    return {3: "Polygon", 4: "MultiPolygon"}.get(depth)


def _other_format(value: Mapping[str, Json]) -> str | None:
    if value.get("type") == "Topology":
        return "topojson"
    if "geometryType" in value or "rings" in value or "spatialReference" in value:
        return "esri"
    if "type" not in value and "features" in value:
        return "no_type"
    kind = value.get("type")
    right = {each.lower(): each for each in (*KINDS, "Feature", "FeatureCollection")}
    return right.get(kind.lower()) if isinstance(kind, str) else None


def crs_of(value: Mapping[str, Json]) -> str | None:
    """Give the CRS an object declares, where it is one of lon/lat degrees; None without one."""
    if "crs" not in value:
        return None
    crs = value["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    if not isinstance(properties, dict):
        raise BadEnvelope("crs.unsupported", {"crs": None})
    name = properties.get("name")
    if name is None and properties.get("code") is not None:
        name = f"EPSG:{properties['code']}"
    if isinstance(name, str):
        plain = re.sub(r"[\s_-]|^gcs_", "", name.lower())
        name = _BY_NAME.get(plain, name)
    match = _CRS.fullmatch(name.strip()) if isinstance(name, str) else None
    if match is None:
        raise BadEnvelope("crs.unsupported", {"crs": str(name)[:60]})
    return f"{match['who'].upper()}:{match['what'].upper()}"


def box_of(value: Mapping[str, Json]) -> tuple[float, float, float, float] | None:
    """Give the west, south, east, north an object declares, or None; raise for a bad one."""
    if "bbox" not in value:
        return None
    box = value["bbox"]
    if not isinstance(box, list) or len(box) not in (4, 6):
        raise BadEnvelope("bbox.unusable")
    numbers = [float(each) for each in box if type(each) is int or type(each) is float]
    if len(numbers) != len(box):
        raise BadEnvelope("bbox.unusable")
    half = len(numbers) // 2
    return numbers[0], numbers[1], numbers[half], numbers[half + 1]


def geometry_in(feature: Json) -> tuple[dict[str, Json], Mapping[str, Json]]:
    """Give the raw geometry and the properties of a raw feature; raise BadEnvelope."""
    if not isinstance(feature, dict):
        raise BadEnvelope("feature.not_an_object")
    if feature.get("type") != "Feature":
        raise BadEnvelope("feature.wrong_type", {"type": str(feature.get("type"))[:60]})
    if extra := sorted({"coordinates", "features", "geometries"} & feature.keys()):
        raise BadEnvelope("feature.foreign_member", {"members": tuple(extra)})
    if "id" in feature and (
        isinstance(feature["id"], bool) or not isinstance(feature["id"], str | int | float)
    ):
        raise BadEnvelope("feature.bad_id")
    if "properties" not in feature:
        raise BadEnvelope("feature.no_properties")
    properties = feature["properties"]
    if properties is not None and not isinstance(properties, dict):
        raise BadEnvelope("feature.properties_not_an_object")
    geometry = feature.get("geometry")
    if geometry is None:
        raise BadEnvelope("geometry.missing")
    if not isinstance(geometry, dict):
        raise BadEnvelope("geometry.not_an_object")
    return _only_member(geometry), properties or {}


def _only_member(geometry: dict[str, Json]) -> dict[str, Json]:
    """Give the only member of a collection of one, as some tools wrap each geometry."""
    members = geometry.get("geometries") if geometry.get("type") == "GeometryCollection" else None
    if isinstance(members, list) and len(members) == 1 and isinstance(members[0], dict):
        return members[0]
    return geometry


def named_in(feature: Json) -> tuple[Mapping[str, Json], str | int | float | None]:
    """Give the properties of a raw feature and its own id, however broken it may be otherwise."""
    if not isinstance(feature, dict):
        return {}, None
    properties, own = feature.get("properties"), feature.get("id")
    named = properties if isinstance(properties, dict) else {}
    if not isinstance(own, str | int | float) or isinstance(own, bool) or own == "":
        return named, None
    return named, own


def declaring(feature: Json) -> Iterator[Mapping[str, Json]]:
    """Give the objects of a raw feature that may declare a CRS or a bounding box."""
    if isinstance(feature, dict):
        yield feature
        geometry = feature.get("geometry")
        if isinstance(geometry, dict):
            yield geometry
