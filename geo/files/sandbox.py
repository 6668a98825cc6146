"""Other people's files and polygons, in a child process that is killed when it takes too long.

Reading text takes many times its size in memory; noding what somebody drew can take quadratic
time; no look at the input tells it beforehand. The child gets a limit on memory and on processor
time, and its parent a clock.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geo.files import coverage, mending
from geo.files.coverage import Limits, Survey
from geo.files.features import Feature
from geo.files.labels import Naming
from geo.files.mending import Move, Proposal
from geo.files.neighbours import Report, areal_parts
from geo.files.rings import reason_invalid
from geo.ground import confined
from geo.ground.datum import Box
from geo.ground.errors import GeoError
from geo.ground.faults import Fault
from geo.ground.metric import area_m2

#: What a child may take; a county of 900,000 vertices takes nearly all of it.
MEMORY = 1 << 30


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposal for an invalid boundary, to be shown to a person before it is taken.

    `before_m2` is what the rings enclose as drawn, windings against each other; a bow tie's
    halves cancel. `difference_m2` is after less before, `reason` what was wrong.
    """

    geometry: BaseGeometry
    reason: str
    before_m2: float
    after_m2: float
    n_parts_before: int
    n_parts_after: int

    @property
    def difference_m2(self) -> float:
        """The area won, or lost if negative."""
        return self.after_m2 - self.before_m2


def repair(geometry: BaseGeometry, *, seconds: float = 5.0) -> Repair:
    """Propose a valid boundary for an invalid one; nothing is altered.

    Raises GeoError: repair.not_needed, repair.takes_too_long, repair.failed.
    """
    facts = reason_invalid(geometry)
    if facts is None:
        raise GeoError("repair.not_needed")
    answer = _ask({"task": "repair", "shape": shapely.to_wkb(geometry, hex=True)}, seconds)
    if not isinstance(answer, dict) or not answer.get("shape"):
        problem = "repair.takes_too_long" if answer is None else "repair.failed"
        raise GeoError(problem, {"seconds": seconds})
    made = shapely.from_wkb(answer["shape"])
    return Repair(
        made,
        str(facts["reason"]),
        area_m2(geometry),
        area_m2(made),
        shapely.get_num_geometries(geometry),
        shapely.get_num_geometries(made),
    )


def survey(
    data: bytes,
    *,
    bounds: Box | None = None,
    limits: Limits | None = None,
    naming: Naming | None = None,
    seconds: float = 30.0,
) -> Survey:
    """Do what `geo.files.coverage.survey` does, or give one fault `coverage.takes_too_long`.

    Also where it took more than 1 GiB. Ten honest megabytes take some seconds.
    """
    limits, naming = limits or Limits(), naming or Naming()
    if len(data) > limits.max_bytes:  # not worth a process
        return coverage.survey(data, bounds=bounds, limits=limits)
    task = {"task": "survey", "bounds": bounds, "limits": asdict(limits)}
    answer = _ask({**task, "naming": asdict(naming)}, seconds, data)
    if not isinstance(answer, dict):
        fault = Fault("coverage.takes_too_long", None, MappingProxyType({"seconds": seconds}))
        return Survey((), None, (fault,), (), 1, 0)
    return Survey(
        tuple(_feature(each) for each in answer["features"]),
        answer["crs"],
        tuple(_fault(each) for each in answer["faults"]),
        tuple(_fault(each) for each in answer["warnings"]),
        answer["n_faults"],
        answer["n_warnings"],
        tuple(answer["columns"]),
        {role: tuple(keys) for role, keys in answer["taken"].items()},
    )


def mend(data: bytes, naming: Naming, *, seconds: float = 60.0) -> Proposal | None:
    """Do what `geo.files.mending.propose` does; None where it took too long or too much memory."""
    answer = _ask({"task": "mend", "naming": asdict(naming)}, seconds, data)
    if not isinstance(answer, dict):
        return None
    moves = tuple(Move(**each) for each in answer["moves"])
    return Proposal(answer["geojson"].encode(), moves)


