"""Changing a list over HTTP: proposals, burdens, units reorganised; shapes and refusals."""

import pytest

from server.clock import now
from tests.api.proposing import CHANGE, MAIN, admission
from tests.api.refusals import refused
from tests.casework import STREET_LAMP, everything


def lamp(**change) -> dict:
    about = {"list_type": MAIN, "matter": STREET_LAMP, "ground": "law_changed"}
    return {"kind": "adjustment", "reason": "修订"} | about | {"change": change}


async def test_a_proposal_is_shown_whole_and_in_lists_and_to_who_owes_an_opinion(county, someone):
    head, room = await someone("head_D02"), await someone("township02")
    status, made = await head.call("POST", "/s/v1/admissions", json=admission())
    assert status == 201, made
    number = made["proposal"]["id"]
    assert (made["proposal"]["no"], made["proposal"]["stage_text"]) == (f"A-{number}", "征求意见")
    assert made["change"]["lead"] == "township"
    assert made["change"]["cooperating"] == [["D02", "依法处罚"]]
    assert made["support"] == {"flow": "劝导", "funds": "二万元", "staff": "两名协管员"}
    assert made["possible"] == ["opine", "withdraw"]
    assert {each["stance"] for each in made["opinions"]} == {""}
    for person, owed in ((room, 1), (head, 0)):
        listed = await person.get("/s/v1/admissions?owed=true")
        assert [each["id"] for each in listed["items"]] == [number] * owed
    body = {"agrees": False, "text": "没有执法权"}
    whole = await room.post(f"/s/v1/proposals/{number}/opine", body)
    assert [each["text"] for each in whole["opinions"] if each["stance"]] == ["没有执法权"]
    assert (await room.get("/s/v1/admissions?owed=true"))["items"] == []
    assert [each["verb_text"] for each in whole["events"]] == ["提出申请", "提出书面意见"]
    assert (await head.get("/s/v1/adjustments"))["items"] == []
    assert (await head.get("/s/v1/admissions?stage=review"))["items"] == []


async def test_a_proposal_says_who_is_waited_for_what_it_changes_and_what_one_may_do(
    county, someone
):
    head, room = await someone("head_D02"), await someone("township02")
    made = await head.post("/s/v1/adjustments", lamp(limit=9), expect=201)
    path = f"/s/v1/proposals/{made['proposal']['id']}"
    assert [each["field"] for each in made["compared"]] == ["limit"]
    assert made["compared"][0]["was"] != made["compared"][0]["now"]
    assert made["entry_id"]
    assert (made["open_to_me"], made["possible"]) == (["withdraw"], ["opine", "withdraw"])
    owing = [each["unit"] for each in made["opinions"]]
    assert made["proposal"]["awaited"] == owing
    assert made["proposal"]["since"] == made["proposal"]["created_at"]
    asked = await room.get(path)
    assert asked["open_to_me"] == ["opine"]
    assert [each["unit"] for each in asked["opinions"] if each["ours"]] == ["荣华街道"]
    told = await room.post(f"{path}/opine", {"agrees": True})
    assert told["open_to_me"] == []
    assert "荣华街道" not in told["proposal"]["awaited"]
    assert (await (await someone("leader1", face="console")).get(path))["open_to_me"] == []
    for query, there in (("open=true", 1), ("kind=exit", 0), ("open=true&stage=review", 0)):
        assert len((await head.get(f"/s/v1/proposals?{query}"))["items"]) == there, query
    gone = await head.post(f"{path}/withdraw", {"text": "不改了"})
    assert (gone["proposal"]["awaited"], gone["open_to_me"]) == ([], [])
    assert (await head.get("/s/v1/proposals?open=true"))["items"] == []
    assert len((await head.get("/s/v1/proposals"))["items"]) == 1


async def test_bad_proposals_name_what_is_wrong_and_leave_nothing(county, someone):
    head = await someone("head_D02")
    before = await everything()
    unknown = CHANGE | {"lead": "区没有局", "urgency": "fortnight", "platform": "五平台"}
    unknown["cooperating"] = [{"unit": "区也没有局"}]
    status, said = await head.call("POST", "/s/v1/admissions", json=admission(change=unknown))
    assert status == 400
    assert {each["pointer"] for each in said["errors"]} == {
        *("/change/urgency", "/change/platform", "/change/lead"),
        "/change/cooperating/0/unit",
    }
    refused = {
        "/s/v1/admissions": [
            (admission(staff=""), 400, "bad_input"),
            (admission(list_type="no_such"), 400, "bad_input"),
            (admission(until=now().isoformat()), 400, "bad_input"),
        ],
        "/s/v1/adjustments": [
            (lamp(lead="镇街"), 422, "admission.needed"),
            (lamp(), 400, "bad_input"),
            (lamp(limit=3) | {"ground": "mood"}, 400, "bad_input"),
            (lamp(limit=3) | {"ground": "precedent", "suggestion": "999"}, 404, "not_found"),
        ],
    }
    for path, bodies in refused.items():
        for body, wanted, code in bodies:
            status, said = await head.call("POST", path, json=body)
            assert (status, said["code"]) == (wanted, code), said
            assert said["title"]
    assert await everything() == before


