"""How a case ends: closed after its check, withdrawn, archived; done again, followed, left."""

from dataclasses import replace
from datetime import datetime, timedelta

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from server.cases.dispatch.next_lead import goes_on_elsewhere, hand_on, way_on
from server.cases.disputes.returns import plan_ruling
from server.cases.door.access import everywhere, may_read
from server.cases.door.briefing import moment
from server.cases.door.expiry import lapse, waive_open
from server.cases.door.hindrances import REDOS_OF_ONES_OWN, allowed_verbs, require_unhindered
from server.cases.door.journal import Act
from server.cases.door.lineage import family, survivor_no
from server.cases.door.moving import Open, moving
from server.cases.door.schedule import take_turn
from server.cases.ends.merging import follows_itself
from server.cases.models.case import Case, Follower
from server.cases.models.report import Report
from server.cases.models.steering import Request
from server.cases.reading.own_reports import may_leave
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import URGENT
from server.cases.rules.flow import FINAL, Stage, Verb, edge
from server.cases.work.checking import begin_again
from server.errors import (
    NotFound,
    RedoUsed,
    StillReported,
    WrongStage,
)
from server.people.actor import Actor
from server.people.queries import holders
from server.permissions import Permission, Role
from server.texts.catalogue import text


async def close(no: str, *, by: Actor, at: datetime, basis: Basis, note: str = "") -> Case:
    """Close a case (结案) whose check passed; handler, checker and closer are three people."""
    act = Act(verb=Verb.CLOSE, by=by, at=at, note=note)
    async with moving(no, act, basis) as opened:
        case = opened.case
        case.closed_at = at
        await lapse(opened.journal, at=at)
        take_turn(case, at=at, basis=basis)
        last = at + timedelta(days=basis.policy.redo_reporter_days)
        until = "" if case.n_redo else moment(last, basis.zone)  # once without a leader
        opened.tell(result=case.result, due=until)
    return case


