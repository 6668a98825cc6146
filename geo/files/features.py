"""Boundaries as they come out of a file: what a feature is."""

from collections.abc import Mapping
from dataclasses import dataclass

from shapely.geometry import MultiPolygon, Polygon

from geo.files.strictjson import Json
from geo.ground.faults import Fault

LEVELS = ("county", "township", "village", "grid")


@dataclass(frozen=True, slots=True)
class Feature:
    """One boundary: its number in the file from 0, what it is called, and its polygon.

    `level` is one of LEVELS or None; `parent` is the code of the place that holds it.
    """

    index: int
    code: str | None
    name: str | None
    level: str | None
    parent: str | None
    properties: Mapping[str, Json]
    geometry: Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Collection:
    """A boundary file that was taken: features, its declared CRS, and what was strange."""

    features: tuple[Feature, ...]
    crs: str | None
    warnings: tuple[Fault, ...]
