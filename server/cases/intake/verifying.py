"""A look at the place before filing, by a grid worker who did not report it (核实)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from server.cases.door.access import looks_by_documents
from server.cases.door.briefing import moment
from server.cases.door.escalation import who_asked
from server.cases.door.evidence import attach
from server.cases.door.journal import Act, Journal
from server.cases.door.moving import moving, overtaken, who_did
from server.cases.door.schedule import take_turn
from server.cases.models.case import Case, Follower, Step
from server.cases.models.report import Report
from server.cases.models.task import Verification
from server.cases.reading.todo import least_busy
from server.cases.rules.basis import Basis
from server.cases.rules.flow import FINAL, Stage, Verb
from server.cases.rules.shown import Purpose
from server.errors import AlreadyDone, CaseNotReady, InterestedParty, NotFound, NotPermitted
from server.people.actor import SYSTEM, Actor
from server.people.queries import grid_workers, holders, unit_and_below
from server.permissions import Permission, Role
from server.texts.catalogue import text


async def verify(no: str, question: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Ask the grid worker of the place whether it is as reported, within what remains of K1.

    Raises CaseNotReady where no grid worker can be asked: the acceptor decides as it is.
    """
    act = Act(verb=Verb.VERIFY, way="ask", by=by, at=at, note=question)
    async with moving(no, act, basis) as opened:
        case = opened.case
        assignee = await _worker(case, basis)
        if assignee is None:
            raise CaseNotReady(missing="grid_worker")
        take_turn(case, at=at, basis=basis)
        due_at = case.stage_due_at or at
        # What was asked before and never answered is asked of nobody any more.
        await Verification.filter(case_id=case.id, done_at__isnull=True).update(done_at=at)
        await Verification.create(
            case_id=case.id,
            assignee_id=assignee,
            asked_by_id=by.id,
            question=question,
            given_at=at,
            due_at=due_at,
        )
        due = moment(due_at, basis.zone)
        opened.journal.give_work(opened.entry, assignee, due=due, question=question)
    return case


async def ask_another(
    case: Case,
    asked: Verification,
    journal: Journal,
    *,
    at: datetime,
    basis: Basis,
    to: int | None = None,
) -> bool:
    """Ask the next person in place of who cannot look any more; tells whether there was one.

    First who stands in for that one (`to`), if they may look. Where there is nobody, the case is
    the acceptor's again.
    """
    asked.done_at = at
    await asked.save(update_fields=["done_at"])
    journal.add(Act(verb=Verb.VERIFY, by=SYSTEM, at=at))
    assignee = to
    if to is None or to in await _barred(case):
        assignee = await _worker(case, basis, {asked.assignee_id})
    given = journal.add(Act(verb=Verb.VERIFY, way="ask", by=SYSTEM, at=at)) if assignee else None
    take_turn(case, at=at, basis=basis)
    if assignee is None or given is None:
        return False
    due_at = case.stage_due_at or at
    await Verification.create(
        case_id=case.id,
        assignee_id=assignee,
        asked_by_id=asked.asked_by_id,
        question=asked.question,
        given_at=at,
        due_at=due_at,
    )
    journal.give_work(given, assignee, due=moment(due_at, basis.zone), question=asked.question)
    return True


async def answer(
    verification_id: int,
    *,
    found: bool,
    note: str,
    photos: tuple[UUID, ...] = (),
    spot: tuple[float, float] | None = None,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Case:
    """Say whether it is as reported; the acceptor goes on with what remains of K1.

    The acceptor answers by the documents once the time to look is over. Raises NotFound for
    somebody else's verification, AlreadyDone for one that the same person has answered,
    WrongStage where the case is over, InterestedParty for who reported the case.
    """
    asked = await Verification.get_or_none(id=verification_id)
    mine = asked is not None and asked.assignee_id == by.id
    if asked is None or not (mine or looks_by_documents(by)):
        raise NotFound()
    if not mine and at < asked.due_at:
        raise NotPermitted(verb=Verb.VERIFY)
    held = await Case.get(id=asked.case_id)
    await _require_open(asked, held, by=by, at=at, basis=basis)
    act = Act(verb=Verb.VERIFY, by=by, at=at, note=note, facts={"found": found})
    async with moving(held.no, act, basis) as opened:
        case = opened.case
        row = await Verification.filter(id=verification_id).select_for_update().get()
        if row.done_at is not None:
            raise CaseNotReady(missing="verification_open")
        if by.persons & await _reporters(case):
            raise InterestedParty()
        await attach(opened, photos, purpose=Purpose.VERIFY)
        row.done_at, row.found, row.note = at, found, note
        if spot is not None:
            row.lon, row.lat = spot
        await row.save()
        take_turn(case, at=at, basis=basis)
        said = text("word.found" if found else "word.not_found")
        opened.call_attention(await _asking(case, row, at=at, basis=basis), result=said)
    return case


async def _require_open(
    asked: Verification, case: Case, *, by: Actor, at: datetime, basis: Basis
) -> None:
    """Refuse what was answered before, and of what nobody is asked any more."""
    if asked.done_at is not None:
        own = Step.filter(case_id=case.id, verb=Verb.VERIFY.value, by_id=by.id)
        if await own.filter(at=asked.done_at).exists():
            raise AlreadyDone(verb=Verb.VERIFY)
    if Stage(case.stage) in FINAL:
        raise await overtaken(case, Verb.VERIFY, by=by, at=at, basis=basis)
    if asked.done_at is not None:
        happened = await who_did(case, [Verb.VERIFY], by=by, at=at, basis=basis)
        raise CaseNotReady(missing="verification_open", happened=happened)


async def _asking(case: Case, asked: Verification, *, at: datetime, basis: Basis) -> list[int]:
    if not asked.asked_by_id:
        return await holders(Role.ACCEPTOR)
    able = Permission.CASE_INQUIRE
    return await who_asked(case, [asked.asked_by_id], able, Role.ACCEPTOR, at=at, basis=basis)


async def _worker(case: Case, basis: Basis, passed_over: Collection[int] = ()) -> int | None:
    """Return who is to look: of the grid, else of the village, and not who reported it."""
    if case.generation_id is None:
        return None
    boundaries = await basis.places.generation(case.generation_id)
    nearby = [row.code for row in boundaries.rows("grid") if row.parent_code == case.village_code]
    barred = (await _barred(case)).union(passed_over)
    for grids in ([case.grid_code], nearby):
        workers = await grid_workers(grids)
        able = {worker for several in workers.values() for worker in several} - barred
        if able:
            return await least_busy(able)
    return None


async def _barred(case: Case) -> set[int]:
    """Return who does not look whether it is as reported: its reporters, and the complained of."""
    return await _reporters(case) | (await unit_and_below(case.about_unit_id)).account_ids


async def _reporters(case: Case) -> set[int]:
    """Return who reported a case, for themselves or for another, and for whom."""
    rows = await Report.filter(case_id=case.id).values_list("reporter_id", "on_behalf_of_id")
    owners = Follower.filter(Q(case_id=case.id), reporter=True)
    known = {i for row in rows for i in row if i is not None}
    return known | {int(i) for (i,) in await owners.values_list("account_id")}
