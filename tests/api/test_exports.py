"""Cases taken away as a file: what the list shows, safe to open, nothing of who reported."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from server.cases.models.case import Case
from server.staff_api import exports
from tests.casework import WALL_HOLE, Casework, position
from tests.domain.acts.intake import between_grids

PATH = "/s/v1/exports/cases?format="


@pytest.fixture
async def acceptor(someone):
    return await someone("acceptor1", face="console")


async def table(person, query: str = "") -> list[dict[str, str]]:
    """The rows of a table, each by its heading."""
    status, body = await person.call("GET", f"{PATH}csv{query}")
    assert status == 200, body
    assert body.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


async def numbers(person, query: str = "") -> list[str]:
    """The numbers of cases in every kind of file; the same in each."""
    found = [row["编号"] for row in await table(person, query)]
    _, body = await person.call("GET", f"{PATH}xlsx{query}")
    sheet = load_workbook(io.BytesIO(body)).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == found
    _, body = await person.call("GET", f"{PATH}geojson{query}")
    assert [each["properties"]["no"] for each in body["features"]] == found
    return found


async def test_a_file_holds_what_the_list_shows_page_after_page(county, acceptor, monkeypatch):
    work = Casework(county)
    cases = [await work.report() for _ in range(4)] + [await work.report(matter=WALL_HOLE)]
    everyone = [case.no for case in reversed(cases)]
    monkeypatch.setattr(exports, "_PAGE", 2)
    assert await numbers(acceptor) == everyone
    assert await numbers(acceptor, f"&matter={WALL_HOLE}") == everyone[:1]
    assert await numbers(acceptor, "&stage=closed") == []
    row = (await table(acceptor))[1]
    assert row["事项"] == "城区路灯故障维修"
    assert (row["镇街"], row["牵头单位"]) == ("荣华街道", "区住房和城乡建设局")
    assert (row["位置精度（米）"], row["只是大概位置"]) == ("8", "")
    assert row["收件时间"] == f"{cases[3].received_at.astimezone(work.basis.zone):%Y-%m-%d %H:%M}"


async def test_a_place_that_is_not_sure_is_told_as_such_in_every_list_and_file(
    county, acceptor, someone
):
    work = Casework(county)
    sure = await work.report()
    case = await between_grids(work)
    vague = await work.report(position=position(accuracy=100_000))
    silent = await work.report(position=position(accuracy=None))
    assert not silent.place.doubtful
    assert {case.place.doubtful, vague.place.doubtful} == {"grid", "township"}
    rows = {row["编号"]: row for row in await table(acceptor)}
    told = {no: (row["位置精度（米）"], row["只是大概位置"]) for no, row in rows.items()}
    assert (told[vague.no], told[sure.no][1]) == (("100000", "是"), "")
    assert told[silent.no] == ("600", "是")
    mine = await someone("resident1")
    lists = [
        (await acceptor.get("/s/v1/cases"))["items"],
        (await mine.get("/m/v1/reports"))["items"],
        [
            each["properties"]
            for each in (await acceptor.call("GET", f"{PATH}geojson"))[1]["features"]
        ],
        [
            {"no": row["编号"], "township": row["镇街"], "village": row["村社区"]}
            | {"grid": row["网格"], "place": row["位置"]}
            for row in await table(acceptor)
        ],
    ]
    for rows in lists:
        said = {
            row["no"]: [row[name] for name in ("township", "village", "grid", "place")]
            for row in rows
        }
        named = sure.place
        assert said[sure.no] == [named.township, named.village, named.grid, named.text]
        township = case.place.township
        assert said[case.no] == [township, "", "", f"约在{township}，网格待确认"]
        township = vague.place.township
        assert said[vague.no] == [
            f"{township}（待确认）",
            *("", ""),
            f"约在{township}一带，镇街待确认",
        ]


async def test_a_file_holds_the_chosen_ones_alone_and_of_them_what_one_may_see(
    county, acceptor, someone
):
    work = Casework(county)
    first, _, third = [await work.report() for _ in range(3)]
    chosen = f"&nos={first.no},{third.no}"
    assert await numbers(acceptor, chosen) == [third.no, first.no]
    assert await numbers(await someone("handler_D12", face="console"), chosen) == []
    status, answer = await acceptor.call("GET", f"{PATH}csv&nos=a'b")
    assert (status, answer["errors"][0]["pointer"]) == (400, "/nos")


async def test_more_than_a_file_holds_is_said_in_its_last_line(county, acceptor, monkeypatch):
    work = Casework(county)
    for _ in range(3):
        await work.report()
    monkeypatch.setattr(exports, "_PAGE", 1)
    monkeypatch.setattr(exports, "_MOST", {"csv": 2, "xlsx": 2, "geojson": 2})
    rows = await table(acceptor)
    assert [row["编号"] for row in rows][2:] == ["还有更多案件未导出，请缩小筛选范围后再导出。"]
    _, body = await acceptor.call("GET", f"{PATH}geojson")
    assert body["more"] is True
    assert len(body["features"]) == 2


async def test_what_looks_like_a_formula_is_a_text_in_every_file(county, acceptor):
    case = await Casework(county).report()
    await Case.filter(id=case.id).update(matter_name="=1+1", title="=1+1", due_why="@sum")
    row = (await table(acceptor))[0]
    assert (row["事项"], row["期限依据"]) == ("'=1+1", "'@sum")
    _, body = await acceptor.call("GET", f"{PATH}xlsx")
    cells = [cell for row in load_workbook(io.BytesIO(body)).worksheets[0] for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


async def test_nothing_of_who_reported_it_and_only_what_one_may_see(county, acceptor, someone):
    work = Casework(county)
    mine = await work.report("resident1", text="我是张三，电话 13812345678")
    handler = await someone("handler_D12", face="console")
    assert mine.lead_id not in (await work.actor("handler_D12")).unit_ids
    assert await numbers(handler) == []
    for kind in ("csv", "geojson"):
        _, body = await acceptor.call("GET", f"{PATH}{kind}")
        said = body.decode() if kind == "csv" else json.dumps(body, ensure_ascii=False)
        assert mine.no in said
        assert not [each for each in ("张三", "138", "resident1") if each in said]
    assert (await (await someone("resident1")).call("GET", f"{PATH}csv"))[0] == 403


async def test_what_there_is_not_is_refused_before_anything_is_sent(acceptor):
    for query in ("csv&township=999", "pdf", "csv&limit=3", "csv&unit=没有的局"):
        status, answer = await acceptor.call("GET", PATH + query)
        assert (status, answer["code"]) == (400, "bad_input"), query
