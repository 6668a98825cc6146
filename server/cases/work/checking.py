"""The look at the place after handling, by somebody who did not handle it; and rework."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from server.calendar.working import Deadline
from server.cases.dispatch.next_lead import (
    goes_on_elsewhere,
    hand_on,
    keep_handler,
    next_cycle,
    way_on,
)
from server.cases.door.access import looks_by_documents, may_read
from server.cases.door.briefing import moment
from server.cases.door.evidence import attach
from server.cases.door.journal import Act, Journal
from server.cases.door.moving import Open, moving, overtaken
from server.cases.door.schedule import plan_task, set_due, take_turn
from server.cases.models.case import Case
from server.cases.models.report import Report
from server.cases.models.task import Check, Task
from server.cases.reading.todo import least_busy
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, TaskStage, Verb
from server.cases.rules.shown import Purpose
from server.cases.rules.traits import Trait, verbs_with
from server.errors import AlreadyDone, CaseNotReady, InterestedParty, NotFound, NotPermitted
from server.people.actor import SYSTEM, Actor
from server.people.queries import grid_workers, members, unit_and_below
from server.permissions import Permission, Role
from server.places.boundaries import Boundaries

#: So many people are asked in turn; then the acceptor checks by the documents.
_PERSONS_ASKED: Final = 2


async def give_check(case: Case, journal: Journal, *, at: datetime, basis: Basis) -> None:
    """Hand a handled case to a checker: the place's grid worker, else one nearby, else by paper.

    Nobody checks who handled the case, belongs to its lead unit or, if avoidable, reported it.
    """
    await (await new_check(case, journal, at=at, basis=basis)).save()


async def new_check(case: Case, journal: Journal, *, at: datetime, basis: Basis) -> Check:
    """Return the row that gives a handled case to a checker, for who inserts it with others."""
    given = journal.add(Act(verb=Verb.CHECK, by=SYSTEM, at=at))
    take_turn(case, at=at, basis=basis)
    assignee = await _checker(case, basis)
    if assignee is None:
        case.owner_role = Role.ACCEPTOR.value
    due_at = case.stage_due_at or at
    if assignee is not None:
        journal.give_work(given, assignee, due=moment(due_at, basis.zone))
    # A new case has no id yet: who inserts both sets it.
    return Check(
        case_id=case.id or 0, cycle=case.cycle, assignee_id=assignee, given_at=at, due_at=due_at
    )


async def _checker(case: Case, basis: Basis, passed_over: Collection[int] = ()) -> int | None:
    if case.generation_id is None or not case.grid_code:
        return None
    boundaries = await basis.places.generation(case.generation_id)
    # A township's own people look neither at what it did nor at what it is blamed for.
    concerned = [basis.units.by_id.get(each or 0) for each in (case.lead_id, case.about_unit_id)]
    by_township = any(unit is not None and unit.kind == "township" for unit in concerned)
    barred, reporters = await _barred(case), await _reporters(case)
    circles = (
        [_grids(boundaries, case.township_code, inside=False)]
        if by_township
        else [
            [case.grid_code],
            [row.code for row in boundaries.rows("grid") if row.parent_code == case.village_code],
            _grids(boundaries, case.township_code, inside=True),
        ]
    )
    barred = barred.union(passed_over)
    for avoided in (barred | reporters, barred):
        for grids in circles:
            workers = await grid_workers(grids)
            found = {i for ids in workers.values() for i in ids} - avoided
            if found:
                return await least_busy(found)
    return None


async def _barred(case: Case) -> set[int | None]:
    """Return who looks at no handling of this case: who did it, its lead's, complained of."""
    working = await members([case.lead_id or 0], Permission.CASE_CHECK)
    complained_of = (await unit_and_below(case.about_unit_id)).account_ids
    return {case.handled_by_id, *working, *complained_of}


async def _reporters(case: Case) -> set[int | None]:
    found = await Report.filter(case_id=case.id or 0).values_list("reporter_id")
    return {int(i) for (i,) in found}


def _grids(boundaries: Boundaries, township: str, *, inside: bool) -> list[str]:
    """Return the grids of a township, or those of all the others."""
    villages = {r.code for r in boundaries.rows("village") if r.parent_code == township}
    return [row.code for row in boundaries.rows("grid") if (row.parent_code in villages) is inside]


