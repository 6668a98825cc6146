"""Signing in and out over HTTP, in one process and in two."""

import asyncio
from uuid import uuid4

import pytest
from aiohttp import web

from mobile_api import auth
from server import clock
from server.http import sign_in
from server.http.edge import make_app
from server.people import accounts
from server.people.accounts import Change, NewAccount
from server.people.actor import SYSTEM, Held
from server.people.commands import NewUnit, create_unit
from server.people.models import Account
from server.people.sign_in import sessions, throttle
from server.people.units import UnitKind
from server.permissions import GRANTS, Role
from server.settings import Settings
from tests.api.refusals import refusal

PASSWORD = "correct horse"

pytestmark = pytest.mark.usefixtures("db")


def app(**settings) -> web.Application:
    made = make_app(Settings(**settings))
    auth.add_to(made)
    return made


@pytest.fixture
async def client(db, aiohttp_client):
    return await aiohttp_client(app())


@pytest.fixture
async def officer(db) -> int:
    unit = await create_unit(
        NewUnit(code="D1", name="区公安分局", kind=UnitKind.DEPARTMENT, township_code="")
    )
    new = NewAccount(
        name="王建国",
        username="wang",
        password=PASSWORD,
        unit_id=unit,
        held=(Held(role=Role.HANDLER), Held(role=Role.GRID_WORKER, place_code="G1")),
    )
    return await accounts.create_account(new, at=clock.now())


async def signed_in(client, **more):
    form = {"username": "wang", "password": PASSWORD} | more
    response = await client.post("/auth/password", json=form)
    assert response.status == 200
    return await response.json()


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_who_signs_in_learns_who_one_is(client, officer):
    session = await signed_in(client)
    assert session["refresh"]
    assert session["expires_at"].endswith("Z")
    me = await client.get("/me", headers=bearing(session["token"]))
    assert me.headers["Cache-Control"] == "no-store"
    assert await me.json() == session["me"]
    assert session["me"]["id"] == str(officer)
    assert session["me"]["name"] == "王建国"
    assert session["me"]["grids"] == ["G1"]
    assert session["me"]["bound"] is False
    assert session["me"]["unit"]["name"] == "区公安分局"
    reaches = {role["role"]: (role["reach"], role["place"]) for role in session["me"]["roles"]}
    assert reaches == {"handler": ("own_unit", None), "grid_worker": ("own_grids", "G1")}


async def test_a_person_changes_the_own_password_and_other_sessions_end(client, officer):
    here, there = await signed_in(client), await signed_in(client)
    mine = bearing(here["token"])
    wrong = {"old": "not this", "password": "another horse"}
    answer = await client.post("/me/password", json=wrong, headers=mine)
    await refusal(answer, 422, "auth.wrong_old_password")
    weak = {"old": PASSWORD, "password": "12345678"}
    await refusal(await client.post("/me/password", json=weak, headers=mine), 400, "bad_input")
    assert (await client.get("/me", headers=bearing(there["token"]))).status == 200
    good = {"old": PASSWORD, "password": "another horse"}
    assert (await client.post("/me/password", json=good, headers=mine)).status == 204
    assert (await client.get("/me", headers=mine)).status == 200
    others = await client.get("/me", headers=bearing(there["token"]))
    await refusal(others, 401, "not_signed_in")
    for password, status in ((PASSWORD, 401), ("another horse", 200)):
        form = {"username": "wang", "password": password}
        assert (await client.post("/auth/password", json=form)).status == status


async def test_a_person_sees_the_own_sessions_and_ends_one_or_all_others(client, officer):
    here, there, third = [await signed_in(client) for _ in range(3)]
    mine, other = bearing(here["token"]), bearing(there["token"])
    listed = (await (await client.get("/me/sessions", headers=mine)).json())["items"]
    assert [each["here"] for each in listed].count(True) == 1
    assert len(listed) == 3
    seen = (await (await client.get("/me/sessions", headers=other)).json())["items"]
    [away] = [each["id"] for each in seen if each["here"]]
    end = f"/me/sessions/{away}/end"
    assert (await client.post(end, headers=mine)).status == 204
    await refusal(await client.get("/me", headers=other), 401, "not_signed_in")
    assert (await client.post(end, headers=mine)).status == 204  # a second tap
    for none in (uuid4(), "none"):
        answer = await client.post(f"/me/sessions/{none}/end", headers=mine)
        await refusal(answer, 404, "not_found")
    assert (await client.post("/me/sessions/end-others", headers=mine)).status == 204
    await refusal(await client.get("/me", headers=bearing(third["token"])), 401, "not_signed_in")
    [left] = (await (await client.get("/me/sessions", headers=mine)).json())["items"]
    assert (left["here"], left["face"]) == (True, "phone")


