"""Merging over HTTP: candidates, the two verbs, and what reporters see under the old number."""

import pytest
from tortoise import Tortoise

from server.cases.ends import merging
from server.clock import now
from tests.api.refusals import refused
from tests.casework import Casework, everything


async def test_candidates_are_shown_merged_and_taken_apart(county, someone):
    work = Casework(county)
    one, two = await work.report("resident1"), await work.report("resident2")
    desk = await someone("acceptor1", face="console")
    [candidate] = (await desk.get(f"/s/v1/cases/{one.no}/similar"))["items"]
    assert (candidate["case"]["no"], candidate["distance_m"]) == (two.no, 0.0)
    assert candidate["why"] == ["相距 0 米", "上报相隔不到一天", "事项相同"]
    path, good = f"/s/v1/cases/{one.no}", {"into": two.no, "reason": "同一盏灯"}
    before = await everything()
    for body in ({}, {"into": two.no}, good | {"reason": ""}, good | {"x": 1}):
        refused(*await desk.call("POST", f"{path}/merge", json=body), 400, "bad_input")
    for body, status, code in (
        ({"into": one.no, "reason": "x"}, 422, "merge.same"),
        ({"into": "000000-00000000", "reason": "x"}, 404, "not_found"),
        ({"into": "x; --", "reason": "x"}, 404, "not_found"),
        ({"into": two.no, "reason": " "}, 422, "case.reason_missing"),
    ):
        refused(*await desk.call("POST", f"{path}/merge", json=body), status, code)
    found = await desk.call("POST", f"{path}/unmerge", json={"reason": "x"})
    refused(*found, 409, "case.wrong_stage")
    for who, status, code in (
        ("resident1", 403, "not_permitted"),
        ("township02", 403, "not_permitted"),
        ("leader1", 403, "not_permitted"),
    ):
        person = await someone(who, face="console")
        for tail, body in (("merge", good), ("unmerge", {"reason": "x"})):
            refused(*await person.call("POST", f"{path}/{tail}", json=body), status, code)
        refused(*await person.call("GET", f"{path}/similar"), status, code)
    assert await everything() == before
    assert (await desk.post(f"{path}/merge", good))["stage_text"] == "并案"
    gone, kept = [await desk.get(f"/s/v1/cases/{case.no}") for case in (one, two)]
    assert (gone["merged_into"], gone["merged"]) == (two.no, [])
    assert (kept["merged_into"], kept["merged"]) == ("", [one.no])
    assert len(kept["reports"]) == 2
    follower = await someone("resident3")
    await follower.post(f"/m/v1/reports/{one.no}/follow")
    followed = (await follower.get("/m/v1/reports"))["items"]
    assert [card["no"] for card in followed] == [two.no]
    dispatcher = await someone("dispatcher1", face="console")
    status, answer = await dispatcher.call("POST", f"{path}/merge", json=good)
    refused(status, answer, 422, "merge.same")
    assert answer["title"].startswith("受理员 ")
    assert "并案。" in answer["title"]
    answer = await dispatcher.post(f"{path}/unmerge", {"reason": "两盏灯"})
    assert (answer["no"], answer["stage"]) == (one.no, "dispatched")


async def test_what_was_merged_stands_once_with_ones_own_words_and_photo(county, someone):
    work = Casework(county)
    named = {}
    for who in ("resident1", "resident2", "resident1", "resident2"):
        case = await work.report(who, text=f"{who}说的第{len(named)}件")
        named[case.no] = case
    mine, other, again, theirs = named.values()
    by = await work.actor("acceptor1")
    phone, neighbour = await someone("resident1"), await someone("resident2")
    for each in (mine, again):
        await merging.merge(each.no, other.no, "同一盏", by=by, at=now(), basis=work.basis)
    rows = {row["no"]: row for row in (await phone.get("/m/v1/reports"))["items"]}
    assert list(rows) == [again.no, mine.no]
    assert [bool(row["owner"]) for row in rows.values()] == [False, True], "it counts once"
    for row in rows.values():
        assert row["merged_into"] == other.no
        assert row["words"] == f"resident1说的第{[*named].index(row['no'])}件"
        status, _ = await phone.call("GET", f"/m/v1/photos/{row['photo']}")
        assert status != 404
    # Merged on, into what its survivor's reporter reported too.
    await merging.merge(other.no, theirs.no, "同一盏", by=by, at=now(), basis=work.basis)
    listed = (await phone.get("/m/v1/reports?limit=1"))["items"]
    assert [row["no"] for row in listed] == [again.no]
    rows = (await neighbour.get("/m/v1/reports"))["items"]
    assert [(row["no"], bool(row["owner"])) for row in rows] == [
        (theirs.no, True),
        (other.no, False),
    ]


