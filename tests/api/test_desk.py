"""Working together at desks: saved views with counts, and who else has a case open."""

from datetime import timedelta

import pytest

from server.clock import now
from server.desk import presence
from tests.casework import WALL_HOLE, Casework, rows_of

VIEWS = "/s/v1/views"


@pytest.fixture
async def acceptor(someone):
    return await someone("acceptor1", face="console")


async def saved(person, name="漏水的", query="stage=submitted", **more):
    return await person.post(VIEWS, {"name": name, "query": query} | more, expect=201)


async def names(person) -> list[str]:
    return [each["name"] for each in (await person.get(VIEWS))["items"]]


async def test_a_view_is_kept_changed_and_let_go(acceptor):
    view = await saved(acceptor)
    assert (view["mine"], view["shared"]) == (True, False)
    changed = {"name": "路灯", "query": "matter=CJ-012&clock=late"}
    answer = await acceptor.post(f"{VIEWS}/{view['id']}/change", changed)
    assert answer == view | changed
    assert (await acceptor.get(VIEWS))["items"] == [answer]
    for _ in range(2):  # a second tap is answered as the first
        await acceptor.post(f"{VIEWS}/{view['id']}/remove", expect=204)
    assert await names(acceptor) == []


async def test_a_view_is_its_owners_until_it_is_shared_with_the_unit(someone):
    head, handler = await someone("head_D08", "console"), await someone("handler_D08", "console")
    other = await someone("handler_D12", "console")
    view = await saved(head)
    path = f"{VIEWS}/{view['id']}"
    assert await names(handler) == []
    assert (await handler.call("GET", f"{path}/count"))[0] == 404
    await head.post(f"{path}/change", {"name": "科里", "query": "", "shared": True})
    [seen] = (await handler.get(VIEWS))["items"]
    assert (seen["name"], seen["mine"]) == ("科里", False)
    assert await names(other) == []
    status, answer = await handler.call("POST", f"{path}/change", json={"name": "x", "query": ""})
    assert (status, answer["code"]) == (404, "not_found")
    await handler.post(f"{path}/remove", expect=204)
    assert await names(head) == ["科里"]


async def test_a_view_counts_what_its_reader_would_see(county, acceptor, someone):
    work = Casework(county)
    for matter in (WALL_HOLE, WALL_HOLE, "CJ-012"):
        await work.report(matter=matter)
    view = await saved(acceptor, query=f"matter={WALL_HOLE}")
    count = f"{VIEWS}/{view['id']}/count"
    assert await acceptor.get(count) == {"n": 2, "more": False}
    gone = await saved(acceptor, name="无", query="unit=撤销了的局")
    assert await acceptor.get(f"{VIEWS}/{gone['id']}/count") == {"n": None, "more": False}
    every = await saved(await someone("handler_D12", face="console"), query="")
    path = f"{VIEWS}/{every['id']}/count"
    assert (await (await someone("handler_D12", "console")).get(path))["n"] == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "", "query": ""}, "/name"),
        ({"name": "x" * 41, "query": ""}, "/name"),
        ({"name": "x", "query": "stage=gone"}, "/query"),
        ({"name": "x", "query": "no_such=1"}, "/query"),
        ({"name": "x", "query": "&&&"}, "/query"),
    ],
)
async def test_what_is_no_view_is_refused_by_its_field(acceptor, body, pointer):
    status, answer = await acceptor.call("POST", VIEWS, json=body)
    assert (status, answer["code"]) == (400, "bad_input")
    assert [each["pointer"] for each in answer["errors"]] == [pointer]


async def test_a_name_is_taken_once_and_fifty_are_enough(acceptor):
    await saved(acceptor)
    body = {"name": "漏水的", "query": ""}
    status, answer = await acceptor.call("POST", VIEWS, json=body)
    assert (status, answer["code"]) == (409, "duplicate")
    for number in range(49):
        await saved(acceptor, name=f"第{number}个")
    status, answer = await acceptor.call("POST", VIEWS, json=body | {"name": "又一个"})
    assert (status, answer["code"]) == (400, "bad_input")


async def test_two_who_have_a_case_open_see_each_other_until_one_leaves(county, someone):
    case = await Casework(county).report()
    path = f"/s/v1/cases/{case.no}"
    one, two = await someone("acceptor1", "console"), await someone("dispatcher1", "console")
    assert (await one.post(f"{path}/look"))["items"] == []
    [seen] = (await two.post(f"{path}/look"))["items"]
    assert seen["name"] == (await one.get("/me"))["name"]
    assert len((await one.post(f"{path}/look"))["items"]) == 1
    await two.post(f"{path}/leave", expect=204)
    assert (await one.post(f"{path}/look"))["items"] == []
    outsider = await someone("handler_D12", "console")
    assert (await outsider.call("POST", f"{path}/look"))[0] == 404


async def test_who_went_without_a_word_is_gone_after_half_a_minute_and_forgotten(county):
    work = Casework(county)
    case, at = await work.report(), now()
    one, two = await work.actor("acceptor1"), await work.actor("dispatcher1")
    await presence.look(case.id, by=one, at=at)
    assert await presence.look(case.id, by=two, at=at + presence.SEEN / 2)
    assert not await presence.look(case.id, by=two, at=at + presence.SEEN)
    await presence.look(case.id, by=two, at=at + timedelta(hours=2))
    assert await rows_of("SELECT account_id FROM case_onlooker") == [{"account_id": two.id}]