async def withdraw(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Withdraw one's report; the case goes on while others follow it or its matter is urgent."""
    mine = Q(reporter_id=by.id) | Q(on_behalf_of_id=by.id)

    async def goes_on(case: Case) -> str:
        sent = Report.filter(mine, case_id__in=await family(case))
        senders = sent.values_list("reporter_id", flat=True)
        others = Follower.filter(case_id=case.id).exclude(account_id=by.id)
        others = others.exclude(account_id__in=[int(str(i)) for i in await senders])
        return "goes_on" if case.urgency == URGENT or await others.exists() else ""

    act = Act(verb=Verb.WITHDRAW, by=by, at=at, reason=reason)
    async with moving(await survivor_no(no), act, basis, way=goes_on) as opened:
        of_all = await family(opened.case)
        reports = Report.filter(mine, case_id__in=of_all, withdrawn_at__isnull=True)
        await reports.update(withdrawn_at=at)
        if opened.case.stage == Stage.WITHDRAWN:
            await waive_open(opened.journal)
            await lapse(opened.journal, at=at)
            take_turn(opened.case, at=at, basis=basis)
        else:
            opened.tell(result=text("word.goes_on"))
    return opened.case


async def redo(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Have a closed case handled again (重办): by its reporter in time and once, or a leader.

    The reporter's second time is asked of a leader, whose own `redo` grants it: the case then
    stays as it is. Raises TooLate after 7 days (a leader: 30), RequestOpen while a leader is
    asked, RedoUsed when a leader has refused.
    """
    no = await survivor_no(no)
    leader = everywhere(by, Permission.CASE_REDO)
    held = await Case.get_or_none(no=no)
    if held is not None and held.n_redo >= REDOS_OF_ONES_OWN and not leader:
        return await _ask_leader(no, reason, by=by, at=at, basis=basis)
    act = Act(verb=Verb.REDO, by=by, at=at, reason=reason)
    async with moving(no, act, basis, way=way_on(basis)) as opened:
        case = opened.case
        if not leader:
            if case.n_redo >= REDOS_OF_ONES_OWN:  # another reporter was faster
                raise RedoUsed()
            case.n_redo += 1
        await _begin(opened, by=by, at=at, basis=basis)
    return case


async def redo_unsolved(
    opened: Open, reason: str, *, by: Actor, at: datetime, basis: Basis
) -> None:
    """Have a case that somebody just called unsolved handled again, as `redo` does, if they may.

    What they may not: the second person of one closing, whoever comes late, and a township.
    """
    case = opened.case
    if Verb.REDO not in await allowed_verbs(by, case, at=at, basis=basis):
        return
    act = Act(verb=Verb.REDO, by=by, at=at, reason=reason)
    if case.n_redo >= REDOS_OF_ONES_OWN and not everywhere(by, Permission.CASE_REDO):
        entry = opened.journal.add(replace(act, verb=Verb.ASK, way="redo"))
        await _request(replace(opened, entry=entry), by=by, at=at)
        return
    entry = opened.journal.add(replace(act, way=await way_on(basis)(case)))
    case.n_redo += not everywhere(by, Permission.CASE_REDO)
    await _begin(replace(opened, entry=entry), by=by, at=at, basis=basis)


async def _begin(opened: Open, *, by: Actor, at: datetime, basis: Basis) -> None:
    """Begin the next cycle of a case that was just sent to be handled again."""
    case = opened.case
    asked = Request.filter(case_id=case.id, what=Verb.REDO.value, granted__isnull=True)
    await asked.update(granted=True, answered_at=at, answered_by_id=by.id)
    if goes_on_elsewhere(case, basis):
        await hand_on(opened, at=at, basis=basis)
    else:
        due = basis.calendar.add(at, case.limit or 1, case.urgency)
        await begin_again(opened, due, at=at, basis=basis)
    await plan_ruling(case, at=at)  # its closing had ended that clock


async def _ask_leader(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Ask on the reporter's behalf that a leader has the case handled once more."""
    act = Act(verb=Verb.ASK, by=by, at=at, reason=reason, way="redo")
    async with moving(no, act, basis) as opened:
        case = opened.case
        edge(Stage(case.stage), Verb.REDO)  # what is not over is not done again
        await require_unhindered(replace(act, verb=Verb.REDO), case, Stage(case.stage), basis)
        await _request(opened, by=by, at=at)
    return case


async def _request(opened: Open, *, by: Actor, at: datetime) -> None:
    """Keep what was just asked of a leader, and tell them."""
    reason = opened.entry.act.reason
    await Request.create(
        case_id=opened.case.id, what=Verb.REDO.value, by_id=by.id, at=at, reason=reason
    )
    opened.tell(request=text("request.redo"), unit=text("word.reporter"))
    opened.call_attention(await holders(Role.LEADER))


async def follow(no: str, *, by: Actor, at: datetime) -> None:
    """Hear of a case from now on; raises NotFound, and WrongStage for one that is over.

    What was merged is followed where it goes on. A case shown to everybody (open, in the list of
    those nearby) may be followed by everybody; any other exists only for those who may read it.
    """
    async with in_transaction():
        goes_on = await survivor_no(no)
        case = await Case.filter(no=goes_on).select_for_update().get_or_none()
        if case is None or by.id is None:
            raise NotFound(no=no)
        over = Stage(case.stage) in FINAL
        shown = not over and case.lon is not None and case.about_unit_id is None
        if not shown and not await may_read(by, case):
            raise NotFound(no=no)
        if over:
            raise WrongStage(stage=case.stage, verb="follow", possible=[])
        _, new = await Follower.get_or_create(
            defaults={"since": at, "reporter": False}, case_id=case.id, account_id=by.id
        )
        if not new:
            await follows_itself(case, by.id)


async def unfollow(no: str, *, by: Actor) -> None:
    """Hear of a case no more, and of those merged into it; whoever does not hear of it is done.

    Raises StillReported for who has a report in it that was not withdrawn: an answer is owed them.
    """
    async with in_transaction():
        case = await Case.filter(no=await survivor_no(no)).select_for_update().get_or_none()
        if case is None or by.id is None:
            return
        of_all = await family(case)
        followed = Follower.filter(account_id=by.id, case_id__in=of_all)
        if not await followed.exists():
            return
        if not await may_leave(by, of_all):
            raise StillReported(no=no)
        await followed.delete()
        await follows_itself(case, by.id)
