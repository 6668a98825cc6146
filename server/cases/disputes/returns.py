"""A unit gives its task back (退单), and a dispatcher who has no part in it rules (裁定)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from server.cases.dispatch import processes
from server.cases.dispatch.dispatching import Choice
from server.cases.dispatch.processes import Assignment
from server.cases.dispatch.reassigning import (
    change_lead,
    chosen,
    explain_who,
    hand_out,
    put_back,
    settle_return,
)
from server.cases.disputes.conferences import convene_now
from server.cases.door.briefing import moment
from server.cases.door.hindrances import require_disinterested
from server.cases.door.journal import Act
from server.cases.door.moving import moving, moving_task
from server.cases.door.recusal_rules import apart_of, require_apart
from server.cases.door.schedule import planned_at, schedule, take_turn
from server.cases.models.case import Case
from server.cases.models.dispute import Conference, Return
from server.cases.models.task import Task
from server.cases.rules import deadlines, flow
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import Alarm, Timer
from server.cases.rules.flow import Part, TaskStage, Verb
from server.cases.rules.views import CaseRow, TaskRow
from server.errors import (
    BadInput,
    DecidedByConference,
    NoReturn,
    Problem,
    ProperUnit,
    ReturnedBefore,
    ReturnLate,
    UnknownUnit,
)
from server.people.actor import SYSTEM, Actor
from server.people.queries import holders
from server.people.units import UnitView
from server.permissions import Role
from server.texts.catalogue import text

Ground = Literal["not_on_list", "wrong_place", "wrong_matter", "duplicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Why a task is not the unit's, and whose it is: a unit by name or code."""

    ground: Ground
    reason: str
    proper_unit: str


async def give_back(task_id: int, claim: Claim, *, by: Actor, at: datetime, basis: Basis) -> Task:
    """Give a task back (退单): the lead's makes the case disputed, its clock runs on.

    The second lead's return brings the case before a conference at once. Raises ReturnedBefore,
    ReturnLate, DecidedByConference, ProperUnit, UnknownUnit, UnitRecused.
    """
    act = Act(verb=Verb.RETURN, by=by, at=at, reason=claim.reason)
    async with moving_task(task_id, act, basis) as opened:
        case, task = opened.case, opened.task
        await _require_returnable(task, case, at=at, basis=basis)
        proper = _proper(claim, task, basis)
        require_apart([proper.id], case, basis)
        task.wake_at = task.assignee_id = None
        disputed = task.part == Part.LEAD
        again = disputed and await _returned_by_a_lead(case, basis)
        if disputed:
            take_turn(case, at=at, basis=basis)
        due_at = _ruling_due(case, at=at, basis=basis)
        given = await Return.create(
            case_id=case.id,
            task_id=task.id,
            unit_id=task.unit_id,
            part=task.part,
            task_stage=opened.before.value,
            ground=claim.ground,
            reason=claim.reason,
            proper_unit_id=proper.id,
            by_id=by.id,
            at=at,
            due_at=due_at,
        )
        if not disputed and planned_at(case, Timer.RULE_LATE) is None:
            schedule(case, [*case.timers, Alarm(Timer.RULE_LATE, due_at)])
        said = _said_of_return(given, proper, basis)
        opened.tell(**said)
        opened.also_tell(proper.id)
        if again:
            again_by = basis.units.by_id[task.unit_id].name
            await convene_now(opened.journal, by=SYSTEM, at=at, basis=basis, unit=again_by, **said)
        else:
            opened.call_attention(await holders(Role.DISPATCHER))
    return task


async def why_not_returned(
    task: TaskRow, case: CaseRow, *, at: datetime, basis: Basis
) -> Problem | None:
    """Return what of all that happened to a task stands in the way of giving it back, if any."""
    try:
        await _require_returnable(task, case, at=at, basis=basis)
    except (ReturnedBefore, DecidedByConference, ReturnLate) as problem:
        return problem
    return None


