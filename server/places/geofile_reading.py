"""Reading one GeoPackage or zipped shapefile into GeoJSON, in a process that may be killed.

Run as `python -m server.places.geofile_reading FILE SECONDS`; writes JSON to its output:
`geojson` and `converted`, or `fault` with `facts`. What strangers made is read by a C library
here, so this process holds nothing worth having and is limited in memory and time.
"""

import importlib
import importlib.util
import json
import math
import re
import resource
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from server.places import geofile_words
from server.places.geofile_words import UnknownEncoding

_MEMORY: Final = 2 << 30
_MOST_MEMBERS: Final = 64
_MOST_BYTES: Final = 100_000_000
_MOST_FEATURES: Final = 20_001  # one more than a boundary file may hold, so that it is refused
_MOST_LAYERS: Final = 16
_SHAPE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_DEGREES: Final = frozenset({"EPSG:4326", "EPSG:4490", "OGC:CRS84"})
_KNOWN: Final = re.compile(r"wgs_?84|wgs_?1984|cgcs_?2000|china_geodetic_coordinate_system_2000")
_NAME: Final = re.compile(r'^(GEOG|PROJ|GEOD)(?:CS|CRS)\["([^"]+)"')


class _Refused(Exception):
    """The file is not taken: a stable code and named facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(slots=True)
class _Found:
    """What the layers of a file hold, and what was strange about them."""

    features: list[Any] = field(default_factory=list)
    converted: bool = False
    warnings: list[tuple[str, dict[str, object]]] = field(default_factory=list)


def read(file: Path) -> dict[str, Any]:
    """Return what a file holds, or why it is not taken."""
    try:
        found = _shapefile(file) if zipfile.is_zipfile(file) else _geopackage(file)
    except _Refused as refused:
        return {"fault": refused.code, "facts": refused.facts}
    return {
        "geojson": {"type": "FeatureCollection", "features": found.features},
        "converted": found.converted,
        "warnings": found.warnings,
    }


def _geopackage(file: Path) -> _Found:
    pyogrio = importlib.import_module("pyogrio")
    # 68: the application id of the SQLite header.
    if file.read_bytes()[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        raise _Refused("geofile.unknown")
    try:
        layers = [(str(name), kind) for name, kind in pyogrio.list_layers(file) if kind]
    except Exception as error:
        raise _Refused("geofile.broken") from error
    if len(layers) > _MOST_LAYERS:
        raise _Refused("geofile.too_many_layers", n_layers=len(layers), most=_MOST_LAYERS)
    found = _Found()
    for name, _ in layers:
        _layer(file, name, found)
    return found


def _shapefile(file: Path) -> _Found:
    found = _Found()
    for shape in _unpacked(file):
        _layer(shape, shape.stem, found)
    return found


def _unpacked(file: Path) -> list[Path]:
    """Unpack the parts of shapefiles beside the file, within limits, under names of our own."""
    shapes = list[Path]()
    with zipfile.ZipFile(file) as packed:
        members = packed.infolist()
        if len(members) > _MOST_MEMBERS:
            raise _Refused("geofile.too_many_members", n_members=len(members), most=_MOST_MEMBERS)
        parts = [each for each in members if _is_part(each.filename)]
        if sum(each.file_size for each in parts) > _MOST_BYTES:
            raise _Refused("geofile.unpacks_too_large", most=_MOST_BYTES)
        stems = sorted({Path(each.filename).with_suffix("").as_posix() for each in parts})
        left = _MOST_BYTES
        for each in parts:
            if each.flag_bits & 1:
                raise _Refused("geofile.encrypted")
            written = Path(each.filename)
            number = stems.index(written.with_suffix("").as_posix())
            # The layer's name may say the level of its places, so it is kept where it is harmless.
            stem = re.sub(r"[^\w-]", "_", written.stem)[:40]
            target = file.parent / str(number) / f"{stem}{written.suffix.lower()}"
            target.parent.mkdir(exist_ok=True)
            left -= _unpack(packed, each, target, left)
            if target.suffix == ".shp":
                shapes.append(target)
    if not shapes:
        raise _Refused("geofile.no_shapefile")
    if len(shapes) > _MOST_LAYERS:
        raise _Refused("geofile.too_many_layers", n_layers=len(shapes), most=_MOST_LAYERS)
    return shapes


def _is_part(member: str) -> bool:
    """Tell a part of a shapefile; what a Mac writes beside each file is none."""
    written = Path(member)
    beside = "__MACOSX" in written.parts or written.name.startswith("._")
    return written.suffix.lower() in _SHAPE_PARTS and not beside


def _unpack(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    try:
        with packed.open(member) as source:
            data = source.read(most + 1)  # what a member says of its size need not be true
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise _Refused("geofile.broken") from error
    if len(data) > most:
        raise _Refused("geofile.unpacks_too_large", most=_MOST_BYTES)
    target.write_bytes(data)
    return len(data)


def _layer(file: Path, name: str, found: _Found) -> None:
    pyogrio = importlib.import_module("pyogrio.raw")
    table = file.suffix == ".shp"
    try:
        meta, _, shapes, columns = pyogrio.read(
            file,
            layer=name,
            encoding="ISO-8859-1" if table else None,  # keeps every byte, whatever it means
            max_features=_MOST_FEATURES,
            datetime_as_string=True,
        )
    except Exception as error:
        raise _Refused("geofile.broken") from error
    fields = [str(each) for each in meta["fields"]]
    if table:
        fields, columns = _in_words(file, fields, columns, found)
    geometries, converted = _in_degrees(shapely.from_wkb(shapes), meta["crs"])
    # Outer rings run clockwise in a shapefile, the other way in GeoJSON.
    geometries = shapely.orient_polygons(geometries)
    rows = _rows(name, fields, columns, len(geometries))
    found.features += [_feature(row, each) for row, each in zip(rows, geometries, strict=True)]
    found.converted = found.converted or converted


def _in_words(
    file: Path, fields: Sequence[str], columns: Sequence[Any], found: _Found
) -> tuple[list[str], list[list[Any]]]:
    """Give headings and values in the encoding that their bytes are in."""
    raw = [[_bytes(value) for value in column] for column in columns]
    headings = [each.encode("latin-1") for each in fields]
    words = [[each for each in column if isinstance(each, bytes)] for column in raw]
    said, codec = geofile_words.declared(file)
    try:
        written = geofile_words.written([*([each] for each in headings), *words], said, codec)
    except UnknownEncoding as unknown:
        raise _Refused("geofile.encoding", sample=unknown.sample) from unknown
    if written.contradicts is not None:
        high = next(each for group in (*words, headings) for each in group if not each.isascii())
        facts: dict[str, object] = {
            "declared": written.contradicts[:20],
            "taken": written.encoding.upper(),
            "sample": written.read(high)[:40],
        }
        found.warnings.append(("geofile.encoding_taken", facts))
    values = [
        [written.read(each) if isinstance(each, bytes) else each for each in column]
        for column in raw
    ]
    return [written.read(each) for each in headings], values


def _bytes(value: Any) -> Any:  # noqa: ANN401
    return value.encode("latin-1") if isinstance(value, str) else value


def _rows(
    layer: str, fields: Sequence[str], columns: Sequence[Any], n_rows: int
) -> Iterator[dict[str, Any]]:
    for number in range(n_rows):
        row = {
            str(field): _plain(column[number])
            for field, column in zip(fields, columns, strict=True)
        }
        yield {"layer": layer} | row


def _plain(value: Any) -> str | int | float | bool | None:  # noqa: ANN401
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value == int(value) else value  # codes come as 330522001.0
    return value if isinstance(value, str | int | bool) else None


def _feature(properties: Mapping[str, Any], shape: Any) -> dict[str, Any]:  # noqa: ANN401
    geometry = None if shape is None else shapely.geometry.mapping(shape)
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _in_degrees(shapes: NDArray[Any], crs: str | None) -> tuple[NDArray[Any], bool]:
    """Return shapes in degrees, and whether they had to be converted.

    No datum is changed: only one that equals WGS-84 is taken, and projections of it undone. A
    file that names none is taken as it is; its range of values is judged like any other.
    """
    if crs is None or crs in _DEGREES:
        return shapes, False
    kind, name = _named(crs)
    if kind == "GEOG" and _KNOWN.search(name.lower().replace(" ", "_")):
        return shapes, False
    if importlib.util.find_spec("pyproj") is None:
        raise _Refused("crs.needs_pyproj", crs=name)
    pyproj = importlib.import_module("pyproj")
    own = pyproj.CRS.from_user_input(crs)
    ground = own.geodetic_crs
    if ground is None or not _KNOWN.search(ground.name.lower().replace(" ", "_")):
        raise _Refused("crs.unsupported", crs=own.name)
    undo = pyproj.Transformer.from_crs(own, ground, always_xy=True)
    return shapely.transform(
        shapes, lambda xy: np.column_stack(undo.transform(xy[:, 0], xy[:, 1]))
    ), True


def _named(crs: str) -> tuple[str, str]:
    found = _NAME.match(crs.strip())
    return (found[1], found[2]) if found else ("", crs[:60])


def _main() -> None:
    file, seconds = Path(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(read(file), sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    _main()
