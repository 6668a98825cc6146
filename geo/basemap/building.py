"""Building the county's base map: what lies in the county, cut into tiles, in one file."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pmtiles.tile import Compression, TileType
from pmtiles.writer import Writer
from shapely.geometry.base import BaseGeometry

from geo.basemap import osm, survey
from geo.basemap.drawn import FIRST_ZOOM, LAST_ZOOM, LAYERS, Drawn, kinds_of
from geo.basemap.tiles import Sheet, mercator, tiles_of
from geo.ground.errors import GeoError

#: More is no county; each takes about a kilobyte of memory.
_MOST: Final = 2_000_000
_AT_ONCE: Final = 5_000

#: Hears what is being done, `reading` or `writing`, and how far it has come.
Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What a finished base map holds: things by layer, tiles, bytes."""

    counts: dict[str, int]
    n_tiles: int
    n_bytes: int


def build(
    source: Path,
    target: Path,
    outline: BaseGeometry,
    *,
    attribution: str | None = None,
    tell: Tell = lambda _stage, _n: None,
) -> Built:
    """Write the base map of an extract, or of a folder of the county's survey, to a file.

    Only what lies within `outline` (WGS-84) gets in; the same input gives the same bytes. A file
    that is there is replaced at the end, at once. Raises GeoError, codes `basemap.*`.
    """
    with tempfile.TemporaryDirectory(prefix="basemap-") as scratch:
        if source.is_dir():
            things = survey.read(source, lambda n: tell("reading", n))
            named = attribution or ""
        elif osm.is_osm(source):
            west, south, east, north = outline.bounds
            box = (float(west), float(south), float(east), float(north))
            things = osm.read(source, box, Path(scratch), lambda n: tell("reading", n))
            named = osm.ATTRIBUTION if attribution is None else attribution
        else:
            raise GeoError("basemap.unknown_source", {"file": source.name})
        return write(things, target, outline, attribution=named, tell=tell)


def write(
    things: Iterable[Drawn],
    target: Path,
    outline: BaseGeometry,
    *,
    attribution: str = "",
    tell: Tell = lambda _stage, _n: None,
) -> Built:
    """Write the base map of things; raises GeoError: basemap.empty, .outside, .too_much."""
    sheet = _within(things, outline)
    counts = {layer: sum(each.layer == layer for each in sheet.things) for layer in LAYERS}
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            n_tiles = _write(sheet, file, outline, attribution, tell)
        n_bytes = Path(part).stat().st_size
        Path(part).chmod(0o644)
        Path(part).replace(target)
    finally:
        Path(part).unlink(missing_ok=True)
    return Built(counts, n_tiles, n_bytes)


def _within(things: Iterable[Drawn], outline: BaseGeometry) -> Sheet:
    """Keep what lies in the outline, cut at its border."""
    shapely.prepare(outline)
    kept: list[Drawn] = []
    shapes: list[NDArray[Any]] = []
    n_read, each = 0, iter(things)
    while chunk := list(islice(each, _AT_ONCE)):
        n_read += len(chunk)
        if len(kept) > _MOST:
            raise GeoError("basemap.too_much", {"most": _MOST})
        for thing, shape in _cut(chunk, outline):
            kept.append(thing)
            shapes.append(shape)
    if not kept:
        raise GeoError("basemap.outside" if n_read else "basemap.empty", {"n": n_read})
    return Sheet(kept, shapely.transform(np.array(shapes, object), mercator))


def _cut(chunk: list[Drawn], outline: BaseGeometry) -> Iterator[tuple[Drawn, Any]]:
    drawn = np.array([each.geometry for each in chunk], object)
    drawn = np.where(shapely.is_valid(drawn), drawn, shapely.make_valid(drawn))
    inside = shapely.contains_properly(outline, drawn)
    across = shapely.intersects(outline, drawn) & ~inside
    plain = inside & (shapely.get_num_geometries(drawn) == 1)
    for number in np.flatnonzero(inside | across):
        thing, shape = chunk[number], drawn[number]
        if plain[number]:
            yield thing, shape
            continue
        if across[number]:
            shape = shapely.intersection(shape, outline)
        for part in _parts(shape, int(shapely.get_dimensions(thing.geometry))):
            yield thing, part


def _parts(shape: BaseGeometry, dimensions: int) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "GeometryCollection":
            yield from _parts(part, dimensions)
        elif not part.is_empty and shapely.get_dimensions(part) == dimensions:
            yield part


def _write(
    sheet: Sheet,
    file: BinaryIO,
    outline: BaseGeometry,
    attribution: str,
    tell: Tell,
) -> int:
    writer, n_tiles = Writer(file), 0
    with closing(writer.tile_f):  # which the writer itself closes only at a good end
        for zoom in range(FIRST_ZOOM, LAST_ZOOM + 1):
            tell("writing", zoom)
            for number, packed in tiles_of(sheet, zoom):
                writer.write_tile(number, packed)
                n_tiles += 1
        if not n_tiles:
            raise GeoError("basemap.empty")
        layers = [
            {"id": layer, "fields": {"kind": "String", "name": "String", "short": "String"}}
            | {"description": ", ".join(kinds_of(layer))}
            for layer in LAYERS
        ]
        about = {"attribution": attribution, "vector_layers": layers}
        writer.finalize(_header(outline), about)
    return n_tiles


def _header(outline: BaseGeometry) -> dict[str, Any]:
    west, south, east, north = (round(each * 1e7) for each in outline.bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": 12,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
