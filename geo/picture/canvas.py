"""Lon/lat geometry as paths of an SVG of limited size."""

import math
from dataclasses import dataclass
from html import escape

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.ground.datum import Box
from geo.ground.metric import scale_at

_LEAST_M = 1.0


@dataclass(frozen=True, slots=True)
class View:
    """A window of the map: west and north edge, pixels per degree, width and height in pixels."""

    west: float
    north: float
    x: float
    y: float
    width: float
    height: float

    @property
    def box(self) -> Box:
        """Give the west, south, east, north that the window shows."""
        south, east = self.north - self.height / self.y, self.west + self.width / self.x
        return self.west, south, east, self.north

    def pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give lon/lat pairs in pixels, to a tenth."""
        made = np.column_stack([(xy[:, 0] - self.west) * self.x, (self.north - xy[:, 1]) * self.y])
        return np.round(made, 1)

    def middle(self, shape: BaseGeometry) -> tuple[float, float]:
        """Give a point inside a shape in pixels."""
        inside = shapely.get_coordinates(shapely.point_on_surface(shape))
        x, y = self.pixels(inside)[0].tolist()
        return x, y

    def path(self, shape: BaseGeometry) -> str:
        """Give the path data of a geometry; what is finer than a tenth of a pixel is left out."""
        flat = shapely.get_parts(shapely.get_parts(shape))
        kinds = shapely.get_type_id(flat)
        areas = kinds == shapely.GeometryType.POLYGON
        rings = shapely.get_rings(flat[areas]).tolist()
        lines = flat[kinds == shapely.GeometryType.LINESTRING].tolist()
        drawn = [self._line(ring, "Z") for ring in rings] + [
            self._line(each, "") for each in lines
        ]
        return "".join(drawn)

    def _line(self, line: BaseGeometry, end: str) -> str:
        at = self.pixels(shapely.get_coordinates(line))
        kept = at[np.append(True, (at[1:] != at[:-1]).any(axis=1))]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept.tolist()) + end

    def scale_bar(self) -> str:
        """Give a bar of a round length for the lower left corner."""
        metres = scale_at(self.north).x / self.x  # a pixel's
        wanted = metres * self.width / 4
        power = 10.0 ** math.floor(math.log10(wanted))
        length = max(each * power for each in (1, 2, 5) if each * power <= wanted)
        label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
        x, y, across = 10, self.height - 10, length / metres
        return (
            f'<path d="M{x} {y - 5:g}v5h{across:.1f}v-5" fill="none" stroke="#222"/>'
            f'<text x="{x + 4}" y="{y - 5:g}" class="bar">{escape(label)}</text>'
        )


def view_of(box: Box, width: float, most_height: float, margin: float = 0.04) -> View:
    """Give a window on a box, true in angles, at most so wide and so high."""
    west, south, east, north = box
    scale = scale_at((south + north) / 2)
    across = max((east - west) * scale.x, _LEAST_M) * (1 + 2 * margin)
    up = max((north - south) * scale.y, _LEAST_M) * (1 + 2 * margin)
    per_metre = min(width / across, most_height / up)
    height = max(up * per_metre, min(most_height, width * 0.3))
    x, y = per_metre * scale.x, per_metre * scale.y
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return View(middle_x - width / 2 / x, middle_y + height / 2 / y, x, y, width, height)


def around(box: Box, times: float, least_m: float) -> Box:
    """Give a box about the middle of another, so many times as large, with sides of a least."""
    west, south, east, north = box
    scale = scale_at((south + north) / 2)
    x = max((east - west) * times, least_m / scale.x) / 2
    y = max((north - south) * times, least_m / scale.y) / 2
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return middle_x - x, middle_y - y, middle_x + x, middle_y + y
