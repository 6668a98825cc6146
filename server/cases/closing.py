"""What reporters and leaders do at the end: withdraw, ask again, follow, archive."""

from datetime import datetime, timedelta
from typing import Final

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from server.cases import deadlines
from server.cases.access import may_read
from server.cases.basis import Basis
from server.cases.briefing import facts_of, moment
from server.cases.checking import begin_again
from server.cases.deadlines import URGENT
from server.cases.door import moving
from server.cases.flow import FINAL, Stage, TaskStage, Verb
from server.cases.journal import Act
from server.cases.models.case import Case, Follower
from server.cases.models.report import Report
from server.cases.models.task import Task
from server.cases.turns import take_turn
from server.errors import AlreadyDone, NotFound, RedoUsed, TooLate, WrongStage
from server.people.actor import Actor
from server.permissions import Role
from server.texts.catalogue import text

#: How often a reporter may have a case handled again without anybody's consent (domain.md, 6).
_REDOS_OF_ONES_OWN: Final = 1
_OPEN: Final = (TaskStage.PENDING.value, TaskStage.ACCEPTED.value, TaskStage.ARRIVED.value)


async def withdraw(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Withdraw one's report; the case goes on while others follow it or its matter is urgent."""
    mine = Q(reporter_id=by.id) | Q(on_behalf_of_id=by.id)

    async def goes_on(case: Case) -> str:
        senders = Report.filter(mine, case_id=case.id).values_list("reporter_id", flat=True)
        others = Follower.filter(case_id=case.id).exclude(account_id=by.id)
        others = others.exclude(account_id__in=[int(str(i)) for i in await senders])
        return "goes_on" if case.urgency == URGENT or await others.exists() else ""

    act = Act(verb=Verb.WITHDRAW, by=by, at=at, reason=reason)
    async with moving(no, act, way=goes_on) as opened:
        reports = Report.filter(mine, case_id=opened.case.id, withdrawn_at__isnull=True)
        if not await reports.update(withdrawn_at=at):
            raise AlreadyDone(verb=Verb.WITHDRAW)
        if opened.case.stage == Stage.WITHDRAWN:
            open_tasks = Task.filter(case_id=opened.case.id, stage__in=_OPEN)
            found = await open_tasks.values_list("unit_id", flat=True)
            opened.journal.leaving.update(int(str(unit_id)) for unit_id in found)
            await open_tasks.update(stage=TaskStage.WAIVED.value)
            take_turn(opened.case, at=at, basis=basis)
        else:
            act.facts["result"] = text("word.goes_on")
        act.facts.update(facts_of(opened.case, basis.units, basis.zone))
    return opened.case


async def redo(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Have a closed case handled again (重办): by its reporter in time and once, or a leader.

    Raises TooLate after 7 days (a leader: 30), RedoUsed for the reporter's second time.
    """
    act = Act(verb=Verb.REDO, by=by, at=at, reason=reason)
    async with moving(no, act) as opened:
        case = opened.case
        leader = Role.LEADER in by.roles
        days = basis.policy.redo_leader_days if leader else basis.policy.redo_reporter_days
        closed_at = case.closed_at or at
        until = closed_at + timedelta(days=days)
        if at > until:
            raise TooLate(until=moment(until, basis.zone))
        if not leader:
            if case.n_redo >= _REDOS_OF_ONES_OWN:
                raise RedoUsed()
            case.n_redo += 1
        due = deadlines.handling_due(at, case.limit or 1, case.urgency, calendar=basis.calendar)
        await begin_again(case, due, at=at, basis=basis)
        act.facts.update(facts_of(case, basis.units, basis.zone))
    return case


async def follow(no: str, *, by: Actor, at: datetime) -> None:
    """Hear of a case from now on; raises NotFound, and WrongStage for one that is over.

    A case shown to everybody (open, in the list of those nearby) may be followed by everybody;
    any other exists only for those who may read it.
    """
    async with in_transaction():
        case = await Case.filter(no=no).select_for_update().get_or_none()
        if case is None or by.id is None:
            raise NotFound(no=no)
        over = Stage(case.stage) in FINAL
        shown = not over and case.lon is not None
        if not shown and not await may_read(by, case):
            raise NotFound(no=no)
        if over:
            raise WrongStage(stage=case.stage, verb="follow", possible=[])
        await Follower.get_or_create(
            defaults={"since": at, "reporter": False}, case_id=case.id, account_id=by.id
        )
