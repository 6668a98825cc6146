"""Lists that are written in several tables, and files that hold more than one list."""

import io

import pytest
from docx import Document

from server.errors import ListRefused
from server.responsibility.sheets.importing import Understood
from tests.pure.lists.sheets import read, workbook

HEADER = ["序号", "事项名称", "对应上级部门", "上级部门职责", "配合职责"]
SCHOOLS = [HEADER, ["1", "校园安全", "区公安分局", "查", "报"]]
HOUSES = [HEADER, ["1", "违建", "区林业局", "查", "报"], ["2", "危房", "区林业局", "查", "报"]]
OF_PARTS = [("教育", "校园安全"), ("住建", "违建"), ("住建", "危房")]


def domains(found: Understood) -> list[tuple[str, str]]:
    return [(each.texts["domain"], each.texts["name"]) for each in found.drafts]


def document(*parts: tuple[str, list[list[str]]]) -> bytes:
    made = Document()
    for title, rows in parts:
        made.add_paragraph(title)
        table = made.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, said in zip(table.add_row().cells, row, strict=True):
                cell.text = said
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (workbook({"教育": SCHOOLS, "住建": HOUSES}), "a.xlsx"),
        (workbook({"教育": SCHOOLS, "住建": [["住建清单"], *HOUSES]}), "a.xlsx"),
        (workbook({"一、教育": SCHOOLS, "二、住建（2项）": HOUSES}), "a.xlsx"),
        (workbook({"教育": SCHOOLS, "住建": [[None, *row] for row in HOUSES]}), "a.xlsx"),
        (document(("一、教育", SCHOOLS), ("二、住建", HOUSES)), "a.docx"),
    ],
)
def test_tables_of_one_header_are_one_list_and_their_names_its_domains(data, name):
    found = read(data, name, "cooperating")
    assert domains(found) == OF_PARTS
    assert len({each.row for each in found.drafts}) == len(found.drafts)
    assert "表头相同的几张表" in found.report["notes"][0]
    assert found.report["ignored_sheets"] == []


def test_a_column_of_domains_says_more_than_the_names_of_sheets():
    rows = {
        name: [["领域", *HEADER], [f"{name}领域", "1", f"{name}事项", "区林业局", "查", "报"]]
        for name in ("教育", "住建")
    }
    found = read(workbook(rows), "a.xlsx", "cooperating")
    assert domains(found) == [("教育领域", "教育事项"), ("住建领域", "住建事项")]


def test_a_fault_in_a_further_table_is_told_by_its_own_sheet_and_row():
    bad = [HEADER, ["1", "", "区公安分局", "查", "报"]]
    with pytest.raises(ListRefused) as refused:
        read(workbook({"教育": SCHOOLS, "住建": bad}), "a.xlsx", "cooperating")
    [row] = refused.value.facts["rows"]
    assert (row["sheet"], row["row"], row["code"]) == ("住建", 2, "missing")


def test_what_is_no_part_of_the_list_is_left_out_with_a_note():
    sheets = {"目录": [["序号", "领域", "数量"], ["1", "教育", "1"]], "清单": SCHOOLS, "空": []}
    found = read(workbook(sheets), "a.xlsx", "cooperating")
    assert domains(found) == [("", "校园安全")]
    assert found.report["notes"][0] == "没有读取的 1 张表：目录"


def test_another_version_and_another_type_of_list_are_no_parts_of_it():
    old = [HEADER, ["1", "校园安全", "区林业局", "旧", "旧"]]
    found = read(workbook({"2025": SCHOOLS, "2024": old}), "a.xlsx", "cooperating")
    assert [each.texts["lead_duties"] for each in found.drafts] == ["查"]
    assert found.report["ignored_sheets"] == ["2024"]
    basic = [["序号", "事项名称"], ["1", "甲事项"]]
    given = [["镇街赋权事项目录"], ["序号", "事项名称"], ["1", "乙事项"]]
    found = read(workbook({"基本履职": basic, "赋权": given}), "a.xlsx", "basic")
    assert [each.texts["name"] for each in found.drafts] == ["甲事项"]
    assert found.report["ignored_sheets"] == ["赋权"]


@pytest.mark.parametrize("merged", [(), ("A1:E1", "A4:E4")])
@pytest.mark.parametrize("titles", [("一、教育", "二、住建（2项）"), ("教育", "住建")])
def test_parts_below_each_other_have_each_their_title_and_header(titles, merged):
    rows = [[titles[0]], *SCHOOLS, [titles[1]], *HOUSES]
    found = read(workbook({"清单": rows}, *merged), "a.xlsx", "cooperating")
    assert domains(found) == OF_PARTS


def test_a_title_that_is_printed_again_on_each_page_is_no_domain():
    title = ["教育系统"]
    rows = [title, *SCHOOLS, title, *HOUSES]
    found = read(workbook({"清单": rows}), "a.xlsx", "cooperating")
    assert {each.texts["domain"] for each in found.drafts} == {""}


def test_a_name_that_comes_again_in_another_sheet_is_asked_about():
    rows = [["领域", *HEADER], ["教育", "1", "校园安全", "区林业局"]]
    more = [["教育", str(n), name, "区林业局"] for n, name in enumerate(("食堂", "校车"), 2)]
    data = workbook({"甲": [*rows, *more], "乙": [*rows, ["住建", "2", "违建", "区林业局"]]})
    asked = {each.id: each.rows for each in read(data, "a", "cooperating").questions}
    assert asked["same:教育/校园安全"] == [2, 6]


@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize("times", [2, 3])
def test_a_list_in_columns_side_by_side_is_read_whole(gap, times):
    header = ["序号", "事项名称", "对应上级部门"]
    names = iter(["校园安全", "违建", "危房", "占道", "扬尘", "油烟"])
    blank, lines = [None] * gap, list[list[object]]()
    for n in range(2):
        row = list[object]()
        for at in range(times):
            row += [str(2 * at + n + 1), next(names), "区公安分局", *blank]
        lines.append(row)
    found = read(
        workbook({"清单": [["事项清单"], [*header, *blank] * times, *lines]}),
        "a.xlsx",
        "cooperating",
    )
    assert sorted(each.texts["name"] for each in found.drafts) == sorted(
        ["校园安全", "违建", "危房", "占道", "扬尘", "油烟"][: 2 * times]
    )
