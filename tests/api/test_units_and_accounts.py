"""Units and accounts over HTTP."""

from uuid import uuid4

import pytest

from mobile_api import auth
from server import clock
from server.cases.door.knowledge import Knowledge
from server.http.edge import make_app
from server.http.keys import KNOWLEDGE
from server.http.routes import ROUTES
from server.people import accounts
from server.people.accounts import NewAccount
from server.people.actor import Held
from server.people.commands import NewUnit, import_units
from server.people.queries import units_index
from server.people.sign_in import sessions
from server.people.units import UnitKind
from server.permissions import GRANTS, Permission, Role, acts_for_unit
from server.settings import Settings
from server.staff_api import accounts as account_handlers
from server.staff_api import units as unit_handlers
from tests.api.refusals import refusal

UNITS = (
    NewUnit(code="D1", name="区公安分局", kind=UnitKind.DEPARTMENT, short_names=("公安分局",)),
    NewUnit(
        code="S1",
        name="荣华派出所",
        kind=UnitKind.STATION,
        parent="区公安分局",
        township_code="T1",
    ),
    NewUnit(code="T1", name="荣华街道", kind=UnitKind.TOWNSHIP, township_code="T1"),
)


@pytest.fixture
async def client(db, aiohttp_client):
    app = make_app(Settings())
    app[KNOWLEDGE] = Knowledge(Settings())
    auth.add_to(app)
    unit_handlers.routes.add_to(app)
    account_handlers.routes.add_to(app)
    await import_units(UNITS)
    await app[KNOWLEDGE].refresh()
    return await aiohttp_client(app)


async def session_of(role: Role) -> tuple[int, dict[str, str]]:
    place = "G1" if role is Role.GRID_WORKER else ""
    unit = (await units_index()).named("T1") if acts_for_unit(role) else None
    new = NewAccount(
        name=role.value,
        username=f"the.{role}",
        unit_id=unit.id if unit else None,
        held=(Held(role=role, place_code=place),),
    )
    account = await accounts.create_account(new, at=clock.now())
    session = await sessions.open_session(
        account, face=sessions.Face.CONSOLE, at=clock.now(), settings=Settings()
    )
    return account, {"Authorization": f"Bearer {session.token}"}


@pytest.fixture
async def admin(client) -> dict[str, str]:
    _, headers = await session_of(Role.ADMIN)
    return headers


def form(**more):
    return {
        "username": "wang.jianguo",
        "name": "王建国",
        "password": "correct horse",
        "unit": "D1",
        "roles": [{"role": "handler"}],
    } | more


@pytest.mark.parametrize("role", list(GRANTS))
async def test_each_role_reaches_exactly_what_it_is_granted(client, role):
    _, headers = await session_of(role)
    held = GRANTS[role]
    for route in client.app[ROUTES]:
        if route.permission is None:
            continue
        path = route.path.replace("{id}", "2147483647").replace("{session}", str(uuid4()))
        response = await client.request(route.method, path, headers=headers, json={})
        if route.permission in held:
            assert response.status in (200, 400, 404), (role, path)
        else:
            await refusal(response, 403, "not_permitted")


async def test_nothing_here_is_open_to_who_is_not_signed_in(client):
    shut = [route for route in client.app[ROUTES] if not route.public]
    assert len(shut) == 25
    for route in shut:
        path = route.path.replace("{id}", "1").replace("{session}", str(uuid4()))
        response = await client.request(route.method, path, json={})
        await refusal(response, 401, "not_signed_in")


async def test_units_are_listed_page_by_page(client, admin):
    first = await (await client.get("/s/v1/units?limit=2", headers=admin)).json()
    assert len(first["items"]) == 2
    query = f"/s/v1/units?limit=2&after={first['next']}"
    second = await (await client.get(query, headers=admin)).json()
    assert second["next"] is None
    codes = [unit["code"] for unit in first["items"] + second["items"]]
    assert sorted(codes) == ["D1", "S1", "T1"]


async def test_units_are_found_by_kind_and_text(client, admin):
    stations = await (await client.get("/s/v1/units?kind=station", headers=admin)).json()
    assert [unit["name"] for unit in stations["items"]] == ["荣华派出所"]
    assert stations["items"][0]["township"] == "T1"
    named = await client.get("/s/v1/units", params={"q": "公安分局"}, headers=admin)
    (police,) = (await named.json())["items"]
    assert police["short_names"] == ["公安分局"]
    assert stations["items"][0]["parent"] == police["id"]
    bad = await client.get("/s/v1/units?kind=palace", headers=admin)
    await refusal(bad, 400, "bad_input")


