"""Verifying, one notice, supplementing, objecting and handling on the spot over HTTP."""

from uuid import uuid4

import pytest

from server.cases.models.task import Verification
from server.files.models import Photo
from tests.api.refusals import refused
from tests.api.reporting import report, spot
from tests.casework import Casework, everything

SMALL_ADS = "CJ-006"


async def test_a_verification_is_asked_for_seen_among_the_tasks_and_answered(county, someone):
    work = Casework(county)
    case = await work.submitted()
    acceptor, worker = await someone("acceptor1", face="console"), None
    path = f"/s/v1/cases/{case.no}/verify"
    for body in ({}, {"question": ""}, {"question": "长" * 501}, {"question": "?", "x": 1}):
        refused(*await acceptor.call("POST", path, json=body), 400, "bad_input")
    card = await acceptor.post(path, {"question": "棚子在不在？"})
    assert (card["stage"], card["stage_text"]) == ("verifying", "核实中")
    refused(*await acceptor.call("POST", path, json={"question": "?"}), 409, "case.wrong_stage")
    asked = await Verification.get(case_id=case.id)
    for number in range(1, 5):
        if (await work.actor(f"grid02{number:02}")).id == asked.assignee_id:
            worker = await someone(f"grid02{number:02}")
    [look] = (await worker.get("/m/v1/tasks"))["verifications"]
    assert (look["id"], look["no"], look["question"]) == (str(asked.id), case.no, "棚子在不在？")
    assert look["words"] == ["路灯不亮"]
    path = f"/m/v1/verifications/{asked.id}"
    before = await everything()
    for who, expected, code in (
        ("resident1", 403, "not_permitted"),
        ("grid0101", 404, "not_found"),
        ("acceptor1", 403, "not_permitted"),
    ):
        person = await someone(who)
        refused(*await person.call("POST", path, json={"passed": True}), expected, code)
    for body in ({}, {"passed": 1}, {"found": True}, {"passed": True, "position": []}):
        refused(*await worker.call("POST", path, json=body), 400, "bad_input")
    wrong = {"passed": True, "position": spot(lon=181.0)}
    refused(*await worker.call("POST", path, json=wrong), 422, "position.bad")
    assert await everything() == before
    for number in ("0", "x", str(2**70), "999999"):
        found = await worker.call("POST", f"/m/v1/verifications/{number}", json={"passed": True})
        refused(*found, 404, "not_found")
    body = {
        "passed": False,
        "note": "没有棚子",
        "photos": [await worker.photo()],
        "position": spot(),
    }
    assert (await worker.post(path, body))["stage"] == "submitted"
    [seen] = (await acceptor.get(f"/s/v1/cases/{case.no}"))["verifications"]
    assert (seen["question"], seen["found"], seen["note"]) == ("棚子在不在？", False, "没有棚子")
    assert (await worker.get("/m/v1/tasks"))["verifications"] == []
    assert (await worker.post(path, body))["no"] == case.no
    again = await worker.call("POST", path, json=body | {"note": "又去看了"})
    refused(*again, 409, "case.already_done")


async def test_one_notice_its_answer_and_an_objection(county, someone):
    work = Casework(county)
    case = await work.submitted()
    acceptor, phone = await someone("acceptor1", face="console"), await someone("resident1")
    ask, add = f"/s/v1/cases/{case.no}/inquire", f"/m/v1/reports/{case.no}/supplement"
    before = await everything()
    for body in (
        {},
        {"missing": []},
        {"missing": [""]},
        {"missing": ["长" * 101]},
        {"missing": ["x"] * 21},
        {"missing": "门牌号"},
    ):
        refused(*await acceptor.call("POST", ask, json=body), 400, "bad_input")
    refused(*await acceptor.call("POST", ask, json={"missing": [" "]}), 422, "case.not_ready")
    good = {"key": str(uuid4()), "text": "三号楼 13800001234"}
    assert await everything() == before
    await acceptor.post(ask, {"missing": ["门牌号", "照片"]})
    refused(*await acceptor.call("POST", ask, json={"missing": ["x"]}), 409, "inquire.given")
    assert (await phone.get(f"/m/v1/reports/{case.no}"))["notice"] == ["门牌号", "照片"]
    for body in ({}, {"key": "x"}, {"key": str(uuid4()), "text": 5}, good | {"photos": ["x"]}):
        refused(*await phone.call("POST", add, json=body), 400, "bad_input")
    await phone.post(add, good | {"photos": [await phone.photo()]})
    refused(*await phone.call("POST", add, json=good), 422, "report.key_reused")
    seen = await acceptor.get(f"/s/v1/cases/{case.no}")
    assert [each["text"] for each in seen["reports"]] == ["路灯不亮", "三号楼 ***"]
    assert "13800001234" not in str(await acceptor.get(f"/s/v1/cases/{case.no}/steps"))
    against = f"/m/v1/reports/{case.no}/object"
    refused(*await phone.call("POST", against, json={"reason": "x"}), 409, "case.wrong_stage")
    decline = {"code": "not_ours", "where_to_go": "别处"}
    await acceptor.post(f"/s/v1/cases/{case.no}/decline", decline)
    refused(*await phone.call("POST", against, json={}), 400, "bad_input")
    stranger = await someone("resident2")
    refused(*await stranger.call("POST", against, json={"reason": "x"}), 404, "not_found")
    assert (await phone.post(against, {"reason": "归你们管"}))["stage"] == "submitted"
    found = await acceptor.call("POST", f"/s/v1/cases/{case.no}/decline", json=decline)
    refused(*found, 403, "case.interested_party")
    other = await someone("acceptor2", face="console")
    await other.post(f"/s/v1/cases/{case.no}/decline", decline)
    found = await phone.call("POST", against, json={"reason": "x"})
    refused(*found, 409, "case.already_done")


