"""Reading one GeoPackage or zipped shapefile into GeoJSON, in a process that may be killed.

Asked through `geo.ground.confined` for a file by its path; the answer is JSON: `geojson` and
`converted`, or `fault` with `facts`. What strangers made is read by a C library here, so this
process holds nothing worth having and is limited in memory and time.
"""

import importlib
import importlib.util
import json
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.files.labels import level_of
from geo.ground import confined
from server.places.geofile import kml, words
from server.places.geofile.archive import MOST_LAYERS, unpacked
from server.places.geofile.coordinates import in_degrees, projected, said_beside
from server.places.geofile.refusing import NEEDS_PYOGRIO, Refused

_MEMORY: Final = 2 << 30
_MOST_VERTICES: Final = 1_000_000
_MOST_FEATURES: Final = 20_001  # one more than a boundary file may hold, so that it is refused
_POINTS: Final = (0, 4)  # as shapely counts kinds: points, lines, rings, polygons, several of each
_AREAS: Final = (3, 6)
_COLLECTION: Final = 7


@dataclass(slots=True)
class _Found:
    """What the layers of a file hold, and what was strange about them.

    `shared` are names that several of its files have.
    """

    features: list[Any] = field(default_factory=list)
    converted: bool = False
    n_points: int = 0
    shared: set[str] = field(default_factory=set)
    warnings: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def leave_points_out(self) -> None:
        """Leave out points beside areas, such as carry labels, and say so."""
        kinds = [(each["geometry"] or {}).get("type", "") for each in self.features]
        if not any(kind.endswith("Polygon") for kind in kinds):
            return
        kept = [
            each for each, kind in zip(self.features, kinds, strict=True) if "Point" not in kind
        ]
        self.n_points += len(self.features) - len(kept)
        self.features = kept
        if self.n_points:
            self.warnings.append(("geofile.points_left_out", {"n_points": self.n_points}))


def read(file: Path) -> dict[str, Any]:
    """Return what a file holds, or why it is not taken."""
    try:
        found = _of(file)
    except Refused as refused:
        return {"fault": refused.code, "facts": refused.facts}
    return {
        "geojson": {"type": "FeatureCollection", "features": found.features},
        "converted": found.converted,
        "warnings": found.warnings,
    }


def _of(file: Path) -> _Found:
    found = _Found()
    if file.suffix == ".json":
        found.features, found.converted = projected(file), True
        return found
    files, left_out = unpacked(file) if zipfile.is_zipfile(file) else ([file], [])
    stems = [each.stem for each in files]
    found.shared = {each for each in stems if stems.count(each) > 1}
    for each in files:
        _file(each, found)
    if left_out:
        found.warnings.append(("geofile.files_left_out", {"names": left_out[:5]}))
    found.leave_points_out()
    return found


def _file(file: Path, found: _Found) -> None:
    if file.suffix == ".shp":
        return _layer(file, file.stem, found)
    if file.suffix == ".kml":
        told = kml.in_utf8(file)
        found.warnings += [("geofile.encoding_taken", told)] if told else []
    # 68: the application id of the SQLite header.
    elif file.read_bytes()[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        raise Refused("geofile.unknown")
    for layer in _layers(file):
        _layer(file, layer, found)
    return None


def _library(name: str) -> Any:  # noqa: ANN401
    """Return a module of what reads layers, asked for only once there is something to read."""
    if importlib.util.find_spec("pyogrio") is None:
        raise Refused(NEEDS_PYOGRIO)
    return importlib.import_module(name)


def _layers(file: Path) -> list[str]:
    pyogrio = _library("pyogrio")
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(file) if kind]
    except Exception as error:
        raise Refused("geofile.broken") from error
    if len(layers) > MOST_LAYERS:
        raise Refused("geofile.too_many_layers", n_layers=len(layers), most=MOST_LAYERS)
    return layers


