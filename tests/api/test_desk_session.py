"""The desk's session: a cookie that no script reads, and a word that only its own page knows."""

from datetime import timedelta

import pytest
from tortoise import Tortoise

from mobile_api import auth
from mobile_api import live as live_routes
from server import clock
from server.bus.local import LocalBus
from server.http.edge import make_app
from server.http.sign_in import COOKIE, SIGN_INS
from server.people import accounts
from server.people.accounts import NewAccount
from server.people.actor import Held
from server.permissions import Role
from server.settings import Settings
from tests.api.refusals import refusal

PASSWORD = "correct horse"
FORM = {"username": "wang", "password": PASSWORD, "face": "console"}
WRITING = "/me/sessions/end-others"
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def client(db, aiohttp_client):
    new = NewAccount(
        name="王建国", username="wang", password=PASSWORD, held=(Held(role=Role.DISPATCHER),)
    )
    await accounts.create_account(new, at=clock.now())
    app = make_app(Settings(trust_forwarded_from="127.0.0.1"))
    auth.add_to(app)
    live_routes.routes.add_to(app)
    live_routes.install(app, LocalBus())
    return await aiohttp_client(app)


async def signed_in(client, **headers) -> dict[str, str]:
    """Sign in as the desk does; returns what its page adds to each request that writes."""
    answer = await client.post("/auth/password", json=FORM, headers=headers)
    assert answer.status == 200
    return {"X-CSRF-Token": (await answer.json())["me"]["csrf"]}


async def aged(client, **spans: timedelta) -> None:
    """Let time pass over all sessions."""
    for name, span in spans.items():
        moved = f"UPDATE token SET {name} = {name} - $1::interval"
        await Tortoise.get_connection("default").execute_query(moved, [span])
    client.app[SIGN_INS].forget_all()


async def test_signing_in_at_the_desk_sets_a_cookie_that_no_script_and_no_other_site_has(client):
    answer = await client.post("/auth/password", json=FORM)
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert not cookie["secure"]
    tls = {"X-Forwarded-Proto": "https"}
    answer = await client.post("/auth/password", json=FORM, headers=tls)
    assert answer.cookies[COOKIE]["secure"]
    answer = await client.post("/auth/password", json=FORM | {"face": "phone"})
    assert not answer.cookies
    assert (await answer.json())["me"]["csrf"] == ""


async def test_who_has_the_cookie_reads_and_writes_only_with_the_word_of_its_own_page(client):
    own = await signed_in(client)
    me = await (await client.get("/me")).json()
    assert me["csrf"] == own["X-CSRF-Token"]
    assert len(me["csrf"]) == 32
    wrong = {"X-CSRF-Token": "0" * 32}
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    for headers in ({}, wrong, elsewhere, wrong | elsewhere, {"X-CSRF-Token": "\u00fc"}):
        body = await refusal(await client.post(WRITING, headers=headers), 403, "not_from_own_page")
        assert body["title"] == "这一步不是从本网页发出的，没有办理；请刷新网页后重试。"
    assert (await client.post(WRITING, headers=own)).status == 204


async def test_the_word_of_one_session_is_none_of_another(client):
    first = await signed_in(client)
    await signed_in(client)
    await refusal(await client.post(WRITING, headers=first), 403, "not_from_own_page")


async def test_a_token_in_the_header_goes_before_the_cookie_and_needs_no_word(client):
    answer = await client.post("/auth/password", json=FORM)
    bearing = {"Authorization": f"Bearer {(await answer.json())['token']}"}
    assert (await client.post(WRITING, headers=bearing)).status == 204
    assert (await (await client.get("/me", headers=bearing)).json())["csrf"] == ""
    none = {"Authorization": "Bearer none"}
    await refusal(await client.get("/me", headers=none), 401, "not_signed_in")


async def test_the_desks_session_ends_after_idling(client):
    await signed_in(client)
    await aged(client, used_at=timedelta(minutes=29))
    assert (await client.get("/me")).status == 200
    await aged(client, used_at=timedelta(minutes=30))
    await refusal(await client.get("/me"), 401, "not_signed_in")


async def test_the_desks_session_ends_after_twelve_hours_of_work(client):
    own = await signed_in(client)
    await aged(client, expires_at=timedelta(hours=11, minutes=59))
    assert (await client.get("/me")).status == 200
    await aged(client, expires_at=timedelta(minutes=1))
    await refusal(await client.post(WRITING, headers=own), 401, "not_signed_in")
    assert await signed_in(client) != own


async def test_signing_out_takes_the_cookie_back_and_ends_the_session(client):
    own = await signed_in(client)
    [held] = [each.value for each in client.session.cookie_jar if each.key == COOKIE]
    await refusal(await client.post("/auth/logout"), 403, "not_from_own_page")
    assert (await client.post("/auth/logout", headers=own)).status == 204
    assert not [each for each in client.session.cookie_jar if each.key == COOKIE]
    kept = {"Cookie": f"{COOKIE}={held}"}
    await refusal(await client.get("/me", headers=kept), 401, "not_signed_in")


async def test_the_live_socket_opens_by_a_ticket_that_the_desks_page_asks_for(client):
    own = await signed_in(client)
    await refusal(await client.post("/m/v1/live-ticket"), 403, "not_from_own_page")
    answer = await client.post("/m/v1/live-ticket", headers=own)
    ticket = (await answer.json())["ticket"]
    socket = await client.ws_connect(f"/m/v1/live?ticket={ticket}")
    assert not socket.closed
    await socket.close()
    again = await client.get(f"/m/v1/live?ticket={ticket}", headers=own)
    assert again.status >= 400  # once


async def test_who_reaches_the_county_has_a_desks_session_whichever_front_asks(client):
    answer = await client.post("/auth/password", json=FORM | {"face": "phone"})
    session = await answer.json()
    assert session["refresh"] is None
    await aged(client, used_at=timedelta(minutes=30))
    bearing = {"Authorization": f"Bearer {session['token']}"}
    await refusal(await client.get("/me", headers=bearing), 401, "not_signed_in")
