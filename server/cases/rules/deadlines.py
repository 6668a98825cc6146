"""By when: whose turn a stage is, until when, and until when a task is due. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from server.calendar.working import Deadline, WorkingCalendar
from server.cases.rules.flow import Stage
from server.errors import CalendarMissing
from server.permissions import Role
from server.settings import Policy
from server.texts.catalogue import text

URGENT: Final = "urgent_hour"

#: Whose turn it is at each stage that is not final; "system" where a clock alone moves it.
OWNERS: Final = {
    Stage.SUBMITTED: Role.ACCEPTOR.value,
    Stage.VERIFYING: Role.GRID_WORKER.value,
    Stage.FILED: Role.DISPATCHER.value,
    Stage.DISPATCHED: Role.HANDLER.value,
    Stage.HANDLING: Role.HANDLER.value,
    Stage.SUSPENDED: Role.HANDLER.value,
    Stage.DISPUTED: Role.DISPATCHER.value,
    Stage.IN_CONFERENCE: Role.LIST_KEEPER.value,
    Stage.HANDLED: Role.ACCEPTOR.value,
    Stage.CHECKING: Role.GRID_WORKER.value,
    Stage.CLOSED: "reporter",
}


class Timer(StrEnum):
    """What the clock does to a case by itself; `timing.py` says how."""

    FILE_LATE = "file_late"  # K1 over: the dispatcher is told
    FILE_BY_CLOCK = "file_by_clock"  # twice K1: filed with its best suggestion
    VERIFY_LAPSED = "verify_lapsed"  # nobody looked: back to the acceptor
    DISPATCH_LATE = "dispatch_late"  # K2 over: a leader is told, and again every K2
    ACCEPT_BY_CLOCK = "accept_by_clock"  # K3 over: accepted, marked so, leader told
    URGE = "urge"  # half of K5
    WARN = "warn"  # four fifths of K5: the leader is told
    SUPERVISE = "supervise"  # K5 over: a fact that stays
    STILL_LATE = "still_late"  # overdue still: leaders are told again, some times
    CONVENE = "convene"  # K8 over: a conference by itself
    RULE_LATE = "rule_late"  # K8 over for a cooperating unit's return: told, and again every K8
    DECIDE_LATE = "decide_late"  # K9 over: a leader decides
    RESUME = "resume"  # a suspension is over
    CHECK_LATE = "check_late"  # K6 over: the next person, then the acceptor, then a leader
    ARCHIVE = "archive"  # K7 over: not appraised
    REPLY_LATE = "reply_late"  # an instruction without an answer


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the clock will do to a case by itself, and when."""

    name: Timer
    at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Minutes round the clock for urgent matters, working time in a unit for all others.

    `most` ends it in any case.
    """

    urgent_minutes: Callable[[Policy], int]
    working: Callable[[Policy], int]
    unit: str
    most: timedelta | None = None


#: To file what was reported: two hours on the clock at most.
K1: Final = Clock(
    lambda p: p.k1_urgent_minutes,
    lambda p: p.k1_work_minutes,
    "work_minute",
    most=timedelta(hours=2),
)
#: To give a filed case its lead.
K2: Final = Clock(lambda p: p.k2_urgent_minutes, lambda p: p.k2_work_minutes, "work_minute")
#: To sign for a task.
K3: Final = Clock(lambda p: p.k3_urgent_minutes, lambda p: p.k3_work_hours, "work_hour")
#: To look at what was handled.
K6: Final = Clock(lambda p: p.k6_urgent_minutes, lambda p: p.k6_work_days, "work_day")
#: To rule on a return.
K8: Final = Clock(lambda p: p.k8_urgent_minutes, lambda p: p.k8_work_days, "work_day")
#: To decide as a conference; a leader may after it.
K9: Final = Clock(lambda p: p.k9_urgent_minutes, lambda p: p.k9_work_days, "work_day")

#: Marks of the handling time K5, and the share of it after which each falls due.
MARKS: Final = {Timer.URGE: 0.5, Timer.WARN: 0.8, Timer.SUPERVISE: 1.0}
#: What the clock says of the handling time: the marks, and after them that it is over still.
OF_HANDLING: Final = frozenset({*MARKS, Timer.STILL_LATE})
#: Of what has a deadline of its own, whatever the case's stage, until the case is over.
OF_ANSWERS: Final = frozenset({Timer.RULE_LATE, Timer.REPLY_LATE})
#: Stages at which the case's own clock runs.
CLOCK_RUNS: Final = frozenset(
    {Stage.DISPATCHED, Stage.HANDLING, Stage.DISPUTED, Stage.IN_CONFERENCE}
)

#: Stages at which K1 runs: taken on, and not filed yet.
K1_RUNS: Final = frozenset({Stage.SUBMITTED, Stage.VERIFYING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who owns a stage, until when, and what the clock does should the owner not act.

    Owner empty and `due_at` None for a final stage.
    """

    owner: str
    due_at: datetime | None
    timers: tuple[Alarm, ...] = ()


