"""Where a case lies and what it is about: set once as snapshots, each with its reason."""

from dataclasses import dataclass, replace
from datetime import datetime

from server.cases.door.recusal_rules import around
from server.cases.models.case import Case
from server.cases.rules.basis import Basis
from server.cases.rules.records import CasePlace, NearestPlace, PlaceChoice
from server.errors import BadInput, UnknownMatter
from server.places.boundaries import Boundaries, Found, Location, Thresholds, certain_townships
from server.places.position import to_wgs84
from server.responsibility.answering.lookup import explain
from server.responsibility.list.entries import Finding
from server.responsibility.list.fields import shortened
from server.responsibility.list.queries import matter_name
from server.texts.catalogue import text

#: Radius in metres assumed where the phone states none, by how the position came about.
_ASSUMED_M = {"device": 30.0, "map": 10.0, "exif": 50.0, "address": 100.0}
#: A point of unknown datum may be off by the whole GCJ-02 shift (geo.md, section 1).
_UNKNOWN_DATUM_M = 600.0
#: As far as is told of a device's point without an accuracy: it is looked up as an ordinary one.
_SILENT_M = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point as given: datum as declared, accuracy in metres, how it came about."""

    lon: float
    lat: float
    datum: str
    accuracy: float | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A position in WGS-84 and the place it lies in, as far as can be told."""

    lon: float
    lat: float
    location: Location
    doubts: tuple[str, ...]
    within_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A matter by code, name and short title, and what the list says of it at a place."""

    matter: str
    name: str
    title: str
    finding: Finding


def place(position: Position, *, at: datetime, basis: Basis) -> Placed | None:
    """Return where a position lies; None when no boundaries are in force.

    Raises BadPosition for what is no position (not finite, out of range, axes exchanged).
    """
    boundaries = basis.places.at(at)
    box = boundaries.box if boundaries else None
    lon, lat = to_wgs84(position.lon, position.lat, position.datum, box)
    if boundaries is None:
        return None
    accuracy = radius(position.accuracy, position.source, position.datum)
    location = boundaries.locate(lon, lat, accuracy, thresholds(basis))
    doubts = [code for code in location.why if code != "no_accuracy"]
    if position.datum == "unknown" and not location.certain:
        doubts.append("datum_unknown")
    # Where a device does not say how exact it is, its point may come from a mast or an address.
    silent = position.accuracy is None and position.source == "device"
    within = max(accuracy, _SILENT_M) if silent else accuracy
    return Placed(lon=lon, lat=lat, location=location, doubts=tuple(doubts), within_m=within)


def radius(accuracy: float | None, source: str, datum: str) -> float:
    """Return within how many metres of a point as given it is, in all likelihood."""
    stated = _ASSUMED_M[source] if accuracy is None else accuracy
    return max(stated, _UNKNOWN_DATUM_M) if datum == "unknown" else stated


def thresholds(basis: Basis) -> Thresholds:
    """Return when a place counts as certain, by the county's policy."""
    return Thresholds(
        certain_probability=basis.policy.certain_probability,
        accuracy_confidence=basis.policy.accuracy_confidence,
        suggest_within_m=basis.policy.suggest_within_m,
        grid_probability=basis.policy.grid_confirm_probability,
    )


def certain(placed: Placed, *, basis: Basis) -> bool:
    """Tell whether township, and so the lead, is the same for enough of the probability."""
    township = placed.location.found.township
    likely = certain_townships(placed.location, thresholds(basis))
    return township is not None and likely == (township.code,)


def write_place(case: Case, placed: Placed | None, *, sure: bool) -> None:
    """Write a located position into a case as its snapshot."""
    if placed is None:
        return
    case.lon, case.lat = placed.lon, placed.lat
    case.generation_id = placed.location.generation_id
    write_found(case, placed.location.found)
    nearest = placed.location.nearest
    held = replace(
        case.place,
        certain=sure or placed.location.certain,
        grid_certain=placed.location.grid_certain,
        confirm=bool(placed.location.candidates) and not placed.location.grid_certain,
        candidates=tuple(
            PlaceChoice(
                code=each.code,
                name=each.name,
                township=each.township,
                p=each.p,
                distance_m=each.distance_m,
            )
            for each in placed.location.candidates
        ),
        nearest=NearestPlace(nearest.code, nearest.name, nearest.distance_m) if nearest else None,
        within_m=placed.within_m,
    )
    about = {"": "", "township": "place.about", "grid": "place.about_grid"}[held.doubtful]
    case.place = replace(held, text=text(about, place=held.township) if about else held.text)


def write_found(case: Case, found: Found, *, keeping: CasePlace | None = None) -> None:
    """Write the places of every level into a case, codes and names; of the rest `keeping`."""
    chain = (found.county, found.township, found.village, found.grid)
    case.county_code, case.township_code, case.village_code, case.grid_code = (
        each.code if each else "" for each in chain
    )
    county, township, village, grid = (each.name if each else "" for each in chain)
    case.place = replace(
        keeping or CasePlace(),
        county=county,
        township=township,
        village=village,
        grid=grid,
        text=township + village + grid,
    )


def place_by_code(case: Case, code: str, boundaries: Boundaries | None) -> None:
    """Put a case into the place that a person named; raises BadInput for an unknown code.

    Of a township or a village one knows no more than about where.
    """
    if boundaries is None or boundaries.chain(code).township is None:
        raise BadInput([{"pointer": "/place", "reason": "unknown"}])
    found = boundaries.chain(code)
    case.generation_id = boundaries.generation_id
    write_found(case, found)
    sure = found.grid is not None or not boundaries.rows("grid")
    said = case.place.text if sure else text("place.about_grid", place=case.place.text)
    case.place = replace(case.place, text=said, certain=True, grid_certain=sure, by="person")


async def find_entry(
    matter: str,
    township: str,
    *,
    at: datetime,
    basis: Basis,
    about_id: int | None = None,
) -> Listing:
    """Look a matter up as of a moment; raises UnknownMatter for a code in no catalogue.

    `about_id` is the unit that is complained of.
    """
    found = basis.lists.at(at).lookup(matter, township)
    finding = around(found, about_id, basis.units)
    if finding.entry is not None:
        entry = finding.entry
        return Listing(matter=matter, name=entry.name, title=entry.title, finding=finding)
    name = await matter_name(matter)
    if name is None:
        raise UnknownMatter(code=matter)
    return Listing(matter=matter, name=name, title=shortened(name), finding=finding)


async def listing_of(case: Case, basis: Basis, *, matter: str = "") -> Listing:
    """Look a case's matter up, or another, as of its receipt; raises UnknownMatter."""
    return await find_entry(
        matter or case.matter_code,
        case.township_code,
        at=case.received_at,
        basis=basis,
        about_id=case.about_unit_id,
    )


def write_entry(case: Case, listing: Listing) -> None:
    """Write what the list says of a matter into a case as its snapshot, explanation and all."""
    finding = listing.finding
    case.matter_code, case.matter_name = listing.matter, listing.name
    case.off_list, case.title = finding.off_list, listing.title
    found = replace(finding.explanation, matter=listing.name)
    case.explanation = replace(found, text=explain(found))
    case.urgency, case.limit = finding.urgency, finding.limit
    if finding.entry is not None:
        case.kind = finding.entry.kind
        case.entry_id, case.list_version_id = finding.entry.id, finding.entry.version_id
