"""GeoPackages, zipped shapefiles and KML as GeoJSON, where what reads them is installed."""

import importlib.util
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from geo.files.coverage import Limits
from geo.files.kinds import kind_of
from geo.files.labels import Naming, labels_of, level_of
from geo.ground import confined
from geo.ground.errors import CoverageError
from geo.ground.faults import Fact, Fault
from server.errors import PlacesNeedPyogrio
from server.places.geofile.coordinates import EPSG
from server.places.geofile.refusing import NEEDS_PYOGRIO

NO_LAYERS: Final[Mapping[str, Any]] = MappingProxyType({})
_SECONDS: Final = 30
_READER: Final = "server.places.geofile.reading"
_SHOWN: Final = 20
#: What is read, and the ending by which its reader knows it.
_READ: Final = {"zip": "zip", "empty_zip": "zip", "geopackage": "gpkg", "kml": "kml"}


def is_geofile(data: bytes) -> bool:
    """Tell whether data begins like a zip archive, a GeoPackage or KML."""
    return kind_of(data) in _READ


def is_projected(faults: Sequence[Fault]) -> bool:
    """Tell whether GeoJSON was refused for a projection that can be undone here."""
    crs = (each.facts.get("crs") for each in faults if each.code == "crs.unsupported")
    known = any(isinstance(each, str) and EPSG.search(each) for each in crs)
    return known and importlib.util.find_spec("pyproj") is not None


def to_geojson(
    data: bytes, datum: str, layers: Mapping[str, str] = NO_LAYERS
) -> tuple[bytes, tuple[Fault, ...]]:
    """Return what a GeoPackage, zipped shapefile or KML holds as GeoJSON, with warnings.

    Also what GeoJSON in a projection holds.

    A layer named like a level, or of which `layers` says one, gives that level to features that
    name none. The coordinate system
    is the file's own; `datum` is what the person says, and must agree where it was projected.
    Raises PlacesNeedPyogrio, or CoverageError with one fault.
    """
    most = Limits().max_bytes
    if len(data) > most:
        raise _refused("file.too_large", {"n_bytes": len(data), "most": most})
    with tempfile.TemporaryDirectory(prefix="places-") as folder:
        file = Path(folder) / f"file.{_READ.get(kind_of(data) or '', 'json')}"
        file.write_bytes(data)
        answer = _asked(file)
    if answer is None:
        raise _refused("geofile.takes_too_long", {"seconds": _SECONDS})
    if answer.get("fault") == NEEDS_PYOGRIO:
        raise PlacesNeedPyogrio()
    if "fault" in answer:
        raise _refused(answer["fault"], _facts(answer["facts"]))
    if answer["converted"] and datum not in ("wgs84", "cgcs2000"):
        raise _refused("crs.contradicts_datum", {"datum": datum})
    warnings = [Fault(code, None, _facts(facts)) for code, facts in answer["warnings"]]
    warnings += _levelled(answer["geojson"]["features"], layers)
    return json.dumps(answer["geojson"], ensure_ascii=False).encode(), tuple(warnings)


def _levelled(features: Sequence[Any], said: Mapping[str, str]) -> list[Fault]:
    """Give places the level of their layer; tell the layers of which nothing says one."""
    layers, dumb = dict[str, None](), dict[str, str]()
    levels = {_plain(layer): level for layer, level in said.items()}
    for feature in features:
        properties = feature["properties"]
        layer = properties.pop("layer")
        layers[layer] = None
        if level := levels.get(_plain(layer)):
            if labels_of(properties, Naming()).level is None:
                properties["level"] = level
        elif level := level_of(layer):
            properties.setdefault("level", level)
        elif labels_of(properties, Naming()).level is None and not dumb.get(layer):
            dumb[layer] = _sample(properties)
    if wrong := [each for each in said if _plain(each) not in map(_plain, layers)]:
        raise _refused("layers.no_such", {"layer": wrong[0][:60], "layers": (*layers,)[:_SHOWN]})
    if len(layers) < 2 or not dumb:
        return []
    shown = tuple(f"{each} = {sample}" if sample else each for each, sample in dumb.items())
    facts: dict[str, Fact] = {"layers": (*dumb,)[:_SHOWN], "samples": shown[:_SHOWN]}
    return [Fault("geofile.layers", None, facts)]


def _plain(layer: str) -> str:
    """Return a layer's name as it is compared: what an archive's may have lost stands for none."""
    return re.sub(r"[^\w-]", "_", layer.strip())[:40].lower()


def _sample(properties: Mapping[str, Any]) -> str:
    """Return what one place of a layer is called, or else whatever is said of it."""
    said = [labels_of(properties, Naming()).name, *properties.values()]
    return next((str(each).strip()[:24] for each in said if each not in (None, "")), "")


def _asked(file: Path) -> Any:  # noqa: ANN401
    """Give the child's answer, or None when it took too long, too much memory, or died."""
    answer = confined.ask(_READER, str(file).encode(), seconds=_SECONDS)
    return None if answer is None else json.loads(answer)


def _facts(told: dict[str, Any]) -> dict[str, Fact]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in told.items()}


def _refused(code: str, facts: dict[str, Fact]) -> CoverageError:
    return CoverageError([Fault(code, None, facts)], 1)
