"""A uniform raster over lon/lat: where its cells lie."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ground.metric import scale_at

Floats = NDArray[np.float64]

_FINEST = 1e-7  # degrees
_CELLS_PER_POLYGON = 64
_CELLS_PER_VERTEX = 2
_MOST_CELLS = 1 << 25
_MOST_CROSSINGS = 1 << 26


@dataclass(frozen=True, slots=True)
class Grid:
    """A uniform raster: south-west corner, cells per degree, cells across and up."""

    west: float
    south: float
    per_lon: float
    per_lat: float
    nx: int
    ny: int

    def locate(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Give positions in cells; the very same arithmetic as in the look-up of one point."""
        return (lon - self.west) * self.per_lon, (lat - self.south) * self.per_lat


def grid_over(shapes: NDArray[np.object_], cells: int | None) -> Grid:
    """Give a grid over all shapes with a margin of half a cell, cells about square in metres."""
    if len(shapes) == 0:
        return Grid(0.0, 0.0, 1.0, 1.0, 0, 0)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    if cells is None:
        n_vertices = int(shapely.get_num_coordinates(shapes).sum())
        cells = max(_CELLS_PER_POLYGON * len(shapes), _CELLS_PER_VERTEX * n_vertices)
    made = _grid(west, south, east, north, max(1, min(cells, _MOST_CELLS)))
    n_crossings = int(crossings_of(made, shapes).sum())
    if n_crossings <= _MOST_CROSSINGS:
        return made
    # Long thin places: memory goes with the cells that lines cross, which go with the root.
    cells = int(made.nx * made.ny * (_MOST_CROSSINGS / n_crossings) ** 2)
    return _grid(west, south, east, north, max(1, cells))


def crossings_of(grid: Grid, shapes: NDArray[np.object_]) -> Floats:
    """Give about how many cells the boundary of each shape crosses, at most."""
    # A line crosses a column or a row at each new cell, and may do so twice on a corner.
    return np.asarray(shapely.length(shapes) * (grid.per_lon + grid.per_lat), np.float64)


def _grid(west: float, south: float, east: float, north: float, cells: int) -> Grid:
    scale = scale_at((south + north) / 2)
    width, height = max(east - west, _FINEST), max(north - south, _FINEST)
    side = math.sqrt(width * scale.x * height * scale.y / cells)
    nx = _across(width, side / scale.x, cells)
    ny = _across(height, side / scale.y, cells)
    step_x, step_y = width / nx, height / ny
    return Grid(west - step_x / 2, south - step_y / 2, 1 / step_x, 1 / step_y, nx + 1, ny + 1)


def _across(extent: float, step: float, most: int) -> int:
    return max(1, min(round(extent / step), most, int(extent / _FINEST)))
