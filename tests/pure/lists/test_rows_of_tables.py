"""Rows that are no matter, or none of their own: notes, signatures, headings, more of one."""

import io

import openpyxl
import pytest

from server.responsibility.list.list_types import list_type
from server.responsibility.sheets.importing import understand
from server.responsibility.sheets.report import Known
from tests.pure.lists.sheets import UNITS, read, xlsx

HEADER = ["序号", "事项名称", "对应上级部门", "上级部门职责", "配合职责"]
FIRST = ["1", "甲事项", "区公安分局", "查", "报"]
SECOND = ["2", "乙事项", "区林业局", "护", "劝"]
POLICE, FOREST = 1, 2


@pytest.mark.parametrize(
    "rows",
    [
        [["填表人：张三", "", "", "审核人：李四"]],
        [["填表人：张三  审核人：李四"]],
        [["", "填报单位：区委编办", "", "", "2026年5月"]],
        [["2026年5月1日"]],
        [["", "", "", "", "2026年5月1日"]],
        [["", "", "", "（盖章）"]],
        [["注 本清单自发布之日起施行"]],
        [["*本清单由区委编办解释"]],
        [["备注："], ["1.本清单动态调整。"], ["2.由区委编办负责解释"]],
        [["附表：部门简称对照表"], ["简称", "全称"], ["公安", "区公安分局"]],
        [["附表"], ["序号", "简称", "全称"], ["1", "公安", "区公安分局"]],
        [["附件2：联系人"], ["区公安分局", "张三", "", "0632"]],
    ],
)
def test_what_follows_the_matters_and_names_none_is_left_out_with_a_note(rows):
    found = read(xlsx(HEADER, FIRST, SECOND, *rows), "a.xlsx", "cooperating")
    assert [each.texts["name"] for each in found.drafts] == ["甲事项", "乙事项"]
    assert found.drafts[1].texts["township_duties"] == "劝"
    [note] = [each for each in found.report["notes"] if "没有作为事项读取" in each]
    assert all(next(filter(None, row))[:20] in note for row in rows)


def test_sums_are_left_out_wherever_they_stand():
    found = read(xlsx(HEADER, FIRST, ["共2项"], SECOND, ["", "合计：2项"]), "a", "cooperating")
    assert [each.texts["name"] for each in found.drafts] == ["甲事项", "乙事项"]


def test_an_attached_list_of_the_same_header_is_read_on():
    found = read(xlsx(HEADER, FIRST, ["附件2：补充清单"], HEADER, SECOND), "a.xlsx", "cooperating")
    assert [each.texts["name"] for each in found.drafts] == ["甲事项", "乙事项"]


@pytest.mark.parametrize("merged", ["", "A2:E2"])
@pytest.mark.parametrize(
    "written",
    [
        "第一部分 党的建设",
        "1. 党的建设",
        "（一）党的建设（2项）",
        "党的建设",
        "Ⅰ 党的建设",
        "一、党的建设：",
    ],
)
def test_the_heading_of_a_part_is_the_domain_of_what_follows(written, merged):
    found = read(xlsx(HEADER, [written], FIRST, SECOND, merged=merged), "a.xlsx", "cooperating")
    assert {each.texts["domain"] for each in found.drafts} == {"党的建设"}


@pytest.mark.parametrize(
    "written",
    ["注 本部分由区委编办解释", "说明：以下事项动态调整", "以下事项由区委编办解释。", "2026年5月"],
)
@pytest.mark.parametrize("merged", ["", "A3:E3"])
def test_a_note_among_the_matters_is_the_domain_of_none(written, merged):
    found = read(xlsx(HEADER, FIRST, [written], SECOND, merged=merged), "a.xlsx", "cooperating")
    assert [each.texts["domain"] for each in found.drafts] == ["", ""]
    assert any(f"第 3 行“{written}" in each for each in found.report["notes"])


def test_a_heading_that_nothing_follows_is_a_note():
    found = read(xlsx(HEADER, FIRST, ["二、其他"]), "a.xlsx", "cooperating")
    assert any("“二、其他”" in each for each in found.report["notes"])


BASIC = ["序号", "履职事项", "履职内容"]


@pytest.mark.parametrize("row", [["", "", "上报"], ["", "", "一、上报"]])
def test_what_stands_right_of_an_empty_name_goes_on_with_the_matter_above(row):
    found = read(xlsx(BASIC, ["1", "党建", "看"], row, ["2", "平安", "问"]), "a.xlsx", "basic")
    assert [each.texts["township_duties"] for each in found.drafts] == [f"看\n{row[2]}", "问"]


