"""Lists that say a thing twice, against themselves, or not at all: settled, or asked."""

import pytest

from server.responsibility.list.list_types import MAIN
from server.responsibility.sheets.importing import Understood
from tests.pure.lists.sheets import read, xlsx

HEADER = [
    "序号",
    "事项名称",
    "牵头单位",
    "牵头单位职责",
    "配合单位",
    "配合职责",
    "办理时限",
    "责任层级",
]
POLICE, FOREST, WATER = 1, 2, 3
NAMES = {POLICE: "区公安分局", FOREST: "区林业局", WATER: "区城乡水务局"}


def main(*rows: list[object], **answers: str) -> Understood:
    return read(xlsx(HEADER, *rows), "a.xlsx", MAIN, **answers)


def noted(found: Understood, part: str) -> list[str]:
    return [each for each in found.report["notes"] if part in each]


def asked(found: Understood, column: str) -> dict[str, list[str]]:
    return {
        each.written: [candidate.name for candidate in each.candidates]
        for each in found.questions
        if each.column == column
    }


def test_a_unit_that_leads_is_no_helper_and_keeps_what_it_has_to_do():
    row = [
        "1",
        "甲",
        "区公安分局",
        "查处",
        "区公安分局、区林业局",
        "区公安分局：巡逻。\n区林业局：护林。",
    ]
    found = main(row)
    [draft] = found.drafts
    assert (draft.lead_id, draft.texts["lead_duties"]) == (POLICE, "查处\n巡逻。")
    assert draft.cooperating == ((FOREST, "护林。"),)
    assert noted(found, "只算牵头，有 1 处：第 2 行配合单位“区公安分局”")


def test_a_unit_written_twice_in_a_cell_is_one():
    found = main(["1", "甲", "区公安分局", "", "区林业局、区林业局", ""])
    assert found.drafts[0].cooperating == ((FOREST, ""),)
    assert noted(found, "只算一次，有 1 处：第 2 行配合单位“区林业局”")


def test_a_duty_of_nobody_is_kept_with_the_leads_and_told():
    found = main(["1", "甲", "区公安分局", "查处", "", "协助处置"])
    [draft] = found.drafts
    assert draft.texts["lead_duties"] == "查处\n配合职责：协助处置"
    assert noted(found, "记在牵头职责里，有 1 处：第 2 行配合职责“协助处置”")


@pytest.mark.parametrize("helper", ["区林业局", ""])
def test_a_unit_that_only_the_duties_name_helps(helper):
    said = "区城乡水务局：看水。\n镇街：上报。" + (f"\n{helper}：看山。" if helper else "")
    found = main(["1", "甲", "区公安分局", "", helper, said])
    own = ((FOREST, "看山。"),) if helper else ()
    assert found.drafts[0].cooperating == (*own, (WATER, "看水。"), (None, "上报。"))
    assert noted(found, "也算配合单位，有 2 处：第 2 行配合职责“区城乡水务局”")


SIDES = {
    "县级主责": ("镇街", ["镇街主责", "县镇共责", "县级主责"]),
    "镇街主责": ("区公安分局", ["县级主责", "县镇共责", "镇街主责"]),
}


@pytest.mark.parametrize("said", SIDES)
def test_whose_a_matter_is_against_who_leads_is_asked_once_for_all_rows(said):
    lead, offered = SIDES[said]
    rows = [[n, f"事项{n}", lead, "办理", "区林业局", "", "5日", said] for n in "一二"]
    found = main(*rows)
    [(written, names)] = asked(found, "责任层级").items()
    assert (written, names) == (f"{said}（牵头单位写的是“{lead}”）", offered)
    [question] = [each for each in found.questions if each.column == "责任层级"]
    assert question.rows == [2, 3]
    for answer in ("joint", offered[0]):
        draft = main(*rows, **{question.id: answer}).drafts[0]
        assert draft.responsibility == question.candidates[answer == "joint"].value
        assert draft.lead_id == (None if lead == "镇街" else POLICE)
        assert draft.cooperating == ((FOREST, ""),)
        assert draft.texts["lead_duties"] == "办理"


def test_a_department_helps_the_township_that_leads_by_an_answer():
    row = ["1", "甲", "区公安分局", "办理", "", "", "5日", "镇街主责"]
    [question] = [each for each in main(row).questions if each.column == "责任层级"]
    [draft] = main(row, **{question.id: "township"}).drafts
    assert (draft.responsibility, draft.lead_id) == ("township", None)
    assert draft.cooperating == ((POLICE, "办理"),)


