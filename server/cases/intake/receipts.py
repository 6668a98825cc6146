"""What a report is answered with, now and every time it is sent again."""

from dataclasses import dataclass
from typing import Any

from server.cases.door.placing import place_of
from server.cases.models.case import Case
from server.cases.reading.own_reports import why_waiting
from server.cases.rules.basis import Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The stored answer to a report, and whether this call created it."""

    body: dict[str, Any]
    created: bool


def receipt(case: Case, basis: Basis) -> dict[str, Any]:
    """Return the answer for a case as it stands now, ready to be stored."""
    lead = basis.units.by_id.get(case.lead_id) if case.lead_id else None
    due = case.due_at.isoformat() if case.due_at else None
    return {
        "no": case.no,
        "stage": case.stage,
        "place": place_of(case),
        "matter": {"code": case.matter_code, "name": case.matter_name}
        if case.matter_code
        else None,
        "lead": {"unit": lead.name, "due_at": due, "why": case.due_why} if lead else None,
        "why": why_waiting(case, basis),
    }
