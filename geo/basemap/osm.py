"""The base map's things in an OpenStreetMap extract, read one after another."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from geo.basemap.drawn import Drawn, middle_of, numbered
from geo.ground.datum import Box
from geo.ground.errors import GeoError

SUFFIXES: Final = (".osm", ".osm.pbf", ".osm.bz2", ".osm.gz")
ATTRIBUTION: Final = "© OpenStreetMap contributors"

_ROADS: Final = {
    **dict.fromkeys(("motorway", "trunk", "primary", "secondary"), "main"),
    **dict.fromkeys(
        ("tertiary", "unclassified", "residential", "living_street", "road"), "street"
    ),
    **dict.fromkeys(("service", "track", "path", "footway", "cycleway", "pedestrian"), "path"),
}
_GREEN: Final = frozenset(("park", "garden", "wood", "forest", "grass", "cemetery", "pitch"))
_WATER: Final = frozenset(("water", "reservoir", "basin", "riverbank", "dock"))
_GROUNDS: Final = frozenset(("residential", "commercial", "retail", "industrial", "education"))
_SETTLEMENTS: Final = frozenset(("town", "village", "hamlet", "suburb", "quarter"))
_ESTATES: Final = frozenset(("neighbourhood", "city_block"))
#: Degrees within which a house lies of any corner of it.
_HOUSE: Final = 0.02
#: Whatever has one of these and a name is a place that people know.
_KNOWN_BY: Final = (
    *("amenity", "shop", "office", "tourism", "leisure", "historic", "healthcare"),
    *("railway", "highway", "man_made", "barrier", "entrance", "building", "landuse"),
)
_KEYS: Final = (*_KNOWN_BY, "waterway", "natural", "place", "addr:housenumber")
_AREA_KEYS: Final = ("building", "landuse", "leisure", "natural", "amenity", "waterway", "tourism")


def is_osm(file: Path) -> bool:
    """Tell whether a file is called as OpenStreetMap extracts are."""
    return file.name.lower().endswith(SUFFIXES)


def read(
    file: Path, box: Box, scratch: Path, tell: Callable[[int], None] = lambda _: None
) -> Iterator[Drawn]:
    """Give what an extract holds for the map in a box; `tell` hears how many objects were read.

    Where nodes lie is kept in a file below `scratch`, so that an extract of a whole province
    takes no more memory than a county's. Raises GeoError: basemap.needs_osmium,
    basemap.unreadable.
    """
    if importlib.util.find_spec("osmium") is None:
        raise GeoError("basemap.needs_osmium")
    osmium = importlib.import_module("osmium")
    nodes = f"sparse_file_array,{scratch / 'nodes'}"
    factory = osmium.geom.WKBFactory()
    try:
        areas = osmium.filter.KeyFilter(*_AREA_KEYS)
        objects = osmium.FileProcessor(str(file)).with_locations(nodes).with_areas(areas)
        wanted = objects.with_filter(osmium.filter.KeyFilter(*_KEYS))
        for number, one in enumerate(wanted, start=1):
            if number % 10_000 == 0:
                tell(number)
            shape = None if _is_not_drawn(one, box) else _shape(one, factory)
            if shape is not None and _meets(shape, box):
                yield from _things({tag.k: tag.v for tag in one.tags}, shape)
    except (RuntimeError, ValueError, OSError) as error:
        raise GeoError(
            "basemap.unreadable", {"file": file.name, "why": str(error)[:80]}
        ) from error


def _is_not_drawn(one: Any, box: Box) -> bool:  # noqa: ANN401
    """Tell at a glance what most of a province is: houses elsewhere, and rings drawn as areas."""
    if one.is_way():
        return "highway" not in one.tags and "waterway" not in one.tags
    if one.is_area() and "building" in one.tags:
        corner = next(iter(next(iter(one.outer_rings()))))
        west, south, east, north = box
        near_x = west - _HOUSE <= corner.lon <= east + _HOUSE
        return not (near_x and south - _HOUSE <= corner.lat <= north + _HOUSE)
    return False


def _shape(one: Any, factory: Any) -> BaseGeometry | None:  # noqa: ANN401
    """Give a node's point, a way's line, an area's polygons; None for what has no shape."""
    if one.is_node():
        return shapely.Point(one.location.lon, one.location.lat)
    if one.is_way():
        known = [(each.lon, each.lat) for each in one.nodes if each.location.valid()]
        return shapely.LineString(known) if len(known) > 1 else None
    if one.is_area():
        try:
            return shapely.from_wkb(factory.create_multipolygon(one))
        except RuntimeError:  # an area whose rings do not close: drawn by nobody
            return None
    return None


def _meets(shape: BaseGeometry, box: Box) -> bool:
    west, south, east, north = map(float, shape.bounds)
    return west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]


def _things(tags: Mapping[str, str], shape: BaseGeometry) -> Iterator[Drawn]:
    name = (tags.get("name:zh") or tags.get("name") or "").strip()
    dimensions = shapely.get_dimensions(shape)
    if dimensions == 1:
        yield from _lines(tags, name, shape)
        return
    if dimensions == 2:
        yield from _areas(tags, name, shape)
    kind = _place(tags)
    middle = middle_of(shape)
    if name and kind:
        yield Drawn("places", kind, middle, name)
    if number := tags.get("addr:housenumber", "").strip():
        full, short = numbered(tags.get("addr:street", ""), number)
        yield Drawn("places", "number", middle, full, short)


def _lines(tags: Mapping[str, str], name: str, shape: BaseGeometry) -> Iterator[Drawn]:
    road = _ROADS.get(tags.get("highway", "").removesuffix("_link"))
    if road and tags.get("area") != "yes":
        yield Drawn("roads", road, shape, name)
    elif tags.get("waterway") in ("river", "canal"):
        yield Drawn("water", "river", shape, name)
    elif tags.get("waterway") in ("stream", "ditch", "drain"):
        yield Drawn("water", "stream", shape, name)


def _areas(tags: Mapping[str, str], name: str, shape: BaseGeometry) -> Iterator[Drawn]:
    land = {tags.get(key) for key in ("landuse", "leisure", "natural", "waterway")}
    if "building" in tags and tags["building"] != "no":
        yield Drawn("buildings", "building", shape)
    elif land & _WATER:
        yield Drawn("water", "water", shape, name)
    elif land & _GREEN:
        yield Drawn("areas", "green", shape, name)
    elif land & _GROUNDS or tags.get("amenity") in ("school", "hospital", "university"):
        yield Drawn("areas", "estate", shape, name)


def _place(tags: Mapping[str, str]) -> str | None:
    """Tell what kind of a place a named point is, None for what nobody would know it by."""
    if tags.get("place") in _SETTLEMENTS:
        return "settlement"
    if tags.get("place") in _ESTATES or tags.get("landuse") == "residential":
        return "estate"
    return "point" if any(key in tags for key in _KNOWN_BY) else None
