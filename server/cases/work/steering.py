"""What leaders do to a case: watch it, instruct its units, urge and supervise; units reply."""

from datetime import datetime

from server.cases.door.access import may
from server.cases.door.briefing import moment, office
from server.cases.door.escalation import who_asked, who_steps_in
from server.cases.door.journal import Act
from server.cases.door.moving import Open, moving
from server.cases.door.schedule import schedule
from server.cases.models.case import Case
from server.cases.models.steering import Instruction, Watch
from server.cases.models.task import Task
from server.cases.reading.queries import case_for
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import URGENT, Alarm, Timer
from server.cases.rules.flow import TASK_GONE, Stage, Verb
from server.errors import (
    AlreadyDone,
    CaseNotReady,
    NothingToAnswer,
    NotInCase,
    NotPermitted,
)
from server.people.actor import Actor
from server.permissions import Permission, Role


async def watch(no: str, note: str = "", *, by: Actor, at: datetime) -> None:
    """Put a case on one's own list (领导关注), once; raises NotFound, NotPermitted."""
    case = await _watchable(no, by)
    await Watch.get_or_create(
        defaults={"since": at, "note": note}, case_id=case.id, account_id=by.id
    )


async def unwatch(no: str, *, by: Actor) -> None:
    """Take a case off one's own list, if it is on it; raises NotFound, NotPermitted."""
    case = await _watchable(no, by)
    await Watch.filter(case_id=case.id, account_id=by.id).delete()


async def _watchable(no: str, by: Actor) -> Case:
    case = await case_for(by, no)
    if not await may(by, Permission.CASE_WATCH, case):
        raise NotPermitted(verb="watch")
    return case


async def instruct(
    no: str,
    words: str,
    *,
    unit: str = "",
    urgent: bool = False,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> tuple[Instruction, Case]:
    """Instruct a unit of a case (批示), its lead unless named; it is to answer in time.

    Urgent ones, and all on an urgent matter, are answered round the clock. Raises CaseNotReady
    without a lead, NotInCase for a unit that has no part in the case.
    """
    act = Act(verb=Verb.INSTRUCT, by=by, at=at, reason=words)
    async with moving(no, act, basis) as opened:
        case = opened.case
        unit_id = await _addressee(case, unit, basis)
        due = deadlines.reply_due(
            at,
            urgent=urgent or case.urgency == URGENT,
            calendar=basis.calendar,
            policy=basis.policy,
        )
        instruction = await Instruction.create(
            case_id=case.id, by_id=by.id, unit_id=unit_id, at=at, text=words, reply_due_at=due
        )
        schedule(case, (*case.timers, Alarm(Timer.REPLY_LATE, due)))
        addressed = basis.units.by_id[unit_id].name
        opened.tell(unit=addressed, until=moment(due, basis.zone))
    return instruction, case


async def _addressee(case: Case, name: str, basis: Basis) -> int:
    if not name:
        if case.lead_id is None:  # others have a part in it, whom one may name
            raise CaseNotReady(missing="lead")
        return case.lead_id
    parts = Task.filter(case_id=case.id).exclude(stage__in=TASK_GONE)
    found = {int(unit_id) for (unit_id,) in await parts.values_list("unit_id")}
    unit = basis.units.among(name, found)
    if unit is None:
        raise NotInCase(name=name)
    return unit.id


async def reply(
    no: str,
    words: str,
    *,
    instruction_id: int | None = None,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> tuple[Instruction, Case]:
    """Answer an instruction as the unit it went to, the oldest unless named; its leader hears.

    Raises NothingToAnswer where the unit was not instructed, AlreadyDone where it has answered.
    """
    act = Act(verb=Verb.REPLY, by=by, at=at, note=words)
    async with moving(no, act, basis) as opened:
        case = opened.case
        instruction = await _waiting(case, instruction_id, by)
        instruction.reply, instruction.replied_at = words, at
        instruction.replied_by_id = by.id
        await instruction.save()
        schedule(case, _without(case, instruction.reply_due_at))
        unit = office(instruction.unit_id, by, act.verb, basis.units)
        opened.tell(unit=unit, result=words)
        leader, able = [instruction.by_id], Permission.CASE_INSTRUCT
        told = await who_asked(case, leader, able, Role.LEADER, at=at, basis=basis)
        opened.call_attention(told)
    return instruction, case


async def _waiting(case: Case, instruction_id: int | None, by: Actor) -> Instruction:
    mine = Instruction.filter(case_id=case.id, unit_id__in=list(by.unit_ids))
    if instruction_id is not None:
        mine = mine.filter(id=instruction_id)
    found = await mine.order_by("id")
    if not found:
        raise NothingToAnswer()
    waiting = [each for each in found if each.replied_at is None]
    if not waiting:
        raise AlreadyDone(verb=Verb.REPLY)
    return waiting[0]


def _without(case: Case, due_at: datetime) -> list[Alarm]:
    """Return the case's alarms but for one instruction's."""
    planned = list(case.timers)
    answered = Alarm(Timer.REPLY_LATE, due_at)
    if answered in planned:
        planned.remove(answered)
    return planned


async def urge(no: str, words: str = "", *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Urge whoever a case waits for (催办), with a word or without."""
    act = Act(verb=Verb.URGE, by=by, at=at, reason=words)
    async with moving(no, act, basis) as opened:
        await _spur(opened, basis)
    return opened.case


async def supervise(no: str, words: str = "", *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Put a case under supervision (督办): its units are told, and it stays on record."""
    act = Act(verb=Verb.SUPERVISE, by=by, at=at, reason=words)
    async with moving(no, act, basis) as opened:
        await _spur(opened, basis)
    return opened.case


async def _spur(opened: Open, basis: Basis) -> None:
    """Let a case's units know, and before it has any those whose turn it is."""
    case, act = opened.case, opened.entry.act
    opened.tell(until=moment(case.stage_due_at, basis.zone))
    if case.lead_id is None:
        # A grid worker who verifies was asked by an acceptor, and does it for one.
        turn = Role.ACCEPTOR if case.stage == Stage.VERIFYING else Role(case.owner_role)
        persons = await who_steps_in(case, turn, at=act.at, basis=basis)
        opened.call_attention([each for each in persons if each != act.by.id])


async def watched_by(actor: Actor, case: Case) -> bool:
    """Tell whether a case is on the actor's own list."""
    return await Watch.filter(case_id=case.id, account_id=actor.id).exists()
