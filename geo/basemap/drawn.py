"""What a base map is made of: its layers, their kinds, and from which zoom each is in the file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

#: The zooms that are in the file; the page draws the last one larger.
FIRST_ZOOM: Final = 8
LAST_ZOOM: Final = 14

#: Of what each layer is made, by the number of dimensions; lines of water are brooks and rivers.
LAYERS: Final = {
    "areas": (2,),
    "water": (1, 2),
    "roads": (1,),
    "buildings": (2,),
    "places": (0,),
}
#: From which zoom on a kind of a layer is in the file.
_FROM: Final = {
    ("areas", "estate"): 12,
    ("areas", "green"): 11,
    ("water", "water"): 8,
    ("water", "river"): 9,
    ("water", "stream"): 13,
    ("roads", "main"): 8,
    ("roads", "street"): 12,
    ("roads", "path"): 14,
    ("buildings", "building"): 14,
    ("places", "settlement"): 12,
    ("places", "estate"): 13,
    ("places", "point"): 14,
    ("places", "number"): 14,
}
#: What a layer's things are that say nothing of themselves.
PLAIN: Final = {
    "areas": "estate",
    "water": "water",
    "roads": "street",
    "buildings": "building",
    "places": "point",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing of the map, in WGS-84 degrees; the map writes `short` where there is one."""

    layer: str
    kind: str
    geometry: BaseGeometry
    name: str = ""
    short: str = ""

    @property
    def first_zoom(self) -> int:
        """The lowest zoom at which it is in the file."""
        return _FROM[self.layer, self.kind]


def kinds_of(layer: str) -> tuple[str, ...]:
    """Give the kinds that a layer knows."""
    return tuple(kind for of, kind in _FROM if of == layer)


def middle_of(shape: BaseGeometry) -> BaseGeometry:
    """Give where the name of a thing is written: its point, or one within it."""
    return shape if shapely.get_dimensions(shape) == 0 else shape.point_on_surface()


@cache
def words() -> dict[str, Any]:
    """Give how surveys call layers, columns and kinds, and how a house number is written."""
    source = resources.files("geo.basemap").joinpath("words.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def numbered(street: str, number: str) -> tuple[str, str]:
    """Give a house number with its street and without, as people of the county write them."""
    short = number.strip()
    if short[-1:].isdigit():
        short += str(words()["number_suffix"])
    return street.strip() + short, short
