"""Who leaves or moves: what waits for them goes on, and empty places are told."""

import pytest

from server.cases.ends import staffing
from server.cases.intake import verifying
from server.cases.models.case import Case
from server.cases.models.task import Check, Verification
from server.clock import now
from server.errors import NotFound
from server.people import accounts
from server.people.accounts import Change
from server.people.actor import SYSTEM, Held
from server.people.queries import account, holders, members
from server.permissions import Role
from tests.casework import rows_of


async def told(account_id: int, part: str) -> list[str]:
    rows = await rows_of(
        "SELECT text FROM inbox_message WHERE account_id = $1 AND event LIKE $2",
        account_id,
        f"%:{part}",
    )
    return [row["text"] for row in rows]


async def close(work, account_id: int) -> staffing.HandedOn:
    return await staffing.close_account(account_id, by=SYSTEM, at=now(), basis=work.basis)


@pytest.mark.slow
async def test_closing_hands_open_checks_and_verifications_to_the_next_at_once(county, work):
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    asked = await work.submitted()
    by = await work.actor("acceptor1")
    await verifying.verify(asked.no, "还在吗", by=by, at=now(), basis=work.basis)
    looking = await Verification.get(case_id=asked.id)
    person = looking.assignee_id
    await Check.filter(id=check.id).update(assignee_id=person)
    done = await close(work, person)
    assert (done.n_checks, done.n_verifications) == (1, 1)
    assert "1 件待核查已转交" in staffing.said(done)
    assert "1 件待核实已转交" in staffing.said(done)
    after = await Check.get(id=check.id)
    assert after.assignee_id not in (None, person)
    assert after.done_at is None
    again = await Case.get(id=asked.id)
    await county.deliver()
    assert await told(after.assignee_id, "check")
    fresh = await Verification.filter(case_id=asked.id, done_at__isnull=True)
    if again.stage == "verifying":
        [new] = fresh
        assert new.assignee_id != person
        assert (new.question, new.asked_by_id) == ("还在吗", by.id)
        assert await told(new.assignee_id, "verify")
    else:
        assert (again.stage, fresh) == ("submitted", [])
        assert any("没有其他人可以核实" in each for each in await told(by.id, "escalate"))
    assert (await close(work, person)).n_checks == 0


async def test_without_another_person_a_check_left_is_the_acceptors(county, work):
    case = await work.checking()
    n_handed = 0
    check = await Check.get(case_id=case.id)
    while check.assignee_id is not None:
        n_handed += (await close(work, check.assignee_id)).n_checks
        check = await Check.get(case_id=case.id)
    assert n_handed >= 1
    assert (await Case.get(id=case.id)).owner_role == "acceptor"
    await county.deliver()
    [acceptor, *_] = await holders(Role.ACCEPTOR)
    assert any("请按材料核查" in each for each in await told(acceptor, "escalate"))


async def test_who_moves_to_another_township_hands_on_and_who_gets_a_grid_more_does_not(work):
    case = await work.checking()
    check = await Check.get(case_id=case.id)
    person = await account(check.assignee_id)
    boundaries, own = work.basis.places.at(now()), {held.place_code for held in person.held}
    grids = [row.code for row in boundaries.rows("grid") if row.code not in own]
    near, far = (
        next(
            code for code in grids if (boundaries.township_of(code) == case.township_code) is here
        )
        for here in (True, False)
    )
    township = boundaries.row(boundaries.township_of(far)).name
    more = Change(held=(*person.held, Held(role=Role.GRID_WORKER, place_code=near)))
    kept = await staffing.change_account(person.id, more, by=SYSTEM, at=now(), basis=work.basis)
    assert kept.n_checks == 0
    away = Change(
        held=(Held(role=Role.GRID_WORKER, place_code=far),),
        moves=True,
        unit_id=work.basis.units.named(township).id,
    )
    moved = await staffing.change_account(person.id, away, by=SYSTEM, at=now(), basis=work.basis)
    assert moved.n_checks == 1
    assert (await Check.get(id=check.id)).assignee_id != person.id


async def test_the_last_of_a_unit_leaves_and_dispatchers_and_administrators_hear(county, work):
    case = await work.report()
    unit = work.basis.units.by_id[case.lead_id]
    done = None
    for person in await members([unit.id]):
        done = await close(work, person)
    assert done is not None
    assert done.empty == (f"{unit.name}没有能登录的承办人员",)
    await county.deliver()
    for role in (Role.DISPATCHER, Role.ADMIN):
        for person in await holders(role):
            assert any(unit.name in each for each in await told(person, "unstaffed"))
    another = await work.report()
    assert another.lead_id == unit.id
    await county.deliver()
    for person in await holders(Role.DISPATCHER):
        assert any(
            f"{unit.name}没有能登录的人员" in each for each in await told(person, "escalate")
        )


async def test_the_last_sitter_of_shifts_leaves_and_it_is_told(work):
    rows = await rows_of(
        "SELECT account_id, min(account_id) FROM roster_shift GROUP BY account_id LIMIT 1"
    )
    done = await close(work, rows[0]["account_id"])
    assert [each for each in done.empty if "坐堂班次没有人" in each]


async def test_a_closed_account_opens_again_with_what_it_had(work):
    officer = (await work.actor("acceptor1")).id
    before = await account(officer)
    await close(work, officer)
    assert not (await account(officer)).active
    await accounts.reopen(officer)
    assert await account(officer) == before
    with pytest.raises(NotFound):
        await accounts.reopen(2_000_000_000)
