"""Open cases under new boundaries: which would lie elsewhere, and putting them there by hand."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from server.cases.door import placing
from server.cases.door.journal import Act
from server.cases.door.moving import moving
from server.cases.intake.place_choice import codes_of
from server.cases.reading import open_cases
from server.cases.reading.open_cases import Codes, Whereabouts
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.cases.rules.views import CaseRow
from server.errors import BadInput, CaseNotReady, NotReady
from server.people.actor import Actor
from server.places.boundaries import Boundaries, Found

_LOOKED_AT: Final = 500


@dataclass(frozen=True, slots=True)
class Rebinding:
    """An open case whose place differs under the boundaries in force.

    `place` is where it would lie; None where no place of the same code, or none that holds its
    position, is left, so that a person has to name one.
    """

    case: Whereabouts
    place: Found | None
    codes: Codes


@dataclass(frozen=True, slots=True)
class Rebindings:
    """A part of the list; `after_id` is where it goes on, None at its end."""

    items: tuple[Rebinding, ...]
    generation_id: int
    after_id: int | None


async def rebindings(
    *, by: Actor, at: datetime, basis: Basis, after_id: int, limit: int
) -> Rebindings:
    """List the open cases whose place would differ under the generation in force, by id.

    A part may hold fewer than `limit` and not be the last. Raises NotReady without boundaries.
    """
    boundaries = _in_force(at, basis)
    generation_id = boundaries.generation_id
    rows = await open_cases.bound_otherwise(
        generation_id, by=by, after_id=after_id, limit=_LOOKED_AT
    )
    items = list[Rebinding]()
    for row in rows:
        found = _elsewhere(row, boundaries)
        if found is None:
            continue
        if len(items) == limit:
            return Rebindings(tuple(items), generation_id, items[-1].case.id)
        items.append(found)
    last = rows[-1].id if len(rows) == _LOOKED_AT else None
    return Rebindings(tuple(items), generation_id, last)


async def rebind(
    no: str, reason: str, *, place: str = "", by: Actor, at: datetime, basis: Basis
) -> CaseRow:
    """Give an open case its place under the boundaries in force; everything else stays.

    `place` is a code for cases that their position does not settle, or to overrule it. Lead,
    limits and clocks do not change. Raises NotFound, NotPermitted, WrongStage, ReasonMissing,
    BadInput for a code unknown, CaseNotReady when a place has to be named.
    """
    boundaries = _in_force(at, basis)
    act = Act(verb=Verb.REBIND, by=by, at=at, reason=reason)
    async with moving(no, act, basis) as opened:
        case = opened.case
        found = _named(place, boundaries) or _found(open_cases.whereabouts(case), boundaries)
        if found is None or found.township is None:
            raise CaseNotReady(missing="place")
        before = codes_of(case)
        placing.write_found(case, found, keeping=case.place)
        case.generation_id = boundaries.generation_id
        case.place = replace(case.place, confirm=False, candidates=(), nearest=None)
        if place:
            case.place = replace(case.place, by="person", certain=True, grid_certain=True)
        opened.tell(**{"from": before, "to": codes_of(case)})
    return case


def _in_force(at: datetime, basis: Basis) -> Boundaries:
    boundaries = basis.places.at(at)
    if boundaries is None:
        raise NotReady(part="places")
    return boundaries


def _elsewhere(row: Whereabouts, boundaries: Boundaries) -> Rebinding | None:
    found = _found(row, boundaries)
    codes = _codes(found or Found())
    return None if codes == row.codes else Rebinding(row, found, codes)


def _found(row: Whereabouts, boundaries: Boundaries) -> Found | None:
    """Return where a case lies by its position, or by its code where a person named the place."""
    if row.named or row.lon is None or row.lat is None:
        found = boundaries.chain(row.code)
    else:
        found = boundaries.find(row.lon, row.lat)
    return found if found.finest else None


def _named(code: str, boundaries: Boundaries) -> Found | None:
    if not code:
        return None
    found = boundaries.chain(code)
    if found.township is None:
        raise BadInput([{"pointer": "/place", "reason": "unknown"}])
    return found


def _codes(found: Found) -> Codes:
    chain = (found.county, found.township, found.village, found.grid)
    county, township, village, grid = (each.code if each else "" for each in chain)
    return county, township, village, grid