def test_a_further_row_may_hold_a_duty_or_a_legal_basis_alone():
    header = [*HEADER, "法律依据"]
    rows = [[*FIRST, "法一"], ["", "", "", "定方案"], ["", "", "", "", "", "法二"], [*SECOND, ""]]
    first, second = read(xlsx(header, *rows), "a.xlsx", "cooperating").drafts
    assert first.texts["lead_duties"] == "查\n定方案"
    assert first.texts["legal_basis"] == "法一\n法二"
    assert second.texts["legal_basis"] == ""


@pytest.mark.parametrize(
    "rows",
    [
        [["校园安全", "区公安分局", "查", "报"], ["校园安全", "区林业局", "护", "报"]],
        [
            ["1.1", "校园安全", "区公安分局", "查", "报"],
            ["1.2", "校园安全", "区林业局", "护", "报"],
        ],
        [
            ["1-1", "校园安全", "区公安分局", "查", "报"],
            ["1-2", "校园安全", "区林业局", "护", "报"],
        ],
    ],
)
def test_a_name_that_is_repeated_below_under_one_number_is_one_matter(rows):
    [draft] = read(xlsx(HEADER[-len(rows[0]) :], *rows), "a.xlsx", "cooperating").drafts
    assert (draft.lead_id, draft.texts["lead_duties"]) == (POLICE, "查")
    assert draft.cooperating == ((FOREST, "护"), (None, "报"))


def test_what_the_rows_of_one_matter_say_differently_is_told():
    header = ["序号", "事项名称", "牵头部门", "办理时限", "领域"]
    rows = [["1", "甲事项", "区公安分局", "5日", "教育"], ["", "", "区林业局", "10日", "教育"]]
    found = read(xlsx(header, *rows, merged="B2:B3"), "a.xlsx", "main_and_cooperating")
    assert [each.limit for each in found.drafts] == [5]
    [note] = [each for each in found.report["notes"] if "没有采用" in each]
    assert note.endswith("有 1 处没有采用：第 3 行办理时限“10日”")


SAME_NAME = xlsx(
    ["序号", "领域", "事项名称", "对应上级部门"],
    ["1", "教育", "安全检查", "区公安分局"],
    ["2", "交通", "安全检查", "区林业局"],
)


def test_one_name_in_two_domains_is_two_matters():
    found = read(SAME_NAME, "a.xlsx", "cooperating")
    asked = {each.id: each.new_code for each in found.questions}
    assert list(asked) == ["matter:教育/安全检查", "matter:交通/安全检查"]
    assert len(set(asked.values())) == 2
    answered = read(SAME_NAME, "a.xlsx", "cooperating", **dict.fromkeys(asked, "new"))
    assert [each.code for each in answered.drafts] == list(asked.values())


def test_matters_of_one_name_are_known_again_by_their_domains():
    matters = [("A-1", "安全检查", "教育"), ("A-2", "安全检查", "交通")]
    found = understand(SAME_NAME, "a.xlsx", Known(UNITS, matters, list_type("cooperating")))
    assert [each.code for each in found.drafts] == ["A-1", "A-2"]
    assert not found.questions


def test_one_name_twice_in_a_domain_is_asked_about():
    rows = [["序号", "领域", "事项名称"], ["1", "教育", "甲"], ["2", "教育", "甲"]]
    asked = {each.id: each.rows for each in read(xlsx(*rows), "a.xlsx", "basic").questions}
    assert asked == {"same:教育/甲": [2, 3]}


def test_rows_that_the_file_hides_or_strikes_through_are_read_and_named():
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("另一张")):
        sheet.append(["序号", "事项名称", "牵头单位"])
        for n, name in enumerate(("养犬", "作废的", "藏起来的"), 1):
            sheet.append([n, f"{sheet.title}{name}", "区公安分局"])
        sheet["B3"].font = openpyxl.styles.Font(strike=True)
        sheet.row_dimensions[4].hidden = True
    kept = io.BytesIO()
    book.save(kept)
    found = read(kept.getvalue(), "a.xlsx", "main_and_cooperating")
    assert len(found.drafts) == 6
    notes = found.report["notes"]
    [hidden] = [each for each in notes if "隐藏" in each]
    [struck] = [each for each in notes if "删除线" in each]
    assert "2 行" in hidden
    assert "Sheet藏起来的" in hidden
    assert "另一张藏起来的" in hidden
    assert "另一张作废的" in struck
    assert "养犬" not in hidden + struck