async def test_nobody_ends_the_session_of_another(client, officer):
    mine = bearing((await signed_in(client))["token"])
    held = (Held(role=Role.RESIDENT),)
    new = NewAccount(name="李四", username="li", password=PASSWORD, held=held)
    await accounts.create_account(new, at=clock.now())
    form = {"username": "li", "password": PASSWORD}
    stranger = await (await client.post("/auth/password", json=form)).json()
    [listed] = (await (await client.get("/me/sessions", headers=mine)).json())["items"]
    path = f"/me/sessions/{listed['id']}/end"
    answer = await client.post(path, headers=bearing(stranger["token"]))
    await refusal(answer, 404, "not_found")
    assert (await client.get("/me", headers=mine)).status == 200


async def test_guesses_at_the_own_old_password_are_held_back(aiohttp_client, officer, monkeypatch):
    held = list[float]()

    async def hold(seconds: float) -> None:
        held.append(seconds)

    monkeypatch.setattr(throttle, "_hold", hold)
    client = await aiohttp_client(app(sign_in_failures=3))
    mine = bearing((await signed_in(client))["token"])
    guess = {"old": "wrong", "password": "another horse"}
    for _ in range(5):
        answer = await client.post("/me/password", json=guess, headers=mine)
        await refusal(answer, 422, "auth.wrong_old_password")
    assert held == [1, 2]


async def test_the_console_gets_no_refresh_token(client, officer):
    session = await signed_in(client, face="console")
    assert session["refresh"] is None


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"username": "wang", "password": "wrong"}, 401, "auth.wrong_password"),
        ({"username": "nobody", "password": PASSWORD}, 401, "auth.wrong_password"),
        ({"username": "", "password": PASSWORD}, 400, "bad_input"),
        ({"username": "wang", "password": PASSWORD, "face": "watch"}, 400, "bad_input"),
        ({"username": "wang", "password": PASSWORD, "admin": True}, 400, "bad_input"),
        ({"username": "wang\u0000", "password": PASSWORD}, 400, "bad_input"),
        ({"username": "wang"}, 400, "bad_input"),
    ],
)
async def test_a_sign_in_that_does_not_fit_is_refused(client, officer, form, status, code):
    response = await client.post("/auth/password", json=form)
    body = await refusal(response, status, code)
    assert "wang" not in str(body)


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic d2FuZzp4", "Bearer " + "x" * 300, "Bearer ü"],
)
async def test_a_bad_token_is_the_same_as_none(client, value):
    none = await refusal(await client.get("/me"), 401, "not_signed_in")
    response = await client.get("/me", headers={"Authorization": value})
    assert await refusal(response, 401, "not_signed_in") == none


async def test_tries_are_throttled_with_a_time_to_come_back(aiohttp_client, officer):
    client = await aiohttp_client(app(sign_in_failures=3))
    for _ in range(3):
        wrong = {"username": "wang", "password": "wrong"}
        await refusal(await client.post("/auth/password", json=wrong), 401, "auth.wrong_password")
    right = {"username": "wang", "password": PASSWORD}
    # A forged address does not help: nobody trusts this peer to name one.
    response = await client.post(
        "/auth/password", json=right, headers={"X-Forwarded-For": "203.0.113.7"}
    )
    body = await refusal(response, 429, "auth.too_many_tries")
    assert 0 < body["facts"]["retry_after"] <= 30
    assert int(response.headers["Retry-After"]) == body["facts"]["retry_after"]


