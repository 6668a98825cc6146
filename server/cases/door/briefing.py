"""The facts that a message's sentence needs, rendered for people."""

from datetime import datetime
from zoneinfo import ZoneInfo

from server.cases.models.case import Case
from server.cases.rules.basis import Basis
from server.texts.catalogue import text


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as a person of the county would write it; empty for None."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    return text(
        "format.moment",
        month=local.month,
        day=local.day,
        clock=f"{local:%H:%M}",
    )


def facts_of(case: Case, basis: Basis) -> dict[str, str]:
    """Return who leads, until when and where, as words."""
    lead = basis.units.by_id.get(case.lead_id) if case.lead_id else None
    return {
        "lead": lead.name if lead else "",
        "lead_phone": lead.phone if lead else "",
        "due": moment(case.due_at, basis.zone),
        "why": case.due_why,
        "place": case.place.text,
        "matter": case.matter_name,
    }
