"""A call on a case at work: units that have a part in it are called, others are given one."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from server.cases.dispatch.dispatching import Choice, Dispatch, create_tasks
from server.cases.door.recusal_rules import require_apart
from server.cases.door.schedule import take_turn
from server.cases.models.case import Case
from server.cases.models.task import Call, Task
from server.cases.rules import deadlines, flow
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Stage, TaskStage, Verb
from server.cases.rules.records import EarlierCall
from server.errors import CallLead, OffListTownship

#: The stages at which units are at work, or about to be.
AT_WORK: Final = frozenset({Stage.DISPATCHED, Stage.HANDLING})
_OPEN: Final = tuple(sorted(stage.value for stage in flow.TASK_OPEN))


def named(case: Case, choice: Choice, team: Collection[int], basis: Basis) -> list[int]:
    """Return the units that a call names, the lead's first and each once.

    Raises CallLead for another lead than the case has, or another limit, UnknownUnit, UnitRecused
    and OffListTownship (invariant 7).
    """
    found = []
    for name in (choice.lead, *choice.cooperating):
        if not name:
            continue
        found.append(basis.units.to_act(name).id)
    limited = choice.limit is not None or choice.urgency
    if limited or (choice.lead and found[0] not in basis.units.house(case.lead_id or 0)):
        lead = basis.units.by_id.get(case.lead_id or 0)
        raise CallLead(lead=lead.name if lead else "")
    found += [unit_id for unit_id in team if unit_id not in found]
    require_apart(found, case, basis)
    for unit_id in found if case.off_list else ():
        unit = basis.units.by_id[unit_id]
        if unit.kind in ("township", "village"):
            raise OffListTownship(unit=unit.name)
    return list(dict.fromkeys(found))


async def at_work(case: Case) -> list[int]:
    """Return the units that have something to do in a case, the lead's first."""
    tasks = await Task.filter(case_id=case.id, stage__in=_OPEN).order_by("id")
    ordered = sorted(tasks, key=lambda task: task.part != Part.LEAD)
    return list(dict.fromkeys(task.unit_id for task in ordered))


async def join(
    case: Case,
    units: Sequence[int],
    call: Call,
    *,
    at: datetime,
    basis: Basis,
) -> None:
    """Give every unit the call and its time: by the task that it has, or by a cooperating one.

    Raises WrongTaskStage for a unit that returned its task.
    """
    parts = await Task.filter(case_id=case.id).order_by("id")
    # Who led and was let go of helps from now on: another leads.
    gone = (Part.LEAD, TaskStage.WAIVED)
    parts = [task for task in parts if (task.part, task.stage) != gone]
    held = {unit_id: part for unit_id in units if (part := _part_of(unit_id, parts, basis))}
    callers = {each.id: each.caller_unit_id for each in await Call.filter(case_id=case.id)}
    for unit_id in units:
        if task := held.get(unit_id):
            theirs = callers.get(task.call_id or 0) == call.caller_unit_id
            _called(task, call, theirs=theirs, at=at, basis=basis)
            await task.save()
            if task.part == Part.LEAD:
                _hurry(case, task, at=at, basis=basis)
    fresh = {unit_id: "" for unit_id in units if unit_id not in held}
    given = Dispatch(
        lead_id=case.lead_id or 0, duties=fresh, limit=case.limit or 1, urgency=case.urgency
    )
    await create_tasks(case, given, at=at, basis=basis, call=call)


def _part_of(unit_id: int, parts: Iterable[Task], basis: Basis) -> Task | None:
    """Return the part by which a unit is called: its own, or one of a unit merged with it.

    It may have several, the steps of a process: the call is about one still open.
    """
    house = basis.units.house(unit_id)
    return max(
        (task for task in parts if task.unit_id in house),
        key=lambda task: (task.stage in _OPEN, task.unit_id == unit_id, task.id),
        default=None,
    )


def _called(task: Task, call: Call, *, theirs: bool, at: datetime, basis: Basis) -> None:
    """Call a unit by the task that it has: how it came to an earlier call is kept.

    Only who called before (`theirs`) puts off a time that is still to come.
    """
    before = TaskStage(task.stage)
    task.stage = flow.task_after(before, Verb.CALL).value
    emergency = call.reason == "emergency"
    due_at = deadlines.arrival_due(call.asked_at, at=at, emergency=emergency, policy=basis.policy)
    if task.call_id is not None:
        before_due = task.arrive_due_at
        if before_due and before_due > at and task.arrived_at is None and not theirs:
            due_at = min(due_at, before_due)
        task.earlier_calls = (*task.earlier_calls, _answered(task, at))
    task.call_id, task.arrive_due_at = call.id, due_at
    task.arrived_at = task.arrived_in_time = task.late_at = task.lon = task.lat = None
    task.arrival = ""
    task.done_at = task.done_by_id = None
    if task.stage == TaskStage.PENDING:
        due = deadlines.clock_due(
            deadlines.K3, at, urgent=True, calendar=basis.calendar, policy=basis.policy
        )
        kept = None if before is TaskStage.WAIVED else task.accept_due_at
        task.accept_due_at = min(due, kept or due)
    pending = task.stage == TaskStage.PENDING
    task.wake_at = task.accept_due_at if pending else task.arrive_due_at


def _answered(task: Task, at: datetime) -> EarlierCall:
    """Return how a unit answered the call that it has now; one that is not over stays open."""
    due = task.arrive_due_at
    missed = task.late_at or (due if task.arrived_at is None and due and due <= at else None)
    return EarlierCall(
        call_id=task.call_id,
        arrive_due_at=due,
        arrived_at=task.arrived_at,
        in_time=False if missed else task.arrived_in_time,
        late_at=missed,
    )


def _hurry(case: Case, lead: Task, *, at: datetime, basis: Basis) -> None:
    """A lead that is called signs as for a call: the case is its turn until then, not later."""
    waiting = case.stage == Stage.DISPATCHED and lead.stage == TaskStage.PENDING
    if waiting and lead.accept_due_at != case.stage_due_at:
        take_turn(case, at=at, basis=basis, called=True)
