"""Changes of persons against work in hand: what they leave goes on, and empty places are told."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from server.cases.door.escalation import who_steps_in
from server.cases.door.journal import Act, Journal
from server.cases.ends.staff_told import let_go_in_words, tell_of_empty
from server.cases.ends.vacancies import Standing, left_empty, standing
from server.cases.intake.verifying import ask_another
from server.cases.models.case import Case
from server.cases.models.task import Check, Verification
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, Verb
from server.cases.work import assigning
from server.cases.work.checking import pass_on
from server.people import accounts
from server.people.accounts import Change
from server.people.actor import SYSTEM, Actor
from server.people.duty.leaves import let_go
from server.people.queries import AccountView, account, grid_workers
from server.permissions import Role
from server.texts.catalogue import text


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    """How many open checks (核查) and verifications (核实) went on to others, and what is empty.

    `n_unassigned` tasks were given to the person and are given to nobody now. `empty` names the
    unit, the township's shifts, roles and grids that are left without anybody.
    """

    n_checks: int
    n_verifications: int
    n_unassigned: int = 0
    empty: tuple[str, ...]


async def close_account(account_id: int, *, by: Actor, at: datetime, basis: Basis) -> HandedOn:
    """Close an account and hand on what waits for it; raises NotFound, NotPermitted."""
    async with in_transaction():
        before = await standing(account_id, at=at, basis=basis)
        await accounts.disable(account_id, by=by, at=at)
        return await _hand_on(before, at=at, basis=basis)


async def change_account(
    account_id: int, change: Change, *, by: Actor, at: datetime, basis: Basis
) -> HandedOn:
    """Give an account other roles, grids or another unit, and hand on what it may do no more.

    Raises NotFound, NotPermitted, UnknownUnit, ChangedMeanwhile for who saw another state, and
    BadInput for roles that do not fit the unit.
    """
    async with in_transaction():
        before = await standing(account_id, at=at, basis=basis)
        await accounts.change(account_id, change, by=by, at=at, township_of=basis.township_of(at))
        return await _hand_on(before, at=at, basis=basis)


def said(done: HandedOn) -> str:
    """Return in words what was handed on and what is empty; says that nothing was open."""
    parts = [
        text(f"staff.handed_on_{code}", n=n)
        for code, n in (
            ("checks", done.n_checks),
            ("verifications", done.n_verifications),
            ("tasks", done.n_unassigned),
        )
        if n
    ]
    return text("format.and").join([*(parts or [text("staff.nothing_open")]), *done.empty])


async def _hand_on(before: Standing, *, at: datetime, basis: Basis) -> HandedOn:
    now = await account(before.seen.id)
    lost = now.held != before.seen.held or now.unit_id != before.seen.unit_id or not now.active
    n_checks = n_verifications = n_unassigned = 0
    if lost:
        n_checks, n_verifications = await hand_on_work(now, at=at, basis=basis)
        n_unassigned = await assigning.let_go(now, at=at, basis=basis)
    alone = await let_go_in_words(await let_go(now.id, at=at), at=at)
    empty = [*alone, *await left_empty(before, at=at, basis=basis)]
    await tell_of_empty(empty, at=at)
    return HandedOn(
        n_checks=n_checks,
        n_verifications=n_verifications,
        n_unassigned=n_unassigned,
        empty=tuple(empty),
    )


async def hand_on_work(
    person: AccountView, *, at: datetime, basis: Basis, to: int | None = None
) -> tuple[int, int]:
    """Hand on the open checks and verifications of a person, to who stands in (`to`) if any.

    Those at which somebody may still look as before stay. Returns how many of each went.
    """
    n_checks = await _hand_on_checks(person, to, at=at, basis=basis)
    return n_checks, await _hand_on_verifications(person, to, at=at, basis=basis)


async def _hand_on_checks(
    person: AccountView, to: int | None, *, at: datetime, basis: Basis
) -> int:
    waiting = Check.filter(assignee_id=person.id, done_at__isnull=True).order_by("case_id")
    n_gone = 0
    for case_id in [int(str(i)) for i in await waiting.values_list("case_id", flat=True)]:
        case = await Case.filter(id=case_id).select_for_update().get()
        check = await Check.get_or_none(
            case_id=case_id, cycle=case.cycle, assignee_id=person.id, done_at__isnull=True
        )
        stays = to is None and await _stays(person, case, basis)
        if check is None or case.stage != Stage.CHECKING or stays:
            continue
        journal = Journal(case, basis)
        if not await pass_on(case, check, journal, at=at, basis=basis, to=to):
            await _acceptors(case, journal, "check_left", at=at, basis=basis)
        await journal.write()
        n_gone += 1
    return n_gone


async def _hand_on_verifications(
    person: AccountView, to: int | None, *, at: datetime, basis: Basis
) -> int:
    waiting = Verification.filter(assignee_id=person.id, done_at__isnull=True)
    n_gone = 0
    ids = await waiting.order_by("case_id").values_list("case_id", flat=True)
    for case_id in [int(str(i)) for i in ids]:
        case = await Case.filter(id=case_id).select_for_update().get()
        asked = await Verification.get_or_none(
            case_id=case_id, assignee_id=person.id, done_at__isnull=True
        )
        stays = to is None and await _stays(person, case, basis)
        if asked is None or case.stage != Stage.VERIFYING or stays:
            continue
        journal = Journal(case, basis)
        if not await ask_another(case, asked, journal, at=at, basis=basis, to=to):
            await _acceptors(case, journal, "verification_left", at=at, basis=basis)
        await journal.write()
        n_gone += 1
    return n_gone


async def _acceptors(
    case: Case, journal: Journal, code: str, *, at: datetime, basis: Basis
) -> None:
    entry = journal.add(Act(verb=Verb.ESCALATE, by=SYSTEM, at=at))
    entry.tell(what=text(f"escalation.{code}"))
    persons = await who_steps_in(case, Role.ACCEPTOR, at=at, basis=basis)
    journal.call_attention(entry, persons)


async def _stays(person: AccountView, case: Case, basis: Basis) -> bool:
    """Tell whether somebody still has a grid of the case's township, and may look as before."""
    if case.generation_id is None or person.unit_id == case.lead_id:
        return False
    boundaries = await basis.places.generation(case.generation_id)
    villages = {
        row.code for row in boundaries.rows("village") if row.parent_code == case.township_code
    }
    grids = [row.code for row in boundaries.rows("grid") if row.parent_code in villages]
    workers = await grid_workers(grids)
    return any(person.id in several for several in workers.values())
