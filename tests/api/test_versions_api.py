"""A version's life at a desk: questions, review, comparison, export, publication, search."""

import io
from datetime import timedelta

import pytest
from docx import Document

from gridwhistle.demo.spreadsheet import workbook
from server.clock import now
from server.people import reorganising
from tests.api.versions import COOPERATING, TYPE, changed, upload
from tests.casework import Casework, everything, rows_of
from tests.domain.acts.lists import xlsx

PREFIX = "/s/v1/lists/versions/"


async def draft(keeper, data: bytes, **more) -> str:
    status, answer = await upload(keeper, data, **more)
    assert status == 201, answer
    return answer["version"]["id"]


async def test_a_change_is_compared_reviewed_and_published_and_the_old_one_is_superseded(
    county, someone
):
    keeper = await someone("keeper1", face="console")
    number = await draft(keeper, changed("CJ-012", "办理时限", "9个工作日"))
    diff = await keeper.get(f"{PREFIX}{number}/diff")
    assert [(each["code"], each["kind"]) for each in diff["items"]] == [("CJ-012", "changed")]
    [field] = diff["items"][0]["fields"]
    assert (field["field"], field["now"]) == ("limit", "9个工作日")
    assert "9个工作日" in field["said"]
    early = await keeper.call("POST", f"{PREFIX}{number}/publish", json={})
    assert (early[0], early[1]["code"]) == (409, "version.wrong_state")
    await keeper.post(f"{PREFIX}{number}/review")
    published = await keeper.post(f"{PREFIX}{number}/publish")
    assert published["version"]["state"] == "published"
    found = await keeper.get("/s/v1/lookup?matter=CJ-012")
    assert (found["limit"], found["urgency"]) == (9, "work_day")
    assert found["said"]
    states = [v["state"] for v in (await keeper.get(f"/s/v1/lists/versions?type={TYPE}"))["items"]]
    assert states == ["published", "superseded"]


@pytest.mark.slow
async def test_a_look_up_is_as_of_a_moment(county, someone):
    keeper = await someone("keeper1", face="console")
    await rows_of("UPDATE list_version SET starts_at = starts_at - interval '9 days'")
    number = await draft(keeper, changed("CJ-012", "办理时限", "9个工作日"))
    await keeper.post(f"{PREFIX}{number}/review")
    starts = now() + timedelta(days=5)
    await keeper.post(f"{PREFIX}{number}/publish", {"starts_at": starts.isoformat()})
    asked = (starts, now(), now() - timedelta(days=8), now() - timedelta(days=10))
    found = [
        await keeper.get(
            "/s/v1/lookup", params={"matter": "CJ-012", "condition": "0", "at": at.isoformat()}
        )
        for at in asked
    ]
    assert [each["limit"] for each in found] == [9, 2, 2, None]
    assert [each["off_list"] for each in found] == [False, False, False, True]


