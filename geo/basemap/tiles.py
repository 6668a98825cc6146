"""Cutting what is drawn into the tiles of one zoom, and packing a tile."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import mapbox_vector_tile
import numpy as np
import shapely
from numpy.typing import NDArray
from pmtiles.tile import zxy_to_tileid

from geo.basemap.drawn import LAST_ZOOM, LAYERS, Drawn

EXTENT: Final = 4096
#: How far beyond a tile's edge lines and areas go on in it, so that no seam is seen.
_BEYOND: Final = 64
#: Units of a tile, sixteen of which are about a pixel, within which a bend is left out.
_STRAIGHT: Final = {LAST_ZOOM: 1.0}
_STRAIGHTER: Final = 6.0
#: Square units below which an area is not worth drawing.
_SMALL: Final = {LAST_ZOOM: 16.0}
_SMALLER: Final = 1_500.0
_OPTIONS: Final = {"y_coord_down": True, "extents": EXTENT}


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is drawn, shapes on the square of Mercator's world: 0 to 1, south downwards."""

    things: Sequence[Drawn]
    shapes: NDArray[Any]


def mercator(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give positions on Mercator's square of longitudes and latitudes."""
    phi = np.radians(np.clip(lonlat[:, 1], -85.0, 85.0))
    east = (lonlat[:, 0] + 180.0) / 360.0
    south = 0.5 - np.log(np.tan(np.pi / 4 + phi / 2)) / (2 * np.pi)
    return np.column_stack([east, south])


def tiles_of(sheet: Sheet, zoom: int) -> Iterator[tuple[int, bytes]]:
    """Give the number and the packed content of each tile of a zoom, in order of the numbers."""
    chosen = np.array([each.first_zoom <= zoom for each in sheet.things], bool)
    numbers = np.flatnonzero(chosen)
    scale = float(EXTENT << zoom)
    shapes = shapely.transform(sheet.shapes[numbers], lambda xy: xy * scale)
    shapes = shapely.simplify(shapes, _STRAIGHT.get(zoom, _STRAIGHTER))
    flat = shapely.get_dimensions(shapes) == 2
    seen = ~shapely.is_empty(shapes)
    seen &= ~flat | (shapely.area(shapes) >= _SMALL.get(zoom, _SMALLER))
    numbers, shapes = numbers[seen], shapes[seen]
    for tile, members in sorted(_members(shapes, zoom).items()):
        _, x, y = tile
        packed = _packed(sheet, numbers[members], shapes[members], (x, y))
        if packed:
            yield tile[0], packed


def _members(shapes: NDArray[Any], zoom: int) -> dict[tuple[int, int, int], list[int]]:
    """Give which shapes touch each tile, by the tile's number and place."""
    reach = np.where(shapely.get_dimensions(shapes) == 0, 0, _BEYOND)[:, None]
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    first = np.floor((bounds[:, :2] - reach) / EXTENT).astype(int)
    last = np.floor((bounds[:, 2:] + reach) / EXTENT).astype(int)
    found: dict[tuple[int, int], list[int]] = {}
    for number, ((x0, y0), (x1, y1)) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                found.setdefault((x, y), []).append(number)
    most = 1 << zoom
    return {
        (zxy_to_tileid(zoom, x, y), x, y): members
        for (x, y), members in found.items()
        if 0 <= x < most and 0 <= y < most
    }


def _packed(
    sheet: Sheet, numbers: NDArray[Any], shapes: NDArray[Any], at: tuple[int, int]
) -> bytes:
    """Give a tile as it is kept in the file, nothing for one that shows nothing."""
    west, north = at[0] * EXTENT, at[1] * EXTENT
    dimensions = shapely.get_dimensions(shapes)
    box = (west - _BEYOND, north - _BEYOND, west + EXTENT + _BEYOND, north + EXTENT + _BEYOND)
    cut = np.where(dimensions == 0, shapes, shapely.clip_by_rect(shapes, *box))
    cut = shapely.transform(cut, lambda xy: np.round(xy - (west, north)))
    layers: dict[str, list[dict[str, Any]]] = {name: [] for name in LAYERS}
    for number, shape, wanted in zip(numbers, cut, dimensions, strict=True):
        thing = sheet.things[number]
        if shape.is_empty or shapely.get_dimensions(shape) != wanted or not _flat(shape):
            continue
        layers[thing.layer].append({"geometry": shape, "properties": _properties(thing)})
    told = [{"name": name, "features": held} for name, held in layers.items() if held]
    if not told:
        return b""
    encoded = mapbox_vector_tile.encode(told, default_options=_OPTIONS)
    return gzip.compress(encoded, mtime=0)


def _flat(shape: Any) -> bool:  # noqa: ANN401
    """Tell whether a shape is of one kind and did not shrink to nothing on the tile's lattice."""
    if shape.geom_type == "GeometryCollection":
        return False
    return shape.geom_type == "Point" or bool(shape.length > 0)


def _properties(thing: Drawn) -> dict[str, str]:
    told = {"kind": thing.kind, "name": thing.name, "short": thing.short}
    return {key: value for key, value in told.items() if value}
