"""A boundary file made ready to become a generation: read, converted, checked, or refused."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.files import sandbox
from geo.files.features import Feature
from geo.files.neighbours import Report
from geo.files.recognise import another_datum
from geo.ground.datum import to_wgs84_many
from geo.ground.errors import CoverageError
from geo.ground.faults import Fault
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
    """What a boundary file holds and what was found in it.

    `features` are the sound ones, in WGS-84; `faults` and `warnings` the first hundred of each
    kind of look. `report` is set when the places were checked against each other.
    """

    features: tuple[Feature, ...] = ()
    faults: tuple[Fault, ...] = ()
    n_faults: int = 0
    warnings: tuple[Fault, ...] = ()
    n_warnings: int = 0
    report: Report | None = None


def examine(
    data: bytes, datum: str, level: Level | None, outline: BaseGeometry | None = None
) -> Examined:
    """Read and check a boundary file declared to be in a datum, whatever it may be.

    Where the county's outline is known, a file that fits it in another datum is warned of.

    GeoJSON, or a GeoPackage or zipped shapefile. The checking is done in a process that is killed
    when it takes too long. Raises only PlacesNeedPyogrio.
    """
    if datum not in DATUMS:
        return _stopped(Fault("datum.unknown", None, {"datum": datum, "known": DATUMS}))
    try:
        found = sandbox.survey(
            geofiles.to_geojson(data, datum) if geofiles.is_geofile(data) else data
        )
    except CoverageError as error:
        return _stopped(error.faults[0])
    features = tuple(_converted([_named(each, level) for each in found.features], datum))
    read = Examined(
        features, found.faults, found.n_faults, found.warnings, found.n_warnings, report=None
    )
    if found.n_faults:
        return read
    if not features:
        return _stopped(Fault("coverage.empty"))
    faults = tuple(fault for each in features for fault in _incomplete(each))
    if faults:
        return replace(read, faults=faults, n_faults=len(faults))
    checked = sandbox.check(features)
    doubt = None
    if outline is not None and not checked.faults:
        doubt = another_datum([each.geometry for each in found.features], outline, datum)
    noted = found.warnings if doubt is None else (doubt, *found.warnings)
    return Examined(
        features=features,
        faults=checked.faults,
        n_faults=max(len(checked.faults), checked.counts.get("faults", 0)),
        warnings=(*noted, *checked.warnings),
        n_warnings=found.n_warnings + (doubt is not None) + checked.counts.get("warnings", 0),
        report=checked,
    )


def _stopped(fault: Fault) -> Examined:
    return Examined(faults=(fault,), n_faults=1)


def draw(
    data: bytes, datum: str, level: Level | None, outline: BaseGeometry | None = None
) -> Drawn:
    """Read a boundary file declared to be in a datum; `level` is for features that name none.

    Raises PlacesNeedPyogrio, PlacesRefused; `faults` name feature (from 0), code and reason, the
    first hundred.
    """
    found = examine(data, datum, level, outline)
    if found.faults or found.report is None:
        raise _refusal(found.faults, found.n_faults)
    report = found.report.to_json()
    drawn = [each["geometry"] for each in report["warnings"]]
    drawn = [None] * (len(found.warnings) - len(drawn)) + drawn
    warnings = [
        shown(each) | {"geometry": shape}
        for each, shape in zip(found.warnings, drawn, strict=True)
    ]
    box = _box(found.features)
    return Drawn(
        features=found.features,
        parents=found.report.parents,
        sha256=hashlib.sha256(data).hexdigest(),
        box=box,
        report=report | {"warnings": warnings, "box": box},
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
    if datum in ("wgs84", "cgcs2000") or not features:
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
        "reason": reason(fault),
        "facts": {key: list(v) if isinstance(v, tuple) else v for key, v in fault.facts.items()},
    }


def reason(fault: Fault) -> str:
    """Return a finding as a sentence."""
    key = f"boundary.{fault.code}"
    return text(key, **dict(fault.facts)) if has(key) else text("boundary.other", code=fault.code)


def _refusal(faults: Sequence[Fault], n_faults: int) -> PlacesRefused:
    return PlacesRefused(n_faults=n_faults, faults=[shown(each) for each in faults[:_MOST_SHOWN]])
