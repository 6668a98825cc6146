"""What the clock does about disputes, checks, closing and instructions."""

from datetime import datetime, timedelta
from typing import Final

from server.cases.disputes.conferences import convene_now
from server.cases.door.schedule import schedule, take_turn, wait_again
from server.cases.door.waking import Woken
from server.cases.models.dispute import Return
from server.cases.models.steering import Instruction
from server.cases.models.task import Check
from server.cases.rules.deadlines import K8, URGENT, Alarm, Timer, clock_due
from server.cases.rules.flow import RULED_COOPERATING, Part, Stage, Verb
from server.cases.work.checking import give_check, pass_on
from server.people.actor import SYSTEM
from server.permissions import Permission, Role
from server.texts.catalogue import text

#: How long a case that a reporter calls unsolved waits before it is looked at again.
_UNSOLVED_WAITS: Final = timedelta(days=1)


async def convene(woken: Woken, due: datetime) -> None:
    """K8 is over without a ruling: the return goes before a conference."""
    at, basis = woken.at, woken.basis
    await convene_now(woken.journal, by=SYSTEM, at=at, basis=basis)
    woken.escalate(await woken.leaders(), "convene")


async def rule_late(woken: Woken, due: datetime) -> None:
    """K8 is over for a cooperating unit's return: dispatchers and leaders hear, again every K8.

    Nobody can rule on it while its case is checked: then it waits without a word.
    """
    case, at, basis = woken.case, woken.at, woken.basis
    waiting = await Return.filter(
        case_id=case.id, part=Part.COOPERATING.value, upheld__isnull=True
    ).order_by("id")
    if not waiting:
        return
    late = [given for given in waiting if given.due_at <= at]
    if late and case.stage in RULED_COOPERATING:
        names = (basis.units.by_id[given.unit_id].name for given in late)
        persons = await woken.stand_ins.who_steps_in(case, Role.DISPATCHER, Role.LEADER)
        woken.escalate(persons, "rule_late", unit=text("format.and").join(names))
    again = clock_due(
        K8, at, urgent=case.urgency == URGENT, calendar=basis.calendar, policy=basis.policy
    )
    following = min([again, *(given.due_at for given in waiting if given.due_at > at)])
    schedule(case, [*case.timers, Alarm(Timer.RULE_LATE, following)])


async def decide_late(woken: Woken, due: datetime) -> None:
    """K9 is over: a leader decides, and hears of it again every K9."""
    wait_again(woken.case, at=woken.at, basis=woken.basis)
    woken.case.owner_role = Role.LEADER.value
    woken.escalate(await woken.leaders(), "decide_late")


async def check_late(woken: Woken, due: datetime) -> None:
    """K6 is over: the check goes to another person, then the acceptor, then leaders are told."""
    case, at, basis = woken.case, woken.at, woken.basis
    if case.stage == Stage.HANDLED:
        await give_check(case, woken.journal, at=at, basis=basis)
        return
    check = await Check.get_or_none(case_id=case.id, cycle=case.cycle)
    asked = check is not None and check.done_at is None and check.assignee_id is not None
    if check is not None and asked:
        if await pass_on(case, check, woken.journal, at=at, basis=basis):
            return
        persons = await woken.stand_ins.who_steps_in(woken.case, Role.ACCEPTOR)
    else:
        persons = await woken.leaders()
        wait_again(case, at=at, basis=basis)
    case.owner_role = Role.ACCEPTOR.value
    woken.escalate(persons, "check_late")


async def archive(woken: Woken, due: datetime) -> None:
    """K7 is over: archived without an appraisal, unless somebody's "not solved" is open."""
    if woken.unsolved:
        later = Alarm(Timer.ARCHIVE, woken.at + _UNSOLVED_WAITS)
        schedule(woken.case, [*woken.case.timers, later])
        return
    woken.act(Verb.ARCHIVE)
    take_turn(woken.case, at=woken.at, basis=woken.basis)


async def reply_late(woken: Woken, due: datetime) -> None:
    """An instruction has no answer in time: the leader who gave it is told."""
    waiting = Instruction.filter(
        case_id=woken.case.id, replied_at__isnull=True, reply_due_at__lte=woken.at
    )
    gave = sorted({int(by_id) for (by_id,) in await waiting.values_list("by_id")})
    if gave:
        leaders = await woken.stand_ins.who_asked(
            woken.case, gave, Permission.CASE_INSTRUCT, Role.LEADER
        )
        woken.escalate(leaders, "reply_late")
