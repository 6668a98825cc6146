"""Reports over HTTP: receipts, refusals in one form, and what their owners see of them."""

import asyncio
import json
from uuid import uuid4

from tests.api.refusals import refused
from tests.api.reporting import report, spot
from tests.casework import PLACES, WALL, Casework, everything

BAD_FIELDS = [
    ({"surprise": 1}, "/surprise"),
    ({"key": "not-a-uuid"}, "/key"),
    ({"key": ...}, "/key"),
    ({"kind": "rumour"}, "/kind"),
    ({"kind": None}, "/kind"),
    ({"text": 5}, "/text"),
    ({"text": "长" * 2001}, "/text"),
    ({"matter": 7}, "/matter"),
    ({"photos": "x"}, "/photos"),
    ({"photos": [1]}, "/photos/0"),
    ({"photos": [str(uuid4()) for _ in range(10)]}, "/photos"),
    ({"captured_at": "2026-03-10T10:00:00"}, "/captured_at"),
    ({"captured_at": "yesterday"}, "/captured_at"),
    ({"anonymous": "yes"}, "/anonymous"),
    ({"channel": "telepathy"}, "/channel"),
    ({"on_behalf_of": "me"}, "/on_behalf_of"),
    ({"position": []}, "/position"),
    ({"position": spot(lat=False)}, "/position/lat"),
    ({"position": spot(lon="117.5")}, "/position/lon"),
    ({"position": spot(lon=None)}, "/position/lon"),
    ({"position": spot(datum="mars")}, "/position/datum"),
    ({"position": spot(source="guess")}, "/position/source"),
    ({"position": spot(accuracy=-1.0)}, "/position/accuracy"),
    ({"position": spot(altitude=3)}, "/position/altitude"),
]


async def test_a_body_that_is_not_as_agreed_is_refused_field_by_field(county, someone):
    phone = await someone("resident1")
    before = await everything()
    for change, pointer in BAD_FIELDS:
        status, answer = await phone.call("POST", "/m/v1/reports", json=report(**change))
        refused(status, answer, 400, "bad_input")
        assert pointer in {error["pointer"] for error in answer["errors"]}, (change, answer)
        assert all(error["reason"] for error in answer["errors"])
    assert await everything() == before


async def test_numbers_that_are_none_and_odd_json_are_refused(county, someone):
    phone = await someone("resident1")
    before = await everything()
    good = json.dumps(report(position=spot(lon=1.5)))
    for written in ("NaN", "Infinity", "-Infinity", "1e400", "01", "1.5,", "1.5}"):
        raw = good.replace("1.5", written, 1)
        headers = {"Content-Type": "application/json"}
        status, answer = await phone.call("POST", "/m/v1/reports", data=raw, headers=headers)
        refused(status, answer, 400, "bad_input")
    doubled = good[:-1] + ', "kind": "enforcement"}'
    status, answer = await phone.call("POST", "/m/v1/reports", data=doubled, headers=headers)
    refused(status, answer, 400, "bad_input")
    assert await everything() == before


async def test_positions_matters_and_photos_that_cannot_be_are_refused(county, someone):
    phone, other = await someone("resident1"), await someone("resident2")
    theirs = await other.photo()
    before = await everything()
    for change, status, code in (
        ({"position": spot(lon=181.0)}, 422, "position.bad"),
        ({"position": spot(lat=-90.5)}, 422, "position.bad"),
        ({"position": spot(lon=WALL[1], lat=WALL[0])}, 422, "position.bad"),
        ({"matter": "ZZ-999"}, 422, "matter.unknown"),
        ({"photos": [theirs]}, 422, "photo.unknown"),
        ({"photos": [str(uuid4())]}, 422, "photo.unknown"),
        ({"on_behalf_of": "1"}, 403, "not_permitted"),
        ({"text": " \n\u3000", "matter": ""}, 400, "bad_input"),
        ({"channel": "patrol"}, 403, "not_permitted"),
        ({"channel": "hotline"}, 403, "not_permitted"),
        ({"channel": "leader"}, 403, "not_permitted"),
    ):
        found = await phone.call("POST", "/m/v1/reports", json=report(**change))
        refused(*found, status, code)
    status, answer = await phone.call(
        "POST", "/m/v1/reports", json=report(position=spot(lon=WALL[1], lat=WALL[0]))
    )
    assert answer["facts"]["swapped"] is True
    assert await everything() == before


async def test_a_key_gives_one_receipt_for_ever_and_no_other_content(county, someone):
    phone, other = await someone("resident1"), await someone("resident2")
    body = report(photos=[await phone.photo()])
    first = await phone.post("/m/v1/reports", body, expect=201)
    before = await everything()
    assert await phone.post("/m/v1/reports", body, expect=200) == first
    found = await phone.call("POST", "/m/v1/reports", json=body | {"text": "别的"})
    refused(*found, 422, "report.key_reused")
    assert await everything() == before
    theirs = await other.post("/m/v1/reports", body | {"photos": []}, expect=201)
    assert theirs["no"] != first["no"]


