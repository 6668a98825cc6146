"""Accounts by sheet: checked as a whole, faults with row and column, all or none."""

import pytest
from aiohttp import FormData

from server.clock import now
from tests.api.refusals import refused
from tests.casework import everything
from tests.pure.lists.sheets import xlsx

HEADINGS = ["姓名", "用户名", "所属单位", "角色", "网格", "手机"]


async def send(person, *rows, tail="", name="账号.xlsx", data=None, columns=""):
    form = FormData()
    if columns:
        form.add_field("columns", columns)
    form.add_field("file", data or xlsx(["全区人员"], HEADINGS, *rows), filename=name)
    return await person.call("POST", f"/s/v1/accounts/sheets{tail}", data=form)


@pytest.fixture
def grids(county):
    """Two grids of 荣华街道."""
    boundaries, township = county.basis.places.at(now()), county.basis.units.named("荣华街道")
    codes = [row.code for row in boundaries.rows("grid")]
    return [code for code in codes if boundaries.township_of(code) == township.township_code][:2]


async def test_a_sheet_is_checked_without_writing_and_then_makes_everybody(county, someone, grids):
    admin = await someone("admin1", face="console")
    rows = (
        ["王一", "Wang.Yi", "区住建局", "单位经办人", None, "13800001111"],
        ["李二", "li.er", "荣华街道", "网格员、township", "、".join(grids), None],
        [None, None, None, None, None, None],
        ["赵三", "zhao.san", None, "受理员", None, None],
    )
    before = await everything()
    status, seen = await send(admin, *rows, tail="/check")
    assert status == 200, seen
    assert await everything() == before
    assert [each["password"] for each in seen["people"]] == ["", "", ""]
    assert seen["unknown_columns"] == ["手机"]
    status, made = await send(admin, *rows)
    assert status == 201, made
    one, two, three = made["people"]
    assert (one["row"], one["username"], three["row"]) == (3, "wang.yi", 6)
    assert [(each["role"], each["place"]) for each in two["roles"]] == [
        *(("grid_worker", grid) for grid in grids),
        ("township", None),
    ]
    form = {"username": "WANG.YI", "password": one["password"]}
    status, session = await admin.call("POST", "/auth/password", json=form)
    assert (status, bool(session["token"])) == (200, True)
    [listed] = (await admin.get("/s/v1/accounts?q=wang.yi"))["items"]
    assert listed["unit"]["name"] == "区住房和城乡建设局"
    status, answer = await send(admin, *rows[:2])
    refused(status, answer, 422, "accounts.refused")
    assert {each["code"] for each in answer["facts"]["rows"]} == {"taken"}


async def test_every_fault_is_named_by_row_and_column_and_nobody_is_made(county, someone, grids):
    admin = await someone("admin1", face="console")
    rows = (
        ["王一", "w1", "没有的局", "单位经办人", None],
        ["李二", "w1", "区住建局", "局长", None],
        ["赵三", "赵三", "区住建局", "网格员", None],
        [None, "w4", "区住建局", "网格员", f"{grids[0]}，不是网格"],
        ["钱五", "handler_D08", "区住建局", "单位经办人", None],
    )
    before = await everything()
    for tail in ("/check", ""):
        status, answer = await send(admin, *rows, tail=tail)
        refused(status, answer, 422, "accounts.refused")
        found = [(each["row"], each["column"], each["code"]) for each in answer["facts"]["rows"]]
        assert sorted(found, key=str) == sorted(
            [
                (3, "单位", "unknown_unit"),
                (4, "角色", "unknown_role"),
                (4, "用户名", "twice"),
                (5, "用户名", "bad_username"),
                (5, "网格", "grid_missing"),
                (6, "姓名", "missing"),
                (6, "网格", "unknown_grid"),
                (7, "用户名", "taken"),
            ],
            key=str,
        )
        assert all(each["reason"] for each in answer["facts"]["rows"])
    assert await everything() == before


