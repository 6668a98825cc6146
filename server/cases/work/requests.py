"""What is asked for on a case (申请): a kind per row, asked for by one and answered by another."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from server.calendar.working import limit_text
from server.cases.door.access import keeps_out, reaches
from server.cases.door.briefing import moment, office
from server.cases.door.hindrances import MOST_EXTENSIONS, MOST_SUSPENSIONS, request_to_answer
from server.cases.door.journal import Act
from server.cases.door.moving import moving
from server.cases.door.schedule import extend_due, last_overrun, note_overrun, plan_task, take_turn
from server.cases.models.case import Case
from server.cases.models.steering import Request
from server.cases.models.task import Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import TASK_OPEN, Part, Stage, Verb, edge, possible
from server.cases.rules.records import Terms
from server.cases.rules.views import CaseRow, TaskRow
from server.cases.work.suspending import days_suspended, pause, resume_now
from server.db import update
from server.errors import (
    MomentPast,
    NotOverdue,
    NotPermitted,
    RequestLate,
    RequestOpen,
    RequestUsed,
    TooLate,
    TooLong,
)
from server.people.actor import Actor
from server.people.queries import holders
from server.permissions import Permission, Role
from server.texts.catalogue import text

#: What a unit asks for about its own task.
What = Literal["suspend", "extend", "exempt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for, why, and its particulars as far as the kind has any.

    `until` and `ground` are a suspension's; `limit` an extension's, in units of the case's own.
    """

    what: str
    reason: str
    until: datetime | None = None
    ground: str = ""
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A wish on a locked case."""

    wish: Wish
    case: Case
    by: Actor
    at: datetime
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is written down of a request that was in order; `words` say what is asked for."""

    words: str
    unit_id: int | None
    terms: Terms = field(default_factory=Terms)


async def _suspension(asking: Asking) -> Order:
    wish, case, at, basis = asking.wish, asking.case, asking.at, asking.basis
    _require_lead(asking, Permission.CASE_ASK_SUSPEND)
    if wish.until is None or wish.until <= at:
        raise MomentPast()
    await _require_suspendable(case, wish.until, at=at, basis=basis)
    ground = text(f"suspend_ground.{wish.ground}")
    return Order(
        words=text("request.suspend_until", until=moment(wish.until, basis.zone), ground=ground),
        unit_id=case.lead_id,
        terms=Terms(until=wish.until, ground=wish.ground),
    )


async def _require_suspendable(case: Case, until: datetime, *, at: datetime, basis: Basis) -> None:
    if case.n_suspend >= MOST_SUSPENSIONS:
        raise RequestUsed(most=MOST_SUSPENSIONS)
    most = basis.policy.max_suspend_days
    if await days_suspended(case) + (until - at) > timedelta(days=most):
        raise TooLong(most=limit_text(most, "natural_day"))


async def _extension(asking: Asking) -> Order:
    wish, case, at, basis = asking.wish, asking.case, asking.at, asking.basis
    _require_lead(asking, Permission.CASE_ASK)
    if case.due_at is None or at > case.due_at:
        raise RequestLate(until=moment(case.due_at, basis.zone))
    if case.n_extend >= MOST_EXTENSIONS:
        raise RequestUsed(most=MOST_EXTENSIONS)
    own = case.limit or 0
    if not 1 <= wish.limit <= own:
        raise TooLong(most=limit_text(own, case.urgency))
    longer = limit_text(wish.limit, case.urgency)
    return Order(
        words=text("request.extend_by", limit=longer),
        unit_id=case.lead_id,
        terms=Terms(limit=wish.limit),
    )


async def _exemption(asking: Asking) -> Order:
    case, by, at, policy = asking.case, asking.by, asking.at, asking.basis.policy
    if not reaches(by, Permission.CASE_ASK_EXEMPT):
        raise NotPermitted(verb=Verb.ASK)
    task = await _overdue_task(case, by, at)
    until = _overdue_since(task, at) + timedelta(days=policy.appeal_days)
    if at > until:
        raise TooLate(until=moment(until, asking.basis.zone))
    return Order(words=text("request.exempt"), unit_id=task.unit_id, terms=Terms(task=task.id))


async def _overdue_task(case: Case, by: Actor, at: datetime) -> Task:
    """Return the overdue task of the actor's own unit; raises NotPermitted, NotOverdue."""
    own = await Task.filter(case_id=case.id, unit_id__in=list(by.unit_ids)).order_by("-id")
    if not own:
        raise NotPermitted(verb=Verb.ASK)
    late = [task for task in own if _is_overdue(task, at) and not _exempted(task, at)]
    if not late:
        raise NotOverdue()
    return late[0]


