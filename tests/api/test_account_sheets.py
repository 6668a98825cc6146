"""Accounts by sheet: checked as a whole, faults with row and column, all or none."""

import pytest
from aiohttp import FormData

from server.clock import now
from tests.api.refusals import refused
from tests.casework import everything
from tests.pure.lists.sheets import xlsx

HEADINGS = ["姓名", "用户名", "所属单位", "角色", "网格", "手机"]


async def send(person, *rows, tail="", name="账号.xlsx", data=None):
    form = FormData()
    form.add_field("file", data or xlsx(["全区人员"], HEADINGS, *rows), filename=name)
    return await person.call("POST", f"/s/v1/accounts/sheets{tail}", data=form)


@pytest.fixture
def grids(county):
    rows = county.basis.places.at(now()).rows("grid")
    return [row.code for row in rows][:2]


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
    status, answer = await send(admin, *rows)
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