async def test_a_made_account_can_sign_in_and_is_listed(client, admin):
    units = await (await client.get("/s/v1/units?kind=department", headers=admin)).json()
    unit = units["items"][0]["id"]
    response = await client.post("/s/v1/accounts", json=form(unit=unit), headers=admin)
    assert response.status == 201
    made = await response.json()
    assert made["unit"] == {"id": unit, "name": "区公安分局"}
    assert made["roles"] == [{"role": "handler", "name": "单位经办人", "place": None}]
    assert "password" not in str(made)
    signed = await client.post(
        "/auth/password", json={"username": "wang.jianguo", "password": "correct horse"}
    )
    assert (await signed.json())["me"]["id"] == made["id"]
    listed = await client.get("/s/v1/accounts", params={"q": "建国"}, headers=admin)
    assert [row["id"] for row in (await listed.json())["items"]] == [made["id"]]
    of_unit = await client.get(f"/s/v1/accounts?unit={unit}&role=handler", headers=admin)
    assert len((await of_unit.json())["items"]) == 1
    for name in ("区公安分局", "公安分局", "D1"):
        query = {"unit": name, "role": "handler"}
        named = await client.get("/s/v1/accounts", params=query, headers=admin)
        assert (await named.json())["items"][0]["id"] == made["id"]
        more = form(unit=name, username=f"user{len(name)}")
        response = await client.post("/s/v1/accounts", json=more, headers=admin)
        assert (await response.json())["unit"]["id"] == unit
    none = await client.get("/s/v1/accounts?role=leader", headers=admin)
    assert (await none.json())["items"] == []


async def test_accounts_are_listed_page_by_page(client, admin):
    for n in range(4):
        await client.post("/s/v1/accounts", json=form(username=f"user{n}"), headers=admin)
    seen, after = [], ""
    while after is not None:
        page = await client.get(f"/s/v1/accounts?limit=2{after}", headers=admin)
        body = await page.json()
        seen += [row["username"] for row in body["items"]]
        after = body["next"] and f"&after={body['next']}"
    assert seen == ["the.admin", "user0", "user1", "user2", "user3"]


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"username": "the.admin"}, 409, "duplicate"),
        ({"unit": "999999"}, 422, "unit.unknown"),
        ({"unit": "区天文台"}, 422, "unit.unknown"),
        ({"unit": "9999999999"}, 422, "unit.unknown"),
        ({"unit": 1}, 400, "bad_input"),
        ({"unit": None}, 400, "bad_input"),
        ({"password": "12345678"}, 400, "bad_input"),
        ({"password": "wang.jianguo"}, 400, "bad_input"),
        ({"roles": []}, 400, "bad_input"),
        ({"roles": [{"role": "emperor"}]}, 400, "bad_input"),
        ({"roles": [{"role": "grid_worker"}]}, 400, "bad_input"),
        ({"username": "王"}, 400, "bad_input"),
        ({"name": "  "}, 400, "bad_input"),
        ({"demo": True}, 400, "bad_input"),
        ({"active": False}, 400, "bad_input"),
    ],
)
async def test_an_account_that_will_not_do_is_refused_and_not_made(
    client, admin, more, status, code
):
    response = await client.post("/s/v1/accounts", json=form(**more), headers=admin)
    await refusal(response, status, code)
    listed = await (await client.get("/s/v1/accounts", headers=admin)).json()
    assert len(listed["items"]) == 1


async def test_a_disabled_account_is_out_at_once_in_this_process(client, admin):
    account, headers = await session_of(Role.HANDLER)
    assert (await client.get("/me", headers=headers)).status == 200
    response = await client.post(f"/s/v1/accounts/{account}/disable", headers=admin)
    assert response.status == 200
    assert await response.json() == {
        "n_checks": 0,
        "n_verifications": 0,
        "n_unassigned": 0,
        "empty": ["荣华街道没有能登录的承办人员"],
        "told": "没有待转交的核查和核实、荣华街道没有能登录的承办人员",
    }
    await refusal(await client.get("/me", headers=headers), 401, "not_signed_in")


async def test_a_closed_account_opens_again_and_may_sign_in(client, admin):
    made = await (await client.post("/s/v1/accounts", json=form(), headers=admin)).json()
    await client.post(f"/s/v1/accounts/{made['id']}/disable", headers=admin)
    known = {"username": "wang.jianguo", "password": "correct horse"}
    shut = await client.post("/auth/password", json=known)
    await refusal(shut, 401, "auth.wrong_password")
    opened = await client.post(f"/s/v1/accounts/{made['id']}/enable", headers=admin)
    assert (await opened.json())["active"] is True
    assert (await client.post("/auth/password", json=known)).status == 200