def turn(
    stage: Stage,
    *,
    at: datetime,
    urgent: bool,
    due_at: datetime | None,
    calendar: WorkingCalendar,
    policy: Policy,
    since: datetime | None = None,
) -> Turn:
    """Return whose turn a stage is that begins at `at`, its deadline (K1-K9) and its timers.

    `due_at` is the case's deadline, at a suspended case the end of the suspension. `since` is
    when the case was received: K1 counts from it, also while somebody verifies the report.
    """
    if stage not in OWNERS:
        return Turn(owner="", due_at=None)
    if stage in K1_RUNS:
        return _screening(stage, at, since or at, urgent, calendar, policy)
    until = _until(stage, at, urgent, due_at, calendar, policy)
    timers = (Alarm(_TIMERS[stage], until),) if stage in _TIMERS else ()
    return Turn(owner=OWNERS[stage], due_at=until, timers=timers)


def _screening(
    stage: Stage,
    at: datetime,
    since: datetime,
    urgent: bool,
    calendar: WorkingCalendar,
    policy: Policy,
) -> Turn:
    """Return the turn of a report that is not filed yet; K1 is never begun anew.

    Who verifies has what remains of K1, and half of K1 where less remains. A lateness that was
    told already is not planned again.
    """
    k1 = clock_due(K1, since, urgent=urgent, calendar=calendar, policy=policy)
    late = (Alarm(Timer.FILE_LATE, k1),) if k1 > at else ()
    if stage is Stage.VERIFYING:
        whole = clock_due(K1, at, urgent=urgent, calendar=calendar, policy=policy)
        until = max(k1, at + (whole - at) / 2)
        lapsed = Alarm(Timer.VERIFY_LAPSED, until)
        return Turn(owner=OWNERS[stage], due_at=until, timers=(*late, lapsed))
    twice = clock_due(K1, k1, urgent=urgent, calendar=calendar, policy=policy)
    by_clock = Alarm(Timer.FILE_BY_CLOCK, twice)
    return Turn(owner=OWNERS[stage], due_at=k1, timers=(*late, by_clock))


_TIMERS: Final = {
    Stage.FILED: Timer.DISPATCH_LATE,
    Stage.DISPATCHED: Timer.ACCEPT_BY_CLOCK,
    Stage.SUSPENDED: Timer.RESUME,
    Stage.DISPUTED: Timer.CONVENE,
    Stage.IN_CONFERENCE: Timer.DECIDE_LATE,
    Stage.HANDLED: Timer.CHECK_LATE,
    Stage.CHECKING: Timer.CHECK_LATE,
    Stage.CLOSED: Timer.ARCHIVE,
}


def marks(
    start: datetime, due_at: datetime, urgency: str, *, calendar: WorkingCalendar
) -> tuple[Alarm, ...]:
    """Return when a handling time from `start` to `due_at` is to be urged and supervised."""
    return tuple(
        Alarm(timer, due_at if share == 1 else calendar.share(start, due_at, share, urgency))
        for timer, share in MARKS.items()
    )


_CLOCKS: Final = {
    Stage.FILED: K2,
    Stage.DISPATCHED: K3,
    Stage.DISPUTED: K8,
    Stage.IN_CONFERENCE: K9,
}