async def test_a_refused_verb_says_what_its_reader_may_do_and_nothing_else(county, someone):
    head, leader = await someone("head_D02"), await someone("leader1", face="console")
    number = (await head.post("/s/v1/admissions", admission()))["proposal"]["id"]
    status, said = await leader.call(
        "POST", f"/s/v1/proposals/{number}/approve", json={"text": ""}
    )
    assert (status, said["code"]) == (409, "proposal.wrong_stage")
    assert "征求意见" in said["title"]
    assert (said["facts"]["possible"], "可以进行" in said["title"]) == ([], False)
    body = {"text": "改", "to": admission()}
    status, said = await head.call("POST", f"/s/v1/admissions/{number}/amend", json=body)
    assert (status, said["facts"]["possible"]) == (409, ["withdraw"])
    assert said["title"].endswith("您现在可以进行：撤回。")
    status, said = await leader.call("POST", "/s/v1/proposals/999999/approve", json={})
    assert (status, said["code"]) == (404, "not_found")


async def test_an_adjustment_is_amended_and_drafted_into_the_next_version(county, someone):
    keeper3, keeper = await someone("keeper3"), await someone("keeper1", face="console")
    made = await keeper3.post("/s/v1/adjustments", lamp(limit=9))
    number = made["proposal"]["id"]
    offices = {each["unit"]: None for each in made["opinions"]}
    heads = {row.name: f"head_{row.code}" for row in county.basis.units.all()}
    rooms = {
        row.name: f"township{row.code[1:]}"
        for row in county.basis.units.all()
        if row.kind == "township"
    }
    people = {unit: await someone((heads | rooms)[unit]) for unit in offices}

    async def everybody(**said) -> dict:
        for person in people.values():
            whole = await person.post(f"/s/v1/proposals/{number}/opine", said)
        return whole

    objected = await everybody(agrees=False, text="九日太长")
    assert objected["proposal"]["stage"] == "settling"
    body = {"text": "改为五日", "to": lamp(limit=5)}
    amended = await keeper3.post(f"/s/v1/adjustments/{number}/amend", body)
    assert (amended["round"], amended["change"]["limit"]) == (2, 5)
    assert (await everybody(agrees=True))["proposal"]["stage"] == "review"
    justice = await someone("keeper2")
    for office in (keeper, justice):
        await office.post(f"/s/v1/proposals/{number}/review", {"text": "可以"})
    leader = await someone("leader1", face="console")
    await leader.post(f"/s/v1/proposals/{number}/approve", {"text": ""})
    drafted = await keeper.post(f"/s/v1/lists/{MAIN}/drafts", {"label": "第二版"})
    assert drafted["proposals"] == [number]
    diff = await keeper.get(f"/s/v1/lists/versions/{drafted['version']}/diff")
    assert [(each["code"], len(each["fields"])) for each in diff["items"]] == [(STREET_LAMP, 1)]
    assert (await keeper.call("POST", "/s/v1/lists/basic/drafts", json={"label": "x"}))[0] == 404


async def test_burdens_are_shown_to_both_sides_and_counted_for_all(county, someone):
    room, head = await someone("township02"), await someone("head_D03")
    body = {"form": "pledge", "title": "责任状", "text": "清单上没有", "against": "区卫健局"}
    status, made = await room.call("POST", "/s/v1/burdens", json=body)
    assert status == 201, made
    assert await room.call("POST", "/s/v1/burdens", json=body) == (201, made)  # a second tap
    number, row = made["burden"]["id"], made["burden"]
    assert (row["no"], row["form_text"], row["against"]) == (
        f"B-{number}",
        "责任状",
        "区卫生健康局",
    )
    stranger = await someone("township03")
    for person, n in ((room, 1), (head, 1), (stranger, 0)):
        assert len((await person.get("/s/v1/burdens"))["items"]) == n
    assert (await stranger.call("GET", f"/s/v1/burdens/{number}"))[0] == 404
    whole = await head.post(f"/s/v1/burdens/{number}/answer", {"text": "停发"})
    assert whole["burden"]["stage_text"] == "已答复，待裁定"
    [count] = (await stranger.get("/s/v1/burdens/counts"))["items"]
    assert (count["unit"], count["n"], count["n_open"]) == ("区卫生健康局", 1, 1)