async def test_roles_and_unit_change_and_the_sessions_end_with_it(client, admin):
    account, headers = await session_of(Role.HANDLER)
    path = f"/s/v1/accounts/{account}/change"
    wanted = {"unit": "公安分局", "roles": [{"role": "handler"}, {"role": "unit_head"}]}

    async def seen() -> str:
        found = await client.get("/s/v1/accounts", params={"q": "handler"}, headers=admin)
        return (await found.json())["items"][0]["mark"]

    unseen = await client.post(path, json=wanted, headers=admin)
    await refusal(unseen, 400, "bad_input")
    changed = await client.post(path, json=wanted | {"mark": await seen()}, headers=admin)
    assert (await changed.json())["n_checks"] == 0
    await refusal(await client.get("/me", headers=headers), 401, "not_signed_in")
    listed = await client.get("/s/v1/accounts", params={"unit": "D1"}, headers=admin)
    [row] = (await listed.json())["items"]
    assert {each["role"] for each in row["roles"]} == {"handler", "unit_head"}
    mark = {"mark": await seen()}
    without = await client.post(path, json={"unit": ""} | mark, headers=admin)
    await refusal(without, 400, "bad_input")
    assert (await without.json())["errors"][0]["pointer"] == "/unit"
    elsewhere = {"unit": "", "roles": [{"role": "auditor"}]} | mark
    assert (await client.post(path, json=elsewhere, headers=admin)).status == 200
    nowhere = await client.get("/s/v1/accounts", params={"q": "handler"}, headers=admin)
    [row] = (await nowhere.json())["items"]
    assert row["unit"] is None
    assert [each["role"] for each in row["roles"]] == ["auditor"]
    mark = {"mark": await seen()}
    back = {"roles": [{"role": "township"}]} | mark
    await refusal(await client.post(path, json=back, headers=admin), 400, "bad_input")
    for bad in ({"roles": []}, {"roles": [{"role": "grid_worker"}]}, {"role": "admin"}):
        await refusal(await client.post(path, json=bad | mark, headers=admin), 400, "bad_input")


async def test_a_password_is_reset_and_shown_once_and_sessions_end(client, admin):
    made = await (await client.post("/s/v1/accounts", json=form(), headers=admin)).json()
    old = {"username": "wang.jianguo", "password": "correct horse"}
    path = f"/s/v1/accounts/{made['id']}/password"
    given = await (await client.post(path, headers=admin)).json()
    assert given["username"] == "wang.jianguo"
    await refusal(await client.post("/auth/password", json=old), 401, "auth.wrong_password")
    new = old | {"password": given["password"]}
    assert (await client.post("/auth/password", json=new)).status == 200
    none = await client.post("/s/v1/accounts/2147483647/password", headers=admin)
    await refusal(none, 404, "not_found")


async def test_roles_are_named_and_say_whether_they_are_held_for_grids(client, admin):
    found = (await (await client.get("/s/v1/account-roles", headers=admin)).json())["items"]
    assert {each["role"] for each in found} == set(Role)
    assert [each["name"] for each in found if each["for_grids"]] == ["网格员"]
    await session_of(Role.HANDLER)
    listed = await (await client.get("/s/v1/accounts?role=handler", headers=admin)).json()
    assert [each["name"] for each in listed["items"][0]["roles"]] == ["单位经办人"]


async def test_an_administrator_closes_neither_the_own_account_nor_one_that_is_not(client):
    account, headers = await session_of(Role.ADMIN)
    own = await client.post(f"/s/v1/accounts/{account}/disable", headers=headers)
    await refusal(own, 403, "not_permitted")
    change = {"unit": "", "mark": "seen"}
    own = await client.post(f"/s/v1/accounts/{account}/change", json=change, headers=headers)
    await refusal(own, 403, "not_permitted")
    own = await client.post(f"/s/v1/accounts/{account}/password", headers=headers)
    await refusal(own, 403, "not_permitted")
    for written in ("2147483647", "0", "x", "99999999999999999999"):
        none = await client.post(f"/s/v1/accounts/{written}/disable", headers=headers)
        await refusal(none, 404, "not_found")
    assert (await client.get("/me", headers=headers)).status == 200


async def test_only_the_administrator_manages_accounts():
    assert [role for role in GRANTS if Permission.ACCOUNT_MANAGE in GRANTS[role]] == [Role.ADMIN]


