"""Which place a point lies in: exact, the same for one point and for many.

Polygons are closed, and where several hold a point the lowest code wins; so a point on a common
line belongs to exactly one place, and PostGIS says the same with
`ST_Covers(...) ORDER BY code COLLATE "C" LIMIT 1`.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from geo.ground.errors import GeoError, IndexBuildError
from geo.ground.grid import grid_over
from geo.ground.metric import Scale, scale_at
from geo.index import archive
from geo.index.distances import distance_m
from geo.index.gaussian import sigma_m
from geo.index.polygon_store import Shelf, shelve
from geo.index.probabilities import Candidate, CandidateFinder, Where
from geo.index.raster import NONE, Raster, rasterise
from geo.index.records import answers, asker, states

_BATCH = 1 << 16


class PlaceIndex:
    """An immutable index over polygons, answering with positions in `codes`."""

    __slots__ = ("_ask", "_bounds", "_codes", "_fast", "_likely", "_raster", "_shelf")

    def __init__(
        self, codes: Sequence[str], raster: Raster, shelf: Shelf, bounds: NDArray[np.float64]
    ) -> None:
        self._codes = tuple(codes)
        self._raster = raster
        self._shelf = shelf
        self._bounds = bounds
        self._likely = CandidateFinder(self._codes, raster, shelf, bounds)
        grid = raster.grid
        self._fast = (
            *(grid.west, grid.per_lon, float(grid.nx)),
            *(grid.south, grid.per_lat, float(grid.ny)),
            grid.nx,
            raster.cells.data,
        )
        self._ask = asker(raster.records)

    @property
    def codes(self) -> tuple[str, ...]:
        """Give the codes, in the order in which the polygons were given."""
        return self._codes

    def __len__(self) -> int:
        return len(self._codes)

    def find(self, lon: float, lat: float) -> int | None:
        """Give the position in `codes` of the place that holds a point, or None.

        Degrees, WGS-84. What is not finite or out of range lies nowhere.
        """
        west, per_lon, across, south, per_lat, up, nx, cells = self._fast
        x = (lon - west) * per_lon
        y = (lat - south) * per_lat
        if not (0.0 <= x < across and 0.0 <= y < up):
            return None
        column, row = int(x), int(y)
        value = cells[row * nx + column]
        if value < NONE:
            known = self._ask(-2 - value, x - column, y - row)
            if known is None:
                return self._test(-2 - value, lon, lat)
            value = known
        return value if value >= 0 else None

    def _test(self, number: int, lon: float, lat: float) -> int | None:
        lists = self._raster.records.lists
        at = first = int(self._raster.records.offsets[number])
        while (place := int(lists[at := at + 1])) != NONE:
            if shapely.intersects_xy(self._shelf.ready(place), lon, lat):
                return place
        whole = int(lists[first])
        return None if whole == NONE else whole

    def find_many(self, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.int64]:
        """For each point what `find` answers, with -1 for none; arrays of one dimension."""
        x, y = np.asarray(lons, np.float64).ravel(), np.asarray(lats, np.float64).ravel()
        if len(x) != len(y):
            raise ValueError(f"{len(x)} longitudes for {len(y)} latitudes")
        found = np.full(len(x), NONE, np.int64)
        for start in range(0, len(x), _BATCH):
            part = slice(start, start + _BATCH)
            self._find_batch(x[part], y[part], found[part])
        return found

    def _find_batch(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], found: NDArray[np.int64]
    ) -> None:
        grid = self._raster.grid
        with np.errstate(over="ignore", invalid="ignore"):
            fx, fy = grid.locate(lon, lat)
            inside = (fx >= 0.0) & (fx < grid.nx) & (fy >= 0.0) & (fy < grid.ny)
        if inside.all():
            found[:] = self._find_inside(lon, lat, fx, fy)
        else:
            here = np.flatnonzero(inside)
            found[here] = self._find_inside(lon[here], lat[here], fx[here], fy[here])

    def _find_inside(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        fx: NDArray[np.float64],
        fy: NDArray[np.float64],
    ) -> NDArray[np.integer[Any]]:
        """Find points on the raster, at (fx, fy) in its cells."""
        column, row = fx.astype(np.int64), fy.astype(np.int64)
        found = np.asarray(self._raster.cells[row * self._raster.grid.nx + column])
        (near,) = (found < NONE).nonzero()
        if len(near) == 0:
            return found
        records = self._raster.records
        number = -2 - found[near].astype(np.int64)
        u = (fx - column)[near].astype(np.float32)
        v = (fy - row)[near].astype(np.float32)
        state, unsure = states(records, number, u, v)
        found[near] = answers(records, number, state)
        if len(unsure):
            at = near[unsure]
            found[at] = self._test_batch(lon[at], lat[at], number[unsure])
        return found

    def _test_batch(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], number: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Test points exactly, candidate by candidate, all at the same rank at once."""
        records = self._raster.records
        at = records.offsets[number].astype(np.int64)
        found = records.lists[at].astype(np.int64)
        todo = np.argsort(at)  # points with the same candidates side by side
        at = at[todo] + 1
        while len(todo):
            place = records.lists[at].astype(np.int64)
            more = place != NONE
            todo, at, place = todo[more], at[more], place[more]
            hit = shapely.intersects_xy(self._shelf.ready_for(place), lon[todo], lat[todo])
            found[todo[hit]] = place[hit]
            todo, at = todo[~hit], at[~hit] + 1
        return found

    def candidates(
        self, lon: float, lat: float, accuracy_m: float, *, confidence: float = 0.68
    ) -> list[Candidate]:
        """Give the places in which a point of that accuracy may really lie, likeliest first.

        `accuracy_m` is the radius that holds the true position with `confidence`: 0.68 on
        Android, 0.95 on the web; below a millimetre it is taken as exact. The error is taken as
        normal and equal in all directions; a probability is wrong by under 0.015. Places below
        0.002 are left out; what is missing to 1 lies in no place. Raises GeoError:
        accuracy.unusable.
        """
        if not (math.isfinite(accuracy_m) and accuracy_m >= 0 and 0 < confidence < 1):
            facts = {"accuracy_m": repr(accuracy_m), "confidence": repr(confidence)}
            raise GeoError("accuracy.unusable", facts)
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            return []
        sigma = sigma_m(accuracy_m, confidence)
        where = Where(lon, lat, scale_at(lat), sigma)
        return self._likely.candidates(self.find(lon, lat), where, self.find_many)

    def nearest(self, lon: float, lat: float, within_m: float) -> tuple[str, float] | None:
        """Give the code of the place nearest to a point and its distance in metres, or None.

        Zero for the place that holds the point. Distances by the ellipsoid's scale at the point,
        good to a millimetre at 100 m and to a metre at 5 km. Equal distances: the lowest code.
        """
        own = self.find(lon, lat)
        if own is not None:
            return self._codes[own], 0.0
        if not (abs(lon) <= 180 and abs(lat) <= 90 and within_m >= 0):
            return None
        scale = scale_at(lat)
        least = self._least_distances_m(lon, lat, scale)
        close = np.flatnonzero(least <= within_m)
        best = (math.inf, "")
        for place in close[np.argsort(least[close])].tolist():
            if least[place] > best[0]:
                break
            best = min(best, (distance_m(self._shelf, place, lon, lat, scale), self._codes[place]))
        distance, code = best
        return (code, distance) if distance <= within_m else None

    def _least_distances_m(self, lon: float, lat: float, scale: Scale) -> NDArray[np.float64]:
        """Give how near each place may be at most, by its bounding box."""
        west, south, east, north = self._bounds
        dx = np.maximum(np.maximum(west - lon, lon - east), 0.0) * scale.x
        dy = np.maximum(np.maximum(south - lat, lat - north), 0.0) * scale.y
        return np.asarray(np.hypot(dx, dy) * (1 - 1e-9), np.float64)

    def save(self, path: str | Path) -> None:
        """Write the index to a file, whole or not at all; `load` reads it."""
        archive.write(
            Path(path),
            archive.Parts(self._codes, self._raster, self._shelf, self._bounds),
        )