async def test_a_unit_is_renamed_and_merged_by_two_who_keep_the_list(county, someone):
    keeper, other = await someone("keeper1", "console"), await someone("admin1", "console")
    units = county.basis.units
    one, into = units.named("D05"), units.named("D06")
    document = {"document": "榴编〔2026〕1号"}
    body = {"name": "区城市更新局"} | document
    plan = await keeper.post(f"/s/v1/units/{one.id}/rename", body)
    assert (plan["state"], plan["was"], plan["now"]) == ("proposed", one.name, "区城市更新局")
    assert plan["preview"]["n_people"] >= 2
    assert plan["preview"]["n_entries"] > 0
    assert county.basis.units.by_id[one.id].name == one.name
    confirm = f"/s/v1/unit-plans/{plan['id']}/confirm"
    refused(*await keeper.call("POST", confirm, json={}), 403, "unit_plan.conflict")
    refused(
        *await other.call("POST", f"/s/v1/units/{one.id}/rename", json=body),
        *(409, "unit_plan.wrong_stage"),
    )
    done = await other.post(confirm)
    assert (done["state"], done["preview"], bool(done["decided_by"])) == ("done", None, True)
    assert await other.post(confirm) == done  # a second tap
    refused(*await keeper.call("POST", confirm, json={}), 409, "unit_plan.wrong_stage")
    body = {"into": str(into.id)} | document
    plan = await other.post(f"/s/v1/units/{one.id}/merge", body)
    await keeper.post(f"/s/v1/unit-plans/{plan['id']}/confirm")
    assert county.basis.units.acting(one.id).id == into.id
    listed = (await keeper.get("/s/v1/unit-changes"))["items"]
    assert [each["kind"] for each in listed] == ["merged", "renamed"]
    again = await keeper.call("POST", f"/s/v1/units/{one.id}/merge", json=body)
    refused(*again, 409, "unit.not_mergeable")
    assert one.name in (await keeper.get("/s/v1/units?q=" + one.name))["items"][0]["short_names"]
    undo = f"/s/v1/unit-plans/{plan['id']}/undo"
    undoing = await other.post(undo)
    assert undoing == await other.post(undo)  # a second tap
    assert (undoing["kind"], undoing["state"], undoing["undoes"]) == (
        "part",
        "proposed",
        plan["id"],
    )
    assert undoing["preview"]["n_people"] == plan["preview"]["n_people"]
    assert county.basis.units.acting(one.id).id == into.id
    confirm = f"/s/v1/unit-plans/{undoing['id']}/confirm"
    refused(*await other.call("POST", confirm, json={}), 403, "unit_plan.conflict")
    await keeper.post(confirm)
    assert county.basis.units.acting(one.id).id == one.id
    parting, merger, _ = (await keeper.get("/s/v1/unit-plans"))["items"]
    assert [parting["state"], merger["state"]] == ["done", "undone"]
    # Who proposed and who confirmed the merger stays said, and beside it who took it back.
    keepers, admins = merger["decided_by"], merger["by"]
    assert keepers != admins
    assert (merger["undoing"]["by"], merger["undoing"]["decided_by"]) == (admins, keepers)
    changes = (await keeper.get("/s/v1/unit-changes"))["items"]
    assert [(each["kind"], each["by"], each["decided_by"]) for each in changes] == [
        ("parted", admins, keepers),
        ("merged", admins, keepers),
        ("renamed", keepers, admins),
    ]


@pytest.mark.parametrize("name", ["0", "no", "局", "荣华街道", "区公安分局"])
async def test_a_name_that_is_none_or_a_places_is_not_proposed(county, someone, name):
    keeper = await someone("keeper1", "console")
    unit = county.basis.units.named("D05")
    body = {"name": name, "document": "榴编〔2026〕1号"}
    status, _ = await keeper.call("POST", f"/s/v1/units/{unit.id}/rename", json=body)
    assert status in (400, 409)
    assert (await keeper.get("/s/v1/unit-plans"))["items"] == []


@pytest.mark.parametrize("written", ["D05", "D06", ""])
async def test_the_head_of_a_successor_speaks_for_the_unit_merged_into_its_own(
    county, someone, written
):
    keeper3, keeper = await someone("keeper3"), await someone("keeper1", face="console")
    body = lamp(lead="D05", cooperating=[], township_duties="")
    number = (await keeper3.post("/s/v1/adjustments", body))["proposal"]["id"]
    units = county.basis.units
    old, heir = units.named("D05"), units.named("D06")
    merger = {"into": str(heir.id), "document": "榴编〔2026〕12号"}
    plan = await keeper.post(f"/s/v1/units/{old.id}/merge", merger)
    admin = await someone("admin1", face="console")
    await admin.post(f"/s/v1/unit-plans/{plan['id']}/confirm")
    head = await someone("head_D06")
    listed = await head.get("/s/v1/adjustments?owed=true")
    assert [each["id"] for each in listed["items"]] == [number]
    path = f"/s/v1/proposals/{number}/opine"
    status, said = await head.call("POST", path, json={"agrees": True, "unit": "没有的局"})
    assert (status, said["errors"][0]["pointer"]) == (400, "/unit")
    named = {"agrees": True} | ({"unit": written} if written else {})
    whole = await head.post(path, named)
    stances = {each["unit"]: each["stance"] for each in whole["opinions"]}
    assert stances[old.name] == "agree"
    status, _ = await head.call("POST", path, json={"agrees": True, "unit": "T02"})
    assert status == 403
