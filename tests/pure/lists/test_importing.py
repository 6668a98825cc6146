"""Sheets turned into entries: what is one, what heads a part, which table of a file is meant."""

import io

import openpyxl
import pytest

from server.errors import ListRefused
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.sheets import matching
from server.responsibility.sheets.importing import Understood, understand
from server.responsibility.sheets.matching import UnitMatcher
from server.responsibility.sheets.report import Known
from tests.pure.lists.sheets import MATTERS, read, xlsx

BASIC = ["序号", "事项名称", "履职内容"]


def skipped(of: Understood) -> list[int]:
    return [row["row"] for row in of.report["rows"] if row["status"] == "skipped"]


def faults(kind: str, *rows: list[object]) -> list[tuple[int, str]]:
    with pytest.raises(ListRefused) as refused:
        read(xlsx(*rows), "a.xlsx", kind)
    return [(each["row"], each["code"]) for each in refused.value.facts["rows"]]


def test_a_number_alone_is_no_entry_and_one_without_a_name_is_a_faulty_one():
    rows = [BASIC, ["1", "甲事项", "看"], [2, None, None], ["3", "乙事项", "问"], [4]]
    found = read(xlsx(*rows), "a.xlsx", "basic")
    assert [each.texts["name"] for each in found.drafts] == ["甲事项", "乙事项"]
    assert skipped(found) == [3, 5]
    assert faults("basic", *rows[:2], [2, None, "管"]) == [(3, "missing")]


def test_a_heading_is_numbered_or_lies_over_the_whole_table():
    book = openpyxl.Workbook()
    rows = [BASIC, ["城乡建设"], ["1", "甲事项", ""], ["（二）平安建设"], ["2", "乙事项", ""]]
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A2:C2")
    kept = io.BytesIO()
    book.save(kept)
    found = read(kept.getvalue(), "a.xlsx", "basic")
    assert [each.texts["domain"] for each in found.drafts] == ["城乡建设", "平安建设"]


def test_notes_and_a_header_printed_again_are_no_entries_and_the_report_says_so():
    found = read(
        xlsx(
            ["某镇清单"],
            BASIC,
            ["1", "甲事项", "看"],
            ["备注：本表由编办解释"],
            ["某镇清单"],
            BASIC,
            ["2", "乙事项", "问"],
            ["注: 完"],
        ),
        "a.xlsx",
        "basic",
    )
    assert [each.texts["name"] for each in found.drafts] == ["甲事项", "乙事项"]
    assert {each.texts["domain"] for each in found.drafts} == {""}
    assert skipped(found) == [4, 5, 6, 8]
    assert found.report["n_taken"] == 2


THREE = {
    "基本履职": [BASIC, ["1", "甲事项", "看"]],
    "配合履职": [
        ["序号", "配合履职事项", "对应上级部门", "上级部门职责", "配合职责"],
        ["1", "甲事项", "区公安分局", "查", "报"],
    ],
    "收回": [["序号", "收回事项", "承接部门", "工作方式"], ["1", "乙事项", "区林业局", "办"]],
}


@pytest.mark.parametrize("titled", [False, True])
@pytest.mark.parametrize(
    ("kind", "sheet", "code"),
    [
        ("basic", "基本履职", "A-1"),
        ("cooperating", "配合履职", "A-1"),
        ("taken_back", "收回", "A-2"),
    ],
)
def test_each_of_three_tables_in_one_workbook_is_found_by_its_type(kind, sheet, code, titled):
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for number, (name, rows) in enumerate(THREE.items()):
        page = book.create_sheet(f"Sheet{number}" if titled else name)
        if titled:
            page.append([f"某镇{name}事项清单"])
        for row in rows:
            page.append(row)
    kept = io.BytesIO()
    book.save(kept)
    found = read(kept.getvalue(), "a.xlsx", kind)
    assert titled or found.report["sheet"] == sheet
    assert [each.code for each in found.drafts] == [code]
    assert len(found.report["ignored_sheets"]) == 2