def _until(
    stage: Stage,
    at: datetime,
    urgent: bool,
    due_at: datetime | None,
    calendar: WorkingCalendar,
    policy: Policy,
) -> datetime:
    if stage in (Stage.HANDLING, Stage.SUSPENDED) and due_at:
        return due_at
    if stage is Stage.CLOSED:
        return at + timedelta(days=policy.k7_days)
    clock = _CLOCKS.get(stage, K6)
    return clock_due(clock, at, urgent=urgent, calendar=calendar, policy=policy)


#: What stands in for working time where the calendar ends.
_WITHOUT_CALENDAR: Final = {
    "work_minute": "urgent_minute",
    "work_hour": "urgent_hour",
    "work_day": "natural_day",
}


def _reminder(at: datetime, count: int, unit: str, calendar: WorkingCalendar) -> datetime:
    """Return when working time is over that only reminds people; nobody is promised it.

    Where the calendar ends it runs round the clock: rather too early than not at all.
    """
    given = calendar.length(count, unit)
    try:
        return calendar.after(at, given, unit)
    except CalendarMissing:
        unit = _WITHOUT_CALENDAR[unit]
        return calendar.after(at, calendar.length(count, unit), unit)


def same_day(at: datetime, zone: ZoneInfo) -> Deadline:
    """Return until when what is handled on the spot is to be done: the end of the local day."""
    local = at.astimezone(zone)
    end = datetime.combine(local.date() + timedelta(days=1), time(), zone).astimezone(UTC)
    return Deadline(at=end, why=text("calendar.same_day"), counted_from=at)


def clock_due(
    clock: Clock, at: datetime, *, urgent: bool, calendar: WorkingCalendar, policy: Policy
) -> datetime:
    """Return when a clock that begins at an instant is over; for urgent matters it never rests."""
    if urgent:
        return at + timedelta(minutes=clock.urgent_minutes(policy))
    until = _reminder(at, clock.working(policy), clock.unit, calendar)
    return until if clock.most is None else min(until, at + clock.most)


def arrival_due(asked_at: datetime, *, at: datetime, emergency: bool, policy: Policy) -> datetime:
    """Return K4: the time asked for; in an emergency at the latest K4's minutes from now."""
    if emergency:
        return min(asked_at, at + timedelta(minutes=policy.k4_emergency_minutes))
    return asked_at


def coming_due(at: datetime, *, zone: ZoneInfo, policy: Policy) -> datetime:
    """Return until when units come whom nobody told a time: the day's end, or K4 if that is later.

    K4 is the time in which units come in an emergency; nobody can be asked for less.
    """
    local = at.astimezone(zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), zone)
    least = at + timedelta(minutes=policy.k4_emergency_minutes)
    return max((midnight - timedelta(minutes=1)).astimezone(UTC), least)


def still_late(
    at: datetime, due_at: datetime, *, calendar: WorkingCalendar, policy: Policy
) -> datetime | None:
    """Return when leaders are told again that a case is overdue; None once it was often enough."""
    every, most = policy.overdue_again_work_days, policy.overdue_again_most
    following = _reminder(at, every, "work_day", calendar)
    last = _reminder(due_at, every * most, "work_day", calendar)
    return following if following <= last else None


def reply_due(
    at: datetime, *, urgent: bool, calendar: WorkingCalendar, policy: Policy
) -> datetime:
    """Return until when a unit is to answer an instruction; urgent ones round the clock."""
    if urgent:
        return at + timedelta(hours=policy.reply_urgent_hours)
    return calendar.add(at, policy.reply_work_days, "work_day").at


def rework_due(at: datetime, limit: int, urgency: str, *, calendar: WorkingCalendar) -> Deadline:
    """Return half of K5, at least one of its units; half a day is counted in hours."""
    if limit >= 2:
        return calendar.add(at, (limit + 1) // 2, urgency)
    halves = {"work_day": ("work_hour", 4), "natural_day": ("urgent_hour", 12)}
    smaller, count = halves.get(urgency, (urgency, limit))
    return calendar.add(at, count, smaller)
