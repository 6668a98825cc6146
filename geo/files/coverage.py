"""Boundary files: read strictly, then checked against each other."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shapely.geometry import MultiPolygon, Polygon

from geo.files import neighbours
from geo.files.columns import Columns
from geo.files.envelope import (
    BadEnvelope,
    box_of,
    crs_of,
    declaring,
    features_in,
    geometry_in,
    named_in,
)
from geo.files.features import Collection, Feature
from geo.files.labels import Labels, Naming, labels_of
from geo.files.neighbours import Report
from geo.files.rings import BadGeometry, Oddities, polygon_of, reason_invalid
from geo.files.strictjson import Json, Unreadable, parse
from geo.ground.datum import Box, inside, to_wgs84
from geo.ground.errors import CoverageError
from geo.ground.faults import Fact, Fault, Findings
from geo.ground.metric import area_m2

_FIRST_OF = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What a boundary file may be at most, and a boundary at least."""

    max_bytes: int = 50_000_000
    max_depth: int = 20
    max_features: int = 20_000
    max_values: int = 1_000_000  # lists and objects: honest positions take 13 bytes or more
    max_vertices: int = 50_000
    max_rings: int = 1_000
    min_area_m2: float = 100.0
    many_vertices: int = 2_000
    degrees: bool = True  # coordinates are lon/lat; off only for judging plain geometry
    max_faults: int = 100


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds: the sound features, and what was found, the first of each in full.

    `columns` gives the properties that were found, each with a sample; `taken` those that say
    code, name, level and parent.
    """

    features: tuple[Feature, ...]
    crs: str | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    n_faults: int
    n_warnings: int
    columns: tuple[str, ...] = ()
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read(data: bytes, *, bounds: Box | None = None, limits: Limits | None = None) -> Collection:
    """Read a GeoJSON file of boundaries, strictly and whole.

    A FeatureCollection, a Feature or a bare geometry, of Polygons and MultiPolygons in lon/lat
    degrees, inside `bounds` (west, south, east, north) if given. Nothing is mended; heights and
    empty rings are left out with a warning. Raises CoverageError naming every fault found, the
    first `limits.max_faults` in full.
    """
    found = survey(data, bounds=bounds, limits=limits)
    if found.n_faults:
        raise CoverageError(found.faults, found.n_faults)
    return Collection(found.features, found.crs, found.warnings)


def raw_features(data: bytes, limits: Limits) -> tuple[Json, list[Json]]:
    """Give a file as it was parsed and its features, unread.

    Raises Unreadable, and BadEnvelope for what is no boundary file or has too many features.
    """
    value = parse(
        data,
        max_bytes=limits.max_bytes,
        max_depth=limits.max_depth,
        max_values=limits.max_values,
    )
    raw = features_in(value)
    if len(raw) > limits.max_features:
        raise BadEnvelope(
            "geojson.too_many_features", {"n_features": len(raw), "most": limits.max_features}
        )
    return value, raw


def survey(
    data: bytes,
    *,
    bounds: Box | None = None,
    limits: Limits | None = None,
    naming: Naming | None = None,
) -> Survey:
    """Read a file as `read` does, but give what is sound in it beside what is wrong."""
    limits = limits or Limits()
    findings = Findings(limits.max_faults)
    reader = _Reader(limits, bounds, findings, naming or Naming())
    features: list[Feature] = []
    try:
        value, raw = raw_features(data, limits)
        features = reader.features(value, raw)
        reader.report_oddities()
    except (Unreadable, BadEnvelope) as error:
        findings.fault(error.code, None, error.facts)
    return Survey(
        tuple(features),
        reader.crs,
        tuple(findings.faults),
        tuple(findings.warnings),
        findings.n_faults,
        findings.n_warnings,
        reader.columns.found(),
        reader.columns.taken(),
    )


def check(places: Sequence[Feature], *, codes_required: bool = True) -> Report:
    """Check boundaries against each other: codes, overlaps, gaps, nesting.

    Overlaps within a level and parts outside the parent are faults when they are above 1 m² and
    no mere sliver; gaps, slivers and inferred parents are warnings to be looked at. Hundreds of
    honest places take a second; for boundaries of strangers use `geo.files.sandbox.check`.
    """
    return neighbours.examine(places, codes_required=codes_required)


class _Reader:
    """One reading of one file: collects features, findings and counted oddities."""

    def __init__(
        self, limits: Limits, bounds: Box | None, findings: Findings, naming: Naming
    ) -> None:
        self.crs: str | None = None
        self.columns = Columns()
        self._bounds = bounds
        self._limits = limits
        self._findings = findings
        self._naming = naming
        self._odd: dict[str, list[int]] = defaultdict(list)
        self._codes: dict[str, int] = {}

    def features(self, value: Json, raw: list[Json]) -> list[Feature]:
        """Read every feature; those with a fault are left out and noted."""
        if isinstance(value, dict) and value.get("type") == "FeatureCollection":
            self._declared(value, None, None)
        found = [self._feature(number, each) for number, each in enumerate(raw)]
        return [each for each in found if each is not None]

    def report_oddities(self) -> None:
        """Turn the counted oddities into one warning for each kind."""
        self.columns.report(self._naming, self._findings)
        for code, numbers in self._odd.items():
            first = tuple(numbers[:_FIRST_OF])
            self._findings.warn(code, numbers[0], {"n_features": len(numbers), "first": first})

    def _feature(self, number: int, raw: Json) -> Feature | None:
        properties, own_id = named_in(raw)
        labels = labels_of(properties, self._naming, own_id)
        self.columns.add(properties, labels)
        named = _named(labels)
        self._note_labels(number, labels)
        try:
            geometry, properties = geometry_in(raw)
            shape, odd = polygon_of(
                geometry, max_vertices=self._limits.max_vertices, max_rings=self._limits.max_rings
            )
        except (BadEnvelope, BadGeometry) as error:
            self._findings.fault(error.code, number, {**named, **error.facts})
            shape = None
        for each in declaring(raw):
            self._declared(each, number, shape)
        if shape is None:
            return None
        self._note_odd(number, odd, shape)
        if not self._is_sound(number, named, shape):
            return None
        return Feature(
            number, labels.code, labels.name, labels.level, labels.parent, properties, shape
        )

    def _note_labels(self, number: int, labels: Labels) -> None:
        named = _named(labels)
        for code, facts in labels.faults:
            self._findings.fault(code, number, {**named, **facts})
        if labels.code is not None:
            first = self._codes.setdefault(labels.code, number)
            if first != number:
                self._findings.fault("code.twice", number, {**named, "first": first})

    def _declared(
        self, value: Mapping[str, Json], number: int | None, shape: Polygon | MultiPolygon | None
    ) -> None:
        """Look at the CRS and the bounding box that an object declares."""
        try:
            self.crs = crs_of(value) or self.crs
            box = box_of(value)
        except BadEnvelope as error:
            self._findings.fault(error.code, number, error.facts)
            return
        if box is None:
            return
        bounds = shape.bounds if shape is not None else None
        off = bounds and max(abs(a - b) for a, b in zip(box, bounds, strict=True)) > 1e-5
        if off or box[0] > box[2] or box[1] > box[3]:
            self._findings.warn("bbox.does_not_fit", number)

    def _is_sound(
        self, number: int, named: Mapping[str, Fact], shape: Polygon | MultiPolygon
    ) -> bool:
        """Judge validity, position and size of one boundary."""
        note, least = self._findings.fault, self._limits.min_area_m2
        before = self._findings.n_faults
        if invalid := reason_invalid(shape):
            note("geometry.invalid", number, {**named, **invalid}, shape)
        if wrong := _misplaced(shape, self._bounds, self._limits.degrees):
            code, facts = wrong
            note(code, number, {**named, **facts}, shape)
        elif least > 0 and not invalid and (area := area_m2(shape)) < least:
            facts = {"area_m2": round(area, 3), "least": least}
            note("geometry.too_small", number, {**named, **facts}, shape)
        return self._findings.n_faults == before

    def _note_odd(self, number: int, odd: Oddities, shape: Polygon | MultiPolygon) -> None:
        kinds = {
            "coordinates.heights_dropped": odd.heights,
            "coordinates.needlessly_fine": odd.too_fine,
            "geometry.empty_part_dropped": odd.empty_rings,
            "geometry.holes": odd.holes,
            "geometry.many_vertices": odd.vertices > self._limits.many_vertices,
            "geometry.crosses_antimeridian": shape.bounds[2] - shape.bounds[0] > 180,
            "ring.repeated_positions": odd.repeated,
            "ring.wound_the_wrong_way": odd.turned,
        }
        for code, found in kinds.items():
            if found:
                self._odd[code].append(number)


def _named(labels: Labels) -> dict[str, Fact]:
    told: dict[str, Fact] = {"code": labels.code, "name": labels.name}
    return {role: value for role, value in told.items() if value}


def _misplaced(
    shape: Polygon | MultiPolygon, bounds: Box | None, degrees: bool
) -> tuple[str, dict[str, Fact]] | None:
    """Tell whether a boundary lies where it cannot, and what would explain it."""
    west, south, east, north = box = shape.bounds
    facts: dict[str, Fact] = {"west": west, "south": south, "east": east, "north": north}
    target = bounds or (-180.0, -90.0, 180.0, 90.0)
    if degrees and not _within(box, (-180.0, -90.0, 180.0, 90.0)):
        return "coordinates.out_of_range", {**facts, "looks_like": _explanation(box, target)}
    if bounds is not None and not _within(box, bounds):
        return "coordinates.outside_bounds", {**facts, "looks_like": _explanation(box, target)}
    return None


def _within(box: Box, bounds: Box) -> bool:
    return inside(box[0], box[1], bounds) and inside(box[2], box[3], bounds)


def _explanation(box: Box, bounds: Box) -> str | None:
    west, south, east, north = box
    if _within((south, west, north, east), bounds):
        return "swapped"
    if max(map(abs, box)) > 1000:
        return "metres"
    if not _within(box, (-180.0, -90.0, 180.0, 90.0)):
        return None
    for datum in ("gcj02", "bd09"):
        a, b = to_wgs84(west, south, datum), to_wgs84(east, north, datum)
        if _within((*a, *b), bounds):
            return datum
    return None
