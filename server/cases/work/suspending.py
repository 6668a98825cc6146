"""A case whose clock stands still for a while (挂账): what is left of every clock is kept."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from server.cases.door.schedule import plan_task, schedule, take_turn
from server.cases.models.case import Case
from server.cases.models.steering import Request
from server.cases.models.task import Task
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import OF_HANDLING, URGENT, Alarm, Timer
from server.cases.rules.flow import TASK_OPEN, TaskStage
from server.cases.rules.records import ClocksLeft
from server.texts.catalogue import text

_OPEN: Final = frozenset(stage.value for stage in TASK_OPEN)


def pause(
    case: Case, tasks: Iterable[Task], until: datetime, *, at: datetime, basis: Basis
) -> tuple[ClocksLeft, list[Task]]:
    """Stop the clocks of a suspended case and of its open tasks until a moment.

    Returns what is left of each, in seconds of its running time, and the tasks that changed. An
    overdue case has nothing left: it stays overdue.
    """
    calendar, urgency = basis.calendar, case.urgency

    def left(due: datetime | None) -> int:
        if due is None:
            return 0
        return math.ceil(calendar.left(at, due, urgency).total_seconds())

    marks = {each.name: left(each.at) for each in case.timers if each.name in OF_HANDLING}
    every = list(tasks)
    stopped = [task for task in every if task.stage in _OPEN]
    # Also of one that was returned: a ruling may put it back meanwhile.
    kept = ClocksLeft(marks=marks, tasks={task.id: left(task.due_at) for task in every})
    for task in stopped:
        task.wake_at = None
    case.paused_s = left(case.due_at)
    case.suspended_until = until
    case.n_suspend += 1
    take_turn(case, at=at, basis=basis)
    return kept, stopped


async def resume_now(
    case: Case, tasks: Iterable[Task], *, at: datetime, basis: Basis
) -> list[Task]:
    """Let the clocks of a case run on from now, within an act just added.

    Returns the tasks that changed; the caller saves them. Marks that had come do not come again.
    """
    asked = Request.filter(case_id=case.id, what="suspend", granted=True)
    request = await asked.order_by("-id").first()
    left = request.terms.left if request else ClocksLeft()
    _run_on(case, left.marks, at=at, basis=basis)
    changed = [task for task in tasks if task.stage in _OPEN]
    for task in changed:
        _run_on_task(case, task, left.tasks, at=at, basis=basis)
    if request is not None:
        request.terms = replace(request.terms, resumed_at=at)
        await request.save()
    return changed


def _run_on(case: Case, marks: Mapping[Timer, int], *, at: datetime, basis: Basis) -> None:
    calendar = basis.calendar
    if case.paused_s:
        case.due_at = calendar.after(at, timedelta(seconds=case.paused_s), case.urgency)
        case.due_why = text(
            "calendar.why_resumed", start=calendar.say(at), end=calendar.say(case.due_at)
        )
    again = [
        Alarm(name, calendar.after(at, timedelta(seconds=seconds), case.urgency))
        for name, seconds in marks.items()
    ]
    case.suspended_until, case.paused_s = None, None
    schedule(case, [*case.timers, *again])
    take_turn(case, at=at, basis=basis)


def _run_on_task(
    case: Case, task: Task, left: Mapping[int, int], *, at: datetime, basis: Basis
) -> None:
    """Give a task the time that it had left; who had not signed has the time to sign anew."""
    if seconds := left.get(task.id):
        task.due_at = basis.calendar.after(at, timedelta(seconds=seconds), case.urgency)
    if task.stage == TaskStage.PENDING:
        urgent = case.urgency == URGENT or task.call_id is not None
        task.accept_due_at = deadlines.clock_due(
            deadlines.K3, at, urgent=urgent, calendar=basis.calendar, policy=basis.policy
        )
    plan_task(task)


async def cut_short(case: Case, *, at: datetime) -> None:
    """Let a suspension end that nobody goes on after: it lasted until now."""
    asked = Request.filter(case_id=case.id, what="suspend", granted=True)
    request = await asked.order_by("-id").first()
    if request is not None and request.terms.resumed_at is None:
        request.terms = replace(request.terms, resumed_at=at)
        await request.save()
    case.suspended_until = case.paused_s = None


async def days_suspended(case: Case) -> timedelta:
    """Return how long a case was suspended so far, in all."""
    total = timedelta()
    for request in await Request.filter(case_id=case.id, what="suspend", granted=True):
        until = request.terms.resumed_at or request.terms.until
        if until is not None and request.answered_at is not None:
            total += until - request.answered_at
    return total