@pytest.mark.parametrize(
    ("unit", "roles", "pointer", "reason"),
    [
        ("区公安分局", [("handler", ""), ("township", "")], "/roles/1/role", "township_unit"),
        ("区公安分局", [("duty_leader", "here")], "/roles/0/role", "township_unit"),
        ("荣华派出所", [("duty_leader", "here")], "/roles/0/role", "township_unit"),
        ("梅泽街道", [("township", "here")], "/roles/0/place", "other_township"),
        ("梅泽街道", [("grid_worker", "grid")], "/roles/0/place", "other_township"),
        ("荣华街道", [("handler", "here")], "/roles/0/place", "no_place"),
        ("区公安分局", [("acceptor", "here")], "/roles/0/place", "no_place"),
        (None, [("township", "")], "/unit", "unit_missing"),
        ("荣华街道", [("township", "here"), ("grid_worker", "grid")], None, None),
        ("荣华派出所", [("grid_worker", "grid")], None, None),
        ("区公安分局", [("grid_worker", "grid"), ("handler", "")], None, None),
        (None, [("grid_worker", "grid")], None, None),
    ],
)
async def test_a_role_that_would_reach_nothing_or_elsewhere_is_refused_where_it_stands(
    county, someone, unit, roles, pointer, reason
):
    admin, boundaries = (
        await someone("admin1", face="console"),
        county.basis.places.at(clock.now()),
    )
    here = county.basis.units.named("荣华街道").township_code
    codes = (row.code for row in boundaries.rows("grid"))
    places = {"here": here, "grid": next(c for c in codes if boundaries.township_of(c) == here)}
    given = [{"role": role, "place": places.get(place, "")} for role, place in roles]
    form = {"username": "wang.jianguo", "name": "王建国", "unit": unit, "roles": given}
    made = await admin.call("POST", "/s/v1/accounts", json=form)
    resident = {"roles": [{"role": "resident"}], "unit": None, "name": "李二", "username": "li.er"}
    account = await admin.post("/s/v1/accounts", resident)
    change = {"unit": unit or "", "roles": given, "mark": account["mark"]}
    changed = await admin.call("POST", f"/s/v1/accounts/{account['id']}/change", json=change)
    if pointer is None:
        assert (made[0], changed[0]) == (201, 200)
        return
    for status, said in (made, changed):
        assert status == 400
        [fault] = said["errors"]
        assert (fault["pointer"], fault["reason"]) == (pointer, reason)
        assert len(fault["title"]) > len("请改单位")


async def test_who_moves_to_another_township_is_not_left_with_the_grids_of_the_first(
    county, someone
):
    admin = await someone("admin1", face="console")
    worker = (await admin.get("/s/v1/accounts?q=grid0201"))["items"][0]
    path = f"/s/v1/accounts/{worker['id']}/change"
    moves = {"unit": "梅泽街道", "mark": worker["mark"]}
    status, said = await admin.call("POST", path, json=moves)
    assert (status, said["errors"][0]["reason"]) == (400, "other_township")


async def test_of_two_who_change_an_account_at_once_the_slower_reads_who_was_faster(
    county, someone
):
    one = await someone("admin1", face="console")
    roles = [{"role": "admin"}]
    await one.post("/s/v1/accounts", {"username": "admin2", "name": "李二", "roles": roles})
    other = await someone("admin2", face="console")
    form = {"username": "wang.jianguo", "name": "王建国", "roles": [{"role": "acceptor"}]}
    made = await one.post("/s/v1/accounts", form)
    path, seen = f"/s/v1/accounts/{made['id']}/change", {"mark": made["mark"]}
    first = seen | {"roles": [{"role": "acceptor"}, {"role": "auditor"}]}
    await other.post(path, first)
    for late in (
        seen | {"roles": [{"role": "acceptor"}, {"role": "dispatcher"}]},
        seen | {"unit": "区公安分局"},
    ):
        status, said = await one.call("POST", path, json=late)
        assert (status, said["code"]) == (409, "changed_meanwhile")
        assert "李*已于 " in said["facts"]["happened"]
        assert said["title"].startswith(said["facts"]["happened"])
    [stands] = (await one.get("/s/v1/accounts?q=wang.jianguo"))["items"]
    assert {each["role"] for each in stands["roles"]} == {"acceptor", "auditor"}
    # What stands as it was asked for is no conflict, and who reads again may change it.
    await one.post(path, first)
    await one.post(path, {"roles": [{"role": "dispatcher"}], "mark": stands["mark"]})
    [after] = (await one.get("/s/v1/accounts?q=wang.jianguo"))["items"]
    assert [each["role"] for each in after["roles"]] == ["dispatcher"]
