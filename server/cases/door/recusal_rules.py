"""A complaint about a unit: who keeps out of it, and who leads instead (回避)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from server.cases.rules.basis import Basis
from server.cases.rules.views import CaseRow
from server.errors import UnitRecused, UnknownUnit
from server.people.units import Units, UnitView
from server.responsibility.list.entries import Finding


def complained_of(written: str, basis: Basis) -> UnitView:
    """Return the unit that is complained of, be it active or not; raises UnknownUnit."""
    unit = basis.units.named(written)
    if unit is None:
        raise UnknownUnit(name=written)
    return unit


def around(finding: Finding, about_id: int | None, units: Units) -> Finding:
    """Return what the list says of a case that complains of a unit: its superior leads, alone.

    Where it has none, or the matter is on no list, the dispatcher names somebody. What does not
    complain stays as it is.
    """
    if about_id is None:
        return finding
    lead = units.superior(about_id) if finding.entry else None
    if lead is not None and units.within(lead.id, about_id):
        lead = None  # merged, so that they are one house
    about: dict[str, Any] = {
        "rule": "recused" if lead else "recused_open",
        "fallback": None,
        "about": units.by_id[about_id].name,
        "about_unit_id": about_id,
        "lead": lead.name if lead else None,
        "lead_unit_id": lead.id if lead else None,
        "cooperating": [],
        "precedents": [],
    }
    return replace(
        finding,
        lead_unit_id=lead.id if lead else None,
        cooperating=(),
        steps=(),
        explanation=finding.explanation | about,
    )


def finding_of(case: CaseRow, basis: Basis) -> Finding:
    """Return what the list in force at its receipt says of a case, whomever it complains of."""
    finding = basis.lists.at(case.received_at).lookup(case.matter_code, case.township_code)
    return around(finding, case.about_unit_id, basis.units)


def no_lead(case: CaseRow) -> str:
    """Return why a case waits that has no lead by the list: for want of one, or to keep it out."""
    return "no_lead" if case.about_unit_id is None else "recusal"


def apart_of(unit_ids: Iterable[int], case: CaseRow, basis: Basis) -> list[int]:
    """Return those units that a case does not complain of, nor of one above them."""
    about = case.about_unit_id
    return [each for each in unit_ids if about is None or not basis.units.within(each, about)]


def require_apart(unit_ids: Iterable[int], case: CaseRow, basis: Basis) -> None:
    """Refuse with UnitRecused the unit that a case complains of, and what belongs to it."""
    for unit_id in unit_ids:
        if not apart_of([unit_id], case, basis):
            raise UnitRecused(unit=basis.units.by_id[unit_id].name)
