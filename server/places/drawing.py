"""A boundary file made ready to become a generation: read, converted, checked, or refused."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.files import sandbox
from geo.files.coverage import Survey
from geo.files.features import Feature
from geo.files.labels import Naming
from geo.files.mending import Proposal
from geo.files.neighbours import Report
from geo.files.recognise import another_datum
from geo.ground.datum import to_wgs84_many
from geo.ground.errors import CoverageError
from geo.ground.faults import Fact, Fault
from server.errors import PlacesRefused
from server.places import geofiles
from server.places.boundaries import LEVELS, Box, Level
from server.places.geofiles import NO_LAYERS
from server.places.saying import shown

DATUMS: Final = ("wgs84", "cgcs2000", "gcj02", "bd09")
_LONGEST_CODE: Final = 20
_LONGEST_NAME: Final = 80
_MOST_SHOWN: Final = 100
#: The two differ by centimetres.
_SAME_AS_WGS84: Final = ("wgs84", "cgcs2000")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Boundaries in WGS-84 that passed every check, with the report of what was strange."""

    features: tuple[Feature, ...]
    parents: Mapping[str, str]
    sha256: str
    box: Box
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Examined:
    """What a boundary file holds and what was found in it.

    `features` are the sound ones, in WGS-84; `faults` and `warnings` the first hundred of each
    kind of look. `report` is set when the places were checked against each other; `taken` gives
    the properties that say code, name, level and parent.
    """

    features: tuple[Feature, ...] = ()
    faults: tuple[Fault, ...] = ()
    n_faults: int = 0
    warnings: tuple[Fault, ...] = ()
    n_warnings: int = 0
    report: Report | None = None
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def examine(
    data: bytes,
    datum: str,
    level: Level | None,
    outline: BaseGeometry | None = None,
    *,
    code_field: str = "",
    name_field: str = "",
    layers: Mapping[str, Level] = NO_LAYERS,
) -> Examined:
    """Read and check a boundary file declared to be in a datum, whatever it may be.

    `level` is that of places which name none, `layers` that of those in a layer, by its name; the
    fields say in which properties codes and names stand. Where the county's outline is known, a
    file that fits it in another datum is warned of.

    GeoJSON, a GeoPackage, a zipped shapefile, KML or KMZ. The checking is done in a process that
    is killed when it takes too long. Raises only PlacesNeedPyogrio.
    """
    if datum not in DATUMS:
        return _stopped(Fault("datum.unknown", None, {"datum": datum, "known": DATUMS}))
    try:
        naming = Naming(level, code_field, name_field)
        found, strange = _surveyed(data, datum, naming, layers)
    except CoverageError as error:
        return _stopped(error.faults[0])
    features = tuple(_converted([_named(each) for each in found.features], datum))
    if not features and not found.n_faults:
        return _stopped(Fault("coverage.empty"))
    lacks = any(each.level is None for each in features)
    layered = [each for each in strange if lacks and each.code == "geofile.layers"]
    strange = tuple(each for each in strange if each not in layered)
    lacking = _lacking(found, features, layered)
    read = Examined(
        features=features,
        faults=(*(_on_the_map(each, datum) for each in found.faults), *lacking),
        n_faults=found.n_faults + len(lacking),
        warnings=(*strange, *found.warnings),
        n_warnings=len(strange) + found.n_warnings,
        taken=found.taken,
    )
    if any(each.level is None for each in features) or not features:
        return read
    checked = sandbox.check(features, codes_required=False)
    if read.n_faults:
        return _with_overlaps(read, checked)
    return _with_checked(read, checked, _doubt(found, outline, datum, checked))


def _surveyed(
    data: bytes, datum: str, naming: Naming, layers: Mapping[str, Level]
) -> tuple[Survey, tuple[Fault, ...]]:
    """Return what a file of whatever kind holds, and what was strange about the file."""
    strange = tuple[Fault, ...]()
    if geofiles.is_geofile(data):
        data, strange = geofiles.to_geojson(data, datum, layers)
    elif layers:
        raise CoverageError([Fault("layers.no_such", None, {"layer": next(iter(layers))[:60]})], 1)
    found = sandbox.survey(data, naming=naming)
    if geofiles.is_projected(found.faults):
        data, strange = geofiles.to_geojson(data, datum)
        found = sandbox.survey(data, naming=naming)
    return found, strange


def _on_the_map(fault: Fault, datum: str) -> Fault:
    """Show a finding where the map has it; its facts stay as the file says them."""
    shape = fault.geometry
    if shape is None or datum in _SAME_AS_WGS84:
        return fault
    moved = shapely.transform(shape, lambda xy: _moved(xy, datum))
    there = bool(np.isfinite(shapely.get_coordinates(moved)).all())
    return replace(fault, geometry=moved if there else None)


def _with_overlaps(read: Examined, checked: Report) -> Examined:
    """Add the overlaps between sound places: what lacks beside them tells nothing for sure."""
    true = [each for each in checked.faults if each.code == "places.overlap"]
    return replace(read, faults=(*read.faults, *true), n_faults=read.n_faults + len(true))


def _with_checked(read: Examined, checked: Report, doubt: Fault | None) -> Examined:
    noted = read.warnings if doubt is None else (doubt, *read.warnings)
    return replace(
        read,
        faults=checked.faults,
        n_faults=max(len(checked.faults), checked.counts.get("faults", 0)),
        warnings=(*noted, *checked.warnings),
        n_warnings=read.n_warnings + (doubt is not None) + checked.counts.get("warnings", 0),
        report=checked,
    )


def _doubt(
    found: Survey, outline: BaseGeometry | None, datum: str, checked: Report
) -> Fault | None:
    if outline is None or checked.faults:
        return None
    return another_datum([each.geometry for each in found.features], outline, datum)