def many_units() -> Units:
    return Units(
        UnitView(id=n, code=f"D{n}", name=f"区第{n}号管理局", kind=UnitKind.DEPARTMENT)
        for n in range(1, 501)
    )


MAIN_HEADER = ["事项名称", "牵头部门", "配合单位", "办理时限"]


def refused_by(rows: list[list[str]]) -> set[str]:
    known = Known(many_units(), MATTERS, list_type(MAIN))
    with pytest.raises(ListRefused) as refused:
        understand(
            "\n".join(",".join(row) for row in [MAIN_HEADER, *rows]).encode(), "a.csv", known
        )
    return {each["code"] for each in refused.value.facts["rows"]}


@pytest.fixture
def held_against(monkeypatch) -> list[str]:
    """Every name that was held against a unit's, as often as it was."""
    seen, likeness = list[str](), matching._likeness

    def noting(said: str, name: str) -> float:
        seen.append(said)
        return likeness(said, name)

    monkeypatch.setattr(matching, "_likeness", noting)
    return seen


@pytest.mark.slow
def test_a_sheet_of_made_up_units_is_refused_after_two_hundred_of_them(held_against):
    rows = [[f"事项{n}", f"区第{n}号某某局", "", "1天"] for n in range(5_000)]
    assert refused_by(rows) == {"too_many_unknown_units"}
    assert len(set(held_against)) == 200


def test_names_that_only_begin_like_units_are_bounded_too():
    rows = [[f"事项{n}", f"区第7号管理局{n}", "", "1天"] for n in range(2_001)]
    assert refused_by(rows) == {"too_many_unit_names"}


def test_an_unknown_name_is_held_against_the_units_once_however_long_it_is(held_against):
    matcher = UnitMatcher(many_units())
    for _ in range(1_000):
        assert matcher.candidates("区" * 20_000) == ()
    assert 0 < len(held_against) <= 2 * len(many_units())


def test_a_cell_of_too_many_units_and_a_sheet_of_too_many_questions_are_refused():
    crowd = "、".join(f"区第{n}号管理局" for n in range(2, 103))
    assert refused_by([["事项", "区第1号管理局", crowd, "1天"]]) == {"too_many_parts"}
    rows = [[f"事项{n}", "区第1号管理局", "", "1天"] for n in range(2_001)]
    assert refused_by(rows) == {"too_many_questions"}


def refused_sheet(*rows: list[object]) -> dict:
    with pytest.raises(ListRefused) as caught:
        read(xlsx(*rows), "a.xlsx", MAIN)
    return caught.value.facts


def test_a_refusal_shows_the_whole_sheet_as_it_is_written_with_columns_of_the_offices_own():
    facts = refused_sheet(
        ["某区清单"],
        ["序号", "事项编码", "事项名称", "牵头部门", "备注"],
        [1, "A-1", "甲事项", "区公安分局", "一"],
        [2, "A-1", "乙事项", "同上", "二"],
    )
    table = facts["table"]
    assert [each["row"] for each in table["rows"]] == [1, 2, 3, 4]
    assert table["n_rows"] == 4
    assert [each["header"] for each in table["rows"]] == [True, True, False, False]
    assert table["rows"][3]["cells"][3:] == ["同上", "二"]
    [fault] = facts["rows"]
    assert (fault["line"], fault["at"]) == (4, 1)


def test_of_a_sheet_of_thousands_of_rows_the_header_and_what_stands_around_faults_is_shown():
    rows = [[n, f"A-{n}", f"事项{n}", "区公安分局"] for n in range(1, 3001)]
    rows[1999][1] = "A-1"
    table = refused_sheet(["序号", "事项编码", "事项名称", "牵头部门"], *rows)["table"]
    assert table["n_rows"] == 3001
    assert [each["row"] for each in table["rows"]] == [1, *range(1996, 2007)]