async def _require_returnable(task: TaskRow, case: CaseRow, *, at: datetime, basis: Basis) -> None:
    house = basis.units.house(task.unit_id)
    if await Return.exists(case_id=case.id, unit_id__in=house):
        raise ReturnedBefore()
    # A conference gives its tasks at the moment of its decision.
    decided = Conference.filter(case_id=case.id, decided_at=task.dispatched_at)
    if await decided.filter(lead_id__isnull=False).exists():
        raise DecidedByConference()
    hours = basis.policy.return_work_hours
    until = basis.calendar.add(task.dispatched_at, hours, "work_hour").at
    if at > until:
        raise ReturnLate(until=moment(until, basis.zone))


def _proper(claim: Claim, task: Task, basis: Basis) -> UnitView:
    """Return the unit that a return names as the right one; another than the one that returns."""
    if not claim.proper_unit.strip():
        raise ProperUnit()
    proper = basis.units.to_act(claim.proper_unit)
    if proper.id in basis.units.house(task.unit_id):
        raise ProperUnit()
    return proper


async def _returned_by_a_lead(case: Case, basis: Basis) -> bool:
    """Tell whether a lead gave the case back before; not one that keeps out of it by now."""
    found = Return.filter(case_id=case.id, part=Part.LEAD.value).values_list("unit_id", flat=True)
    return bool(apart_of([int(str(i)) for i in await found], case, basis))


def _ruling_due(case: Case, *, at: datetime, basis: Basis) -> datetime:
    urgent = case.urgency == deadlines.URGENT
    return deadlines.clock_due(
        deadlines.K8, at, urgent=urgent, calendar=basis.calendar, policy=basis.policy
    )


