"""The deadline of a case into which others were merged: the earliest, as long as they are in it.

Each merging keeps what it did to it, so that it can be undone in any order.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from server.cases.door.expiry import OPEN_STAGES
from server.cases.door.schedule import plan_task, schedule
from server.cases.models.case import Case
from server.cases.models.steering import Merge
from server.cases.models.task import Task
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import CLOCK_RUNS, MARKS, Alarm
from server.cases.rules.flow import EARLY, Stage
from server.cases.rules.records import KeptDue, SharedDue
from server.db import update

#: Stages at which an earlier deadline is taken over: not while the clock stands, nor after.
_TAKES: Final = CLOCK_RUNS | EARLY


async def take_over(
    kept: Case, gone: Case, stage: Stage, *, at: datetime, basis: Basis
) -> SharedDue:
    """Give the survivor the merged case's deadline where that is earlier; return what was done.

    `stage` is where the merged case stood. A suspended survivor's clock stands still, and what
    has been handled is not late afterwards: neither takes a deadline over.
    """
    before = after = _of(kept)
    brought = None
    # What waits has a deadline only of a case that was merged into it: that goes on with it.
    if gone.due_at is not None and stage in _TAKES and Stage(kept.stage) in _TAKES:
        brought = _due(gone.due_at, gone.due_why, _marks(kept, gone.due_at, at, basis))
        after = _earlier(before, brought)
        await _write(kept, after)
    return SharedDue(before=before, brought=brought, after=after)


async def restore(kept: Case, undone: Merge, others: list[Merge], *, basis: Basis) -> None:
    """Give the survivor the deadline that it would have without one of its mergings.

    What is kept with the other mergings is put right; the caller saves them. A deadline that was
    moved since (extended, begun anew) stays as it is.
    """
    rows = sorted([undone, *others], key=lambda row: row.id)
    last = rows[-1].before.due.after
    due = _replayed(rows, undone)
    if kept.due_at != last.at or due.at == last.at:
        return
    if due.at is None and kept.dispatched_at is not None:
        # Dispatched only after the merging: its own time was never written down.
        own = basis.calendar.add(kept.dispatched_at, kept.limit or 1, kept.urgency)
        due = _due(own.at, own.why, _marks(kept, own.at, kept.dispatched_at, basis))
    await _write(kept, due)


def _replayed(rows: list[Merge], undone: Merge) -> KeptDue:
    """Return the deadline after all mergings but one, and note with the others what they did."""
    due = rows[0].before.due.before
    seen = due.at
    for row in rows:
        held = row.before.due
        if held.before.at != seen:  # moved in between by something else
            due = held.before
        seen = held.after.at
        if row is not undone:
            after = _earlier(due, held.brought)
            shared = replace(held, before=due, after=after)
            row.before = replace(row.before, due=shared)
            due = after
    return due


async def _write(case: Case, due: KeptDue) -> None:
    """Set deadline, stage's deadline, marks not past yet, and tasks that ran until then."""
    at = due.at
    if case.due_at is not None:
        running = await Task.filter(
            case_id=case.id, stage__in=OPEN_STAGES, due_at=case.due_at
        ).order_by("id")
        for task in running:
            task.due_at = at
            if case.stage != Stage.SUSPENDED:  # its clock stands with the case's
                plan_task(task)
        await update(*running)
    if case.stage_due_at is not None and case.stage_due_at == case.due_at:
        case.stage_due_at = at
    case.due_at, case.due_why = at, due.why
    ahead = {each.name for each in case.timers if each.name in MARKS}
    marks = [Alarm(name, each) for name, each in due.marks if name in ahead]
    schedule(case, [*(each for each in case.timers if each.name not in MARKS), *marks])


def _marks(case: Case, due_at: datetime, at: datetime, basis: Basis) -> tuple[Alarm, ...]:
    start = case.dispatched_at or at
    return deadlines.marks(start, due_at, case.urgency, calendar=basis.calendar)


def _of(case: Case) -> KeptDue:
    marks = [each for each in case.timers if each.name in MARKS]
    return _due(case.due_at, case.due_why, marks)


def _due(at: datetime | None, why: str, marks: Sequence[Alarm]) -> KeptDue:
    return KeptDue(at, why, tuple((each.name, each.at) for each in marks))


def _earlier(one: KeptDue, other: KeptDue | None) -> KeptDue:
    if other is None or other.at is None:
        return one
    if one.at is None or other.at < one.at:
        return other
    return one
