"""Matters with a fixed order of steps over several units (一件事): one position after the other.

The process is a snapshot in the case's explanation. What a unit does in it is a task of its own;
the lead's steps are marked in the snapshot, for they belong to whoever leads at the time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from server.cases.door.briefing import moment
from server.cases.door.evidence import attach
from server.cases.door.journal import Act, Journal
from server.cases.door.moving import moving_task
from server.cases.models.case import Case
from server.cases.models.dispute import Return
from server.cases.models.task import Task
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.flow import TASK_OPEN, Part, TaskStage, Verb
from server.cases.rules.shown import Purpose
from server.cases.rules.views import CaseRow
from server.errors import StepNotOpen, StepsOpen
from server.people.actor import Actor
from server.people.units import UnitKind
from server.responsibility.list.entries import PlannedStep, StepShare
from server.texts.catalogue import text

_Key = tuple[int, int | None, str]
#: How a step stands: its turn has not come, it is at work, or it is over.
WAITING, OPEN, DONE, WAIVED = "waiting", "open", "done", "waived"
_OVER: Final = (DONE, WAIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What one unit is asked to do, and by when: to sign for it, to come if called, to be done.

    A step of a process has its position in the order, its name and a time of its own.
    """

    unit_id: int
    part: Part
    duties: str
    accept_due_at: datetime
    due_at: datetime | None
    arrive_due_at: datetime | None = None
    call_id: int | None = None
    position: int | None = None
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """One step of a case's process, as it stands; `unit_id` is the lead's for the lead's own."""

    position: int
    unit_id: int | None
    step: str
    state: str
    due_at: datetime | None
    by_lead: bool


def begin(
    case: Case,
    steps: Sequence[StepShare],
    duties: Mapping[int, str],
    *,
    at: datetime,
    basis: Basis,
    called: bool = False,
) -> None:
    """Write a process into a case that is dispatched, with those steps open that come first.

    Who is called comes at the time asked, whatever its place in the order: of a call every unit's
    first step is open. Where no step is given, a process begun before goes on.
    """
    if not steps:
        return
    process, seen = list[PlannedStep](), set[int | None]()
    house = basis.units.house(case.lead_id or 0)
    for share in steps:
        step = PlannedStep(
            position=share.position,
            unit_id=None if share.unit_id in house else share.unit_id,
            step=share.step,
            limit=share.limit,
            urgency=share.urgency,
            duties=duties.get(share.unit_id or 0, ""),
        )
        first = step.position == steps[0].position
        if first or (called and step.unit_id is not None and step.unit_id not in seen):
            step = _opened(step, case, at=at, basis=basis)
        seen.add(step.unit_id)
        process.append(step)
    case.explanation = replace(case.explanation, process=tuple(process))


def opened(case: Case) -> list[PlannedStep]:
    """Return the steps of a case just dispatched that are open from the start."""
    return [step for step in case.explanation.process if step.due_at]


def of_steps(
    steps: Iterable[PlannedStep],
    *,
    accept_due_at: datetime,
    arrive_due_at: datetime | None = None,
    call_id: int | None = None,
) -> list[Assignment]:
    """Return what the units of some steps are asked to do; the lead has a task of its own."""
    return [
        Assignment(
            unit_id=step.unit_id,
            part=Part.COOPERATING,
            duties=step.duties,
            accept_due_at=accept_due_at,
            due_at=step.due_at,
            arrive_due_at=arrive_due_at,
            call_id=call_id,
            position=step.position,
            step=step.step,
        )
        for step in steps
        if step.unit_id is not None
    ]


def tasks_of(
    case: Case, assignments: Iterable[Assignment], *, at: datetime, basis: Basis
) -> list[Task]:
    """Return the rows that give units what they are asked to do."""
    return [
        Task(
            case_id=case.id,
            unit_id=each.unit_id,
            call_id=each.call_id,
            part=each.part.value,
            stage=TaskStage.PENDING.value,
            duties=each.duties,
            dispatched_at=at,
            accept_due_at=each.accept_due_at,
            arrive_due_at=each.arrive_due_at,
            due_at=each.due_at,
            wake_at=each.accept_due_at,
            platform=platform_of(case, each.unit_id, basis),
            position=each.position,
            step=each.step,
        )
        for each in assignments
    ]


def platform_of(case: Case, unit_id: int, basis: Basis) -> str:
    """Return which of a township's four platforms a task belongs to; none of other units."""
    unit = basis.units.by_id.get(unit_id)
    if unit is None or unit.kind is not UnitKind.TOWNSHIP:
        return ""
    return case.explanation.platform or ""


def words(steps: Iterable[PlannedStep], case: Case, basis: Basis) -> str:
    """Return some steps as words: which unit does what until when."""
    return text("process.and").join(
        text(
            "process.step",
            unit=_unit_name(step, case, basis),
            step=step.step,
            due=moment(step.due_at, basis.zone),
        )
        for step in steps
        if step.due_at is not None
    )


def _unit_name(step: PlannedStep, case: Case, basis: Basis) -> str:
    unit = basis.units.by_id.get(step.unit_id or case.lead_id or 0)
    return unit.name if unit else ""


