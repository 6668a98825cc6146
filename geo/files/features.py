"""Boundaries as they come out of a file: what a feature is, and what its properties mean."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shapely.geometry import MultiPolygon, Polygon

from geo.files.strictjson import Json
from geo.ground.faults import Fact, Fault

LEVELS = ("county", "township", "village", "grid")

_CODE = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
_LONGEST_NAME = 200


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


@dataclass(frozen=True, slots=True)
class Aliases:
    """How files name the properties and the levels, all in lower case."""

    properties: Mapping[str, Sequence[str]]
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """What the properties of a feature say about it, and what is wrong with them."""

    code: str | None
    name: str | None
    level: str | None
    parent: str | None
    faults: tuple[tuple[str, Mapping[str, Fact]], ...]
    warnings: tuple[tuple[str, Mapping[str, Fact]], ...]


def read_aliases() -> Aliases:
    """Read the table of names from the data file beside this module."""
    table = tomllib.loads(Path(__file__).with_name("aliases.toml").read_text("utf-8"))
    levels = {word: level for level, words in table["levels"].items() for word in words}
    return Aliases(table["properties"], levels)


def labels_of(properties: Mapping[str, Json], aliases: Aliases) -> Labels:
    """Tell code, name, level and parent from a feature's properties."""
    lower = {key.strip().lower(): value for key, value in properties.items()}
    faults: list[tuple[str, Mapping[str, Fact]]] = []
    warnings: list[tuple[str, Mapping[str, Fact]]] = []
    code = _code(_first(lower, aliases.properties["code"]), "code", faults)
    parent = _code(_parent(lower, aliases), "parent", faults)
    name = _first(lower, aliases.properties["name"])
    if name is not None and not isinstance(name, str):
        faults.append(("name.not_text", {}))
    elif name is not None and len(name) > _LONGEST_NAME:
        faults.append(("name.too_long", {"n_characters": len(name), "most": _LONGEST_NAME}))
    said = _first(lower, aliases.properties["level"])
    level = aliases.levels.get(said.strip().lower()) if isinstance(said, str) else None
    if said is not None and level is None:
        warnings.append(("level.unknown", {"level": str(said)[:60]}))
    text = name if isinstance(name, str) else None
    return Labels(code, text, level, parent, tuple(faults), tuple(warnings))


def _first(properties: Mapping[str, Json], names: Sequence[str]) -> Json:
    """Give the first value that is there and not empty."""
    for name in names:
        value = properties.get(name)
        if value is not None and value != "":
            return value
    return None


def _parent(properties: Mapping[str, Json], aliases: Aliases) -> Json:
    value = _first(properties, aliases.properties["parent"])
    if isinstance(value, dict):  # as in {"parent": {"adcode": 330500}}
        lower = {key.lower(): each for key, each in value.items()}
        return _first(lower, aliases.properties["code"])
    return value


def _code(value: Json, what: str, faults: list[tuple[str, Mapping[str, Fact]]]) -> str | None:
    if value is None:
        return None
    if type(value) is int and 0 <= value < 10**20:
        return str(value)
    if not isinstance(value, str):
        faults.append((f"{what}.not_text", {}))
        return None
    text = value.strip()
    if not _CODE.fullmatch(text):
        faults.append((f"{what}.unusable", {"text": text[:60]}))
        return None
    return text