async def test_a_refresh_rotates_and_its_reuse_ends_all_at_once(client, officer):
    first = await signed_in(client)
    response = await client.post("/auth/refresh", json={"refresh": first["refresh"]})
    second = await response.json()
    response = await client.post("/auth/refresh", json={"refresh": second["refresh"]})
    third = await response.json()
    assert (await client.get("/me", headers=bearing(third["token"]))).status == 200
    again = await client.post("/auth/refresh", json={"refresh": first["refresh"]})
    body = await refusal(again, 401, "not_signed_in")
    assert body["facts"] == {}
    ended = await client.get("/me", headers=bearing(third["token"]))
    await refusal(ended, 401, "not_signed_in")
    fourth = await client.post("/auth/refresh", json={"refresh": third["refresh"]})
    await refusal(fourth, 401, "not_signed_in")


async def test_a_refresh_whose_answer_was_lost_is_asked_again(client, officer):
    first = await signed_in(client)
    for _ in range(3):
        response = await client.post("/auth/refresh", json={"refresh": first["refresh"]})
        assert response.status == 200
    last = await response.json()
    assert (await client.get("/me", headers=bearing(last["token"]))).status == 200


async def test_a_signed_out_token_is_refused_at_once(client, officer):
    session = await signed_in(client)
    headers = bearing(session["token"])
    assert (await client.get("/me", headers=headers)).status == 200
    assert (await client.post("/auth/logout", headers=headers)).status == 204
    await refusal(await client.get("/me", headers=headers), 401, "not_signed_in")
    await refusal(await client.post("/auth/logout", headers=headers), 401, "not_signed_in")


async def test_a_revocation_elsewhere_is_noticed_within_five_seconds(
    aiohttp_client, officer, monkeypatch
):
    assert sign_in.REMEMBERED_SECONDS <= 5
    monkeypatch.setattr(sign_in, "REMEMBERED_SECONDS", 0.2)
    here, there = await aiohttp_client(app()), await aiohttp_client(app())
    headers = bearing((await signed_in(here))["token"])
    assert (await there.get("/me", headers=headers)).status == 200
    assert (await here.post("/auth/logout", headers=headers)).status == 204
    await refusal(await here.get("/me", headers=headers), 401, "not_signed_in")
    await asyncio.sleep(0.25)
    await refusal(await there.get("/me", headers=headers), 401, "not_signed_in")


async def test_a_role_withdrawn_elsewhere_ends_the_session_here(client, officer, monkeypatch):
    monkeypatch.setattr(sign_in, "REMEMBERED_SECONDS", 0.1)
    headers = bearing((await signed_in(client))["token"])
    assert (await client.get("/me", headers=headers)).status == 200
    await accounts.change(officer, Change(held=()), by=SYSTEM, at=clock.now())
    await asyncio.sleep(0.15)
    await refusal(await client.get("/me", headers=headers), 401, "not_signed_in")


async def test_what_is_remembered_has_a_bound(client, officer, monkeypatch):
    monkeypatch.setattr(sign_in, "N_REMEMBERED", 5)
    headers = bearing((await signed_in(client))["token"])
    for n in range(12):
        await client.get("/me", headers=bearing(f"guess{n}"))
    assert (await client.get("/me", headers=headers)).status == 200
    assert len(client.app[sign_in.SIGN_INS]._seen) == 5


async def test_a_look_up_that_a_revocation_overtook_is_not_remembered(client, officer):
    session = await signed_in(client)
    remembered = client.app[sign_in.SIGN_INS]
    looking = asyncio.ensure_future(client.get("/me", headers=bearing(session["token"])))
    while not looking.done():
        remembered.forget(officer)
        await asyncio.sleep(0)
    assert (await looking).status == 200
    assert remembered._seen == {}


@pytest.fixture
async def demo_people(db) -> None:
    unit = await create_unit(NewUnit(code="T1", name="荣华街道", kind=UnitKind.TOWNSHIP))
    news = [
        NewAccount(
            name=role.value,
            unit_id=unit,
            held=(Held(role=role, place_code="G1" if role is Role.GRID_WORKER else ""),),
            demo=True,
        )
        for role in GRANTS
    ]
    await accounts.create_accounts(news, at=clock.now())


@pytest.mark.parametrize("role", list(GRANTS))
async def test_the_demo_signs_in_as_every_role(aiohttp_client, demo_people, role):
    client = await aiohttp_client(app(demo=True, demo_key="door"))
    response = await client.post("/auth/demo", json={"key": "door", "role": role.value})
    assert response.status == 200
    me = (await response.json())["me"]
    assert [held["role"] for held in me["roles"]] == [role.value]
    assert set(me["permissions"]) == set(GRANTS[role])