async def test_a_grid_is_meant_by_its_code_or_by_a_name_that_is_of_one_alone(county, someone):
    admin = await someone("admin1", face="console")
    boundaries = county.basis.places.at(now())
    grid = next(row for row in boundaries.rows("grid") if row.name == "第10网格")
    village = boundaries.row(grid.parent_code)
    township = boundaries.row(village.parent_code)
    wide = grid.code.translate({ord(n): ord(n) - ord("0") + ord("０") for n in "0123456789"})
    for written in (
        grid.code,
        wide,
        f"{village.name}{grid.name}",
        f"{township.name}{village.name}{grid.name}",
        f"{township.name} {village.name} 第１０网格",
    ):
        row = ["李二", "li.er", township.name, "网格员", written, None]
        status, seen = await send(admin, row, tail="/check")
        assert status == 200, (written, seen)
        [person] = seen["people"]
        assert [each["place"] for each in person["roles"]] == [grid.code], written
    for written in ("第10网格", f"{village.name}第9999网格", village.code, "没有的社区第10网格"):
        row = ["李二", "li.er", township.name, "网格员", written, None]
        status, answer = await send(admin, row, tail="/check")
        refused(status, answer, 422, "accounts.refused")
        [fault] = answer["facts"]["rows"]
        assert (fault["column"], fault["code"]) == ("网格", "unknown_grid"), written


async def test_a_role_of_a_unit_without_a_unit_is_refused_by_its_column(county, someone, grids):
    admin = await someone("admin1", face="console")
    roles = ("单位经办人、单位负责人", "单位负责人", "镇街指挥室", "坐堂领导")
    rows = [[f"张{n}", f"zhang.{n}", None, role, None] for n, role in enumerate(roles)]
    allowed = ["李二", "li.er", None, "网格员、受理员", grids[0]]
    status, answer = await send(admin, *rows, allowed)
    refused(status, answer, 422, "accounts.refused")
    found = [(each["row"], each["column"], each["code"]) for each in answer["facts"]["rows"]]
    assert found == [(row, "单位", "unit_missing") for row in (3, 4, 5, 6)]
    status, answer = await send(admin, allowed)
    assert status == 201, answer


async def test_names_lose_what_nobody_sees(county, someone):
    admin = await someone("admin1", face="console")
    status, made = await send(admin, ["王\u200b一\ufeff", "wang.yi", None, "受理员", None])
    assert status == 201, made
    form = {"username": "wang.er", "name": "王\u200b二", "roles": [{"role": "acceptor"}]}
    status, other = await admin.call("POST", "/s/v1/accounts", json=form)
    assert status == 201, other
    assert [made["people"][0]["name"], other["name"]] == ["王一", "王二"]
    listed = (await admin.get("/s/v1/accounts?q=wang."))["items"]
    assert {"王一", "王二"} <= {each["name"] for each in listed}
    status, answer = await send(admin, ["\u200b", "wang.san", None, "受理员", None])
    refused(status, answer, 422, "accounts.refused")
    [fault] = answer["facts"]["rows"]
    assert (fault["column"], fault["code"]) == ("姓名", "missing")
    nameless = form | {"username": "wang.san", "name": "\u200b"}
    status, answer = await admin.call("POST", "/s/v1/accounts", json=nameless)
    assert (status, answer["errors"][0]["pointer"]) == (400, "/name")


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"PK\x03\x04 broken", "a.xlsx", "broken"),
        ("姓名,电话\n王一,1\n".encode(), "a.csv", "no_table"),
        ("姓名,用户名,角色\n".encode(), "a.csv", "no_rows"),
    ],
)
async def test_a_file_that_is_no_such_sheet_is_refused_in_words(county, someone, data, name, code):
    admin = await someone("admin1", face="console")
    status, answer = await send(admin, data=data, name=name)
    refused(status, answer, 422, "accounts.refused")
    [row] = answer["facts"]["rows"]
    assert row["code"] == code
    assert row["reason"]


async def check_csv(person, said, columns=""):
    return await send(person, data=said.encode(), name="a.csv", tail="/check", columns=columns)


@pytest.mark.parametrize(
    "headings",
    [
        "姓名,登录账号,岗位,所在单位",
        "姓 名,账号,岗位名称,所属部门",
        "姓名（必填）,用户名*,角色,单位名称",
        "人员姓名,ｕｓｅｒｎａｍｅ,系统角色,工作单位",
    ],
)
async def test_headings_are_read_as_offices_write_them(county, someone, headings):
    admin = await someone("admin1", face="console")
    said = f"{headings}\n王一,ＷＡＮＧ１,受理员,区住建局\n"
    columns = '{"username": "用户名"}' if "ｕ" in headings else ""
    status, seen = await check_csv(admin, said, columns)
    assert status == 200, seen
    [person] = seen["people"]
    assert (person["username"], person["unit"]) == ("wang1", "区住建局")
    assert (seen["unknown_columns"], seen["notes"]) == ([], [])


