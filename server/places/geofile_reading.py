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
from collections.abc import Callable, Iterator, Mapping, Sequence
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
_MOST_VERTICES: Final = 1_000_000
_MOST_FEATURES: Final = 20_001  # one more than a boundary file may hold, so that it is refused
_MOST_LAYERS: Final = 16
_SHAPE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_KINDS_IN_ZIPS: Final = (
    ("xl/workbook", "excel"),
    ("word/document", "word"),
    (".gdbtable", "filegdb"),
    (".dwg", "dwg"),
    (".dxf", "dxf"),
    (".geojson", "zipped_geojson"),
    (".json", "zipped_geojson"),
)
#: Entities and the like, which a reader would resolve.
_DECLARES: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
#: What every placemark has of KML itself; empty unless somebody used it.
_KML_OWN: Final = frozenset(
    (
        *("timestamp", "begin", "end", "altitudeMode", "tessellate"),
        *("extrude", "visibility", "drawOrder", "icon", "snippet"),
    )
)
_DEGREES: Final = frozenset({"EPSG:4326", "EPSG:4490", "OGC:CRS84"})
_KNOWN: Final = re.compile(r"wgs_?84|wgs_?1984|cgcs_?2000|china_geodetic_coordinate_system_2000")
#: How a coordinate system of the register is named, in GeoJSON as elsewhere.
EPSG: Final = re.compile(r"EPSG:(?:[0-9.]*:)?(\d{4,6})\b", re.IGNORECASE)
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
        found = _of(file)
    except _Refused as refused:
        return {"fault": refused.code, "facts": refused.facts}
    return {
        "geojson": {"type": "FeatureCollection", "features": found.features},
        "converted": found.converted,
        "warnings": found.warnings,
    }


def _of(file: Path) -> _Found:
    if file.suffix == ".kml":
        return _kml(file)
    if file.suffix == ".json":
        return _projected(file)
    return _zip(file) if zipfile.is_zipfile(file) else _geopackage(file)


def _zip(file: Path) -> _Found:
    """Read the shapefiles in an archive, else the one GeoPackage or KML; name what else it is."""
    members, kept = _members(file), file.parent
    if any(_is_part(each.filename) for each in members):
        return _shapefile(file, members)
    for suffix, reader in ((".kml", _kml), (".gpkg", _geopackage)):
        of = [each for each in members if each.filename.lower().endswith(suffix)]
        if of:
            with zipfile.ZipFile(file) as packed:
                _require_open(of[0])
                _unpack(packed, of[0], kept / f"unpacked{suffix}", _MOST_BYTES)
            return reader(kept / f"unpacked{suffix}")
    names = [each.filename for each in members if not each.is_dir()]
    for inside, kind in _KINDS_IN_ZIPS:
        if any(inside in each.lower() for each in names):
            raise _Refused("file.not_json", looks_like=kind)
    if not names:
        raise _Refused("file.not_json", looks_like="empty_zip")
    raise _Refused("geofile.no_shapefile", names=[Path(each).name[:40] for each in names[:5]])


def _members(file: Path) -> list[zipfile.ZipInfo]:
    """Give what an archive holds but what a Mac writes beside each file."""
    with zipfile.ZipFile(file) as packed:
        members = packed.infolist()
    if len(members) > _MOST_MEMBERS:
        raise _Refused("geofile.too_many_members", n_members=len(members), most=_MOST_MEMBERS)
    return [
        each
        for each in members
        if "__MACOSX" not in Path(each.filename).parts
        and not Path(each.filename).name.startswith("._")
    ]


