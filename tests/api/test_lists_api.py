"""The responsibility list at a desk: a draft with its row-by-row report, then publication."""

import csv
import io
import json
from datetime import timedelta

from openpyxl import load_workbook

from gridwhistle.demo.spreadsheet import workbook
from server.clock import now
from tests.api.versions import TYPE, upload
from tests.casework import everything
from tests.sheets import xls


async def test_a_spreadsheet_becomes_a_draft_and_applies_once_published(county, someone):
    keeper = await someone("keeper1", face="console")
    status, draft = await upload(keeper, workbook(), label="二〇二六版")
    assert status == 201, draft
    number = draft["version"]["id"]
    assert (draft["version"]["state"], draft["version"]["label"]) == ("draft", "二〇二六版")
    assert draft["version"]["n_entries"] == 105
    assert draft["report"]
    shown = await keeper.get(f"/s/v1/lists/versions/{number}/entries?limit=100")
    rest = await keeper.get(f"/s/v1/lists/versions/{number}/entries?after={shown['next']}")
    codes = [entry["code"] for entry in shown["items"] + rest["items"]]
    assert len(set(codes)) == 105
    await keeper.post(f"/s/v1/lists/versions/{number}/review")
    published = await keeper.post(f"/s/v1/lists/versions/{number}/publish")
    assert published["version"]["state"] == "published"
    assert await keeper.post(f"/s/v1/lists/versions/{number}/publish") == published  # a second tap
    other = await someone("keeper2", face="console")
    again = await other.call("POST", f"/s/v1/lists/versions/{number}/publish", json={})
    assert (again[0], again[1]["code"]) == (409, "version.wrong_state")
    versions = (await keeper.get(f"/s/v1/lists/versions?type={TYPE}"))["items"]
    assert versions[0]["id"] == number
    assert TYPE in {each["type"] for each in (await keeper.get("/s/v1/lists"))["items"]}
    assert (await keeper.call("GET", "/s/v1/lists/versions/99999"))[0] == 404


async def test_a_version_says_who_brought_it_and_what_can_be_done_to_it(county, someone):
    keeper = await someone("keeper1", face="console")
    _, draft = await upload(keeper, workbook())
    version = draft["version"]
    assert version["loaded_by"] == (await keeper.get("/me"))["name"]
    path = f"/s/v1/lists/versions/{version['id']}"
    assert draft["possible"] == ["review", "withdraw"]
    reviewed = await keeper.post(f"{path}/review")
    assert reviewed["possible"] == ["publish", "take_back", "withdraw"]
    later = (now() + timedelta(days=3)).isoformat()
    assert (await keeper.post(f"{path}/publish", {"starts_at": later}))["possible"] == [
        "take_back"
    ]
    await keeper.post(f"{path}/take-back")
    assert (await keeper.post(f"{path}/withdraw"))["possible"] == []


async def test_an_entry_is_answered_whole(county, someone):
    keeper = await someone("keeper1", face="console")
    [hit] = (await keeper.get("/s/v1/entries?q=CJ-012"))["items"]
    entry = await keeper.get(f"/s/v1/entries/{hit['id']}")
    shared = ("code", "name", "lead", "list_name", "version_id")
    assert {name: entry[name] for name in shared} == {name: hit[name] for name in shared}
    assert all(each["duties"] for each in entry["cooperating"])
    assert (await keeper.call("GET", "/s/v1/entries/999999"))[0] == 404


async def test_an_old_workbook_becomes_a_draft_whose_report_says_what_was_not_read(
    county, someone
):
    keeper = await someone("keeper1", face="console")
    data = xls(
        ["配合履职事项清单"],
        ["事项编码", "配合履职事项", "对应上级部门", "上级部门职责", "配合职责"],
        ["XC-901", "违法建设查处一", "区综合行政执法局", "查处", "发现上报"],
        ["XC-902", "共享单车停放管理一", "", "管理", "劝导"],
        merged=[(0, 0, 0, 4), (2, 2, 3, 2)],
    )
    status, draft = await upload(keeper, data, name="清单.et", kind="cooperating", label="旧版")
    assert status == 201, draft
    assert "错误值读作空白" in draft["report"]["notes"][0]
    shown = await keeper.get(f"/s/v1/lists/versions/{draft['version']['id']}/entries")
    first, second = shown["items"]
    assert (first["name"], second["name"]) == ("违法建设查处一", "共享单车停放管理一")
    assert first["lead_id"] == second["lead_id"] is not None


async def test_an_old_workbook_that_cannot_be_read_changes_nothing(county, someone):
    keeper = await someone("keeper1", face="console")
    before = await everything()
    status, answer = await upload(keeper, xls(["a"])[:3000], name="清单.xls")
    assert (status, answer["code"]) == (422, "list.refused")
    assert answer["facts"]["rows"][0]["code"] == "old_or_encrypted"
    assert await everything() == before