async def test_without_a_column_of_names_the_telephone_number_is_the_name_and_told(
    county, someone
):
    admin = await someone("admin1", face="console")
    status, seen = await check_csv(admin, "姓名,手机号,岗位\n王一,13800001111,受理员\n")
    assert status == 200, seen
    assert seen["people"][0]["username"] == "13800001111"
    [note] = seen["notes"]
    assert "手机号" in note


async def test_headings_that_are_not_known_are_named_and_can_be_said_by_hand(county, someone):
    admin = await someone("admin1", face="console")
    said = "姓名,工号,职责类别\n王一,w.1,受理员\n"
    status, answer = await check_csv(admin, said)
    refused(status, answer, 422, "accounts.refused")
    [fault] = answer["facts"]["rows"]
    assert fault["code"] == "no_table"
    assert fault["headings"] == ["姓名", "工号", "职责类别"]
    for each in ("姓名、工号、职责类别", "还缺少：用户名、角色"):
        assert each in fault["reason"]
    for columns in (
        '{"工号": "用户名", "职责类别": "角色"}',
        '{"工号": "username", "职责类别": "roles"}',
    ):
        status, seen = await check_csv(admin, said, columns)
        assert status == 200, seen
        assert seen["people"][0]["username"] == "w.1"
    status, made = await send(admin, data=said.encode(), name="a.csv", columns=columns)
    assert status == 201, made
    for columns, pointer in (('{"工号": "没有的列"}', "/columns/工号"), ("[1]", "/columns")):
        status, answer = await check_csv(admin, said, columns)
        assert (status, answer["errors"][0]["pointer"]) == (400, pointer)


async def test_units_and_roles_that_are_nearly_ours_are_offered(county, someone):
    admin = await someone("admin1", face="console")
    said = "姓名,用户名,角色,单位\n王一,w1,经办人,区住房城乡建设局\n李二,w2,天文学家,\n"
    status, answer = await check_csv(admin, said)
    refused(status, answer, 422, "accounts.refused")
    rows = answer["facts"]["rows"]
    reasons = {(each["row"], each["code"]): each["reason"] for each in rows}
    assert "区住房和城乡建设局" in reasons[2, "unknown_unit"]
    assert "单位经办人" in reasons[2, "unknown_role"]
    assert "是不是" not in reasons[3, "unknown_role"]


async def test_rows_that_only_add_up_are_left_out_and_told(county, someone):
    admin = await someone("admin1", face="console")
    said = "序号,姓名,用户名,角色\n1,王一,w1,受理员\n合计,1人,,\n,,,\n共 1 人,,,\n"
    status, seen = await check_csv(admin, said.replace("共 1 人", "总计：1人"))
    assert status == 200, seen
    assert [each["name"] for each in seen["people"]] == ["王一"]
    assert [note for note in seen["notes"] if "合计" in note] == seen["notes"]
    assert len(seen["notes"]) == 2
    status, seen = await check_csv(admin, "姓名,用户名,角色\n总计,w1,受理员\n合计,1人,\n")
    assert status == 200, seen
    assert [each["name"] for each in seen["people"]] == ["总计"]


async def test_roles_that_reach_nothing_or_elsewhere_are_named_by_row(county, someone, grids):
    admin = await someone("admin1", face="console")
    rows = (
        ["王一", "w1", "区公安分局", "镇街指挥室", None],
        ["李二", "w2", "荣华派出所", "坐堂领导", None],
        ["赵三", "w3", "梅泽街道", "网格员、镇街指挥室", "、".join(grids)],
        ["钱五", "w4", "区公安分局", "网格员", grids[0]],
        ["孙六", "w5", None, "网格员", grids[0]],
    )
    status, answer = await send(admin, *rows, tail="/check")
    refused(status, answer, 422, "accounts.refused")
    found = {(each["row"], each["column"]): each for each in answer["facts"]["rows"]}
    assert {at: each["code"] for at, each in found.items()} == {
        (3, "单位"): "township_unit",
        (4, "单位"): "township_unit",
        (5, "网格"): "other_township",
    }
    assert "镇街指挥室只能给镇街的人" in found[3, "单位"]["reason"]
    assert grids[0] in found[5, "网格"]["reason"]