def mended(
    data: bytes,
    datum: str,
    level: Level | None,
    *,
    code_field: str = "",
    name_field: str = "",
    layers: Mapping[str, Level] = NO_LAYERS,
) -> Proposal | None:
    """Propose a file without crossing rings and overlaps, in the datum of the file itself.

    None where that took too long. Raises PlacesNeedPyogrio, and PlacesRefused for a file that
    cannot be read at all.
    """
    try:
        if geofiles.is_geofile(data):
            data, _ = geofiles.to_geojson(data, datum, layers)
    except CoverageError as error:
        raise _refusal(error.faults, error.n_faults) from error
    return sandbox.mend(data, Naming(level, code_field, name_field))


def _stopped(fault: Fault) -> Examined:
    return Examined(faults=(fault,), n_faults=1)


def draw(
    data: bytes,
    datum: str,
    level: Level | None,
    outline: BaseGeometry | None = None,
    *,
    code_field: str = "",
    name_field: str = "",
    layers: Mapping[str, Level] = NO_LAYERS,
) -> Drawn:
    """Read a boundary file declared to be in a datum, as `examine` does.

    Raises PlacesNeedPyogrio, PlacesRefused; `faults` name feature (from 0), code and reason, the
    first hundred.
    """
    names = {"code_field": code_field, "name_field": name_field}
    found = examine(data, datum, level, outline, **names, layers=layers)
    if found.faults or found.report is None:
        raise _refusal(found.faults, found.n_faults)
    box = _box(found.features)
    return Drawn(
        features=found.features,
        parents=found.report.parents,
        sha256=hashlib.sha256(data).hexdigest(),
        box=box,
        report=found.report.to_json()
        | {"warnings": [shown(each) for each in found.warnings], "box": box}
        | {"taken": {role: list(keys) for role, keys in found.taken.items()}},
    )


def _named(feature: Feature) -> Feature:
    # A grid is often known by its code alone.
    named = feature.name or feature.level != "grid"
    return feature if named else replace(feature, name=feature.code)


def _lacking(found: Survey, features: Sequence[Feature], layered: Sequence[Fault]) -> list[Fault]:
    """Tell what the places lack: a whole column once, with those that there are, else by place.

    `layered` is what was found of layers that lack a level.
    """
    whole = tuple(
        role
        for role, has in (
            ("code", "code" in found.taken),
            ("name", "name" in found.taken or all(each.name for each in features)),
            ("level", layered or any(each.level for each in features)),
        )
        if features and not has
    )
    told = {each.feature for each in found.faults if each.code.startswith("code.")}
    known = (*whole, "level") if layered else whole
    faults = [
        fault
        for each in features
        for fault in _incomplete(each, (*known, "code") if each.index in told else known)
    ]
    faults[:0] = [Fault("layers.missing", None, each.facts) for each in layered]
    unknown = [each for each in found.warnings if each.code == "level.unknown"]
    if unknown and any(each.level is None for each in features):
        # Its column was found; what it says was not understood.
        if sum(each.level is None for each in features) <= _n_features(unknown):
            faults = [each for each in faults if each.code != "level.missing"]
        faults[:0], whole = unknown, tuple(each for each in whole if each != "level")
    if whole:
        facts: dict[str, Fact] = {"missing": whole, "columns": found.columns}
        options = tuple(f"option.{role}" for role in whole)
        code = "columns.missing" if found.columns else "columns.none"
        faults.insert(0, Fault(code, None, {**facts, "options": options}))
    return faults


def _n_features(found: Iterable[Fault]) -> int:
    return sum(n for each in found if isinstance(n := each.facts.get("n_features"), int))


def _incomplete(feature: Feature, whole: Sequence[str]) -> Iterable[Fault]:
    facts: dict[str, Fact] = {"code": feature.code, "name": feature.name}
    if feature.level not in LEVELS and "level" not in whole:
        yield Fault("level.missing", feature.index, facts)
    if not feature.name or not feature.name.strip():
        if "name" not in whole:
            yield Fault("name.missing", feature.index, facts)
    elif len(feature.name) > _LONGEST_NAME:
        yield Fault("name.too_long", feature.index, facts | {"most": _LONGEST_NAME})
    if not feature.code:
        if "code" not in whole:
            yield Fault("code.missing", feature.index, facts)
    elif len(feature.code) > _LONGEST_CODE:
        yield Fault("code.too_long", feature.index, facts | {"most": _LONGEST_CODE})


def _converted(features: Sequence[Feature], datum: str) -> list[Feature]:
    if datum in _SAME_AS_WGS84 or not features:
        return list(features)
    shapes = np.array([each.geometry for each in features], dtype=object)
    shapes = shapely.transform(shapes, lambda xy: _moved(xy, datum))
    return [replace(each, geometry=shape) for each, shape in zip(features, shapes, strict=True)]


def _moved(xy: NDArray[np.float64], datum: str) -> NDArray[np.float64]:
    # Each distinct vertex once, so that neighbours go on sharing theirs to the last bit.
    distinct, place = np.unique(xy, axis=0, return_inverse=True)
    lons, lats = to_wgs84_many(distinct[:, 0], distinct[:, 1], datum)
    return np.column_stack([lons, lats])[place.ravel()]


def _box(features: Sequence[Feature]) -> Box:
    west, south, east, north = shapely.total_bounds([each.geometry for each in features]).tolist()
    return west, south, east, north


def _refusal(faults: Sequence[Fault], n_faults: int) -> PlacesRefused:
    return PlacesRefused(n_faults=n_faults, faults=[shown(each) for each in faults[:_MOST_SHOWN]])
