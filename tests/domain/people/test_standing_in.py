"""What who stands in for somebody gains by it: nothing by the own hand, and no second part."""

import asyncio
import contextvars
from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from server.cases.disputes.queries import waiting_returns
from server.cases.ends import leaving, staffing
from server.cases.models.case import Case
from server.clock import now
from server.errors import LeaveForOneself, NotPermitted, OwnSeat, PlanConflict
from server.governance import regrouping
from server.people import accounts, unit_plans
from server.people.accounts import NewAccount
from server.people.actor import SYSTEM, Held
from server.people.actors import actor_for
from server.people.duty import leaves, roster
from server.people.duty.leaves import NewLeave
from server.people.duty.roster import Seat
from server.people.models import Account, Leave, Unit
from server.people.queries import account, account_id_of, members
from server.people.unit_plans import NewPlan
from server.permissions import Role
from tests.casework import rows_of
from tests.domain.acts.people import second_leader

DAY = timedelta(days=1)


async def away(work, account_id: int, to: int, *, by=SYSTEM, **changes):
    new = NewLeave(
        **{"account_id": account_id, "substitute_id": to, "until": now() + DAY} | changes
    )
    return await leaving.enter(new, by=by, at=now(), basis=work.basis)


async def newcomer(unit_id: int, *held: Held) -> int:
    new = NewAccount(name="新来的", username="new.clerk", unit_id=unit_id, held=held)
    return await accounts.create_account(new, at=now())


async def test_who_is_away_does_no_second_part_for_who_stands_in(work):
    keeper = await account_id_of("keeper1")
    clerk = await newcomer((await account(keeper)).unit_id)
    await away(work, keeper, clerk)
    unit = work.basis.units.named("荣华街道")
    plan = NewPlan(unit_id=unit.id, name="荣华镇", document="某政发〔2026〕1号")
    made = await unit_plans.propose(plan, by=await actor_for(clerk), at=now())
    with pytest.raises(PlanConflict):
        await unit_plans.confirm(made.id, by=await actor_for(keeper), at=now())
    await unit_plans.confirm(made.id, by=await work.actor("keeper2"), at=now())


async def test_what_the_absent_dispatched_is_not_offered_to_the_substitute_to_rule_on(work):
    case = await work.disputed()
    sent, other = await account_id_of("dispatcher1"), await work.actor("dispatcher2")
    await Case.filter(id=case.id).update(dispatched_by_id=sent)

    async def offered() -> set[int]:
        by = await actor_for(other.id)
        return {found.id for _, found in await waiting_returns(by, limit=100)}

    entered = await away(work, sent, other.id)
    assert case.id not in await offered()
    await leaves.end(entered.leave.id, by=SYSTEM, at=now())
    assert case.id in await offered()


async def test_neither_who_stands_in_nor_who_is_away_seats_the_other(county, work):
    hours, duty = work.basis.shift_hours, await account_id_of("duty02")
    to = await second_leader(county)
    sitting = hours.after(hours.at(now()))
    township = (await actor_for(duty)).township_code
    await away(work, duty, to)
    for by, seated in ((to, duty), (duty, to)):
        seat = Seat(
            township_code=township, shift=sitting.shift, account_id=seated, day=sitting.day
        )
        with pytest.raises(OwnSeat):
            await roster.put(seat, by=await actor_for(by), at=now(), shift_hours=hours)


async def test_who_enters_it_for_another_does_not_gain_roles_or_a_seat_by_it(county, work):
    keeper, duty = await account_id_of("keeper1"), await account_id_of("duty02")
    place = (await actor_for(duty)).township_code
    held = Held(role=Role.TOWNSHIP, place_code=place)
    clerk = await newcomer((await account(duty)).unit_id, held)
    second = await second_leader(county)
    tried = [(keeper, await account_id_of("head_c02")), (duty, clerk), (duty, second)]
    for person, by in tried:
        with pytest.raises(LeaveForOneself):
            await away(work, person, by, by=await actor_for(by))
    assert not await Leave.exists()


async def test_whose_leave_another_enters_is_told_and_who_enters_the_own_is_not(county, work):
    head, handler = await account_id_of("head_c02"), await account_id_of("handler_c02")
    said = "SELECT text FROM inbox_message WHERE account_id = $1"
    by = await actor_for(head)
    entered = await away(work, handler, head, by=by, since=now() + timedelta(hours=1))
    await county.deliver()
    [told] = [row["text"] for row in await rows_of(said, handler)]
    assert told.startswith(f"{by.name}为您登记了请假：")
    assert f"由{by.name}代班" in told
    await leaves.end(entered.leave.id, by=by, at=now())
    await away(work, handler, head, by=await actor_for(handler))
    await county.deliver()
    assert len(await rows_of(said, handler)) == 1


async def last_told(county, *account_ids: int) -> list[str]:
    """The last message of each of them, empty for none."""
    await county.deliver()
    said = "SELECT text FROM inbox_message WHERE account_id = $1 ORDER BY id DESC LIMIT 1"
    found = [await rows_of(said, each) for each in account_ids]
    return [rows[0]["text"] if rows else "" for rows in found]


