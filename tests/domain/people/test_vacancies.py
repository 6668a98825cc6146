"""Offices and grids that are left without anybody: said at once, told to who can mend it."""

import pytest

from server.cases.ends import staffing
from server.clock import now
from server.people import accounts
from server.people.accounts import Change, NewAccount
from server.people.actor import SYSTEM, Held
from server.people.queries import account, grid_workers, holders
from server.permissions import Role
from server.texts.catalogue import text
from tests.casework import rows_of

AUDITOR = Change(held=(Held(role=Role.AUDITOR),))


async def closed(work, person: int) -> staffing.HandedOn:
    return await staffing.close_account(person, by=SYSTEM, at=now(), basis=work.basis)


async def changed(work, person: int, change: Change) -> staffing.HandedOn:
    return await staffing.change_account(person, change, by=SYSTEM, at=now(), basis=work.basis)


async def told(county, account_id: int) -> list[str]:
    await county.deliver()
    rows = await rows_of(
        "SELECT text FROM inbox_message WHERE account_id = $1 AND kind = 'staff.unstaffed'",
        account_id,
    )
    return [row["text"] for row in rows]


@pytest.mark.parametrize(
    "role", [Role.ACCEPTOR, Role.DISPATCHER, Role.LEADER, Role.LIST_KEEPER, Role.AUDITOR]
)
async def test_the_last_of_an_office_who_is_closed_is_missed_and_no_earlier(county, work, role):
    said = f"没有能登录的{text(f'role.{role}')}"
    *others, last = await holders(role)
    for person in others:
        assert said not in (await closed(work, person)).empty
    assert said in (await closed(work, last)).empty
    assert any(said in each for each in await told(county, (await holders(Role.ADMIN))[0]))


@pytest.mark.parametrize(
    ("username", "role"),
    [
        ("handler_D11", "单位经办人"),
        ("head_D11", "单位负责人"),
        ("township02", "镇街指挥室"),
        ("duty02", "坐堂领导"),
    ],
)
async def test_the_last_of_a_role_in_a_unit_is_missed_and_no_earlier(county, work, username, role):
    last = (await work.actor(username)).id
    seen = await account(last)
    second = await accounts.create_account(
        NewAccount(name="同事", unit_id=seen.unit_id, held=seen.held), at=now()
    )
    said = f"{seen.unit_name}没有能登录的{role}"
    assert said not in (await closed(work, second)).empty
    assert said in (await closed(work, last)).empty
    assert any(said in each for each in await told(county, (await holders(Role.ADMIN))[0]))


async def test_a_head_who_becomes_a_handler_is_missed_as_head_alone(work):
    head = (await work.actor("head_D11")).id
    done = await changed(work, head, Change(held=(Held(role=Role.HANDLER),)))
    [said] = done.empty
    assert said.endswith("没有能登录的单位负责人")


async def test_a_unit_that_nobody_is_in_any_more_is_missed_once(work):
    handler, head = [(await work.actor(f"{stem}_D11")).id for stem in ("handler", "head")]
    await closed(work, handler)
    [said] = (await closed(work, head)).empty
    assert said.endswith("没有能登录的承办人员")


async def test_the_last_administrator_who_goes_is_missed_by_dispatchers(county, work):
    for person in await holders(Role.ADMIN):
        done = await closed(work, person)
    assert done.empty == ("没有能登录的系统管理员",)
    for person in await holders(Role.DISPATCHER):
        assert any("没有能登录的系统管理员" in each for each in await told(county, person))


async def test_without_administrators_and_dispatchers_leaders_hear(county, work):
    for role in (Role.ADMIN, Role.DISPATCHER):
        for person in await holders(role):
            await closed(work, person)
    for person in await holders(Role.LEADER):
        assert any("没有能登录的派遣员" in each for each in await told(county, person))


async def test_whose_role_is_taken_is_missed_like_who_is_closed(county, work):
    *others, last = await holders(Role.DISPATCHER)
    for person in others:
        assert (await changed(work, person, AUDITOR)).empty == ()
    done = await changed(work, last, AUDITOR)
    assert done.empty == ("没有能登录的派遣员",)
    assert "没有能登录的派遣员" in staffing.said(done)
    assert (await closed(work, last)).empty == (), "an auditor is there still"


async def test_grids_without_a_worker_are_named_with_their_village(county, work):
    boundaries = work.basis.places.at(now())
    rows = boundaries.rows("grid")[:7]
    for workers in (await grid_workers([row.code for row in rows])).values():
        for person in workers:
            await accounts.disable(person, by=SYSTEM, at=now())
    names = [boundaries.row(row.parent_code).name + row.name for row in rows]

    async def worker(several) -> int:
        held = tuple(Held(role=Role.GRID_WORKER, place_code=row.code) for row in several)
        new = NewAccount(name="网格员", held=held, sealed=True)
        return await accounts.create_account(new, at=now())

    first, second = await worker(rows), await worker(rows[:3])
    listed = "、".join(names[3:])
    assert (await closed(work, first)).empty == (f"{listed}没有网格员",)
    back = Change(held=tuple(Held(role=Role.GRID_WORKER, place_code=row.code) for row in rows))
    await changed(work, second, back)
    kept = Change(held=(Held(role=Role.GRID_WORKER, place_code=rows[0].code),))
    listed = "、".join(names[1:6])
    done = await changed(work, second, kept)
    assert done.empty == (f"{listed}等 6 个网格没有网格员",)
    [admin, *_] = await holders(Role.ADMIN)
    assert any(listed in each for each in await told(county, admin))
    assert (await account(second)).held == kept.held