async def test_a_row_with_a_fault_is_named_and_nothing_half_loaded(county, someone):
    keeper = await someone("keeper1", face="console")
    before = await everything()
    book = load_workbook(io.BytesIO(workbook()))
    sheet = book.worksheets[0]
    row = next(c.row for line in sheet.iter_rows() for c in line if c.value == "CJ-012")
    lead = next(
        c for c in sheet[row] if isinstance(c.value, str) and c.value == "区住房和城乡建设局"
    )
    lead.value = "#REF!"
    lead.data_type = "e"
    saved = io.BytesIO()
    book.save(saved)
    status, answer = await upload(keeper, saved.getvalue())
    assert (status, answer["code"]) == (422, "list.refused")
    [fault] = [each for each in answer["facts"]["rows"] if each["row"] == row]
    table = answer["facts"]["table"]
    assert len(table["rows"]) == table["n_rows"] == sheet.max_row
    shown = next(each for each in table["rows"] if each["line"] == fault["line"])
    assert (fault["column"], shown["cells"][fault["at"]]) == ("牵头部门", "#REF!")
    assert "CJ-012" in shown["cells"]
    assert answer["title"]
    assert await everything() == before


async def test_an_upload_may_say_what_headings_mean(county, someone):
    keeper = await someone("keeper1", face="console")
    rows = [["编码号", "管什么", "谁管"], ["XC-903", "共享单车停放管理二", "没有这个局"]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    sheet = text.getvalue().encode()
    status, refused = await upload(keeper, sheet, "a.csv")
    assert status == 422
    assert "编码号、管什么、谁管" in refused["facts"]["rows"][0]["reason"]
    assert refused["facts"]["rows"][0]["headings"] == rows[0]
    assert refused["facts"]["rows"][0]["samples"]["谁管"] == ["没有这个局"]
    for wrong in ("x", "[]", '{"管什么": "没有这一列"}', '{"管什么": 1}'):
        assert (await upload(keeper, sheet, "a.csv", columns=wrong))[0] == 400, wrong
    meant = {"编码号": "事项编码", "管什么": "name", "谁管": "牵头部门"}
    status, draft = await upload(keeper, sheet, "a.csv", columns=json.dumps(meant))
    assert status == 201, draft
    [question] = draft["questions"]
    assert [each["value"] for each in question["candidates"]][-3:] == [
        "new",
        "township",
        "nobody",
    ]


async def test_headings_nobody_knows_are_asked_first_and_may_be_said_beforehand(county, someone):
    keeper = await someone("keeper1", face="console")
    rows = [
        ["事项编码", "事项名称", "牵头部门", "时间要求", "科室"],
        ["CJ-012", "城区路灯故障处置", "区住房和城乡建设局", "3天", "一科"],
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    sheet = text.getvalue().encode()
    status, draft = await upload(keeper, sheet, "a.csv")
    assert status == 201, draft
    asked = [(each["kind"], each["id"], each["samples"]) for each in draft["questions"]]
    assert asked == [("column", "column:时间要求", ["3天"]), ("column", "column:科室", ["一科"])]
    path = f"/s/v1/lists/versions/{draft['version']['id']}"
    status, _ = await keeper.call("POST", f"{path}/review", json={})
    assert status == 409
    wrong = {"answers": {"column:时间要求": "没有这一列"}}
    assert (await keeper.call("POST", f"{path}/answers", json=wrong))[0] == 400
    said = {"answers": {"column:时间要求": "limit", "column:科室": "leave"}}
    status, answered = await keeper.call("POST", f"{path}/answers", json=said)
    assert (status, answered["questions"]) == (200, []), answered
    before = json.dumps({"时间要求": "办理时限", "科室": "leave"})
    status, again = await upload(keeper, sheet, "b.csv", columns=before)
    assert (status, again["questions"]) == (201, []), again
    for each in (draft, again):
        entries = await keeper.get(f"/s/v1/lists/versions/{each['version']['id']}/entries")
        [entry] = entries["items"]
        assert (entry["limit"], entry["extras"]) == (3, {"科室": "一科"})


async def test_what_is_no_spreadsheet_is_refused_and_changes_nothing(county, someone):
    keeper = await someone("keeper1", face="console")
    before = await everything()
    text = io.StringIO()
    csv.writer(text).writerow(["a", "b"])
    for data, name in (
        (b"", "leer.xlsx"),
        (b"PK\x03\x04broken", "kaputt.xlsx"),
        (workbook()[:2000], "halb.xlsx"),
        (b"\x00\x01\x02", "x.csv"),
        (text.getvalue().encode(), "y.csv"),
    ):
        status, answer = await upload(keeper, data, name)
        assert status in (400, 415, 422), (name, answer)
        assert answer["title"]
    status, answer = await upload(keeper, workbook(), kind="no_such_type")
    assert status in (400, 404, 422), answer
    assert await everything() == before


async def test_only_the_keeper_drafts_and_publishes_and_not_into_the_past(county, someone):
    keeper, other = await someone("keeper1"), await someone("acceptor1")
    _, draft = await upload(keeper, workbook())
    path = f"/s/v1/lists/versions/{draft['version']['id']}/publish"
    await keeper.post(path.replace("publish", "review"))
    before = await everything()
    assert (await upload(other, workbook()))[0] == 403
    assert (await other.call("POST", path, json={}))[0] == 403
    past = (now() - timedelta(days=1)).isoformat()
    for body, status in (({"starts_at": past}, 409), ({"starts_at": "x"}, 400), ({"a": 1}, 400)):
        assert (await keeper.call("POST", path, json=body))[0] == status, body
    assert await everything() == before