def _require_open(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise _Refused("geofile.encrypted")


def _kml(file: Path) -> _Found:
    """Read the layers of a KML file, whose coordinates are WGS-84 by its standard."""
    if _DECLARES.search(file.read_bytes()):
        raise _Refused("geofile.declarations")
    return _layers(file)


def _geopackage(file: Path) -> _Found:
    # 68: the application id of the SQLite header.
    if file.read_bytes()[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        raise _Refused("geofile.unknown")
    return _layers(file)


def _layers(file: Path) -> _Found:
    pyogrio = importlib.import_module("pyogrio")
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


def _shapefile(file: Path, members: Sequence[zipfile.ZipInfo]) -> _Found:
    found = _Found()
    for shape in _unpacked(file, [each for each in members if _is_part(each.filename)]):
        _layer(shape, shape.stem, found)
    return found


def _unpacked(file: Path, parts: Sequence[zipfile.ZipInfo]) -> list[Path]:
    """Unpack the parts of shapefiles beside the file, within limits, under names of our own."""
    shapes = list[Path]()
    if sum(each.file_size for each in parts) > _MOST_BYTES:
        raise _Refused("geofile.unpacks_too_large", most=_MOST_BYTES)
    stems = sorted({Path(each.filename).with_suffix("").as_posix() for each in parts})
    left = _MOST_BYTES
    with zipfile.ZipFile(file) as packed:
        for each in parts:
            _require_open(each)
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
        raise _Refused("geofile.part_missing", missing_parts=[".shp"])
    if len(shapes) > _MOST_LAYERS:
        raise _Refused("geofile.too_many_layers", n_layers=len(shapes), most=_MOST_LAYERS)
    for shape in shapes:
        missing = [end for end in (".shx", ".dbf") if not shape.with_suffix(end).exists()]
        if missing:
            raise _Refused("geofile.part_missing", missing_parts=missing)
    return shapes


def _is_part(member: str) -> bool:
    return Path(member).suffix.lower() in _SHAPE_PARTS


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
    drawn = shapely.from_wkb(shapes)
    n_vertices = int(shapely.get_num_coordinates(drawn).sum())
    if n_vertices > _MOST_VERTICES:
        raise _Refused("json.too_many_values", n_values=n_vertices, most=_MOST_VERTICES)
    geometries, converted = _in_degrees(drawn, meta["crs"])
    # Outer rings run clockwise in a shapefile, the other way in GeoJSON.
    geometries = shapely.orient_polygons(geometries)
    if file.suffix == ".kml":
        kept = [n for n, each in enumerate(fields) if each not in _KML_OWN]
        fields, columns = [fields[n] for n in kept], [columns[n] for n in kept]
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


def _projected(file: Path) -> _Found:
    """Undo the projection that GeoJSON declares; what else is wrong in it is left to be judged."""
    told = json.loads(file.read_bytes())
    named = str(told["crs"].get("properties"))
    code = EPSG.search(named)
    if code is None:
        raise _Refused("crs.unsupported", crs=named[:60])
    undo = _undoing(f"EPSG:{code[1]}")
    for feature in told.get("features", []):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if isinstance(geometry, dict) and isinstance(geometry.get("coordinates"), list):
            geometry["coordinates"] = _undone(geometry["coordinates"], undo)
    rows = [each if isinstance(each, dict) else {} for each in told.get("features", [])]
    for row in rows:
        row["properties"] = {"layer": ""} | (row.get("properties") or {})
    return _Found(rows, converted=True)


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
    undo = _undoing(crs)
    return shapely.transform(shapes, lambda xy: np.column_stack(undo(xy[:, 0], xy[:, 1]))), True


def _undoing(crs: str) -> Callable[..., Any]:
    """Give what brings positions of a projection back to degrees on its own datum."""
    if importlib.util.find_spec("pyproj") is None:
        raise _Refused("crs.needs_pyproj", crs=_named(crs)[1])
    pyproj = importlib.import_module("pyproj")
    try:
        own = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise _Refused("crs.unsupported", crs=_named(crs)[1]) from error
    ground = own.geodetic_crs
    if ground is None or not _KNOWN.search(ground.name.lower().replace(" ", "_")):
        raise _Refused("crs.unsupported", crs=own.name)
    undo: Callable[..., Any] = pyproj.Transformer.from_crs(own, ground, always_xy=True).transform
    return undo


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