def test_a_countys_matter_that_the_township_is_said_to_lead_is_asked_for_its_lead():
    row = ["1", "甲", "镇街", "上报", "区林业局", "", "5日", "县级主责"]
    [question] = [each for each in main(row).questions if each.column == "责任层级"]
    meant = {question.id: "县级主责"}
    found = main(row, **meant)
    assert asked(found, "牵头单位") == {"（空白）事项“甲”的牵头单位": ["区林业局", "不派单"]}
    [lead] = [each for each in found.questions if each.column == "牵头单位"]
    [draft] = main(row, **meant, **{lead.id: str(POLICE)}).drafts
    assert (draft.responsibility, draft.lead_id) == ("county", POLICE)
    assert draft.cooperating == ((None, "上报"), (FOREST, ""))


@pytest.mark.parametrize("empty", ["", "-", "/", "无", "——", "（无）"])
def test_a_lead_that_is_not_said_is_asked_with_who_helps_and_who_leads_elsewhere(empty):
    rows = [
        ["1", "甲", empty, "查处", "区林业局", "", "5日"],
        ["2", "乙", "区公安分局", "查处", "", "", "5日"],
    ]
    found = main(*rows)
    offered = ["区林业局", "区公安分局", "镇街", "不派单"]
    assert asked(found, "牵头单位") == {"（空白）事项“甲”的牵头单位": offered}
    [question] = [each for each in found.questions if each.column == "牵头单位"]
    led = {
        str(WATER): ("county", WATER, ((FOREST, ""),)),
        "township": ("township", None, ((FOREST, ""),)),
        "镇街": ("township", None, ((FOREST, ""),)),
        str(FOREST): ("county", FOREST, ()),
    }
    for answer, expected in led.items():
        draft = main(*rows, **{question.id: answer}).drafts[0]
        assert (draft.responsibility, draft.lead_id, draft.cooperating) == expected
        assert draft.texts["lead_duties"] == "查处"
    left = main(*rows, **{question.id: "nobody"})
    assert [each.texts["name"] for each in left.drafts] == ["乙"]


def test_a_townships_matter_without_a_lead_is_led_by_the_township():
    found = main(["1", "甲", "", "办理", "区林业局", "", "5日", "镇街主责"])
    assert (found.drafts[0].lead_id, found.drafts[0].responsibility) == (None, "township")
    assert not asked(found, "牵头单位")
    assert noted(found, "由镇街牵头，有 1 处：第 2 行牵头单位“镇街主责”")


def test_a_lead_that_is_marked_among_those_who_help_leads():
    [draft] = main(["1", "甲", "", "", "区林业局、区公安分局（牵头）", ""]).drafts
    assert (draft.lead_id, draft.cooperating) == (POLICE, ((FOREST, ""),))


def test_a_list_of_departments_asks_who_leads_what_it_gives_to_the_township():
    header = ["序号", "配合履职事项", "对应上级部门", "配合职责"]
    sheet = xlsx(header, ["1", "甲", "镇街", "报"], ["2", "乙", "区公安分局", "报"])
    found = read(sheet, "a.xlsx", "cooperating")
    assert asked(found, "对应上级部门") == {"（空白）事项“甲”的牵头单位": ["区公安分局", "不派单"]}


@pytest.mark.parametrize(
    ("kind", "header", "row"),
    [
        (
            "basic",
            ["事项名称", "责任科室", "责任单位", "部门职责"],
            ["甲", "党政办", "社会事务办", "办"],
        ),
        ("empowerment", ["职权名称", "原实施部门", "责任部门"], ["甲", "区林业局", "区公安分局"]),
        (
            "cooperating",
            ["事项名称", "对应上级部门", "责任层级"],
            ["甲", "区公安分局", "镇街主责"],
        ),
        ("basic", ["事项名称", "责任层级", "说明"], ["甲", "县级", ""]),
    ],
)
def test_columns_against_the_side_of_a_type_of_list_are_kept_as_they_are(kind, header, row):
    found = read(xlsx(header, row), "a.xlsx", kind)
    [draft] = found.drafts
    assert draft.responsibility == ("county" if kind == "cooperating" else "township")
    kept = {"责任单位", "责任部门", "责任层级", "部门职责"} & set(header)
    assert {name: draft.extras[name] for name in kept} == {
        name: row[header.index(name)] for name in kept
    }
    assert noted(found, "原样保存的列")