async def test_why_two_reports_look_alike_is_named_by_the_words_they_share(county, someone):
    work = Casework(county)
    said = "楼下烧烤摊的油烟呛人，13812345678"
    one = await work.report("resident1", text=said)
    await work.report("resident2", text="烧烤摊又冒油烟了，１３８１２３４５６７８，没有人来管管")
    await work.report("resident3", text="小区里的路灯")
    for path in ("/s/v1", "/m/v1"):
        desk = await someone("acceptor1", face="console" if path == "/s/v1" else "phone")
        rows = (await desk.get(f"{path}/cases/{one.no}/similar"))["items"]
        assert sorted(row["same_words"] for row in rows) == [[], ["烧烤摊", "油烟"]]


async def test_the_old_number_shows_where_it_went_and_nothing_of_the_others_photos(
    county, someone
):
    work = Casework(county)
    mine, other = await work.report("resident1"), await work.report("resident2")
    by = await work.actor("acceptor1")
    await merging.merge(mine.no, other.no, "同一盏", by=by, at=now(), basis=work.basis)
    phone = await someone("resident1")
    seen = await phone.get(f"/m/v1/reports/{mine.no}")
    assert (seen["case"]["stage"], seen["merged_into"]) == ("merged", other.no)
    assert [photo["purpose"] for photo in seen["photos"]] == ["before"]
    listed = (await phone.get("/m/v1/reports"))["items"]
    [card] = [each for each in listed if each["no"] == mine.no]
    assert card["merged_into"] == other.no
    there = seen["survivor"]["case"]
    for name in ("stage", "stage_text", "owner", "lead", "due_at"):
        assert card[name] == there[name], "it stands as it goes on"
    assert len(listed) == 1, "one matter stands once"
    survivor = seen["survivor"]
    assert (survivor["case"]["no"], survivor["case"]["stage"]) == (other.no, "dispatched")
    assert (survivor["merged_into"], survivor["survivor"]) == ("", None)
    assert survivor["photos"] == [], "what somebody else photographed is not theirs to see"
    [theirs] = (await (await someone("resident2")).get(f"/m/v1/reports/{other.no}"))["photos"]
    status, _ = await phone.call("GET", f"/m/v1/photos/{theirs['id']}")
    assert status == 404
    await work.closed(other)
    survivor = (await phone.get(f"/m/v1/reports/{mine.no}"))["survivor"]
    assert survivor["result"] == "已修好"
    assert {photo["purpose"] for photo in survivor["photos"]} == {"after"}
    opinion = {"responded": True, "solved": False, "satisfaction": 1}
    await phone.post(f"/m/v1/reports/{mine.no}/appraisal", opinion)
    again = (await phone.get(f"/m/v1/reports/{mine.no}"))["survivor"]["case"]
    assert (again["no"], again["stage"], again["cycle"]) == (other.no, "handling", 2)
    outsider = await someone("resident3")
    refused(*await outsider.call("GET", f"/m/v1/reports/{mine.no}"), 404, "not_found")


@pytest.mark.parametrize("who", ["dispatcher1", "handler_D08", "resident1"])
async def test_whoever_opens_a_case_has_it_asked_once_what_was_merged_into_it(
    county, someone, monkeypatch, who
):
    work = Casework(county)
    into, gone = await work.report("resident1"), await work.report("resident2")
    by = await work.actor("acceptor1")
    await merging.merge(gone.no, into.no, "同一处", by=by, at=now(), basis=work.basis)
    task, _ = await work.lead(into)
    person = await someone(who, face="console")
    connection = type(Tortoise.get_connection("default"))
    asked, plain = list[str](), connection.execute_query_dict

    def heard(self, query, values=None):
        asked.append(query)
        return plain(self, query, values)

    monkeypatch.setattr(connection, "execute_query_dict", heard)
    paths = {
        "dispatcher1": [f"/s/v1/cases/{into.no}", f"/m/v1/cases/{into.no}"],
        "handler_D08": [f"/m/v1/tasks/{task.id}", f"/m/v1/cases/{into.no}"],
        "resident1": [f"/m/v1/reports/{into.no}"],
    }
    for path in paths[who]:
        asked.clear()
        await person.get(path)
        assert sum("WITH RECURSIVE family" in query for query in asked) == 1, path
