"""What became of every place between two generations: pure, for a thread of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.ground.metric import area_m2
from server.places.boundaries import LEVELS, Level

Kind = Literal["added", "removed", "moved", "renamed", "reparented", "same"]
KINDS: Final[tuple[Kind, ...]] = ("added", "removed", "moved", "renamed", "reparented", "same")
#: Less than this is another way to write the same line (a vertex more on a straight edge).
_SEEN_M2: Final = 0.01
_EMPTY: Final = shapely.Polygon()
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Shaped:
    """A place of a generation with its shape as WKB."""

    level: Level
    code: str
    name: str
    parent: str
    wkb: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChange:
    """What became of one place; a name or parent that it has not is ''.

    `won_m2` and `lost_m2` together are the symmetric difference. `n_open` counts the points in
    the place as it was or is, `n_moved` those in what was won or lost.
    """

    level: Level
    code: str
    kinds: tuple[Kind, ...]
    old_name: str
    name: str
    old_parent: str
    parent: str
    won_m2: float
    lost_m2: float
    n_open: int
    n_moved: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Every place that changed, by level and code, and how many there are of each kind."""

    places: tuple[PlaceChange, ...]
    counts: Mapping[Level, Mapping[Kind, int]]


@dataclass(frozen=True, slots=True)
class _Pair:
    level: Level
    code: str
    old: Shaped | None
    new: Shaped | None


def compare(
    old: Sequence[Shaped], new: Sequence[Shaped], points: Sequence[tuple[float, float]]
) -> Changes:
    """Tell what changed from one set of places to another; `points` are (lon, lat) in WGS-84.

    A code that changed its level counts as removed and added.
    """
    pairs = _pairs(old, new)
    redrawn = [p for p in pairs if not (p.old and p.new and p.old.wkb == p.new.wkb)]
    before = _shapes([pair.old for pair in redrawn])
    after = _shapes([pair.new for pair in redrawn])
    won = dict(zip(redrawn, shapely.difference(after, before), strict=True))
    lost = dict(zip(redrawn, shapely.difference(before, after), strict=True))
    kinds = {
        pair: _kinds(pair, area_m2(won[pair]) + area_m2(lost[pair]) if pair in won else 0.0)
        for pair in pairs
    }
    changed = [pair for pair in pairs if kinds[pair] != ("same",)]
    n_open = _held(points, [_shapes([p.old for p in changed]), _shapes([p.new for p in changed])])
    edges = [[found.get(pair, _EMPTY) for pair in changed] for found in (won, lost)]
    n_moved = _held(points, [np.array(each, dtype=object) for each in edges])
    counts = {level: Counter[Kind]() for level in LEVELS}
    for pair in pairs:
        counts[pair.level].update(kinds[pair])
    return Changes(
        tuple(
            _change(pair, kinds[pair], won.get(pair, _EMPTY), lost.get(pair, _EMPTY), (all_, some))
            for pair, all_, some in zip(changed, n_open, n_moved, strict=True)
        ),
        counts,
    )


def _pairs(old: Sequence[Shaped], new: Sequence[Shaped]) -> list[_Pair]:
    was = {(each.level, each.code): each for each in old}
    now = {(each.level, each.code): each for each in new}
    keys = sorted(was.keys() | now.keys(), key=lambda key: (LEVELS.index(key[0]), key[1]))
    return [_Pair(*key, was.get(key), now.get(key)) for key in keys]


def _kinds(pair: _Pair, moved_m2: float) -> tuple[Kind, ...]:
    if pair.old is None:
        return ("added",)
    if pair.new is None:
        return ("removed",)
    told: dict[Kind, bool] = {
        "moved": moved_m2 >= _SEEN_M2,
        "renamed": pair.old.name != pair.new.name,
        "reparented": pair.old.parent != pair.new.parent,
    }
    return tuple(kind for kind, holds in told.items() if holds) or ("same",)


def _shapes(places: Sequence[Shaped | None]) -> Shapes:
    found = [shapely.from_wkb(each.wkb) if each else _EMPTY for each in places]
    return np.array(found, dtype=object)


def _held(points: Sequence[tuple[float, float]], layers: Sequence[Shapes]) -> list[int]:
    """Count the points that each place holds in any layer, each point once."""
    n_places = len(layers[0])
    if not points or not n_places:
        return [0] * n_places
    tree = shapely.STRtree(shapely.points(np.array(points, dtype=np.float64)))
    found = [tree.query(layer, predicate="intersects") for layer in layers]
    pairs = np.unique(np.concatenate(found, axis=1), axis=1)
    counted: list[int] = np.bincount(pairs[0], minlength=n_places).tolist()
    return counted


def _change(
    pair: _Pair,
    kinds: tuple[Kind, ...],
    won: BaseGeometry,
    lost: BaseGeometry,
    n: tuple[int, int],
) -> PlaceChange:
    old, new = pair.old, pair.new
    return PlaceChange(
        level=pair.level,
        code=pair.code,
        kinds=kinds,
        old_name=old.name if old else "",
        name=new.name if new else "",
        old_parent=old.parent if old else "",
        parent=new.parent if new else "",
        won_m2=round(area_m2(won), 2),
        lost_m2=round(area_m2(lost), 2),
        n_open=n[0],
        n_moved=n[1],
    )