@pytest.mark.parametrize(
    ("who", "face"), [("grid0202", "/m/v1"), ("township02", "/s/v1"), ("township02", "/m/v1")]
)
async def test_settled_on_the_spot_on_either_face(county, someone, who, face):
    work = Casework(county)
    case = await work.report("grid0202", matter=SMALL_ADS)
    lamp = await work.report("grid0202")
    person = await someone(who, face="console" if face == "/s/v1" else "phone")
    after, bad = await person.photo(), await person.photo()
    await Photo.filter(id=bad).update(flags=["header_broken"])
    path = f"{face}/cases/{case.no}/self-handle"
    before = await everything()
    for where, body, status, code in (
        (path, {}, 400, "bad_input"),
        (path, {"result": "好", "after": []}, 400, "bad_input"),
        (path, {"result": "", "after": [after]}, 400, "bad_input"),
        (path, {"result": "好", "after": [bad]}, 422, "photo.not_ready"),
        (path, {"result": "好", "after": [str(uuid4())]}, 422, "photo.unknown"),
        (path, {"result": "好", "before": [after], "after": [after]}, 422, "case.not_ready"),
        (
            f"{face}/cases/{lamp.no}/self-handle",
            {"result": "好", "after": [after]},
            422,
            "self_handle.not_allowed",
        ),
    ):
        refused(*await person.call("POST", where, json=body), status, code)
    assert await everything() == before
    body = {"result": "铲掉了", "before": [await person.photo()], "after": [after]}
    card = await person.post(path, body)
    # Whom the list names, unless the township settled it itself; not whoever reported it.
    answers = "荣华街道" if who.startswith("township") else "区综合行政执法局"
    assert (card["stage"], card["answerable"]) == ("checking", answers)
    assert await person.post(path, body) == card
    again = await person.call("POST", path, json=body | {"result": "又铲了"})
    refused(*again, 409, "case.wrong_stage")


async def test_a_grid_worker_reports_what_is_settled_already(county, someone):
    phone, resident = await someone("grid0202"), await someone("resident1")
    body = report(
        matter=SMALL_ADS,
        photos=[await phone.photo()],
        handled={"result": "铲掉了", "photos": [await phone.photo()]},
    )
    before = await everything()
    for change in (
        {"handled": {}},
        {"handled": {"result": "好"}},
        {"handled": {"result": "好", "photos": []}},
        {"handled": [1]},
    ):
        found = await phone.call("POST", "/m/v1/reports", json=body | change)
        refused(*found, 400, "bad_input")
    for person, change, status, code in (
        (resident, {"photos": []}, 403, "not_permitted"),
        (phone, {"matter": "CJ-012"}, 422, "self_handle.not_allowed"),
        (phone, {"photos": []}, 422, "case.not_ready"),
    ):
        found = await person.call("POST", "/m/v1/reports", json=body | change)
        refused(*found, status, code)
    assert await everything() == before
    receipt = await phone.post("/m/v1/reports", body, expect=201)
    assert (receipt["stage"], receipt["lead"], receipt["why"]) == ("checking", None, [])
    assert await phone.post("/m/v1/reports", body, expect=200) == receipt
    plain = {name: value for name, value in body.items() if name != "handled"}
    refused(*await phone.call("POST", "/m/v1/reports", json=plain), 422, "report.key_reused")
    seen = await phone.get(f"/m/v1/reports/{receipt['no']}")
    assert "铲掉了" in str(seen["timeline"])


async def test_whom_it_was_reported_for_owns_it_and_the_grid_worker_does_not(county, someone):
    work = Casework(county)
    resident, phone = await work.actor("resident1"), await someone("grid0202")
    body = report(on_behalf_of=str(resident.id), photos=[await phone.photo()])
    no = (await phone.post("/m/v1/reports", body, expect=201))["no"]
    owner = await someone("resident1")
    seen = await owner.get(f"/m/v1/reports/{no}")
    assert "withdraw" in seen["may"]
    assert [photo["purpose"] for photo in seen["photos"]] == ["before"]
    mine = await phone.get(f"/m/v1/reports/{no}")
    assert not {"withdraw", "appraise", "redo", "object", "supplement"} & set(mine["may"])
    found = await phone.call("POST", f"/m/v1/reports/{no}/withdraw", json={"reason": "x"})
    refused(*found, 403, "not_permitted")
    await owner.post(f"/m/v1/reports/{no}/withdraw", {"reason": "不用了"})