def _layer(file: Path, name: str, found: _Found) -> None:
    pyogrio = _library("pyogrio.raw")
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
        raise Refused("geofile.broken") from error
    fields = [str(each) for each in meta["fields"]]
    if table:
        fields, columns = _in_words(file, fields, columns, found)
    drawn = shapely.from_wkb(shapes)
    n_vertices = int(shapely.get_num_coordinates(drawn).sum())
    if n_vertices > _MOST_VERTICES:
        raise Refused("json.too_many_values", n_values=n_vertices, most=_MOST_VERTICES)
    crs = meta["crs"] or (said_beside(file) if table else None)
    geometries, converted = in_degrees(drawn, crs)
    # Outer rings run clockwise in a shapefile, the other way in GeoJSON.
    geometries = shapely.orient_polygons(_areas(geometries, found))
    if file.suffix == ".kml":
        kept = [n for n, each in enumerate(fields) if each not in kml.OWN]
        fields, columns = [fields[n] for n in kept], [columns[n] for n in kept]
    # A folder may say the level of its places, else the file's own name, else where it lies.
    own = f"{file.parent.name}/{name}" if file.stem in found.shared else name
    says = (kml.folder(name), file.stem, file.parent.name)
    said = next((each for each in says if level_of(each)), own)
    rows = _rows(said, fields, columns, len(geometries))
    found.features += [_feature(row, each) for row, each in zip(rows, geometries, strict=True)]
    found.converted = found.converted or converted


def _areas(shapes: NDArray[Any], found: _Found) -> NDArray[Any]:
    """Give the areas of collections that hold points beside them, such as carry labels."""
    made = shapes.copy()
    for number in np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION):
        parts = shapely.get_parts(shapes[number])
        kinds = shapely.get_type_id(parts)
        areas = parts[np.isin(kinds, _AREAS)]
        if len(areas) and np.isin(kinds, (*_AREAS, *_POINTS)).all():
            found.n_points += len(parts) - len(areas)
            whole = shapely.get_parts(areas)
            made[number] = whole[0] if len(whole) == 1 else shapely.multipolygons(whole)
    return made


def _in_words(
    file: Path, fields: Sequence[str], columns: Sequence[Any], found: _Found
) -> tuple[list[str], list[list[Any]]]:
    """Give headings and values in the encoding that their bytes are in."""
    raw = [[_bytes(value) for value in column] for column in columns]
    headings = [each.encode("latin-1") for each in fields]
    texts = [[each for each in column if isinstance(each, bytes)] for column in raw]
    said, codec = words.declared(file)
    try:
        written = words.written([*([each] for each in headings), *texts], said, codec)
    except words.UnknownEncoding as unknown:
        raise Refused("geofile.encoding", sample=unknown.sample) from unknown
    high = (each for group in (*texts, headings) for each in group if not each.isascii())
    told = written.told(next(high, b""))
    found.warnings += [("geofile.encoding_taken", told)] if told else []
    cut = [each for column in texts for each in column if written.is_cut(each)]
    if cut:
        sample = {"n_words": len(cut), "sample": written.read(cut[0])[:40]}
        found.warnings.append(("geofile.words_cut", sample))
    values = [
        [written.read(each) if isinstance(each, bytes) else each for each in column]
        for column in raw
    ]
    return _distinct([written.read(each) for each in headings]), values


def _distinct(headings: Sequence[str]) -> list[str]:
    """Number headings that stand more than once, since a table may have two of one name."""
    before = [headings[:n].count(each) for n, each in enumerate(headings)]
    return [f"{each}_{n}" if n else each for each, n in zip(headings, before, strict=True)]


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


def _main() -> None:
    # What is loaded here is not loaded for each file.
    for name in ("pyogrio.raw", "pyproj"):
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)

    def answer(question: bytes, data: bytes) -> bytes:
        return json.dumps(read(Path(question.decode())), ensure_ascii=True).encode()

    confined.serve(answer, memory=_MEMORY)


if __name__ == "__main__":
    _main()
