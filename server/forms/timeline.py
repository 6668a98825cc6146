"""A case's history as everybody who may see the case sees it: acts and units, no persons."""

from datetime import datetime

from server.cases import queries
from server.cases.basis import Basis
from server.cases.views import CaseRow
from server.http.forms import Answer
from server.texts.catalogue import text


class TimelineRow(Answer):
    """One act: what, by which unit or role, when, why."""

    version: int
    verb: str
    text: str
    unit: str
    at: datetime
    reason: str
    note: str


class PhotoRow(Answer):
    """A photo of the case: fetch it at /m/v1/photos/{id}."""

    id: str
    purpose: str


async def timeline(case: CaseRow, basis: Basis) -> list[TimelineRow]:
    """Return the acts of a case in order."""
    rows = []
    for step in await queries.steps(case):
        unit = basis.units.by_id.get(step.unit_id) if step.unit_id else None
        rows.append(
            TimelineRow(
                version=step.version,
                verb=step.verb,
                text=text(f"verb.{step.verb}"),
                unit=unit.name if unit else "",
                at=step.at,
                reason=step.reason,
                note=step.note,
            )
        )
    return rows


async def photos_of(case: CaseRow) -> list[PhotoRow]:
    """Return the photos of a case."""
    held = await queries.attachments(case)
    return [PhotoRow(id=str(each.photo_id), purpose=each.purpose) for each in held]