async def test_copies_sent_at_once_are_answered_alike(county, someone):
    phone = await someone("resident1")
    body = report(photos=[await phone.photo()])
    answers = await asyncio.gather(
        *(phone.call("POST", "/m/v1/reports", json=body) for _ in range(12))
    )
    assert sorted(status for status, _ in answers) == [200] * 11 + [201]
    assert all(answer == answers[0][1] for _, answer in answers)


async def test_a_position_outside_is_taken_and_flagged_and_never_guessed(county, someone):
    phone = await someone("resident1")
    lon, lat = PLACES["outside"]
    body = report(position=spot(lon=lon, lat=lat), photos=[await phone.photo()])
    receipt = await phone.post("/m/v1/reports", body, expect=201)
    assert (receipt["stage"], receipt["place"], receipt["lead"]) == ("submitted", None, None)
    assert [why["code"] for why in receipt["why"]] == ["outside_county"]
    nowhere = await phone.post("/m/v1/reports", report(position=None), expect=201)
    assert {why["code"] for why in nowhere["why"]} == {"no_position", "no_photo"}


async def test_reporters_see_theirs_with_unit_deadline_phone_and_public_history(county, someone):
    work, phone = Casework(county), await someone("resident1")
    case = await work.closed()
    seen = await phone.get(f"/m/v1/reports/{case.no}")
    assert seen["case"]["lead"] == "区住房和城乡建设局"
    assert seen["lead_phone"]
    assert seen["result"] == "已修好"
    assert seen["case"]["due_at"]
    assert {photo["purpose"] for photo in seen["photos"]} == {"before", "after"}
    assert [row["version"] for row in seen["timeline"]] == list(range(1, case.version + 1))
    assert {"appraise", "redo"} <= set(seen["may"])
    assert [card["no"] for card in (await phone.get("/m/v1/reports"))["items"]] == [case.no]


async def test_foreign_numbers_are_answered_like_numbers_that_do_not_exist(county, someone):
    work, other = Casework(county), await someone("resident2")
    case = await work.report("resident1")
    reason = {"reason": "x"}
    opinion = {"responded": True, "solved": True, "satisfaction": 5}
    before = await everything()
    for method, tail, body in (
        ("GET", "", None),
        ("POST", "/withdraw", reason),
        ("POST", "/redo", reason),
        ("POST", "/appraisal", opinion),
    ):
        answers = [
            await other.call(method, f"/m/v1/reports/{no}{tail}", json=body)
            for no in (case.no, "260101-00000000")
        ]
        for status, answer in answers:
            refused(status, answer, 404, "not_found")
        facts = [{**answer, "facts": sorted(answer["facts"])} for _, answer in answers]
        assert facts[0] == facts[1]
    assert await everything() == before


async def test_lists_of_ones_own_come_in_pages(county, someone):
    work, phone = Casework(county), await someone("resident1")
    numbers = [(await work.report()).no for _ in range(5)]
    found, after = [], ""
    while after is not None:
        page = await phone.get(f"/m/v1/reports?limit=2{after and '&after=' + after}")
        assert len(page["items"]) <= 2
        found += [card["no"] for card in page["items"]]
        after = page["next"]
    assert found == numbers[::-1]
    for query in ("limit=0", "limit=101", "limit=x", "after=!!", "after=WzEsMl0", "nonsense=1"):
        found = await phone.call("GET", f"/m/v1/reports?{query}")
        refused(*found, 400, "bad_input")


async def test_reports_take_a_reason_and_an_opinion_in_its_scale(county, someone):
    work, phone = Casework(county), await someone("resident1")
    case = await work.closed()
    path, before = f"/m/v1/reports/{case.no}", await everything()
    good = {"responded": True, "solved": False, "satisfaction": 2}
    for tail, body in (
        ("redo", {}),
        ("redo", {"reason": ""}),
        ("withdraw", {}),
        ("appraisal", good | {"satisfaction": 0}),
        ("appraisal", good | {"satisfaction": 6}),
        ("appraisal", good | {"satisfaction": 4.5}),
        ("appraisal", good | {"solved": 1}),
        ("appraisal", {}),
    ):
        refused(*await phone.call("POST", f"{path}/{tail}", json=body), 400, "bad_input")
    found = await phone.call("POST", f"{path}/redo", json={"reason": "  "})
    assert found[0] in (400, 422), found
    refused(
        *await phone.call("POST", f"{path}/withdraw", json={"reason": "x"}),
        409,
        "case.wrong_stage",
    )
    assert await everything() == before
    assert "appraise" in (await phone.get(path))["may"]
    await phone.post(f"{path}/appraisal", good, expect=204)
    assert "appraise" not in (await phone.get(path))["may"]
    await phone.post(f"{path}/appraisal", good, expect=204)  # a second tap
    other = good | {"satisfaction": 3}
    status, answer = await phone.call("POST", f"{path}/appraisal", json=other)
    refused(status, answer, 409, "case.wrong_stage")
    assert answer["title"].startswith("您已于 ")
