"""What ends with a case that has moved on: its open tasks, and what was asked for in vain."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from server.cases.door.escalation import who_requested
from server.cases.door.journal import Act, Journal
from server.cases.models.steering import Request
from server.cases.models.task import Task
from server.cases.rules.flow import FLOW, TASK_OPEN, Stage, TaskStage, Verb
from server.cases.rules.traits import Trait, verbs_with
from server.people.actor import SYSTEM
from server.texts.catalogue import text

OPEN_STAGES: Final = sorted(stage.value for stage in TASK_OPEN)
_OF_LEAD: Final = verbs_with(Trait.OF_LEAD)


async def waive_open(journal: Journal) -> list[Task]:
    """Waive every open task of a case and let its units hear; return the tasks as they were."""
    found = await Task.filter(case_id=journal.case.id, stage__in=OPEN_STAGES).order_by("id")
    journal.also_tell(*(task.unit_id for task in found))
    ended = Task.filter(id__in=[task.id for task in found])
    await ended.update(stage=TaskStage.WAIVED.value, wake_at=None)
    return found


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
        if request.unit_id == unit_id and request.what in _OF_LEAD
    ]
    await _close(journal, lost, "lead", at=at)


async def reopen(ids: Iterable[int]) -> None:
    """Let requests wait again that were closed by what is undone."""
    await Request.filter(id__in=list(ids)).update(granted=None, answered_at=None, answer="")


async def _waiting(journal: Journal) -> list[Request]:
    return await Request.filter(case_id=journal.case.id, granted__isnull=True).order_by("id")


async def _close(journal: Journal, lost: list[Request], why: str, *, at: datetime) -> list[int]:
    for request in lost:
        request.granted, request.answered_at = False, at
        request.answer = text(f"lapsed.{why}")
        await request.save()
        about = {"request": text(f"request.{request.what}")}
        act = Act(verb=Verb.LAPSE, by=SYSTEM, at=at, reason=request.answer, facts=about)
        journal.call_attention(journal.add(act), await who_requested(journal.case, request))
    return [request.id for request in lost]
