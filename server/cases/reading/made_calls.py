"""Calls as those who made them look after them, and as those who were called read of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from server.cases.door.access import covered, of_cases_apart
from server.cases.models.case import Case, Step
from server.cases.models.task import Call, Task
from server.cases.reading.reporters import reporters_names
from server.cases.rules.flow import AFTER_DISPATCH, TASK_GONE, Verb
from server.cases.rules.masking import masked
from server.cases.rules.views import CallRow, CaseRow
from server.people.actor import Actor
from server.permissions import Permission

#: Of one call no more units than these are shown.
_MOST_UNITS: Final = 100
#: Among so many of the newest, those that go on are looked for.
_LOOKED_THROUGH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """A call with its case, what it says of the situation, persons masked, and who was called."""

    call: Call
    case: Case
    text: str
    tasks: list[Task]


async def made_calls(
    actor: Actor, *, no: str = "", limit: int, before_id: int | None
) -> list[Call]:
    """Return the calls of the actor's own unit, of all cases or one, newest first.

    None on what one keeps out of.
    """
    found = Call.filter(of_cases_apart(actor), caller_unit_id__in=sorted(actor.unit_ids))
    if no:
        found = found.filter(case__no=no)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return await found.order_by("-id").limit(limit)


async def going_on(actor: Actor, *, limit: int) -> list[MadeCall]:
    """Return the actor's newest calls on which somebody has still to come or to be judged."""
    found = await looked_after(
        actor, await made_calls(actor, limit=_LOOKED_THROUGH, before_id=None)
    )
    return [
        each
        for each in found
        if each.case.stage in AFTER_DISPATCH
        and any(not task.arrival and task.stage not in TASK_GONE for task in each.tasks)
    ][:limit]


async def looked_after(actor: Actor, calls: Sequence[Call]) -> list[MadeCall]:
    """Return those of these calls whose cases the actor may read, with who was called."""
    condition = covered(actor, Permission.CASE_READ)
    if condition is None or not calls:
        return []
    cases = {
        case.id: case
        for case in await Case.filter(condition, id__in={call.case_id for call in calls})
    }
    tasks = defaultdict[int, list[Task]](list)
    of_these = Task.filter(call_id__in=[call.id for call in calls]).order_by("id")
    for task in await of_these.limit(_MOST_UNITS * len(calls)):
        tasks[task.call_id or 0].append(task)
    words = await _words(calls, cases)
    return [
        MadeCall(call=call, case=cases[call.case_id], text=words[call.id], tasks=tasks[call.id])
        for call in calls
        if call.case_id in cases
    ]


async def called_to(task: Task) -> Call | None:
    """Return the call by which a unit has this task; None where nobody called it."""
    return await Call.get_or_none(id=task.call_id) if task.call_id else None


async def words_of(call: CallRow, case: CaseRow) -> str:
    """Return what a call says of the situation, persons masked."""
    return (await _words([call], {case.id: case}))[call.id]


async def _words(calls: Sequence[CallRow], cases: Mapping[int, CaseRow]) -> dict[int, str]:
    made = Step.filter(
        case_id__in=list(cases),
        verb=Verb.CALL.value,
        at__in=[call.created_at for call in calls],
    )
    notes = {(step.case_id, step.at): step.note for step in await made.order_by("-version")}
    said = dict[int, str]()
    hidden = dict[int, set[str]]()
    for call in calls:
        note = notes.get((call.case_id, call.created_at), "")
        if note and call.case_id not in hidden:
            hidden[call.case_id] = await reporters_names(cases[call.case_id])
        said[call.id] = masked(note, hidden[call.case_id]) if note else ""
    return said