async def test_questions_are_asked_answered_and_nothing_is_written_before(county, someone):
    keeper = await someone("keeper1", face="console")
    data = xlsx(
        ["配合履职事项清单"],
        COOPERATING,
        ["一、城乡建设"],
        [1, "违法建设查处", "区综行局", "查处", "发现上报"],
        [3, "共享单车停放管理", "区综合行政执法局、区公安分局", "管理", "劝导"],
    )
    number = await draft(keeper, data, kind="cooperating")
    shown = await keeper.get(f"{PREFIX}{number}")
    assert shown["version"]["n_questions"] == 3
    asked = {each["kind"]: each for each in shown["questions"]}
    assert asked["unit"]["written"] == "区综行局"
    assert asked["unit"]["candidates"][0]["name"] == "区综合行政执法局"
    assert asked["unit"]["rows"] == [4]
    assert asked["matter"]["new_code"] == "CJ-026"
    assert (await keeper.get(f"{PREFIX}{number}/entries"))["items"] == []
    before = await everything()
    refused = [
        await keeper.call("POST", f"{PREFIX}{number}/review"),
        await keeper.call("POST", f"{PREFIX}{number}/answers", json={"answers": {"x": "1"}}),
        await keeper.call(
            "POST", f"{PREFIX}{number}/answers", json={"answers": {asked["unit"]["id"]: "99999"}}
        ),
    ]
    assert [(status, each["code"]) for status, each in refused] == [
        (409, "version.questions_open"),
        (400, "bad_input"),
        (400, "bad_input"),
    ]
    assert await everything() == before
    answers = {
        asked["unit"]["id"]: asked["unit"]["candidates"][0]["value"],
        asked["lead"]["id"]: asked["lead"]["candidates"][1]["value"],
    }
    half = await keeper.post(f"{PREFIX}{number}/answers", {"answers": answers})
    assert [each["kind"] for each in half["questions"]] == ["matter"]
    whole = await keeper.post(f"{PREFIX}{number}/answers", {"new_matters": True})
    assert whole["questions"] == []
    entries = (await keeper.get(f"{PREFIX}{number}/entries"))["items"]
    assert [(each["code"], each["domain"]) for each in entries] == [
        ("CJ-001", "城乡建设"),
        ("CJ-026", "城乡建设"),
    ]
    body = {"answers": answers, "new_matters": True}
    again = await keeper.call("POST", f"{PREFIX}{number}/answers", json=body)
    assert (again[0], again[1]["code"]) == (409, "version.wrong_state")


@pytest.mark.slow
async def test_a_version_may_be_taken_back_or_given_up_but_not_once_in_force(county, someone):
    keeper = await someone("keeper1", face="console")
    number = await draft(keeper, workbook())
    path = f"{PREFIX}{number}"
    await keeper.post(f"{path}/review")
    assert (await keeper.post(f"{path}/take-back"))["version"]["state"] == "draft"
    await keeper.post(f"{path}/review")
    later = (now() + timedelta(days=3)).isoformat()
    await keeper.post(f"{path}/publish", {"starts_at": later})
    other = await draft(keeper, workbook())
    await keeper.post(f"{PREFIX}{other}/review")
    before = await everything()
    earlier = await keeper.call("POST", f"{PREFIX}{other}/publish", json={})
    assert (earlier[0], earlier[1]["code"]) == (409, "version.dates_out_of_order")
    assert await everything() == before
    assert (await keeper.post(f"{path}/take-back"))["version"]["state"] == "draft"
    assert (await keeper.post(f"{path}/withdraw"))["version"]["state"] == "withdrawn"
    await keeper.post(f"{PREFIX}{other}/publish")
    before = await everything()
    for tail in ("take-back", "withdraw", "review"):
        for each in (number, other):
            status, answer = await keeper.call("POST", f"{PREFIX}{each}/{tail}")
            assert (status, answer["code"]) == (409, "version.wrong_state"), (tail, each)
    assert await everything() == before


