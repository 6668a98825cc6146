"""Leaves that end because somebody left, moved or was regrouped: both sides hear of it."""

from datetime import timedelta

import pytest

from server.cases.ends import leaving, staffing
from server.clock import now
from server.governance import regrouping
from server.people.accounts import Change
from server.people.actor import SYSTEM
from server.people.actors import actor_for
from server.people.duty.leaves import NewLeave
from server.people.queries import account, account_id_of
from server.people.unit_plans import NewPlan
from tests.casework import rows_of

DAY = timedelta(days=1)


async def away(work, who: str, to: str, **changes) -> tuple[int, int, int]:
    """Enter a leave; who is away, who stands in, and the leave's id."""
    person, substitute = await account_id_of(who), await account_id_of(to)
    new = NewLeave(account_id=person, substitute_id=substitute, until=now() + 3 * DAY, **changes)
    made = await leaving.enter(new, by=SYSTEM, at=now(), basis=work.basis)
    return person, substitute, made.leave.id


async def told(county, account_id: int, verb: str) -> list[str]:
    await county.deliver()
    rows = await rows_of(
        "SELECT text FROM inbox_message WHERE account_id = $1 AND kind = $2",
        account_id,
        f"staff.{verb}",
    )
    return [row["text"] for row in rows]


async def moved(work, person: int) -> None:
    """Move somebody to another unit."""
    elsewhere = (await account(await account_id_of("keeper2"))).unit_id
    change = Change(moves=True, unit_id=elsewhere)
    await staffing.change_account(person, change, by=SYSTEM, at=now(), basis=work.basis)


async def closed(work, person: int) -> None:
    await staffing.close_account(person, by=SYSTEM, at=now(), basis=work.basis)


async def test_a_substitute_who_moves_hears_that_it_is_over_and_so_does_the_person(county, work):
    person, substitute, _ = await away(work, "handler_D05", "head_D05")
    await moved(work, substitute)
    [said] = await told(county, person, "leave_over")
    assert said.startswith("您的请假已经结束")
    [said] = await told(county, substitute, "stood_in")
    assert "人员或者单位有变动" in said


async def test_when_the_account_of_the_absent_is_closed_the_substitute_hears(county, work):
    person, substitute, _ = await away(work, "handler_D05", "head_D05")
    await closed(work, person)
    [said] = await told(county, substitute, "stood_in")
    assert "本人的账号已经停用" in said
    assert await told(county, person, "leave_over") == []


async def test_a_substitute_whose_account_is_closed_is_written_nothing(county, work):
    person, substitute, _ = await away(work, "handler_D05", "head_D05")
    await closed(work, substitute)
    assert len(await told(county, person, "leave_over")) == 1
    assert await told(county, substitute, "stood_in") == []


async def test_a_merger_that_parts_absent_and_substitute_is_told_to_both(county, work):
    units, admin = work.basis.units, await work.actor("admin1")
    keeper = await work.actor("keeper1")
    station = next(
        each for each in units.all() if each.kind == "station" and each.parent_id is not None
    )
    department = units.by_id[station.parent_id]
    other = next(
        each
        for each in units.all()
        if each.kind == "station" and each.parent_id not in (None, department.id)
    )
    person, substitute, _ = await away(work, f"handler_{station.code}", f"head_{department.code}")
    new = NewPlan(unit_id=station.id, into_id=other.id, document="榴编〔2026〕12号")
    plan = await regrouping.propose(new, by=keeper, at=now(), basis=work.basis)
    await regrouping.confirm(plan.id, by=admin, at=now(), basis=work.basis)
    assert len(await told(county, person, "leave_over")) == 1
    assert len(await told(county, substitute, "stood_in")) == 1


@pytest.mark.parametrize("leaves", [moved, closed])
async def test_a_leave_that_had_not_begun_is_said_to_be_cancelled(county, work, leaves):
    person, substitute, _ = await away(work, "handler_D05", "head_D05", since=now() + DAY)
    await leaves(work, substitute)
    [said] = await told(county, person, "leave_cancelled")
    assert said.startswith("您登记的请假已取消")
    assert await told(county, person, "leave_over") == []
    assert await told(county, substitute, "stood_in") == []
    admin = await account_id_of("admin1")
    name = (await account(person)).name
    [said] = await told(county, admin, "unstaffed")
    assert f"{name}登记的请假已取消" in said


async def test_a_leave_to_come_that_another_takes_back_is_said_to_be_cancelled(county, work):
    person, substitute, leave_id = await away(work, "handler_D05", "head_D05", since=now() + DAY)
    by = await actor_for(substitute)
    await leaving.end(leave_id, by=by, at=now())
    [said] = await told(county, person, "leave_cancelled")
    assert by.name in said
    assert await told(county, person, "leave_over") == []