def build(
    geometries: Sequence[Polygon | MultiPolygon],
    codes: Sequence[str],
    *,
    cells: int | None = None,
) -> PlaceIndex:
    """Give an index over polygons in WGS-84 degrees, each with its code.

    They may overlap, leave gaps, have holes and parts, but each must be valid. `cells` is about
    how many raster cells to make (default: 64 a polygon, or 2 a vertex where that is more); it
    changes speed and memory, never an answer. Raises IndexBuildError.
    """
    shapes = np.empty(len(geometries), dtype=object)
    shapes[:] = list(geometries)
    _require_sound(shapes, codes)
    if shapely.has_z(shapes).any():
        shapes = shapely.force_2d(shapes)
    order = np.array(sorted(range(len(codes)), key=codes.__getitem__), np.int64)
    raster = rasterise(grid_over(shapes, cells), shapes, order)
    bounds = np.ascontiguousarray(shapely.bounds(shapes).T).reshape(4, len(shapes))
    return PlaceIndex(codes, raster, shelve(shapes), bounds)


def load(path: str | Path) -> PlaceIndex:
    """Give the index in a file, mapped into memory rather than read; raises IndexFileError."""
    parts = archive.read(Path(path))
    return PlaceIndex(parts.codes, parts.raster, parts.shelf, parts.bounds)


def _require_sound(shapes: NDArray[np.object_], codes: Sequence[str]) -> None:
    if len(shapes) != len(codes):
        facts = {"n_geometries": len(shapes), "n_codes": len(codes)}
        raise IndexBuildError("index.lengths_differ", facts)
    seen: set[str] = set()
    for place, (shape, code) in enumerate(zip(shapes, codes, strict=True)):
        if code in seen:
            raise IndexBuildError("index.code_twice", {"code": code, "position": place})
        seen.add(code)
        if not isinstance(shape, Polygon | MultiPolygon) or shape.is_empty:
            raise IndexBuildError("index.not_a_polygon", {"code": code, "position": place})
    _require_all(shapely.is_valid(shapes), codes, "index.invalid_polygon")
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    in_range = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    _require_all(in_range, codes, "index.out_of_range")


def _require_all(good: NDArray[np.bool_], codes: Sequence[str], problem: str) -> None:
    bad = np.flatnonzero(~np.asarray(good, np.bool_))
    if len(bad):
        place = int(bad[0])
        raise IndexBuildError(
            problem, {"code": codes[place], "position": place, "n_places": len(bad)}
        )