async def check(
    check_id: int,
    *,
    passed: bool,
    note: str,
    photos: tuple[UUID, ...] = (),
    spot: tuple[float, float] | None = None,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Case:
    """Say what was found at the place (核查): solved or not; the acceptor then decides.

    Raises NotFound for somebody else's check, WrongStage for one that is asked for no more since
    the case is handled again, AlreadyDone for one that the same person has made,
    InterestedParty for who handled the case.
    """
    asked = await Check.get_or_none(id=check_id)
    mine = asked is not None and asked.assignee_id == by.id
    if asked is None:
        raise NotFound()
    case = await Case.get(id=asked.case_id)
    if not (mine or looks_by_documents(by)):
        let_go = asked.assignee_id is None and asked.done_at is None
        if not let_go or not await may_read(by, case):
            raise NotFound()
        again = verbs_with(Trait.AGAIN)
        raise await overtaken(case, Verb.CHECK, by=by, at=at, basis=basis, since=again)
    if asked.done_by_id == by.id:
        raise AlreadyDone(verb=Verb.CHECK)
    if not mine and asked.assignee_id is not None and at < asked.due_at:
        raise NotPermitted(verb=Verb.CHECK)  # by documents only where nobody looked in time
    act = Act(verb=Verb.CHECK, by=by, at=at, note=note, facts={"passed": passed})
    async with moving(case.no, act, basis) as opened:
        case = opened.case
        answer = await Check.filter(id=check_id).select_for_update().get()
        if answer.done_at is not None or answer.cycle != case.cycle:
            raise CaseNotReady(missing="check_open")
        if case.handled_by_id in by.persons or case.lead_id in by.unit_ids:
            raise InterestedParty()
        await attach(opened, photos, purpose=Purpose.CHECK)
        answer.done_at, answer.done_by_id = at, by.id
        answer.passed, answer.note = passed, note
        if spot is not None:
            answer.lon, answer.lat = spot
        await answer.save()
        case.owner_role = Role.ACCEPTOR.value
    return case


async def rework(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Send a case back to the same lead (返工) with half the time.

    One that was handled on the spot goes to the list's lead, with its whole time.
    """
    act = Act(verb=Verb.REWORK, by=by, at=at, reason=reason)
    async with moving(no, act, basis, way=way_on(basis)) as opened:
        case = opened.case
        if goes_on_elsewhere(case, basis):
            await hand_on(opened, at=at, basis=basis)
        else:
            limit, urgency = case.limit or 1, case.urgency
            due = deadlines.rework_due(at, limit, urgency, calendar=basis.calendar)
            await begin_again(opened, due, at=at, basis=basis)
    return case


async def begin_again(opened: Open, due: Deadline, *, at: datetime, basis: Basis) -> None:
    """Open another cycle with the same lead, accepted already, due at a new deadline."""
    case = opened.case
    await next_cycle(case)
    set_due(case, due, start=at, basis=basis)
    lead = await Task.filter(
        case_id=case.id, part=Part.LEAD.value, stage=TaskStage.DONE.value
    ).get()
    lead.stage, lead.due_at = TaskStage.ACCEPTED.value, due.at
    lead.done_at = None
    await keep_handler(opened, lead)
    plan_task(lead)
    await lead.save()
    take_turn(case, at=at, basis=basis)


async def pass_on(
    case: Case,
    check: Check,
    journal: Journal,
    *,
    at: datetime,
    basis: Basis,
    to: int | None = None,
) -> bool:
    """Give a check that was not made in time to the next person; else to the acceptor, by paper.

    First to who stands in for somebody (`to`), if that one may look. Tells whether there was a
    person. Either has the time of a check from now.
    """
    if to is not None and to not in await _barred(case) | await _reporters(case):
        check.assignee_id = to
    else:
        await _ask_next(case, check, basis)
    given = journal.add(Act(verb=Verb.CHECK, by=SYSTEM, at=at))
    take_turn(case, at=at, basis=basis)
    check.given_at, check.due_at = at, case.stage_due_at or at
    if check.assignee_id is None:
        case.owner_role = Role.ACCEPTOR.value
    else:
        journal.give_work(given, check.assignee_id, due=moment(check.due_at, basis.zone))
    await check.save()
    return check.assignee_id is not None


async def _ask_next(case: Case, check: Check, basis: Basis) -> None:
    if check.assignee_id is not None:
        check.passed_over = [*check.passed_over, check.assignee_id]
    check.assignee_id = None
    if len(check.passed_over) < _PERSONS_ASKED:
        check.assignee_id = await _checker(case, basis, check.passed_over)
