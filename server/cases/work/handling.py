"""What units do with their tasks: sign for them, come, go on, finish, resolve the case."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from geo.ground.metric import scale_at
from server.cases.dispatch import processes
from server.cases.door.briefing import moment
from server.cases.door.evidence import attach, fresh
from server.cases.door.expiry import OPEN_STAGES
from server.cases.door.journal import Act
from server.cases.door.moving import moving_task
from server.cases.door.schedule import take_turn
from server.cases.models.case import Case, Step
from server.cases.models.task import Call, Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import VERDICTS, Part, TaskStage, Verb
from server.cases.rules.shown import Purpose
from server.cases.rules.views import CallRow, TaskRow
from server.cases.work.checking import give_check
from server.errors import AlreadyDone, CaseNotReady, InterestedParty, TasksOpen
from server.people.actor import Actor
from server.texts.catalogue import text

#: Farther from the place of the call than this, a check-in is shown to the township as far.
FAR_M: Final = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A WGS-84 position that somebody stood at."""

    lon: float
    lat: float


async def accept(task_id: int, *, by: Actor, at: datetime, basis: Basis, note: str = "") -> Task:
    """Sign for a task (签收); the lead's signature starts the handling of the case."""
    act = Act(verb=Verb.ACCEPT, by=by, at=at, note=note, facts={"result": text("word.signed")})
    async with moving_task(task_id, act, basis) as opened:
        opened.task.accepted_at, opened.task.accepted_by_id = at, by.id
        opened.task.wake_at = opened.task.arrive_due_at  # who was called is to come next
        if opened.task.part == Part.LEAD:
            opened.case.accepted_at = at
            take_turn(opened.case, at=at, basis=basis)
            # Another lead may have had a step that is over since it leads.
            await processes.advance(opened.case, opened.journal, at=at, basis=basis)
    return opened.task


async def check_in(
    task_id: int, spot: Spot | None, *, by: Actor, at: datetime, basis: Basis, note: str = ""
) -> Task:
    """Report in at the place (报到), in time by the moment that the caller asked for."""
    act = Act(verb=Verb.CHECK_IN, by=by, at=at, note=note)
    async with moving_task(task_id, act, basis) as opened:
        task = opened.task
        if spot is None and task.call_id is not None:
            raise CaseNotReady(missing="position")
        task.arrived_at = at
        task.arrived_in_time = _in_time(task)
        if spot is not None:
            task.lon, task.lat = spot.lon, spot.lat
        task.wake_at = None
        opened.tell(asked=moment(task.arrive_due_at, basis.zone))
        opened.tell(**await _told_of_place(task))
    return opened.task


async def _told_of_place(task: Task) -> dict[str, object]:
    """Return how far from the call's place a unit reported in, and a word when that is far.

    Positions err, and places are large: the township judges, nobody is refused for it.
    """
    call = await Call.get_or_none(id=task.call_id) if task.call_id else None
    metres = distance_m(task, call) if call else None
    if metres is None:
        return {}
    far = text("word.far", metres=round(metres)) if metres > FAR_M else ""
    return {"distance_m": round(metres), "far": far}


def distance_m(task: TaskRow, call: CallRow) -> float | None:
    """Return the metres between where a unit reported in and where it was called to, if known."""
    if task.lon is None or task.lat is None or call.lon is None or call.lat is None:
        return None
    scale = scale_at(call.lat)
    return math.hypot((task.lon - call.lon) * scale.x, (task.lat - call.lat) * scale.y)


def _in_time(task: Task) -> bool | None:
    """Tell whether a unit came in time; None where nobody asked it to come."""
    if task.arrive_due_at is None or task.arrived_at is None:
        return None
    return task.arrived_at <= task.arrive_due_at


def _require_verdict(task: Task, by: Actor, verb: Verb) -> None:
    """Refuse with InterestedParty who judges their own unit, with AlreadyDone what stands."""
    if task.unit_id in by.unit_ids:
        raise InterestedParty()
    if task.arrival and VERDICTS[task.arrival] is verb:
        raise AlreadyDone(verb=verb)


async def confirm(task_id: int, *, by: Actor, at: datetime, basis: Basis) -> Task:
    """Confirm as the township that a unit came; raises InterestedParty, AlreadyDone."""
    act = Act(verb=Verb.CONFIRM, by=by, at=at)
    async with moving_task(task_id, act, basis) as opened:
        _require_verdict(opened.task, by, act.verb)
        opened.task.arrival = "confirmed"
        opened.task.arrived_in_time = _in_time(opened.task)
    return opened.task


