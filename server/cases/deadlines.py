"""By when: whose turn a stage is, until when, and until when a task is due. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.calendar.working import Deadline, WorkingCalendar
from server.cases.flow import Stage
from server.cases.policy import Policy
from server.permissions import Role

URGENT: Final = "urgent_hour"

#: Whose turn it is at each stage that is not final; "system" where a clock alone moves it.
OWNERS: Final = {
    Stage.SUBMITTED: Role.ACCEPTOR.value,
    Stage.FILED: Role.DISPATCHER.value,
    Stage.DISPATCHED: Role.HANDLER.value,
    Stage.HANDLING: Role.HANDLER.value,
    Stage.HANDLED: Role.ACCEPTOR.value,
    Stage.CHECKING: Role.GRID_WORKER.value,
    Stage.CLOSED: "reporter",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who owns a stage and until when; both empty for a final stage."""

    owner: str
    due_at: datetime | None


def turn(
    stage: Stage,
    *,
    at: datetime,
    urgent: bool,
    due_at: datetime | None,
    calendar: WorkingCalendar,
    policy: Policy,
) -> Turn:
    """Return whose turn a stage is that begins at `at`, and its deadline (K1–K7)."""
    if stage not in OWNERS:
        return Turn(owner="", due_at=None)
    return Turn(owner=OWNERS[stage], due_at=_until(stage, at, urgent, due_at, calendar, policy))


def _until(
    stage: Stage,
    at: datetime,
    urgent: bool,
    due_at: datetime | None,
    calendar: WorkingCalendar,
    policy: Policy,
) -> datetime:
    match stage:
        case Stage.SUBMITTED:
            return filing_due(at, urgent=urgent, calendar=calendar, policy=policy)
        case Stage.FILED if urgent:
            return at + timedelta(minutes=policy.k2_urgent_minutes)
        case Stage.FILED:
            return calendar.add(at, policy.k2_work_minutes, "work_minute").at
        case Stage.DISPATCHED:
            return acceptance_due(at, urgent=urgent, calendar=calendar, policy=policy)
        case Stage.HANDLING if due_at:
            return due_at
        case Stage.CLOSED:
            return at + timedelta(days=policy.k7_days)
        case _:
            return calendar.add(at, policy.k6_work_days, "work_day").at


def filing_due(
    at: datetime, *, urgent: bool, calendar: WorkingCalendar, policy: Policy
) -> datetime:
    """Return K1: work minutes, but two clock hours at most; urgent ones round the clock."""
    if urgent:
        return at + timedelta(minutes=policy.k1_urgent_minutes)
    working = calendar.add(at, policy.k1_work_minutes, "work_minute").at
    return min(working, at + timedelta(hours=2))


def acceptance_due(
    at: datetime, *, urgent: bool, calendar: WorkingCalendar, policy: Policy
) -> datetime:
    """Return K3: until when a unit is to sign for a task dispatched at `at`."""
    if urgent:
        return at + timedelta(minutes=policy.k3_urgent_minutes)
    return calendar.add(at, policy.k3_work_hours, "work_hour").at


def arrival_due(asked_at: datetime, *, at: datetime, emergency: bool, policy: Policy) -> datetime:
    """Return K4: the time asked for; in an emergency at the latest K4's minutes from now."""
    if emergency:
        return min(asked_at, at + timedelta(minutes=policy.k4_emergency_minutes))
    return asked_at


def handling_due(at: datetime, limit: int, urgency: str, *, calendar: WorkingCalendar) -> Deadline:
    """Return K5 with its explanation; handling counts from dispatch, not from acceptance."""
    return calendar.add(at, limit, urgency)


def rework_due(at: datetime, limit: int, urgency: str, *, calendar: WorkingCalendar) -> Deadline:
    """Return half of K5, at least one of its units; half a day is counted in hours."""
    if limit >= 2:
        return calendar.add(at, (limit + 1) // 2, urgency)
    halves = {"work_day": ("work_hour", 4), "natural_day": ("urgent_hour", 12)}
    smaller, count = halves.get(urgency, (urgency, limit))
    return calendar.add(at, count, smaller)