@pytest.mark.slow
async def test_a_version_that_would_leave_open_cases_without_a_unit_is_refused(county, someone):
    keeper = await someone("keeper1", face="console")
    await Casework(county).submitted()
    number = await draft(keeper, changed("CJ-001", "", None))
    diff = (await keeper.get(f"{PREFIX}{number}/diff"))["items"]
    assert [(each["code"], each["kind"], each["n_waiting"]) for each in diff] == [
        ("CJ-001", "removed", 1)
    ]
    await keeper.post(f"{PREFIX}{number}/review")
    before = await everything()
    status, answer = await keeper.call("POST", f"{PREFIX}{number}/publish", json={})
    assert (status, answer["code"]) == (409, "version.open_cases")
    assert "CJ-001" in answer["title"] + str(answer["facts"])
    assert await everything() == before
    await keeper.post(f"{PREFIX}{number}/publish", {"leave_open": True})
    gone = await keeper.get("/s/v1/lookup?matter=CJ-001")
    assert gone["off_list"]
    assert gone["lead"] is None
    assert gone["nearest"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_an_export_comes_back_as_the_same_list(county, someone, kind):
    keeper = await someone("keeper1", face="console")
    number = await draft(keeper, workbook())
    status, data = await keeper.call("GET", f"{PREFIX}{number}/export?format={kind}")
    assert status == 200
    again = await draft(keeper, data, name=f"list.{kind}")
    diff = await keeper.get(f"{PREFIX}{again}/diff?against={number}")
    assert diff["items"] == []


@pytest.mark.slow
async def test_a_list_is_published_as_document_too(county, someone):
    keeper = await someone("keeper1", face="console")
    number = await draft(keeper, workbook(), label="二〇二六版")
    status, data = await keeper.call("GET", f"{PREFIX}{number}/export?format=docx")
    assert status == 200
    document = Document(io.BytesIO(data))
    assert "二〇二六版" in document.paragraphs[1].text
    assert len(document.tables[0].rows) == 106
    status, data = await keeper.call("GET", f"{PREFIX}{number}/export?format=pdf")
    assert status == 200
    assert data.startswith(b"%PDF-")
    assert (await keeper.call("GET", f"{PREFIX}{number}/export?format=exe"))[0] == 400


async def test_entries_of_all_lists_are_found_by_text_law_unit_domain_tag_and_type(
    county, someone
):
    keeper = await someone("keeper1", face="console")
    data = xlsx(
        ["赋权事项目录"],
        ["序号", "职权名称", "原实施部门", "法律依据", "赋权批次"],
        [
            1,
            "对擅自占用道路的处罚",
            "区综合行政执法局",
            "《榴城道路管理条例》第九条",
            "第一批、联合执法",
        ],
        [2, "对露天烧烤的处罚", "区综合行政执法局", "《榴城大气条例》", "第二批"],
    )
    number = await draft(keeper, data, kind="empowerment")
    await keeper.post(f"{PREFIX}{number}/answers", {"new_matters": True})
    await keeper.post(f"{PREFIX}{number}/review")
    await keeper.post(f"{PREFIX}{number}/publish", {"order": "省政府令第7号"})

    async def found(**wanted):
        return [
            each["name"] for each in (await keeper.get("/s/v1/entries", params=wanted))["items"]
        ]

    assert await found(q="占用道路") == ["对擅自占用道路的处罚"]
    assert await found(law="道路管理条例", type="empowerment") == ["对擅自占用道路的处罚"]
    assert await found(tag="联合执法") == ["对擅自占用道路的处罚"]
    assert len(await found(type="empowerment")) == 2
    assert "露天和无证烧烤整治" in await found(q="烧烤")
    unit = county.basis.units.named("区林业局").id
    of_unit = await found(unit=str(unit), domain="自然资源和农业农村", limit="100")
    assert of_unit
    assert await found(unit="区林业局", domain="自然资源和农业农村", limit="100") == of_unit
    nobody = await keeper.call("GET", "/s/v1/entries", params={"unit": "区天文台"})
    assert (nobody[0], nobody[1]["code"]) == (422, "unit.unknown")
    assert await found(q="没有的话") == []
    asked = await keeper.get("/s/v1/lookup", params={"matter": "HJ-006", "kind": "enforcement"})
    assert asked["explanation"]["list_type"] == TYPE
    for bad in ({"q": ""}, {"limit": "101"}, {"unit": ""}):
        assert (await keeper.call("GET", "/s/v1/entries", params=bad))[0] == 400


async def test_a_township_finds_what_lists_give_to_townships_and_a_unit_what_it_took_over(
    county, someone
):
    keeper = await someone("keeper1", face="console")
    units = county.basis.units

    async def found(**wanted):
        path = "/s/v1/entries"
        return {each["code"] for each in (await keeper.get(path, params=wanted))["items"]}

    street, old, new = (units.named(code) for code in ("荣华街道", "D05", "D06"))
    theirs = await found(unit=str(street.id), limit="100")
    leads = [
        each.matter_code for each in county.basis.lists.at(now()).entries() if each.lead_id is None
    ]
    assert leads
    assert theirs >= set(leads)
    taken_over = await found(unit=str(old.id), limit="100")
    assert taken_over
    assert not taken_over <= await found(unit=str(new.id), limit="100")
    by = await Casework(county).actor("keeper1")
    await reorganising.merge(old.id, new.id, "榴编〔2026〕12号", by=by, at=now())
    await county.parts.knowledge.refresh()
    assert taken_over <= await found(unit=str(new.id), limit="100")


async def test_entries_are_found_by_what_they_describe_and_by_everybodys_duties(county, someone):
    keeper = await someone("keeper1", face="console")
    lamps = next(
        each
        for each in county.basis.lists.at(now()).entries()
        if "维修更换路灯和线路" in each.lead_duties
    )
    for said in ("维修更换路灯", "保障路灯供电", "核实灯杆编号", "灯杆倾斜漏电"):
        items = (await keeper.get("/s/v1/entries", params={"q": said}))["items"]
        assert lamps.matter_code in {each["code"] for each in items}, said


async def test_entries_are_found_by_one_character_as_by_a_word(county, someone):
    keeper = await someone("keeper1", face="console")
    every = county.basis.lists.at(now()).entries()
    for said, count in (("犬", 1), ("狗", 1), ("烟", 1), ("井", 1), ("龘", 0)):
        items = (await keeper.get(f"/s/v1/entries?limit=100&q={said}"))["items"]
        codes = {each["code"] for each in items}
        naming = {each.matter_code for each in every if said in each.name + "".join(each.words)}
        assert codes >= naming, said
        assert len(codes) >= count, said
        assert bool(codes) == bool(count), said


async def test_an_enforcement_question_is_answered_from_the_enforcement_lists(county, someone):
    keeper = await someone("keeper1", face="console")
    data = xlsx(
        ["镇呼县应"],
        ["序号", "呼应事项", "响应部门", "响应部门职责", "呼叫要求"],
        [1, "露天和无证烧烤整治", "区市场监督管理局", "到场", "呼叫"],
    )
    number = await draft(keeper, data, kind="enforcement_call")
    await keeper.post(f"{PREFIX}{number}/review")
    await keeper.post(f"{PREFIX}{number}/publish")
    path = "/s/v1/lookup?matter=HJ-006"
    assert (await keeper.get(path))["lead"] == "区综合行政执法局"
    asked = await keeper.get(f"{path}&kind=enforcement")
    assert (asked["lead"], asked["limit"]) == ("区市场监督管理局", 4)
    assert asked["explanation"]["list_type"] == "enforcement_call"
    case = await Casework(county).report("grid0101", kind="enforcement", matter="HJ-006")
    assert case.explanation.list_type == TYPE  # the kind that a reporter chose moves no matter


async def test_words_are_changed_at_once_and_proposals_decided(county, someone):
    keeper, other = await someone("keeper1", face="console"), await someone("acceptor1")
    entry = (await keeper.get("/s/v1/entries?q=井盖"))["items"][0]
    path = f"/s/v1/entries/{entry['id']}/words"
    before = await everything()
    assert (await other.call("POST", path, json={"add": ["呜噜咔"]}))[0] == 403
    assert (await keeper.call("POST", path, json={"add": [""]}))[0] == 400
    assert (await keeper.call("POST", "/s/v1/entries/999999/words", json={}))[0] == 404
    assert (await keeper.call("POST", "/s/v1/word-proposals/9/accept"))[0] == 404
    assert await everything() == before
    await keeper.post(path, {"add": ["呜噜咔"]}, expect=204)
    shown = (await keeper.get("/s/v1/words"))["items"]
    assert [(each["word"], each["matter"]) for each in shown] == [("呜噜咔", entry["name"])]
    found = await keeper.get("/m/v1/matters?q=呜噜咔")
    assert found["items"][0]["code"] == entry["code"]
    assert (await keeper.get("/s/v1/word-proposals"))["items"] == []
