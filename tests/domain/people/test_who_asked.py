"""Whoever asked and has left is not the one who is told: somebody who does that work now is."""

from datetime import timedelta
from uuid import uuid4

import pytest

from server.cases.calls import call_requests, calling
from server.cases.dispatch.dispatching import Choice
from server.cases.ends import closing, staffing
from server.cases.intake import inquiring, verifying
from server.cases.models.case import Case
from server.cases.models.task import Verification
from server.cases.work import steering
from server.clock import now
from server.people import accounts
from server.people.accounts import Change, NewAccount
from server.people.actor import SYSTEM, Held
from server.people.queries import holders, members
from server.permissions import Role
from tests.casework import WALL_HOLE, rows_of
from tests.domain.acts.calls import ask_for_call, new_call, wish
from tests.domain.acts.clocks import alerted


async def told(county, case: Case, verb: str) -> set[int]:
    """Who was told of an act on a case."""
    await county.deliver()
    rows = await rows_of(
        "SELECT account_id FROM inbox_message WHERE no = $1 AND event LIKE $2",
        case.no,
        f"%:{verb}",
    )
    return {row["account_id"] for row in rows}


async def closes(work, person: int) -> None:
    await staffing.close_account(person, by=SYSTEM, at=now(), basis=work.basis)


async def becomes_auditor(work, person: int) -> None:
    change = Change(held=(Held(role=Role.AUDITOR),))
    await staffing.change_account(person, change, by=SYSTEM, at=now(), basis=work.basis)


@pytest.mark.parametrize("leaves", [closes, becomes_auditor])
async def test_what_a_reporter_adds_is_told_to_an_acceptor_who_is_still_one(county, work, leaves):
    case, by = await work.submitted(), await work.actor("acceptor1")
    other = (await work.actor("acceptor2")).id
    await inquiring.inquire(case.no, ["照片"], by=by, at=now(), basis=work.basis)
    await leaves(work, by.id)
    reporter = await work.actor("resident1")
    await inquiring.supplement(
        case.no, "三号楼", key=uuid4(), by=reporter, at=now(), basis=work.basis
    )
    heard = await told(county, case, "supplement")
    assert by.id not in heard
    assert other in heard


@pytest.mark.parametrize("leaves", [closes, becomes_auditor])
async def test_what_a_grid_worker_found_is_told_to_an_acceptor_who_is_still_one(
    county, work, leaves
):
    case, by = await work.verifying(), await work.actor("acceptor1")
    other = (await work.actor("acceptor2")).id
    await leaves(work, by.id)
    asked = await Verification.get(case_id=case.id)
    worker = await work.actor_by_id(asked.assignee_id)
    await verifying.answer(asked.id, found=True, note="在", by=worker, at=now(), basis=work.basis)
    heard = await told(county, case, "verify")
    assert by.id not in heard
    assert other in heard


@pytest.mark.parametrize("leaves", [closes, becomes_auditor])
async def test_a_reply_goes_to_somebody_who_leads_or_stands_in(county, work, leaves):
    case, leader = await work.handling(), await work.actor("leader1")
    await steering.instruct(case.no, "查清", by=leader, at=now(), basis=work.basis)
    await leaves(work, leader.id)
    _, officer = await work.lead(case)
    await steering.reply(case.no, "已查", by=officer, at=now(), basis=work.basis)
    expected = await holders(Role.LEADER) or await holders(Role.DISPATCHER)
    assert await told(county, case, "reply") == set(expected)


async def test_who_asked_and_is_there_is_told_alone(county, work):
    case, leader = await work.handling(), await work.actor("leader1")
    await steering.instruct(case.no, "查清", by=leader, at=now(), basis=work.basis)
    _, officer = await work.lead(case)
    await steering.reply(case.no, "已查", by=officer, at=now(), basis=work.basis)
    assert await told(county, case, "reply") == {leader.id}


async def test_a_late_reply_is_told_to_somebody_who_leads_or_stands_in(work):
    case, leader = await work.handling(), await work.actor("leader1")
    given, _ = await steering.instruct(case.no, "查清", by=leader, at=now(), basis=work.basis)
    await closes(work, leader.id)
    await work.until(given.reply_due_at)
    expected = await holders(Role.LEADER) or await holders(Role.DISPATCHER)
    assert await alerted(case, "reply_late") == expected


async def test_a_request_that_lapsed_is_told_to_who_works_in_the_unit(county, work):
    case = await work.ask(await work.handling())
    head = await work.actor(f"head_{work.basis.units.by_id[case.lead_id].code}")
    await closes(work, head.id)
    await work.helped(case)
    await work.resolve(case)
    await work.check(await Case.get(id=case.id))
    by = await work.actor("acceptor1")
    await closing.close(case.no, by=by, at=now(), basis=work.basis)
    assert await told(county, case, "lapse") == set(await members([case.lead_id]))


@pytest.mark.parametrize("granted", [True, False])
async def test_what_a_grid_worker_asked_for_is_told_to_who_has_the_grid_now(county, work, granted):
    case = await work.report("resident1", matter=WALL_HOLE)
    request = await ask_for_call(work, wish(case))
    grid = Held(role=Role.GRID_WORKER, place_code=(await Case.get(id=case.id)).grid_code)
    new = NewAccount(name="接网格", held=(grid,), sealed=True)
    heir = await accounts.create_account(new, at=now())
    await closes(work, (await work.actor("grid0202")).id)
    room = await work.actor("duty02")
    if granted:
        new = wish(case, request=request.id)
        await calling.call(new, by=room, at=now(), basis=work.basis)
    else:
        await call_requests.refuse(case.no, "不用", by=room, at=now(), basis=work.basis)
    heard = await told(county, case, "call" if granted else "refuse")
    assert heir in heard
    assert (await work.actor("grid0202")).id not in heard


async def test_who_is_late_at_a_call_is_told_to_who_works_where_it_was_made(work):
    caller, at = await work.actor("township02"), now() + timedelta(hours=2)
    new = new_call(asked_at=at, choice=Choice())
    made = await calling.call(new, by=caller, at=now(), basis=work.basis)
    case = await Case.get(no=made.no)
    colleagues = set(await members([caller.unit_id])) - {caller.id}
    await closes(work, caller.id)
    await work.until(at)
    heard = await alerted(case, "arrive_late")
    assert colleagues
    assert colleagues <= set(heard)
    assert caller.id not in heard