def _is_overdue(task: TaskRow, at: datetime) -> bool:
    return task.overdue_at is not None or _runs_late(task, at)


def _runs_late(task: TaskRow, at: datetime) -> bool:
    running = task.stage in {stage.value for stage in TASK_OPEN}
    return running and task.due_at is not None and task.due_at <= at


def _exempted(task: TaskRow, at: datetime) -> bool:
    """Tell whether an exemption covers the deadline that was missed last."""
    return task.exempted_at is not None and _overdue_since(task, at) <= task.exempted_at


def _overdue_since(task: TaskRow, at: datetime) -> datetime:
    return (task.due_at if _runs_late(task, at) else last_overrun(task)) or at


def _require_lead(asking: Asking, permission: Permission) -> None:
    """Refuse with NotPermitted who is not of the unit that leads, or may not ask for this."""
    own = asking.case.lead_id in asking.by.unit_ids
    if not own or not reaches(asking.by, permission):
        raise NotPermitted(verb=Verb.ASK)


async def _elsewhere(asking: Asking) -> Order:
    """Refuse: this is asked for by commands of their own, only answered like the others."""
    raise NotPermitted(verb=Verb.ASK)


async def _dispatchers(case: Case) -> list[int]:
    return await holders(Role.DISPATCHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of request: what makes it in order, and who is told of it."""

    check: Callable[[Asking], Awaitable[Order]]
    told: Callable[[Case], Awaitable[list[int]]] = _dispatchers
    #: Which edge of the flow a refusal takes.
    refused: str = ""


#: Every kind, named as the verb that grants it.
KINDS: Final[Mapping[str, Kind]] = {
    "suspend": Kind(check=_suspension),
    "extend": Kind(check=_extension),
    "exempt": Kind(check=_exemption),
    # A reporter's second redo, and a grid worker's call: see `closing` and `call_requests`.
    "redo": Kind(check=_elsewhere, refused="redo"),
    "call": Kind(check=_elsewhere),
}


def may_ask(by: Actor, case: CaseRow, task: TaskRow, *, at: datetime) -> list[What]:
    """Return for what the actor may ask about a task of the own unit now: kinds of requests.

    It asks nothing of the database: how often and until when one may ask can still refuse it.
    """
    own = task.unit_id in by.unit_ids and not keeps_out(by, case)
    if not own or not reaches(by, Permission.CASE_ASK):
        return []
    leads = task.unit_id == case.lead_id
    able: dict[What, bool] = {
        "extend": leads,
        "suspend": leads and bool(reaches(by, Permission.CASE_ASK_SUSPEND)),
        "exempt": bool(reaches(by, Permission.CASE_ASK_EXEMPT))
        and _is_overdue(task, at)
        and not _exempted(task, at),
    }
    at_stage = possible(Stage(case.stage))
    return [what for what, can in able.items() if can and Verb(what) in at_stage]


async def ask(no: str, wish: Wish, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Ask for something on a case; whoever may answer is told.

    Raises WrongStage where it could not be granted as the case stands, RequestOpen, and what the
    kind raises: NotPermitted, MomentPast, TooLong, RequestUsed, RequestLate, NotOverdue, TooLate.
    """
    kind = KINDS[wish.what]
    act = Act(verb=Verb.ASK, by=by, at=at, reason=wish.reason)
    async with moving(no, act, basis) as opened:
        case = opened.case
        asked = await kind.check(Asking(wish=wish, case=case, by=by, at=at, basis=basis))
        edge(Stage(case.stage), Verb(wish.what))
        if await Request.exists(case_id=case.id, what=wish.what, granted__isnull=True):
            raise RequestOpen(what=wish.what)
        await Request.create(
            case_id=case.id,
            what=wish.what,
            unit_id=asked.unit_id,
            by_id=by.id,
            at=at,
            reason=wish.reason,
            terms=asked.terms,
        )
        unit = office(asked.unit_id, by, act.verb, basis.units)
        opened.tell(unit=unit, request=asked.words)
        opened.call_attention(await kind.told(case))
    return case


async def refuse(
    no: str, what: str, reason: str, *, by: Actor, at: datetime, basis: Basis
) -> Case:
    """Refuse what is asked for, with a reason; who asked is told.

    Raises NoRequest, NotPermitted, InterestedParty.
    """
    kind = KINDS[what]
    act = Act(verb=Verb.REFUSE, by=by, at=at, way=kind.refused, reason=reason)
    async with moving(no, act, basis) as opened:
        request = await request_to_answer(opened.case, what, by)
        await _answer(request, granted=False, by=by, at=at, answer=reason)
        opened.tell(request=text(f"request.{what}"))
        if request.unit_id is not None:
            opened.also_tell(request.unit_id)
    return opened.case


async def suspend(no: str, *, by: Actor, at: datetime, basis: Basis, note: str = "") -> Case:
    """Grant the suspension asked for (挂账): the case's clock stands until its end.

    Raises NoRequest, InterestedParty, MomentPast, RequestUsed, TooLong.
    """
    act = await _granting(no, Verb.SUSPEND, by=by, at=at, note=note)
    async with moving(no, act, basis) as opened:
        case = opened.case
        request = await request_to_answer(case, "suspend", by)
        until = request.terms.until or at
        await _require_suspendable(case, until, at=at, basis=basis)
        tasks = await Task.filter(case_id=case.id).order_by("id")
        left, changed = pause(case, tasks, until, at=at, basis=basis)
        await update(*changed)
        request.terms = replace(request.terms, left=left)
        await _answer(request, granted=True, by=by, at=at, answer=note)
        opened.tell(until=moment(until, basis.zone))
    return case


async def extend(no: str, *, by: Actor, at: datetime, basis: Basis, note: str = "") -> Case:
    """Grant the extension asked for (延期): deadline and marks that have not come move.

    Raises NoRequest, InterestedParty, RequestUsed.
    """
    act = await _granting(no, Verb.EXTEND, by=by, at=at, note=note)
    async with moving(no, act, basis) as opened:
        case = opened.case
        request = await request_to_answer(case, "extend", by)
        limit, before = request.terms.limit or 0, case.due_at
        extend_due(case, limit, basis=basis)
        case.n_extend += 1
        take_turn(case, at=at, basis=basis)
        await update(*await _extended(case, limit, before, basis=basis))
        await _answer(request, granted=True, by=by, at=at, answer=note)
    return case


async def _extended(
    case: Case, limit: int, before: datetime | None, *, basis: Basis
) -> list[Task]:
    """Return the lead's task, and those that were due with the case, with their new deadline."""
    calendar = basis.calendar
    stages = [stage.value for stage in TASK_OPEN]
    moved = []
    for task in await Task.filter(case_id=case.id, stage__in=stages).order_by("id"):
        if task.due_at is None or (task.part != Part.LEAD and task.due_at != before):
            continue
        longer = calendar.length(limit, case.urgency)
        task.due_at = calendar.after(task.due_at, longer, case.urgency)
        plan_task(task)
        moved.append(task)
    return moved


async def exempt(no: str, *, by: Actor, at: datetime, basis: Basis, note: str = "") -> Case:
    """Grant the overdue appeal (逾期免责): an exemption is added, the fact stays.

    Raises NoRequest, InterestedParty.
    """
    act = await _granting(no, Verb.EXEMPT, by=by, at=at, note=note)
    async with moving(no, act, basis) as opened:
        case = opened.case
        request = await request_to_answer(case, "exempt", by)
        task = await Task.get(id=request.terms.task)
        note_overrun(task, _overdue_since(task, at))
        task.exempted_at = at
        plan_task(task)
        await task.save()
        if task.unit_id == case.lead_id:
            case.exempted_at = at
        await _answer(request, granted=True, by=by, at=at, answer=note)
        unit = basis.units.by_id.get(task.unit_id)
        opened.tell(unit=unit.name if unit else "")
    return case


async def resume(no: str, *, by: Actor, at: datetime, basis: Basis, note: str = "") -> Case:
    """Let a suspended case run on before its time: the lead's head or a dispatcher.

    Raises NotPermitted for a unit that does not lead.
    """
    act = Act(verb=Verb.RESUME, by=by, at=at, note=note)
    async with moving(no, act, basis) as opened:
        case = opened.case
        tasks = await Task.filter(case_id=case.id).order_by("id")
        await update(*await resume_now(case, tasks, at=at, basis=basis))
    return case


async def _granting(no: str, verb: Verb, *, by: Actor, at: datetime, note: str) -> Act:
    """Return the act that grants a request, for the reason for which it was asked."""
    asked = await Request.get_or_none(case__no=no, what=verb.value, granted__isnull=True)
    # Without one it is refused below, by whatever holds first: not seen, not allowed, no request.
    return Act(verb=verb, by=by, at=at, reason=asked.reason if asked else "-", note=note)


async def _answer(
    request: Request, *, granted: bool, by: Actor, at: datetime, answer: str
) -> None:
    request.granted, request.answer = granted, answer
    request.answered_at, request.answered_by_id = at, by.id
    await request.save()