async def test_the_demo_sign_in_is_an_unknown_route_without_the_demo(client, demo_people):
    unknown = await client.post("/auth/no-such", json={"role": "admin"})
    demo = await client.post("/auth/demo", json={"role": "admin"})
    await refusal(demo, 404, "not_found")
    assert await demo.json(content_type=None) == await unknown.json(content_type=None)
    assert set(demo.headers) == set(unknown.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "127.0.0.1"},
        {"X-Forwarded-For": ""},
        {"Host": "gridwhistle.example"},
    ],
)
async def test_the_demo_sign_in_is_an_unknown_route_behind_any_proxy(
    aiohttp_client, demo_people, headers
):
    client = await aiohttp_client(
        app(demo=True, demo_key="door", trust_forwarded_from="127.0.0.1")
    )
    for body in ({"role": "admin"}, {"role": "emperor"}, {}):
        unknown = await client.post("/auth/no-such", json=body, headers=headers)
        demo = await client.post("/auth/demo", json=body, headers=headers)
        await refusal(demo, 404, "not_found")
        assert await demo.json(content_type=None) == await unknown.json(content_type=None)


@pytest.mark.parametrize(
    ("kept", "given"),
    [("door", {}), ("door", {"key": ""}), ("door", {"key": "gate"}), ("", {"key": ""}), ("", {})],
)
async def test_the_demo_opens_by_the_installations_key_alone(
    aiohttp_client, demo_people, kept, given
):
    client = await aiohttp_client(app(demo=True, demo_key=kept))
    unknown = await client.post("/auth/no-such", json={"role": "admin"})
    demo = await client.post("/auth/demo", json={"role": "admin"} | given)
    await refusal(demo, 404, "not_found")
    assert await demo.json(content_type=None) == await unknown.json(content_type=None)


async def test_the_demo_refuses_a_role_that_is_none_and_one_without_a_person(aiohttp_client, db):
    client = await aiohttp_client(app(demo=True, demo_key="door"))
    response = await client.post("/auth/demo", json={"key": "door", "role": "emperor"})
    [fault] = (await refusal(response, 400, "bad_input"))["errors"]
    assert fault["pointer"] == "/role"
    response = await client.post("/auth/demo", json={"key": "door", "role": "admin"})
    await refusal(response, 404, "not_found")


async def test_a_fresh_installation_has_no_account_to_sign_in_with(client):
    assert await Account.all().count() == 0
    for username in ("admin", "root", "test"):
        form = {"username": username, "password": username}
        response = await client.post("/auth/password", json=form)
        await refusal(response, 401, "auth.wrong_password")


@pytest.mark.parametrize("path", ["/auth/password", "/auth/refresh", "/auth/logout"])
async def test_a_write_by_a_form_or_by_get_does_nothing(client, officer, path):
    form = b'{"username": "wang", "password": "correct horse"}'
    plain = await client.post(path, data=form, headers={"Content-Type": "text/plain"})
    assert plain.status in (401, 415)
    await refusal(await client.get(path), 405, "method_not_allowed")


async def test_a_disabled_account_is_out_in_every_process(client, officer, monkeypatch):
    monkeypatch.setattr(sign_in, "REMEMBERED_SECONDS", 0.1)
    session = await signed_in(client)
    headers = bearing(session["token"])
    assert (await client.get("/me", headers=headers)).status == 200
    await accounts.disable(officer, by=SYSTEM, at=clock.now())
    await asyncio.sleep(0.15)
    await refusal(await client.get("/me", headers=headers), 401, "not_signed_in")
    renewed = await client.post("/auth/refresh", json={"refresh": session["refresh"]})
    await refusal(renewed, 401, "not_signed_in")


async def test_a_session_that_ran_out_is_refused(client, officer):
    at = clock.now()
    settings = Settings(phone_token_hours=1)
    old = await sessions.open_session(
        officer, face=sessions.Face.PHONE, at=at.replace(year=at.year - 1), settings=settings
    )
    assert old.expires_at < at
    response = await client.get("/me", headers=bearing(old.token))
    await refusal(response, 401, "not_signed_in")
