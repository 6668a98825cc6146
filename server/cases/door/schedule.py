"""Whose turn a case is, until when, and what the clock will do by itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from server.calendar.working import Deadline, limit_text
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import (
    CLOCK_RUNS,
    K1_RUNS,
    MARKS,
    OF_ANSWERS,
    OF_HANDLING,
    Alarm,
    Timer,
)
from server.cases.rules.flow import OPEN, TASK_OPEN, Stage, TaskStage
from server.cases.rules.views import TaskRow
from server.texts.catalogue import text

_OPEN_TASKS: Final = frozenset(stage.value for stage in TASK_OPEN)


def take_turn(case: Case, *, at: datetime, basis: Basis, called: bool = False) -> None:
    """Set whose turn the present stage is, until when, and its timers.

    Marks of the handling time stay as long as the case's clock runs; an instruction or
    a cooperating unit's return that waits for its answer stays until the case is over.
    """
    stage = Stage(case.stage)
    turn = deadlines.turn(
        stage,
        at=at,
        urgent=called or case.urgency == deadlines.URGENT,
        due_at=case.suspended_until if stage is Stage.SUSPENDED else case.due_at,
        calendar=basis.calendar,
        policy=basis.policy,
        since=case.objected_at or case.received_at,
    )
    case.owner_role, case.stage_due_at = turn.owner, turn.due_at
    if stage not in CLOCK_RUNS:
        _note_overdue(case, at)
    kept = [
        alarm
        for alarm in case.timers
        if (alarm.name in OF_HANDLING and stage in CLOCK_RUNS)
        or (alarm.name in OF_ANSWERS and stage in OPEN)
        or (alarm.name is Timer.FILE_LATE and stage in K1_RUNS and alarm.at <= at)
    ]
    schedule(case, (*kept, *turn.timers))


def _note_overdue(case: Case, at: datetime) -> None:
    """Keep that the deadline was over, also where the clock did not come to say so."""
    due = planned_at(case, Timer.SUPERVISE)
    if due is not None and due <= at:
        note_overrun(case, due)


def wait_again(case: Case, *, at: datetime, basis: Basis) -> None:
    """Plan the present stage's timers anew, another of its times from now; its deadline stays."""
    due_at = case.stage_due_at
    take_turn(case, at=at, basis=basis)
    case.stage_due_at = due_at


def set_due(case: Case, due: Deadline, *, start: datetime, basis: Basis) -> None:
    """Give the case its deadline K5, with the marks of the time from `start` to it."""
    case.due_at, case.due_why = due.at, due.why
    marks = deadlines.marks(start, due.at, case.urgency, calendar=basis.calendar)
    schedule(case, (*(each for each in case.timers if each.name not in OF_HANDLING), *marks))


def extend_due(case: Case, limit: int, *, basis: Basis) -> None:
    """Move the deadline K5 by so many units of the case's own limit.

    Marks that have not come yet keep their share of the whole; those that have do not come
    again, but that the new deadline is over.
    """
    if case.due_at is None:
        return
    calendar, urgency = basis.calendar, case.urgency
    longer = calendar.length(limit, urgency)
    before = case.due_at
    case.due_at = calendar.after(before, longer, urgency)
    case.due_why = text(
        "calendar.why_extended",
        before=case.due_why,
        limit=limit_text(limit, urgency),
        end=calendar.say(case.due_at),
    )
    planned = [each for each in case.timers if each.name is not Timer.STILL_LATE]
    if planned_at(case, Timer.SUPERVISE) is None:  # granted late: the new one may be missed too
        planned.append(Alarm(Timer.SUPERVISE, before))
    schedule(
        case,
        [
            replace(each, at=calendar.after(each.at, longer * MARKS[each.name], urgency))
            if each.name in MARKS
            else each
            for each in planned
        ],
    )


def plan_task(task: Task) -> None:
    """Set when the clock looks at a task next; keep it as overdue if it was done too late."""
    due: list[datetime | None] = []
    if task.stage in _OPEN_TASKS and not overrun(task):
        due.append(task.due_at)
    if task.stage == TaskStage.PENDING:
        due.append(task.accept_due_at)
    if task.stage == TaskStage.ACCEPTED and task.call_id is not None and task.late_at is None:
        due.append(task.arrive_due_at)
    task.wake_at = min((at for at in due if at is not None), default=None)
    if task.done_at is not None and task.due_at is not None and task.done_at > task.due_at:
        note_overrun(task, task.due_at)


def note_overrun(late: Case | Task, due: datetime) -> None:
    """Keep that a deadline was missed, once, beside those missed before: a fact that stays."""
    late.overdue_at = late.overdue_at or due
    if due not in late.overruns:
        late.overruns = (*late.overruns, due)


def overrun(late: Case | Task) -> bool:
    """Tell whether it is on record that the present deadline was missed."""
    return late.due_at is not None and late.due_at in late.overruns


def last_overrun(late: Case | TaskRow) -> datetime | None:
    """Return the deadline that was missed last."""
    return max(late.overruns, default=None)


def planned_at(case: Case, timer: Timer) -> datetime | None:
    """Return when the clock will do something to a case; None where that is not planned."""
    return next((each.at for each in case.timers if each.name is timer), None)


def schedule(case: Case, planned: Iterable[Alarm]) -> None:
    """Write down what the clock will do to a case; replaces what was planned before."""
    case.timers = tuple(sorted(planned, key=lambda alarm: alarm.at))
    case.wake_at = case.timers[0].at if case.timers else None
