"""Whose turn a case is, until when, and what the clock will do by itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from server.calendar.working import Deadline
from server.cases import deadlines
from server.cases.basis import Basis
from server.cases.deadlines import CLOCK_RUNS, K1_RUNS, MARKS, Timer
from server.cases.flow import OPEN, Stage
from server.cases.models.case import Case

Alarm = tuple[Timer, datetime]
_MARKS: Final = frozenset(MARKS)


def take_turn(case: Case, *, at: datetime, basis: Basis, called: bool = False) -> None:
    """Set whose turn the present stage is, until when, and its timers.

    Marks of the handling time stay as long as the case's clock runs; an instruction that waits
    for its answer stays until the case is over.
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
    kept = [
        alarm
        for alarm in alarms(case)
        if (alarm[0] in _MARKS and stage in CLOCK_RUNS)
        or (alarm[0] is Timer.REPLY_LATE and stage in OPEN)
        or (alarm[0] is Timer.FILE_LATE and stage in K1_RUNS and alarm[1] <= at)
    ]
    schedule(case, (*kept, *turn.timers))


def set_due(case: Case, due: Deadline, *, start: datetime, basis: Basis) -> None:
    """Give the case its deadline K5, with the marks of the time from `start` to it."""
    case.due_at, case.due_why = due.at, due.why
    marks = deadlines.marks(start, due.at, case.urgency, calendar=basis.calendar)
    schedule(case, (*(each for each in alarms(case) if each[0] not in _MARKS), *marks))


def alarms(case: Case) -> list[Alarm]:
    """Return what the clock will do to a case, earliest first."""
    return [(Timer(each["name"]), datetime.fromisoformat(each["at"])) for each in case.timers]


def schedule(case: Case, planned: Iterable[Alarm]) -> None:
    """Write down what the clock will do to a case; replaces what was planned before."""
    ordered = sorted(planned, key=lambda alarm: alarm[1])
    case.timers = [{"name": name.value, "at": at.isoformat()} for name, at in ordered]
    case.wake_at = ordered[0][1] if ordered else None