async def test_that_a_leave_is_over_both_hear_but_who_ended_it(county, work):
    head, handler = await account_id_of("head_c02"), await account_id_of("handler_c02")
    own, other = await actor_for(handler), await actor_for(head)
    first = await away(work, handler, head, by=own)
    await leaving.end(first.leave.id, by=own, at=now())
    absent, substitute = await last_told(county, handler, head)
    assert absent == ""
    assert substitute.startswith(f"替{own.name}代班已经结束（由{own.name}结束）：")
    await away(work, handler, head, by=own)
    await Leave.filter(ended_at__isnull=True).update(until=now())
    await leaving.turn(at=now(), basis=work.basis)
    absent, substitute = await last_told(county, handler, head)
    assert absent == (
        f"您的请假已经结束（时间已到），{other.name}不再为您代班：派给您的工作和消息由您自己收。"
    )
    assert "（时间已到）" in substitute
    coming = await away(work, handler, head, by=own, since=now() + timedelta(hours=1))
    before = await rows_of("SELECT count(*) FROM inbox_message")
    await leaving.end(coming.leave.id, by=own, at=now())
    await county.deliver()
    assert await rows_of("SELECT count(*) FROM inbox_message") == before


async def test_a_substitute_whom_a_merger_takes_elsewhere_stands_in_no_longer(county, work):
    units = work.basis.units
    station, heir = [units.named(f"{each}派出所") for each in ("荣华", "梅泽")]
    [only] = await members([station.id])
    above = [each.id for each in await leaves.substitutes_for(only)]
    await away(work, only, above[0])
    coming = await away(work, only, above[0], since=now() + 2 * DAY, until=now() + 3 * DAY)
    await Unit.filter(id=heir.id).update(parent_id=units.named("荣华街道").id)
    plan = NewPlan(unit_id=station.id, into_id=heir.id, document="某政发〔2026〕1号")
    made = await unit_plans.propose(plan, by=await work.actor("keeper1"), at=now())
    by = await work.actor("keeper2")
    await regrouping.confirm(made.id, by=by, at=now(), basis=work.basis)
    assert (await account(only)).substitute_id is None
    assert (await Leave.get(id=coming.leave.id)).ended_at is not None
    told, office = await last_told(county, only, await account_id_of("admin1"))
    assert "代班人已经停用或者调离，请另找代班人" in told
    assert (await account(only)).name in office


async def test_who_stands_in_does_not_prolong_it(work):
    head, handler = await account_id_of("head_c02"), await account_id_of("handler_c02")
    await away(work, head, handler)
    later = {"since": now() + 2 * DAY, "until": now() + 300 * DAY}
    with pytest.raises(LeaveForOneself):
        await away(work, head, handler, by=await actor_for(handler), **later)
    assert await Leave.all().count() == 1


async def test_accounts_are_closed_and_leaves_begun_in_one_order(work):
    """Who closes the substitute holds no leave while waiting for the account of who is away."""
    head, handler = await account_id_of("head_c02"), await account_id_of("handler_c02")
    entered = await away(work, handler, head, since=now() + timedelta(hours=1))
    waiting = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
    lock = "SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE"
    nowait = "SELECT id FROM account_leave WHERE id = $1 FOR UPDATE NOWAIT"
    outside = contextvars.copy_context()
    async with in_transaction() as other:
        await other.execute_query(lock, [handler])
        closing = staffing.close_account(head, by=SYSTEM, at=now(), basis=work.basis)
        closed = asyncio.create_task(closing, context=outside)
        while not (await other.execute_query_dict(waiting))[0]["n"]:
            assert not closed.done()
            await asyncio.sleep(0.01)
        await other.execute_query(nowait, [entered.leave.id])
    await closed
    assert (await Leave.get(id=entered.leave.id)).ended_at is not None


async def test_for_who_decides_for_the_county_or_sits_nobody_of_the_unit_names_a_substitute(work):
    for absent, colleague in (("duty02", "township02"), ("keeper1", "head_c02")):
        person = await account_id_of(absent)
        not_to = await account_id_of(colleague)
        fit = await leaves.substitutes_for(person)
        to = next(each.id for each in fit if each.id != not_to)
        by = await work.actor(colleague)
        with pytest.raises(NotPermitted):
            await away(work, person, to, by=by)
        assert await Leave.all().count() == 0
        await away(work, person, to, by=await work.actor("admin1"))
        await Leave.all().delete()
        await Account.filter(id=person).update(substitute_id=None)


async def test_a_leave_that_cannot_begin_holds_up_no_other(work, monkeypatch):
    first, second = [await account_id_of(f"handler_{code}") for code in ("D02", "D08")]
    soon = now() + timedelta(hours=1)
    for person in (first, second):
        to = (await leaves.substitutes_for(person))[0].id
        await away(work, person, to, since=soon)
    whole = leaving.hand_on_work

    async def broken(person, **known):
        if person.id == first:
            raise ValueError("a fault of ours")
        return await whole(person, **known)

    monkeypatch.setattr(leaving, "hand_on_work", broken)
    await leaving.turn(at=soon + timedelta(minutes=1), basis=work.basis)
    begun = {leave.account_id: leave.begun_at is not None for leave in await Leave.all()}
    assert begun == {first: False, second: True}
