"""A boundary file made ready to become a generation: read, converted, checked, or refused."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import confined, coverage
from geo.datum import to_wgs84_many
from geo.errors import CoverageError
from geo.faults import Fault
from geo.features import Feature
from geo.neighbours import Report
from server.errors import PlacesRefused
from server.places import geofiles
from server.places.boundaries import LEVELS, Box, Level
from server.texts.catalogue import has, text

DATUMS: Final = ("wgs84", "cgcs2000", "gcj02", "bd09")
_LONGEST_CODE: Final = 20
_LONGEST_NAME: Final = 80
_MOST_SHOWN: Final = 100


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
    """What a boundary file holds, in WGS-84 as far as it could be read, and what was found.

    `faults` and `warnings` are the first hundred of each. `report` is set when the places were
    checked against each other.
    """

    features: tuple[Feature, ...] = ()
    faults: tuple[Fault, ...] = ()
    n_faults: int = 0
    warnings: tuple[Fault, ...] = ()
    report: Report | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def examine(data: bytes, datum: str, level: Level | None) -> Examined:
    """Read and check a boundary file declared to be in a datum, whatever it may be.

    GeoJSON, or a GeoPackage or zipped shapefile. The checking is done in a process that is killed
    when it takes too long. Raises only PlacesNeedPyogrio.
    """
    if datum not in DATUMS:
        return _stopped([Fault("datum.unknown", None, {"datum": datum, "known": DATUMS})], 1)
    try:
        if geofiles.is_geofile(data):
            data = geofiles.to_geojson(data, datum)
        collection = coverage.read(data)
    except CoverageError as error:
        return _stopped(error.faults, error.n_faults)
    features = [_named(each, level) for each in collection.features]
    faults = [fault for each in features for fault in _incomplete(each)]
    if faults or not features:
        return _stopped(faults or [Fault("coverage.empty")], max(len(faults), 1), features)
    converted = _converted(features, datum)
    checked = confined.check(converted)
    return Examined(
        features=tuple(converted),
        faults=checked.faults,
        n_faults=max(len(checked.faults), checked.counts.get("faults", 0)),
        warnings=(*collection.warnings, *checked.warnings),
        report=checked,
        counts=checked.counts,
    )


def _stopped(faults: Sequence[Fault], n_faults: int, features: Sequence[Feature] = ()) -> Examined:
    return Examined(features=tuple(features), faults=tuple(faults), n_faults=n_faults)


def draw(data: bytes, datum: str, level: Level | None) -> Drawn:
    """Read a boundary file declared to be in a datum; `level` is for features that name none.

    Raises PlacesNeedPyogrio, PlacesRefused; `faults` name feature (from 0), code and reason, the
    first hundred.
    """
    found = examine(data, datum, level)
    if found.faults or found.report is None:
        raise _refusal(found.faults, found.n_faults)
    report = found.report.to_json()
    read = found.warnings[: len(found.warnings) - len(found.report.warnings)]
    warnings = [shown(each) for each in read]
    box = _box(found.features)
    return Drawn(
        features=found.features,
        parents=found.report.parents,
        sha256=hashlib.sha256(data).hexdigest(),
        box=box,
        report=report | {"warnings": warnings + report["warnings"], "box": box},
    )


def _named(feature: Feature, level: Level | None) -> Feature:
    feature = feature if feature.level else replace(feature, level=level)
    # A grid is often known by its code alone.
    named = feature.name or feature.level != "grid"
    return feature if named else replace(feature, name=feature.code)


def _incomplete(feature: Feature) -> Iterable[Fault]:
    facts = {"code": feature.code}
    if feature.level not in LEVELS:
        yield Fault("level.missing", feature.index, facts)
    if not feature.name or not feature.name.strip():
        yield Fault("name.missing", feature.index, facts)
    elif len(feature.name) > _LONGEST_NAME:
        yield Fault("name.too_long", feature.index, facts | {"most": _LONGEST_NAME})
    if not feature.code:
        yield Fault("code.missing", feature.index)
    elif len(feature.code) > _LONGEST_CODE:
        yield Fault("code.too_long", feature.index, facts | {"most": _LONGEST_CODE})


def _converted(features: Sequence[Feature], datum: str) -> list[Feature]:
    if datum in ("wgs84", "cgcs2000"):
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


def shown(fault: Fault) -> dict[str, Any]:
    """Return a finding with its sentence, ready for JSON."""
    return {
        "feature": fault.feature,
        "code": fault.code,
        "reason": _reason(fault),
        "facts": {key: list(v) if isinstance(v, tuple) else v for key, v in fault.facts.items()},
    }


def _reason(fault: Fault) -> str:
    key = f"boundary.{fault.code}"
    return text(key, **dict(fault.facts)) if has(key) else text("boundary.other", code=fault.code)


def _refusal(faults: Sequence[Fault], n_faults: int) -> PlacesRefused:
    shown = [shown(fault) for fault in faults[:_MOST_SHOWN]]
    return PlacesRefused(n_faults=n_faults, faults=shown)
