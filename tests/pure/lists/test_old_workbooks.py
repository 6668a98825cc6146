"""Workbooks of the old format: what is read of them, and what is refused without harm."""

from datetime import date

import pytest

from server.responsibility.files import old_workbooks, spreadsheets
from server.responsibility.files.cells import Cell
from server.responsibility.files.workbook import Unreadable
from server.responsibility.list.list_types import list_type
from server.responsibility.sheets.layout import find_table
from tests.parts import SHARED
from tests.sheets import xls

TITLE = ["荣华街道配合履职事项清单"]
HEADER = ["序号", "配合履职事项", "对应上级部门", "上级部门职责", "电话"]
OFFICE = xls(
    TITLE,
    HEADER,
    [1, "校园周边秩序联合整治", "区公安分局", "巡逻", "0632123"],
    [2, "非法集资风险排查", "", "排查", 6321234],
    [3, "散乱污企业排查整治", "区生态环境局", date(2026, 1, 2), 7.5],
    merged=[(0, 0, 0, 4), (2, 2, 3, 2)],
)
MADE = SHARED / "data" / "lists-made"


def refusal(data: bytes, **limits: float) -> str:
    with pytest.raises(Unreadable) as refused:
        old_workbooks.read(data, **limits)
    return refused.value.code


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.xlsx", "a"])
def test_the_bytes_decide_not_the_name(name):
    [sheet] = spreadsheets.read(OFFICE, name)
    assert (sheet.name, sheet.values_only) == ("清单", True)


def test_an_office_s_layout_is_read_like_that_of_a_workbook_of_today():
    [sheet] = spreadsheets.read(OFFICE, "清单.xls")
    layout = find_table(sheet, list_type("cooperating"))
    assert layout is not None
    assert (layout.first, layout.title) == (3, f"清单{TITLE[0]}")
    assert [layout.cell(row, "lead").text for row in (3, 4, 5)] == [
        "区公安分局",
        "区公安分局",
        "区生态环境局",
    ]
    assert sheet.spans == {1: 4, 3: 2, 4: 2}
    assert [row[4] for row in sheet.rows[2:]] == [
        Cell("0632123"),
        Cell("6321234", number=True),
        Cell("7.5", number=True),
    ]
    assert sheet.rows[4][3] == Cell("2026-01-02", number=True)


def test_an_error_reads_as_nothing():
    [sheet] = spreadsheets.read(xls(HEADER, errors=2), "a.xls")
    assert [len(row) for row in sheet.rows[1:]] in ([], [0, 0])


def test_a_sheet_beyond_the_limits_is_refused_for_its_range():
    assert refusal(xls(*[[]] * 20_000, ["x"])) == "too_many_rows"
    assert refusal(xls([*[""] * 50, "x"])) == "too_many_columns"


def test_more_memory_or_time_than_allowed_ends_the_child_and_is_a_refusal():
    wide = xls(*[[f"{n}" * 40 for n in range(20)] for _ in range(1_000)])
    assert refusal(wide, memory=20 << 20) == "old_unread"
    assert refusal(OFFICE, seconds=0.001) == "old_unread"


def test_macros_are_refused_in_the_old_format_too():
    assert refusal(OFFICE + "_VBA_PROJECT_CUR".encode("utf-16-le")) == "macros"


def test_what_only_begins_like_an_old_workbook_is_refused():
    for cut in (8, 600, len(OFFICE) // 2):
        assert refusal(OFFICE[:cut]) == "old_or_encrypted"


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", ["L09.xls", "L09.et", "N2_sheetjs.xls"])
def test_what_other_writers_made_is_read(name):
    [sheet] = spreadsheets.read((MADE / name).read_bytes(), name)
    assert find_table(sheet, list_type("cooperating")) is not None


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    "name", ["N3_sheetjs.xlsb", "L09.ods", "N5_sheetjs.ods", "N4_xml2003.xls", "L09_html.xls"]
)
def test_formats_of_which_columns_would_be_lost_stay_refused(name):
    with pytest.raises(Unreadable) as refused:
        spreadsheets.read((MADE / name).read_bytes(), name)
    assert refused.value.code == "not_a_workbook"
