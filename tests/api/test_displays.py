"""A wall that hangs for weeks: a session that reads what the wall shows, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tortoise import Tortoise

from server.http.routes import ROUTES
from server.http.sign_in import COOKIE, SIGN_INS
from server.people.models import Account
from server.people.sign_in.passwords import hashed
from tests.api.refusals import refused
from tests.casework import Casework

BOX = "116,33,118,35"
PASSWORD = "three pomegranates"
OPEN = "/me/sessions/display"
ON_WALL = {("GET", "/me"), ("GET", "/s/v1/wall"), ("GET", "/m/v1/photos/{id}")}


async def opened(someone, username):
    """A wall that somebody opened, and the person, signed in anew."""
    await Account.filter(username=username).update(password_hash=hashed(PASSWORD))
    person = await someone(username, face="console")
    await person.post(OPEN, {"password": PASSWORD}, expect=204)
    [token] = [each.value for each in person.client.session.cookie_jar if each.key == COOKIE]
    person.client.session.cookie_jar.clear()  # of each the token is said in the header from here
    return replace(person, token=token), await someone(username, face="console")


async def later(person, span: timedelta) -> None:
    """Let time pass over all sessions."""
    moved = "UPDATE token SET used_at = used_at - $1::interval, expires_at = expires_at - $1"
    await Tortoise.get_connection("default").execute_query(moved, [span])
    person.client.app[SIGN_INS].forget_all()


@pytest.mark.parametrize("username", ["leader1", "dispatcher1", "township02"])
async def test_a_wall_reads_what_it_shows_and_is_refused_all_else(county, someone, username):
    work = Casework(county)
    case, closed = await work.handling(), await work.closed()
    wall, person = await opened(someone, username)
    shown = await wall.get(f"/s/v1/wall?bbox={BOX}")
    assert shown == await person.get(f"/s/v1/wall?bbox={BOX}") | {"at": shown["at"]}
    assert (shown["n_open"], len(shown["spots"])) == (1, 1)
    if photo := shown["closed"][0]["photo"]:
        assert (await wall.call("GET", f"/m/v1/photos/{photo}"))[0] in (200, 503)
    me = await wall.get("/me")
    assert (me["name"], me["roles"], me["permissions"], me["unit"]) == ("", [], [], None)
    tried = 0
    for route in wall.client.app[ROUTES]:
        if route.public or (route.method, route.path) in ON_WALL or route.path == "/auth/logout":
            continue
        path = route.path.replace("{no}", case.no).replace("{id}", "1")
        named = path.replace("{", "").replace("}", "")
        given = {"json": {}} if route.method == "POST" else {}
        status, answer = await wall.call(route.method, named, **given)
        assert (status, answer["code"]) == (403, "not_on_wall"), (route.method, path)
        tried += 1
    assert tried > 100
    assert closed.no


async def test_a_wall_lasts_through_weeks_without_a_hand_and_then_ends(county, someone):
    wall, _ = await opened(someone, "leader1")
    await later(wall, timedelta(days=8))
    await wall.get("/s/v1/wall")
    await later(wall, timedelta(days=21))
    await wall.get("/s/v1/wall")
    await later(wall, timedelta(days=2))
    refused(*await wall.call("GET", "/s/v1/wall"), 401, "not_signed_in")


async def test_who_opens_a_wall_says_their_password_and_leaves_nothing_of_their_own_there(
    county, someone
):
    await Account.filter(username="leader1").update(password_hash=hashed(PASSWORD))
    leader = await someone("leader1", face="console")
    wrong = await leader.call("POST", OPEN, json={"password": "another one"})
    refused(*wrong, 422, "auth.wrong_old_password")
    await leader.get("/me")
    await leader.post(OPEN, {"password": PASSWORD}, expect=204)
    leader.client.session.cookie_jar.clear()
    refused(*await leader.call("GET", "/me"), 401, "not_signed_in")
    for username in ("handler_D08", "head_D08", "acceptor1", "auditor1", "resident1"):
        other = await someone(username, face="console")
        refused(*await other.call("POST", OPEN, json={"password": "x"}), 403, "not_permitted")


async def test_a_wall_stands_among_ones_sessions_and_is_ended_there_or_by_the_administrator(
    county, someone
):
    admin = await someone("admin1", face="console")
    for end in ("own", "administrator", "all"):
        wall, person = await opened(someone, "leader1")
        account = await Account.get(username="leader1")
        listed = f"/s/v1/accounts/{account.id}/sessions"
        own, kept = await person.get("/me/sessions"), await admin.get(listed)
        assert [each["face"] for each in own["items"] if not each["here"]] == ["display"]
        assert {each["face"] for each in kept["items"]} == {"console", "display"}
        assert not any(each["here"] for each in kept["items"])
        [shown] = [each["id"] for each in kept["items"] if each["face"] == "display"]
        refused(*await person.call("GET", listed), 403, "not_permitted")
        if end == "own":
            await person.post(f"/me/sessions/{shown}/end", expect=204)
        elif end == "administrator":
            refused(*await person.call("POST", f"{listed}/{shown}/end"), 403, "not_permitted")
            await admin.post(f"{listed}/{shown}/end", expect=204)
            over = f"{listed}/{account.id}/end"
            refused(*await admin.call("POST", over), 404, "not_found")
        else:
            await admin.post(f"{listed}/end", expect=204)
        refused(*await wall.call("GET", "/s/v1/wall"), 401, "not_signed_in")
        if end == "all":
            refused(*await person.call("GET", "/me"), 401, "not_signed_in")
            assert (await admin.get(listed))["items"] == []
        else:
            await person.post("/me/sessions/end-others", expect=204)
            await person.post("/auth/logout", expect=204)


async def test_a_wall_by_cookie_ends_itself_with_the_word_of_its_own_page(county, someone):
    wall, _ = await opened(someone, "leader1")
    cookie = {"Cookie": f"{COOKIE}={wall.token}"}
    async with wall.client.get("/me", headers=cookie) as answer:
        csrf = (await answer.json())["csrf"]
    async with wall.client.post("/auth/logout", headers=cookie) as answer:
        assert answer.status == 403
    async with wall.client.post("/auth/logout", headers=cookie | {"X-CSRF-Token": csrf}) as answer:
        assert answer.status == 204
    refused(*await wall.call("GET", "/s/v1/wall"), 401, "not_signed_in")