@pytest.mark.parametrize(
    "ditto", ["同上", "〃", "″", "”", "- ditto -", "—〃—", "（同上）", "同上栏。"]
)
def test_a_cell_like_the_one_above_says_what_that_says(ditto):
    rows = [
        ["1", "甲", "区公安分局", "查处", "区林业局", "", "5日"],
        ["2", "乙", ditto, ditto, "无", "", ditto],
        ["", "", "", "", "区城乡水务局", "看水", ""],
        ["3", "丙", ditto, "协查", ditto, "", "/"],
    ]
    found = main(*rows)
    assert [each.lead_id for each in found.drafts] == [POLICE] * 3
    assert [each.texts["lead_duties"] for each in found.drafts] == ["查处", "查处", "协查"]
    assert [(each.limit, each.urgency) for each in found.drafts] == [
        (5, "natural_day"),
        (5, "natural_day"),
        (15, "work_day"),
    ]
    assert [each.cooperating for each in found.drafts] == [
        ((FOREST, ""),),
        ((WATER, "看水"),),
        ((WATER, ""),),
    ]
    assert noted(found, "有 5 格：第 3 行牵头单位“区公安分局”")


def test_a_name_like_the_one_above_is_the_same_matter():
    rows = [["1", "甲", "区公安分局", "查", "", ""], ["", "同上", "区林业局", "护", "", ""]]
    [draft] = main(*rows).drafts
    assert (draft.lead_id, draft.cooperating) == (POLICE, ((FOREST, "护"),))


def test_nothing_above_is_nothing_to_repeat():
    found = main(["1", "甲", "同上", "", "", ""])
    assert asked(found, "牵头单位") == {"同上": ["新增单位", "镇街", "不派单"]}


@pytest.mark.parametrize("none", ["-", "/", "无", "——", "＼", "暂无", "N/A"])
def test_a_lone_stroke_says_that_there_is_none(none):
    found = main(["1", "甲", "区公安分局", none, none, none, none])
    [draft] = found.drafts
    assert (draft.texts["lead_duties"], draft.cooperating) == ("", ())
    assert (draft.limit, draft.urgency) == (15, "work_day")
    assert {each.kind for each in found.questions} == {"matter"}


@pytest.mark.parametrize(
    "said",
    [
        "【牵头】区公安分局；【配合】区林业局、区城乡水务局",
        "牵头单位：区公安分局，配合单位：区林业局、区城乡水务局",
        "牵头部门：区公安分局 配合部门：区林业局，区城乡水务局",
        "（牵头）区公安分局\n（配合）区林业局、区城乡水务局",
        "主办单位为：区公安分局；协办单位为：区林业局/区城乡水务局。",
        "区公安分局牵头，区林业局、区城乡水务局配合",
        "由区公安分局负责牵头，区林业局、区城乡水务局共同配合。",
        "区公安分局牵头、区林业局、区城乡水务局配合",
        "1.责任单位：区公安分局\n2.配合责任单位：区林业局、区城乡水务局",
        "【牵头单位】区公安分局【配合单位】区林业局、区城乡水务局",
        "区公安分局（牵头），区林业局、区城乡水务局（配合）",
        "区公安分局【牵头】、区林业局【配合】、区城乡水务局【配合】",
    ],
)
@pytest.mark.parametrize("column", ["牵头单位", "配合单位"])
def test_a_cell_that_says_who_leads_and_who_helps_is_understood(said, column):
    row = dict.fromkeys(HEADER, "") | {"序号": "1", "事项名称": "甲", column: said}
    found = main(list(row.values()))
    [draft] = found.drafts
    assert draft.lead_id == POLICE
    assert draft.cooperating == ((FOREST, ""), (WATER, ""))
    assert {each.kind for each in found.questions} == {"matter"}


def test_several_that_a_cell_says_to_lead_are_asked_for_the_one():
    found = main(["1", "甲", "牵头单位：区公安分局、区林业局；配合单位：区城乡水务局", ""])
    [question] = [each for each in found.questions if each.kind == "lead"]
    assert [each.name for each in question.candidates] == ["区公安分局", "区林业局"]
