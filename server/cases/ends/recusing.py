"""Naming the unit that a case complains of, or none, once somebody has read it (回避)."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from server.cases.dispatch import processes
from server.cases.dispatch.next_lead import hand_on
from server.cases.dispatch.reassigning import settle_return
from server.cases.disputes.returns import plan_ruling
from server.cases.door.expiry import OPEN_STAGES, lapse, lapse_with_lead, waive_open
from server.cases.door.journal import Act
from server.cases.door.lineage import family, survivor_no
from server.cases.door.moving import Open, moving
from server.cases.door.placing import listing_of, write_entry
from server.cases.door.recusal_rules import complained_of
from server.cases.intake.screening import go_on
from server.cases.models.case import Case, Follower
from server.cases.models.dispute import Conference, Return
from server.cases.models.report import Report
from server.cases.models.steering import Watch
from server.cases.models.task import Check, Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import AFTER_DISPATCH, EARLY, GIVEN, Part, Stage, TaskStage, Verb
from server.cases.work.checking import pass_on
from server.cases.work.suspending import cut_short
from server.errors import AlreadyDone
from server.people.actor import Actor
from server.people.queries import UnitAndBelow, unit_and_below
from server.texts.catalogue import text

#: Stages at which no unit has the case yet.
_BEFORE: Final = EARLY - {Stage.DISPATCHED}


async def recuse(
    no: str, unit: str, reason: str, *, by: Actor, at: datetime, basis: Basis
) -> Case:
    """Say which unit a case complains of; an empty name says that it complains of none (回避).

    That unit and its people have no part in it from now on. Where it leads the case, or handled
    it, or where the list alone chose who works on it, that goes to its superior, or to the
    dispatcher, with its whole time. Of a case that is over it is only kept. Raises UnknownUnit,
    AlreadyDone for what is known already, CalendarMissing.
    """
    no = await survivor_no(no)
    about = complained_of(unit, basis) if unit.strip() else None
    below = await unit_and_below(about.id if about else None)
    facts = {"about": about.name if about else ""}
    act = Act(verb=Verb.RECUSE, by=by, at=at, reason=reason, facts=facts)
    taken = False

    async def way(case: Case) -> str:
        nonlocal taken
        known = case.about_unit_id == (about.id if about else None)
        if known and not _theirs(case, below):  # a merger of units may have brought it to them
            raise AlreadyDone(verb=Verb.RECUSE)
        case.about_unit_id = about.id if about else None
        finding = (await listing_of(case, basis)).finding if case.matter_code else None
        lead_id = finding.lead_unit_id if finding else None
        by_list = case.stage in AFTER_DISPATCH and case.dispatched_by_id is None
        elsewhere = about is not None and by_list and lead_id != case.lead_id
        taken = case.stage in GIVEN and (_theirs(case, below) or elsewhere)
        if not taken:
            return ""
        return "to_dispatcher" if lead_id is None else "to_lead"

    async with moving(no, act, basis, way=way) as opened:
        case = opened.case
        # What was merged into it says the same of the same unit; not what just leaves it.
        merged = Case.filter(id__in=await family(case)).exclude(id=case.id)
        held = [each.id for each in await merged.select_for_update(skip_locked=True)]
        await Case.filter(id__in=held).update(about_unit_id=case.about_unit_id)
        if taken:
            await _take_away(opened, act, basis)
        elif case.stage in _BEFORE and case.matter_code:
            await _ask_the_list(opened, at=at, basis=basis)
        if about is not None:
            await _keep_away(opened, below, act, basis)
        await plan_ruling(case, at=at)
        told = "not_recused" if about is None else "recused"
        opened.tell(
            result=text(f"word.{told}"),
            ruling=text("word.recused_anew" if taken else f"word.{told}_units"),
        )
    return case


def _theirs(case: Case, below: UnitAndBelow) -> bool:
    return case.lead_id in below.unit_ids or case.handled_by_id in below.account_ids


async def _ask_the_list(opened: Open, *, at: datetime, basis: Basis) -> None:
    """Let the list say anew who leads a case that no unit has yet."""
    case = opened.case
    listing = await listing_of(case, basis)
    write_entry(case, listing)
    if case.stage == Stage.FILED:
        await go_on(opened, listing.finding, at=at, basis=basis)
        return
    others = [code for code in case.waits_for if code != "recusal"]
    alone = case.about_unit_id is not None and listing.finding.lead_unit_id is None
    case.waits_for = [*others, *(["recusal"] if alone else [])] or ["policy"]


async def _take_away(opened: Open, act: Act, basis: Basis) -> None:
    """Begin anew with another lead: nothing that the unit did or asked for counts."""
    case, journal = opened.case, opened.journal
    await waive_open(journal)
    if case.lead_id is not None:
        await lapse_with_lead(journal, case.lead_id, at=act.at)
    for given in await Return.filter(case_id=case.id, upheld__isnull=True):
        await settle_return(given, upheld=True, ruling=act.reason, by=act.by, at=act.at)
    open_one = Conference.filter(case_id=case.id, decided_at__isnull=True)
    await open_one.update(decided_at=act.at, decided_by_id=act.by.id, minutes=act.reason)
    if case.suspended_until is not None:
        await cut_short(case, at=act.at)
    if case.matter_code:
        write_entry(case, await listing_of(case, basis))
    await hand_on(opened, at=act.at, basis=basis)
    await lapse(journal, at=act.at)


async def _keep_away(opened: Open, below: UnitAndBelow, act: Act, basis: Basis) -> None:
    """End whatever part a unit and its people have in a case beside leading it."""
    case, at = opened.case, act.at
    if case.first_unit_id in below.unit_ids:
        case.first_unit_id = None
    people, of_all = sorted(below.account_ids), await family(case)
    # Nobody who merely came by follows a complaint; who sent it for another does.
    senders = Report.filter(case_id__in=of_all).values_list("reporter_id", flat=True)
    sent = [int(str(i)) for i in await senders]
    await Follower.filter(case_id__in=of_all, reporter=False).exclude(account_id__in=sent).delete()
    await Follower.filter(case_id__in=of_all, account_id__in=people, reporter=False).delete()
    await Watch.filter(case_id__in=of_all, account_id__in=people).delete()
    for given in await Return.filter(
        case_id=case.id, upheld__isnull=True, unit_id__in=sorted(below.unit_ids)
    ):
        await settle_return(given, upheld=True, ruling=act.reason, by=act.by, at=at)
    check = await Check.get_or_none(case_id=case.id, cycle=case.cycle, done_at__isnull=True)
    if (
        case.stage == Stage.CHECKING
        and check is not None
        and check.assignee_id in below.account_ids
    ):
        await pass_on(case, check, opened.journal, at=at, basis=basis)
    if process := case.explanation.process:
        # A step whose turn has not come is the lead's, like any that no unit can do.
        steps = tuple(
            replace(step, unit_id=None)
            if step.unit_id in below.unit_ids and step.due_at is None
            else step
            for step in process
        )
        case.explanation = replace(case.explanation, process=steps)
    helping = Task.filter(case_id=case.id, part=Part.COOPERATING.value, stage__in=OPEN_STAGES)
    ended = helping.filter(unit_id__in=sorted(below.unit_ids))
    if await ended.update(stage=TaskStage.WAIVED.value, wake_at=None):
        await processes.advance(case, opened.journal, at=at, basis=basis)
