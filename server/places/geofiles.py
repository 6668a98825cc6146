"""GeoPackages, zipped shapefiles and KML as GeoJSON, where what reads them is installed."""

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from geo.files.coverage import Limits
from geo.files.kinds import kind_of
from geo.files.labels import Naming, labels_of, level_of
from geo.ground.errors import CoverageError
from geo.ground.faults import Fact, Fault
from server.errors import PlacesNeedPyogrio
from server.places.geofile.coordinates import EPSG
from server.places.geofile.refusing import NEEDS_PYOGRIO

_SECONDS: Final = 30
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


def to_geojson(data: bytes, datum: str) -> tuple[bytes, tuple[Fault, ...]]:
    """Return what a GeoPackage, zipped shapefile or KML holds as GeoJSON, with warnings.

    Also what GeoJSON in a projection holds.

    A layer named like a level gives that level to features that name none. The coordinate system
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
    warnings += _levelled(answer["geojson"]["features"])
    return json.dumps(answer["geojson"], ensure_ascii=False).encode(), tuple(warnings)


def _levelled(features: Sequence[Any]) -> list[Fault]:
    """Give places the level that their layer is named by; tell the layers whose name is none."""
    layers, dumb = set[str](), dict[str, None]()
    for feature in features:
        layer = feature["properties"].pop("layer")
        level = level_of(layer)
        layers.add(layer)
        if level is not None:
            feature["properties"].setdefault("level", level)
        elif labels_of(feature["properties"], Naming()).level is None:
            dumb[layer] = None
    return (
        [Fault("geofile.layers", None, {"layers": (*dumb,)[:5]})]
        if len(layers) > 1 and dumb
        else []
    )


def _asked(file: Path) -> Any:  # noqa: ANN401
    """Give the child's answer, or None when it took too long, too much memory, or died."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "server.places.geofile.reading", str(file), str(_SECONDS)],
            env={"PYTHONPATH": ":".join(each for each in sys.path if each) or "."},
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return json.loads(done.stdout)


def _facts(told: dict[str, Any]) -> dict[str, Fact]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in told.items()}


def _refused(code: str, facts: dict[str, Fact]) -> CoverageError:
    return CoverageError([Fault(code, None, facts)], 1)
