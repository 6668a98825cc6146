"""What was asked for on a case and can be granted no more, since the case has moved on."""

from datetime import datetime

from server.cases.door.journal import Act, Journal
from server.cases.models.steering import Request
from server.cases.rules.flow import FLOW, Stage, Verb
from server.people.actor import SYSTEM
from server.texts.catalogue import text

#: What a unit asks for as the one that leads.
_OF_LEADS = ("suspend", "extend")


async def lapse(journal: Journal, *, at: datetime) -> list[int]:
    """Close the requests that the stage just reached leaves nobody to grant; return their ids.

    Who asked is told why. An overdue appeal and a second redo outlive the case's closing.
    """
    stage = Stage(journal.case.stage)
    lost = [
        request
        for request in await _waiting(journal)
        if not any(move.verb == request.what and stage in move.sources for move in FLOW)
    ]
    return await _close(journal, lost, stage.value, at=at)


async def lapse_with_lead(journal: Journal, unit_id: int, *, at: datetime) -> None:
    """Close what a unit has asked for that leads the case no more."""
    lost = [
        request
        for request in await _waiting(journal)
        if request.unit_id == unit_id and request.what in _OF_LEADS
    ]
    await _close(journal, lost, "lead", at=at)


async def reopen(ids: list[int]) -> None:
    """Let requests wait again that were closed by what is undone."""
    await Request.filter(id__in=ids).update(granted=None, answered_at=None, answer="")


async def _waiting(journal: Journal) -> list[Request]:
    return await Request.filter(case_id=journal.case.id, granted__isnull=True).order_by("id")


async def _close(journal: Journal, lost: list[Request], why: str, *, at: datetime) -> list[int]:
    for request in lost:
        request.granted, request.answered_at = False, at
        request.answer = text(f"lapsed.{why}")
        await request.save()
        about = {"request": text(f"request.{request.what}")}
        act = Act(verb=Verb.LAPSE, by=SYSTEM, at=at, reason=request.answer, facts=about)
        journal.call_attention(journal.add(act), [request.by_id])
    return [request.id for request in lost]