async def contest(task_id: int, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Task:
    """Contest as the township that a unit came (in time); the reason stays on record.

    Raises InterestedParty, AlreadyDone.
    """
    act = Act(verb=Verb.CONTEST, by=by, at=at, reason=reason)
    async with moving_task(task_id, act, basis) as opened:
        _require_verdict(opened.task, by, act.verb)
        opened.task.arrival = "contested"
        opened.task.arrived_in_time = False
    return opened.task


async def progress(
    task_id: int,
    note: str,
    photos: tuple[UUID, ...] = (),
    *,
    key: UUID | None = None,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Task:
    """Write down how far the work is.

    `key` is the phone's own: AlreadyDone is raised where it was written down before.
    """
    act = Act(verb=Verb.PROGRESS, by=by, at=at, note=note)
    async with moving_task(task_id, act, basis) as opened:
        if key is not None:
            opened.tell(key=str(key))
            noted = Step.filter(task_id=task_id, verb=act.verb, facts__contains={"key": str(key)})
            if await noted.exists():
                raise AlreadyDone(verb=act.verb)
        await attach(opened, photos, purpose=Purpose.DURING)
    return opened.task


async def done(
    task_id: int,
    result: str,
    photos: tuple[UUID, ...] = (),
    *,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Task:
    """Finish a cooperating unit's part."""
    act = Act(verb=Verb.DONE, by=by, at=at, note=result)
    async with moving_task(task_id, act, basis) as opened:
        await attach(opened, photos, purpose=Purpose.AFTER)
        opened.task.result, opened.task.done_at = result, at
        opened.task.done_by_id, opened.task.wake_at = by.id, None
        opened.tell(result=result)
        await processes.advance(opened.case, opened.journal, at=at, basis=basis, ended=opened.task)
    return opened.task


async def resolve(
    task_id: int,
    result: str,
    photos: tuple[UUID, ...],
    *,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Case:
    """Declare the case handled (办结): every cooperating task done, a result, a photo after.

    Raises TasksOpen, StepsOpen, CaseNotReady; the case then goes to somebody else for checking.
    """
    act = Act(verb=Verb.RESOLVE, by=by, at=at, note=result)
    async with moving_task(task_id, act, basis) as opened:
        case = opened.case
        if not await fresh(case, photos, purpose=Purpose.AFTER):
            raise CaseNotReady(missing="photo_after")
        await _release_house(case, basis)
        await _none_open(case, basis)
        await processes.require_complete(case, basis)
        await attach(opened, photos, purpose=Purpose.AFTER)
        opened.task.result, opened.task.done_at = result, at
        opened.task.done_by_id, opened.task.wake_at = by.id, None
        case.result, case.handled_at, case.handled_by_id = result, at, by.id
        opened.tell(result=result)
        await give_check(case, opened.journal, at=at, basis=basis)
    return opened.case


async def _release_house(case: Case, basis: Basis) -> None:
    """End what units merged with the lead were to help: nobody cooperates with itself.

    A step of a process is still its own to do.
    """
    house = basis.units.house(case.lead_id or 0)
    helping = Task.filter(case_id=case.id, part=Part.COOPERATING.value, unit_id__in=house)
    own = helping.filter(stage__in=OPEN_STAGES, position__isnull=True)
    await own.update(stage=TaskStage.WAIVED.value, wake_at=None)


async def _none_open(case: Case, basis: Basis) -> None:
    """Refuse with TasksOpen while a cooperating unit has not finished."""
    tasks = Task.filter(case_id=case.id, part=Part.COOPERATING.value, stage__in=OPEN_STAGES)
    waiting = [unit_id for (unit_id,) in await tasks.values_list("unit_id")]
    if waiting:
        units = (basis.units.by_id.get(int(unit_id)) for unit_id in waiting)
        raise TasksOpen(units=text("format.and").join(unit.name for unit in units if unit))


async def waive(
    task_id: int, reason: str, *, by: Actor, at: datetime, basis: Basis
) -> tuple[Task, Case]:
    """Release a cooperating unit from its part, as the lead and with a reason (免除)."""
    act = Act(verb=Verb.WAIVE, by=by, at=at, reason=reason)
    async with moving_task(task_id, act, basis) as opened:
        opened.task.wake_at = None
        opened.also_tell(opened.task.unit_id)
        await processes.advance(opened.case, opened.journal, at=at, basis=basis, ended=opened.task)
    return opened.task, opened.case
