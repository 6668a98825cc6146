"""What a report is answered with, now and every time it is sent again."""

from dataclasses import asdict, dataclass
from typing import Any

from server.cases.models.case import Case
from server.cases.reading.own_reports import why_waiting
from server.cases.rules.basis import Basis
from server.cases.rules.records import PlaceChoice, WhyWaiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The stored answer to a report, and whether this call created it.

    The body is as it was answered once, whatever an answer would be by now.
    """

    body: dict[str, Any]
    created: bool


@dataclass(frozen=True, slots=True)
class _Named:
    """A place or a matter by code and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the report lies, and the grids between which its reporter is to choose, if at all."""

    county: _Named | None
    township: _Named | None
    village: _Named | None
    grid: _Named | None
    generation: str
    certain: bool
    confirm: bool
    candidates: list[PlaceChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    """Who answers, until when, and how that was worked out."""

    unit: str
    due_at: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    no: str
    stage: str
    place: _Place | None
    matter: _Named | None
    lead: _Lead | None
    why: list[WhyWaiting]


def receipt(case: Case, basis: Basis) -> dict[str, Any]:
    """Return the answer for a case as it stands now, ready to be stored."""
    body = _Body(
        no=case.no,
        stage=case.stage,
        place=_place(case),
        matter=_named(case.matter_code, case.matter_name),
        lead=_lead(case, basis),
        why=why_waiting(case, basis),
    )
    return asdict(body)


def _place(case: Case) -> _Place | None:
    if not case.county_code and not case.township_code:
        return None
    place = case.place
    return _Place(
        county=_named(case.county_code, place.county),
        township=_named(case.township_code, place.township),
        village=_named(case.village_code, place.village),
        grid=_named(case.grid_code, place.grid),
        generation=str(case.generation_id),
        certain=place.certain,
        confirm=place.confirm,
        candidates=list(place.candidates) if place.confirm else [],
    )


def _named(code: str, name: str) -> _Named | None:
    return _Named(code, name) if code else None


def _lead(case: Case, basis: Basis) -> _Lead | None:
    unit = basis.units.by_id.get(case.lead_id) if case.lead_id else None
    due = case.due_at.isoformat() if case.due_at else None
    return _Lead(unit=unit.name, due_at=due, why=case.due_why) if unit else None