async def standings(case: CaseRow) -> list[StepState]:
    """Return the steps of a case's process in order, each as it stands; empty without one."""
    process = case.explanation.process
    if not process:
        return []
    held = await _held(case, None)
    upheld = await _upheld(case)
    return [
        StepState(
            position=step.position,
            unit_id=step.unit_id or case.lead_id,
            step=step.step,
            state=_state(step, held, upheld),
            due_at=step.due_at,
            by_lead=step.unit_id is None,
        )
        for step in process
    ]


async def advance(
    case: Case, journal: Journal, *, at: datetime, basis: Basis, ended: Task | None = None
) -> None:
    """Open the steps whose turn has come, now that another is over; units hear of their own.

    Call it in the transaction that ended a step, `ended` being its task as changed by it.
    """
    process = case.explanation.process
    if not process:
        return
    held, upheld = await _held(case, ended), await _upheld(case)
    states = [_state(step, held, upheld) for step in process]
    unfinished = [step for step, state in zip(process, states, strict=True) if state not in _OVER]
    turn = min((step.position for step in unfinished), default=None)
    fresh, steps = list[PlannedStep](), list[PlannedStep]()
    for step, state in zip(process, states, strict=True):
        if step.position != turn or state != WAITING:
            steps.append(step)
            continue
        if step.unit_id in basis.units.house(case.lead_id or 0):
            step = replace(step, unit_id=None)  # it leads by now
        fresh.append(_opened(step, case, at=at, basis=basis))
        steps.append(fresh[-1])
    case.explanation = replace(case.explanation, process=tuple(steps))
    if fresh:
        _announce(case, journal, fresh, at=at, basis=basis)


def _announce(
    case: Case, journal: Journal, fresh: Sequence[PlannedStep], *, at: datetime, basis: Basis
) -> None:
    accept_due = deadlines.clock_due(
        deadlines.K3,
        at,
        urgent=case.urgency == deadlines.URGENT,
        calendar=basis.calendar,
        policy=basis.policy,
    )
    given = tasks_of(case, of_steps(fresh, accept_due_at=accept_due), at=at, basis=basis)
    journal.given.extend(given)
    units = {step.unit_id or case.lead_id for step in fresh}
    journal.give_units_work(
        Verb.DISPATCH,
        [unit for unit in units if unit is not None],
        at=at,
        steps=words(fresh, case, basis),
    )


async def complete(
    task_id: int,
    position: int,
    note: str,
    photos: tuple[UUID, ...] = (),
    *,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Task:
    """Mark the lead's own steps of a position as done, as progress of its task.

    Raises StepNotOpen unless it is the lead's turn at that position.
    """
    act = Act(verb=Verb.PROGRESS, by=by, at=at, note=note)
    async with moving_task(task_id, act, basis) as door:
        case, task = door.case, door.task
        process = case.explanation.process
        mine = [
            step
            for step in process
            if step.unit_id is None and step.due_at is not None and step.done_at is None
        ]
        done = [step for step in mine if step.position == position]
        if task.part != Part.LEAD or not done:
            raise StepNotOpen(steps=words(mine, case, basis) if task.part == Part.LEAD else "")
        steps = tuple(replace(step, done_at=at) if step in done else step for step in process)
        case.explanation = replace(case.explanation, process=steps)
        await attach(door, photos, purpose=Purpose.DURING)
        door.tell(step=text("process.and").join(step.step for step in done))
        await advance(case, door.journal, at=at, basis=basis)
    return task


async def require_complete(case: Case, basis: Basis) -> None:
    """Refuse with StepsOpen while a step of the case's process is neither done nor waived."""
    waiting = [step for step in await standings(case) if step.state not in _OVER]
    if waiting:
        names = (basis.units.by_id.get(step.unit_id or 0) for step in waiting)
        raise StepsOpen(
            steps=text("process.and").join(
                text("process.step", unit=unit.name if unit else "", step=step.step)
                for unit, step in zip(names, waiting, strict=True)
            )
        )


def _opened(step: PlannedStep, case: Case, *, at: datetime, basis: Basis) -> PlannedStep:
    """Return a step whose own clock runs from now; without its own limit it has the case's."""
    due = case.due_at or at
    if step.limit and step.urgency:
        due = basis.calendar.add(at, step.limit, step.urgency).at
    return replace(step, due_at=due)


async def _held(case: CaseRow, ended: Task | None) -> dict[_Key, Task]:
    """Return the latest task of every step that a unit has or had."""
    found = await Task.filter(case_id=case.id, position__isnull=False).order_by("id")
    changed = {task.id: task for task in (ended,) if task is not None}
    rows = [changed.get(task.id, task) for task in found]
    return {(task.position or 0, task.unit_id, task.step): task for task in rows}


async def _upheld(case: CaseRow) -> set[int]:
    ruled = Return.filter(case_id=case.id, upheld=True).values_list("task_id", flat=True)
    return {int(str(task_id)) for task_id in await ruled}


def _state(step: PlannedStep, held: Mapping[_Key, Task], upheld: set[int]) -> str:
    if step.due_at is None:
        return WAITING
    if step.unit_id is None:
        return DONE if step.done_at else OPEN
    task = held.get((step.position, step.unit_id, step.step))
    if task is None or task.stage in TASK_OPEN:
        return OPEN
    if task.stage == TaskStage.RETURNED:
        return WAIVED if task.id in upheld else OPEN
    return DONE if task.stage == TaskStage.DONE else WAIVED
