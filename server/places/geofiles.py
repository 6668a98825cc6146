"""GeoPackages and zipped shapefiles as GeoJSON, where what reads them is installed."""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from geo.files.coverage import Limits
from geo.files.labels import level_of
from geo.ground.errors import CoverageError
from geo.ground.faults import Fact, Fault
from server.errors import PlacesNeedPyogrio

_SECONDS: Final = 30
_MAGIC: Final = (b"PK\x03\x04", b"SQLite format 3\x00")


def is_geofile(data: bytes) -> bool:
    """Tell whether data begins like a zip archive or a GeoPackage."""
    return data.startswith(_MAGIC)


def to_geojson(data: bytes, datum: str) -> tuple[bytes, tuple[Fault, ...]]:
    """Return what a GeoPackage or zipped shapefile holds as GeoJSON in degrees, with warnings.

    A layer named like a level gives that level to features that name none. The coordinate system
    is the file's own; `datum` is what the person says, and must agree where it was projected.
    Raises PlacesNeedPyogrio, or CoverageError with one fault.
    """
    most = Limits().max_bytes
    if len(data) > most:
        raise _refused("file.too_large", {"n_bytes": len(data), "most": most})
    if importlib.util.find_spec("pyogrio") is None:
        raise PlacesNeedPyogrio()
    with tempfile.TemporaryDirectory(prefix="places-") as folder:
        file = Path(folder) / "file.gpkg"
        file.write_bytes(data)
        answer = _asked(file)
    if answer is None:
        raise _refused("geofile.takes_too_long", {"seconds": _SECONDS})
    if "fault" in answer:
        raise _refused(answer["fault"], answer["facts"])
    if answer["converted"] and datum not in ("wgs84", "cgcs2000"):
        raise _refused("crs.contradicts_datum", {"datum": datum})
    for feature in answer["geojson"]["features"]:
        level = level_of(feature["properties"].pop("layer"))
        if level is not None:
            feature["properties"].setdefault("level", level)
    warnings = tuple(Fault(code, None, facts) for code, facts in answer["warnings"])
    return json.dumps(answer["geojson"], ensure_ascii=False).encode(), warnings


def _asked(file: Path) -> Any:  # noqa: ANN401
    """Give the child's answer, or None when it took too long, too much memory, or died."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "server.places.geofile_reading", str(file), str(_SECONDS)],
            env={"PYTHONPATH": ":".join(each for each in sys.path if each) or "."},
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return json.loads(done.stdout)


def _refused(code: str, facts: dict[str, Fact]) -> CoverageError:
    return CoverageError([Fault(code, None, facts)], 1)