def _said_of_return(given: Return, proper: UnitView, basis: Basis) -> dict[str, str]:
    ground = text(f"ground.{given.ground}")
    return {
        "proper": proper.name,
        "reason": text("format.ground", ground=ground, reason=given.reason),
        "until": moment(given.due_at, basis.zone),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Whether a return is upheld, and why; then who leads, else the proper unit that it named.

    `return_id` says which return, where several of a case wait. After a cooperating unit's only
    further cooperating units may be chosen; after one that is refused nobody.
    """

    upheld: bool
    reason: str
    return_id: int | None = None
    choice: Choice = field(default_factory=Choice)


async def rule(no: str, ruling: Ruling, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Rule on a return (裁定): another lead with a unit clock of its own, or the same goes on.

    The case's clock is not touched. Raises NoReturn; InterestedParty for who filed or dispatched
    the case and for the units concerned; ProperUnit, UnknownUnit, OffListTownship, BadInput.
    """
    waiting = list[Return]()

    async def way(case: Case) -> str:
        waiting.append(await _open_return(case, ruling))
        return _way(waiting[0], ruling)

    act = Act(verb=Verb.RULE, by=by, at=at, reason=ruling.reason)
    async with moving(no, act, basis, way=way) as opened:
        case, [given] = opened.case, waiting
        await require_disinterested(case, given, by)
        _require_fitting(given, ruling)
        task = await Task.get(id=given.task_id)
        assignments = await _assignments(case, given, task, ruling, at=at, basis=basis)
        await settle_return(given, upheld=ruling.upheld, ruling=ruling.reason, by=by, at=at)
        await plan_ruling(case, at=at)
        if not ruling.upheld:
            await _refuse(case, given, task, at=at, basis=basis)
        elif given.part == Part.LEAD:
            journal, old_id = opened.journal, given.unit_id
            await change_lead(journal, assignments, old_id=old_id, by=by, at=at, basis=basis)
            explain_who(case, assignments, how="ruling", reason=ruling.reason, basis=basis)
        else:
            await hand_out(case, assignments, at=at, basis=basis)
            await processes.advance(case, opened.journal, at=at, basis=basis)
        opened.also_tell(given.unit_id, given.proper_unit_id)
        opened.tell(ruling=text(f"ruling.{_outcome(given, ruling)}"))
    return case


async def plan_ruling(case: Case, *, at: datetime) -> None:
    """Let the clock look at cooperating units' returns as long as one waits, and no longer."""
    waiting = Return.filter(case_id=case.id, part=Part.COOPERATING.value, upheld__isnull=True)
    first = await waiting.order_by("due_at").first()
    if first is None:
        schedule(case, [each for each in case.timers if each.name is not Timer.RULE_LATE])
    elif planned_at(case, Timer.RULE_LATE) is None and case.stage in flow.OPEN:
        schedule(case, [*case.timers, Alarm(Timer.RULE_LATE, max(first.due_at, at))])


async def _open_return(case: Case, ruling: Ruling) -> Return:
    """Return the return that is ruled on; raises NoReturn, BadInput where several wait."""
    waiting = Return.filter(case_id=case.id, upheld__isnull=True)
    if ruling.return_id is not None:
        waiting = waiting.filter(id=ruling.return_id)
    found = await waiting.order_by("id").limit(2)
    if not found:
        raise NoReturn()
    if len(found) > 1:
        raise BadInput([{"pointer": "/return_id", "reason": "missing"}])
    return found[0]


def _way(given: Return, ruling: Ruling) -> str:
    if given.part == Part.COOPERATING:
        return "cooperating"
    if ruling.upheld:
        return "uphold"
    return "refuse_pending" if given.task_stage == TaskStage.PENDING else "refuse"


def _outcome(given: Return, ruling: Ruling) -> str:
    outcome = "uphold" if ruling.upheld else "refuse"
    return outcome if given.part == Part.LEAD else f"cooperating_{outcome}"


def _require_fitting(given: Return, ruling: Ruling) -> None:
    """Refuse with BadInput units that this ruling has nothing to do with."""
    lead_free = ruling.upheld and given.part == Part.LEAD
    choice = ruling.choice
    named = (
        ("/lead", choice.lead, lead_free),
        ("/cooperating", choice.cooperating, ruling.upheld),
        ("/limit", choice.limit, ruling.upheld),
    )
    if wrong := [pointer for pointer, value, allowed in named if value and not allowed]:
        raise BadInput([{"pointer": pointer, "reason": "not_here"} for pointer in wrong])


async def _assignments(
    case: Case, given: Return, task: Task, ruling: Ruling, *, at: datetime, basis: Basis
) -> list[Assignment]:
    """Return what a ruling asks of which units; what follows reads none of its names again.

    Where the lead's return is upheld the first of them leads, where a cooperating unit's is they
    take its place: nobody unless somebody was named.
    """
    choice = ruling.choice
    if given.part == Part.LEAD and ruling.upheld:
        lead_id, call_id = _lead_id(given, choice, basis), task.call_id
        return await chosen(case, lead_id, choice, call_id=call_id, at=at, basis=basis)
    if not choice.cooperating:
        return []
    _, *helpers = await chosen(case, case.lead_id or 0, choice, at=at, basis=basis)
    if {each.unit_id for each in helpers}.intersection(basis.units.house(given.unit_id)):
        raise ProperUnit()
    return helpers


def _lead_id(given: Return, choice: Choice, basis: Basis) -> int:
    """Return who leads instead: whom the ruling names, else whom the return named."""
    if choice.lead:
        lead = basis.units.to_act(choice.lead)
    elif (proper := basis.units.acting(given.proper_unit_id)) is not None:
        lead = proper
    else:
        raise UnknownUnit(name=basis.units.by_id[given.proper_unit_id].name)
    if lead.id in basis.units.house(given.unit_id):
        raise ProperUnit()
    return lead.id


async def _refuse(case: Case, given: Return, task: Task, *, at: datetime, basis: Basis) -> None:
    stage = flow.task_after(TaskStage(task.stage), Verb.RULE, given.task_stage)
    await put_back(case, task, stage, at=at, basis=basis)
    if given.part == Part.LEAD:
        take_turn(case, at=at, basis=basis, called=task.call_id is not None)
