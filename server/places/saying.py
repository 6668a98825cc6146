"""What was found in a boundary file, in sentences for an office."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.files.mending import Move
from geo.ground.faults import Fact, Fault
from server.texts.catalogue import has, text

#: Facts that name a place by its name and code, and under which name the sentence has them.
_PLACES: Final = (
    ("place", "code", "name"),
    ("other_place", "other", "other_name"),
    ("parent_place", "parent", "parent_name"),
)

#: How a shape is thinned until it has few vertices, in parts of its size.
_COARSER: Final = (0.001, 0.003, 0.01, 0.03, 0.1)
_MOST_VERTICES: Final = 120
_n_vertices: Final = shapely.get_num_coordinates
#: Facts that hold words of the library, to be translated.
_WORDS: Final = frozenset(
    ("looks_like", "declared", "fits", "reason", "type", "missing", "options")
)


def reason(fault: Fault) -> str:
    """Return a finding as a sentence."""
    key = f"boundary.{fault.code}"
    if not has(key):
        return text("boundary.other", code=fault.code)
    facts: dict[str, object] = {
        name: _said(value, name in _WORDS) for name, value in fault.facts.items()
    }
    for place, code, name in _PLACES:
        facts[place] = _place(fault.facts.get(code), fault.facts.get(name))
    if fault.feature is not None:
        facts["place"] = place_of(fault.facts.get("code"), fault.facts.get("name"), fault.feature)
    other = fault.facts.get("other_feature")
    if isinstance(other, int):
        names = fault.facts.get("other"), fault.facts.get("other_name")
        facts["other_place"] = place_of(*names, other)
    first = fault.facts.get("first")
    if isinstance(first, int):
        facts["first"] = first + 1
    return text(key, **facts)


def shown(fault: Fault) -> dict[str, Any]:
    """Return a finding with its sentence, ready for JSON; `geometry` is where, or None."""
    return {
        "feature": fault.feature,
        "code": fault.code,
        "reason": reason(fault),
        "facts": {key: list(v) if isinstance(v, tuple) else v for key, v in fault.facts.items()},
        "geometry": None if fault.geometry is None else _outline(fault.geometry),
    }


def _outline(shape: BaseGeometry) -> Any:  # noqa: ANN401
    """Return a shape as GeoJSON to look at: coarser until it is small enough to be sent."""
    # Without its care for topology: what is to be shown may be invalid.
    size = float(np.hypot(*np.subtract(shape.bounds[2:], shape.bounds[:2])))
    coarser = (shapely.simplify(shape, size * part, preserve_topology=False) for part in _COARSER)
    few = (each for each in (shape, *coarser) if 0 < _n_vertices(each) <= _MOST_VERTICES)
    drawn = next(few, None) or shapely.envelope(shape)
    return json.loads(shapely.to_geojson(shapely.transform(drawn, lambda xy: xy.round(6))))


def place_of(code: Fact, name: Fact, feature: int) -> str:
    """Return what a place is called: name and code, else its number in the file from 1."""
    return _place(code, name) or text("coverage.feature", number=feature + 1)


def moved(move: Move) -> str:
    """Return what mending a file would move of one place, in square metres."""
    place = place_of(move.code, move.name, move.feature)
    return text("coverage.moved", place=place, won_m2=move.won_m2, lost_m2=move.lost_m2)


def line(key: str, finding: Mapping[str, Any]) -> str:
    """Return what `shown` gave as a line of a report: which feature it is about, from 1."""
    number = finding["feature"]
    said = "" if number is None else text("coverage.where", number=number + 1)
    return text(key, reason=finding["reason"], where=said)


def columns(taken: Mapping[str, Sequence[str]]) -> str:
    """Return which of a file's properties were taken for what; '' where none was."""
    said = [
        text("coverage.column", role=text(f"boundary_word.{role}"), columns=_said(tuple(keys)))
        for role, keys in taken.items()
    ]
    return text("coverage.columns", columns=text("coverage.and").join(said)) if said else ""


def _place(code: Fact, name: Fact) -> str:
    if code and name and code != name:
        return text("coverage.named_place", name=name, code=code)
    return text("coverage.a_place", name=name or code) if name or code else ""


def _said(value: Fact, words: bool = False) -> object:
    """Give a fact as people write it."""
    if isinstance(value, tuple):
        return text("format.and").join(str(_said(each, words)) for each in value)
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if words and isinstance(value, str) and has(f"boundary_word.{value}"):
        return text(f"boundary_word.{value}")
    return value