def _feature(told: Sequence[Any]) -> Feature:
    index, code, name, level, parent, properties, shape = told
    return Feature(index, code, name, level, parent, properties, shapely.from_wkb(shape))


def check(
    places: Sequence[Feature], *, codes_required: bool = True, seconds: float = 60.0
) -> Report:
    """Do what `geo.files.coverage.check` does, or give one fault `coverage.takes_too_long`."""
    shapes = [shapely.to_wkb(each.geometry, hex=True) for each in places]
    told = [
        (each.index, each.code, each.name, each.level, each.parent, shape)
        for each, shape in zip(places, shapes, strict=True)
    ]
    answer = _ask({"task": "check", "places": told, "codes_required": codes_required}, seconds)
    if not isinstance(answer, dict):
        fault = Fault("coverage.takes_too_long", None, MappingProxyType({"seconds": seconds}))
        return Report((fault,), (), {"places": len(places), "faults": 1, "warnings": 0}, (), {})
    return Report(
        tuple(_fault(each) for each in answer["faults"]),
        tuple(_fault(each) for each in answer["warnings"]),
        answer["counts"],
        tuple((code, n) for code, n in answer["children"]),
        answer["parents"],
    )


def _fault(told: Sequence[Any]) -> Fault:
    code, feature, facts, shape = told
    known = {name: tuple(v) if isinstance(v, list) else v for name, v in facts.items()}
    return Fault(
        code, feature, MappingProxyType(known), None if shape is None else shapely.from_wkb(shape)
    )


def _ask(task: Mapping[str, Any], seconds: float, data: bytes = b"") -> Any:  # noqa: ANN401
    """Give the child's answer, or None when it took too long or too much memory."""
    answer = confined.ask("geo.files.sandbox", json.dumps(task).encode(), data, seconds=seconds)
    return None if answer is None else json.loads(answer)


def _answer(task: Mapping[str, Any], data: bytes) -> Mapping[str, Any]:
    if task["task"] == "survey":
        return _surveyed(task, data)
    if task["task"] == "mend":
        made = mending.propose(data, Naming(**task["naming"]))
        return {"geojson": made.geojson.decode(), "moves": [asdict(each) for each in made.moves]}
    if task["task"] == "repair":
        made = shapely.make_valid(
            shapely.from_wkb(task["shape"]), method="structure", keep_collapsed=False
        )
        parts = areal_parts(made)
        if not parts:
            return {"shape": None}
        whole = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
        return {"shape": shapely.to_wkb(whole, hex=True)}
    places = [
        Feature(index, code, name, level, parent, {}, shapely.from_wkb(shape))
        for index, code, name, level, parent, shape in task["places"]
    ]
    report = coverage.check(places, codes_required=task["codes_required"])
    return {
        "faults": [_told(each) for each in report.faults],
        "warnings": [_told(each) for each in report.warnings],
        "counts": dict(report.counts),
        "children": report.children,
        "parents": dict(report.parents),
    }


def _surveyed(task: Mapping[str, Any], data: bytes) -> Mapping[str, Any]:
    found = coverage.survey(
        data,
        bounds=task["bounds"],
        limits=Limits(**task["limits"]),
        naming=Naming(**task["naming"]),
    )
    return {
        "features": [
            (
                *(each.index, each.code, each.name, each.level, each.parent),
                *(each.properties, shapely.to_wkb(each.geometry, hex=True)),
            )
            for each in found.features
        ],
        "crs": found.crs,
        "faults": [_told(each) for each in found.faults],
        "warnings": [_told(each) for each in found.warnings],
        "n_faults": found.n_faults,
        "n_warnings": found.n_warnings,
        "columns": found.columns,
        "taken": dict(found.taken),
    }


def _told(fault: Fault) -> list[Any]:
    shape = None if fault.geometry is None else shapely.to_wkb(fault.geometry, hex=True)
    return [fault.code, fault.feature, dict(fault.facts), shape]


def _main() -> None:
    def answer(question: bytes, data: bytes) -> bytes:
        return json.dumps(_answer(json.loads(question), data)).encode()

    confined.serve(answer, memory=MEMORY)


if __name__ == "__main__":
    _main()
