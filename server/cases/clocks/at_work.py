"""What the clock does while units have the case: signing, coming, urging, overdue, resuming."""

from datetime import datetime, timedelta
from typing import Final

from server.cases.dispatch.processes import advance
from server.cases.door.escalation import of_unit
from server.cases.door.schedule import (
    note_overrun,
    overrun,
    plan_task,
    schedule,
    take_turn,
)
from server.cases.door.waking import Woken
from server.cases.models.task import Task
from server.cases.rules import deadlines
from server.cases.rules.deadlines import Alarm, Timer
from server.cases.rules.flow import FLOW, TASK_OPEN, Part, Stage, TaskStage, Verb, task_after
from server.cases.work.suspending import resume_now
from server.permissions import Permission, Role
from server.texts.catalogue import text

#: How long a task waits whose case is elsewhere for the time being.
_ELSEWHERE: Final = timedelta(hours=1)


async def accept_by_clock(woken: Woken, due: datetime) -> None:
    """K3 is over: the lead has signed for it by silence, marked so, and a leader is told."""
    lead = woken.lead()
    if lead is not None and lead.stage == TaskStage.PENDING:
        await sign(woken, lead)
        plan_task(lead)
        woken.changed[lead.id] = lead


async def sign(woken: Woken, task: Task) -> None:
    """Sign for a task in its unit's place, as of the deadline for signing."""
    task.stage = task_after(TaskStage(task.stage), Verb.ACCEPT).value
    task.accepted_at = task.accept_due_at or woken.at
    task.accepted_by_clock = True
    act = woken.act(Verb.ACCEPT, task=task, result=text("word.by_clock"))
    if task.part == Part.LEAD:
        woken.case.accepted_at = task.accepted_at
        take_turn(woken.case, at=woken.at, basis=woken.basis)
        woken.tell(act, await woken.leaders(), "accept_by_clock")
        # Another lead may have had a step that is over since it leads.
        await advance(woken.case, woken.journal, at=woken.at, basis=woken.basis)


async def urge(woken: Woken, due: datetime) -> None:
    """Half of K5 is over: the units are urged."""
    woken.act(Verb.URGE)


async def warn(woken: Woken, due: datetime) -> None:
    """Four fifths of K5 are over: the leaders are told."""
    woken.escalate(await woken.leaders(), "warn")


async def supervise(woken: Woken, due: datetime) -> None:
    """K5 is over: a fact that stays; units and leaders are told."""
    note_overrun(woken.case, due)
    for task in woken.tasks:
        if _overdue(task, woken.at) and task.due_at:
            note_overrun(task, task.due_at)
            plan_task(task)
            woken.changed[task.id] = task
    woken.tell(woken.act(Verb.SUPERVISE), await woken.leaders(), "supervise")
    _again(woken, due)


async def still_late(woken: Woken, due: datetime) -> None:
    """Some time over and still not handled: the leaders are told again, so many times at most.

    A deadline that was moved since is supervised when it is over in its turn.
    """
    case = woken.case
    if case.due_at is not None and not overrun(case):
        schedule(case, [*case.timers, Alarm(Timer.SUPERVISE, case.due_at)])
        return
    woken.escalate(await woken.leaders(), "still_late")
    _again(woken, case.due_at or due)


def _again(woken: Woken, due_at: datetime) -> None:
    calendar, policy = woken.basis.calendar, woken.basis.policy
    again = deadlines.still_late(woken.at, due_at, calendar=calendar, policy=policy)
    if again is not None:
        schedule(woken.case, [*woken.case.timers, Alarm(Timer.STILL_LATE, again)])


def _overdue(task: Task, at: datetime) -> bool:
    """Tell whether a task is over its deadline and nobody has said so."""
    open_still = TaskStage(task.stage) in TASK_OPEN
    due = task.due_at is not None and task.due_at <= at
    return open_still and due and not overrun(task)


async def resume(woken: Woken, due: datetime) -> None:
    """A suspension is over: the clock runs on with what was left of it."""
    woken.act(Verb.RESUME)
    for task in await resume_now(woken.case, woken.tasks, at=woken.at, basis=woken.basis):
        woken.changed[task.id] = task


async def task_due(woken: Woken, task: Task) -> None:
    """Do what is due to one task: sign for it, note that it was not come to, or is overdue."""
    at = woken.at
    woken.changed[task.id] = task
    if task.stage == TaskStage.PENDING and not _signed_for_now(woken, task):
        task.wake_at = at + _ELSEWHERE
        return
    if task.stage == TaskStage.PENDING and task.accept_due_at and task.accept_due_at <= at:
        await sign(woken, task)
    elif task.stage == TaskStage.ACCEPTED and _not_come(task, at):
        await _late(woken, task)
    elif _overdue(task, at) and task.due_at:
        note_overrun(task, task.due_at)
        late = woken.act(Verb.SUPERVISE, unit=_name(woken, task))
        woken.tell(late, await woken.leaders(), "supervise")
    plan_task(task)


def _signed_for_now(woken: Woken, task: Task) -> bool:
    """Tell whether a task can be signed for as its case stands: not while that is elsewhere."""
    stage, part = Stage(woken.case.stage), Part(task.part)
    return any(m.verb is Verb.ACCEPT and m.part is part and stage in m.sources for m in FLOW)


def _not_come(task: Task, at: datetime) -> bool:
    due = task.arrive_due_at
    return task.call_id is not None and task.late_at is None and due is not None and due <= at


async def _late(woken: Woken, task: Task) -> None:
    """A unit has not come at the time asked for: late, whenever it comes; caller and leaders."""
    task.late_at, task.arrived_in_time = task.arrive_due_at, False
    persons = await woken.leaders()
    for caller, unit_id in woken.callers:
        persons = [*persons, *await _caller(woken, caller, unit_id)]
    woken.escalate(persons, "arrive_late", unit=_name(woken, task))


async def _caller(woken: Woken, person: int, unit_id: int | None) -> list[int]:
    if unit_id is not None:
        return await of_unit(woken.case, person, unit_id)
    return await woken.stand_ins.who_asked(
        woken.case, [person], Permission.CASE_CALL, Role.DISPATCHER
    )


def _name(woken: Woken, task: Task) -> str:
    unit = woken.basis.units.by_id.get(task.unit_id)
    return unit.name if unit else ""
