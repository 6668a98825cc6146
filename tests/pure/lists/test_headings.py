"""Headings as counties word them: put together of the usual words, over several lines."""

import pytest

from server.responsibility.list.list_types import MAIN
from server.responsibility.sheets import columns
from tests.pure.lists.sheets import read, workbook, xlsx

POLICE, FOREST, WATER = 1, 2, 3


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *((each, "lead") for each in ("责任主体", "第一责任单位", "主办单位", "县级责任部门")),
        *((each, "lead") for each in ("承办单位", "主责单位", "行使主体", "县级部门名称")),
        *((each, "cooperating") for each in ("配合主体", "协办单位", "协同单位", "原实施主体")),
        *((each, "limit") for each in ("工作时限", "处理时限", "答复时限", "办理时间要求")),
        *((each, "lead_duties") for each in ("部门责任", "县级部门主体责任", "主责单位职责")),
        *((each, "township_duties") for each in ("乡镇街道配合责任", "镇级职责", "街道责任")),
        ("协同单位职责", "cooperating_duties"),
        ("职权编码", "code"),
        ("职权类别", "kind"),
        ("办理依据", "legal_basis"),
        ("一级分类", "domain"),
    ],
)
def test_a_heading_put_together_of_the_usual_words_is_understood(heading, field):
    assert columns.composed(heading) == field


@pytest.mark.parametrize(
    "heading", ["责任科室", "承办机构", "备注", "社区责任", "市级职责", "项数"]
)
def test_other_headings_are_left_as_they_are(heading):
    assert columns.composed(heading) is None


def test_a_header_of_three_lines_is_read_with_all_of_them():
    rows = [
        ["序号", "事项名称", "责任分工", "", "", ""],
        ["", "", "县级部门", "", "乡镇（街道）", ""],
        ["", "", "部门名称", "主体责任", "配合责任", "备注"],
        ["1", "违建", "区公安分局", "查处", "巡查", ""],
    ]
    merges = ("A1:A3", "B1:B3", "C1:F1", "C2:D2", "E2:F2")
    [draft] = read(workbook({"a": rows}, *merges), "a.xlsx", MAIN).drafts
    assert (draft.texts["name"], draft.lead_id) == ("违建", POLICE)
    assert (draft.texts["lead_duties"], draft.texts["township_duties"]) == ("查处", "巡查")


def test_a_name_and_a_duty_below_each_kind_of_unit_are_told_apart():
    rows = [
        ["序号", "事项名称", "牵头部门", "", "配合部门", ""],
        ["", "", "名称", "职责", "名称", "职责"],
        ["1", "甲", "区公安分局", "查", "区林业局", "护"],
    ]
    merges = ("A1:A2", "B1:B2", "C1:D1", "E1:F1")
    [draft] = read(workbook({"a": rows}, *merges), "a.xlsx", MAIN).drafts
    assert (draft.lead_id, draft.texts["lead_duties"]) == (POLICE, "查")
    assert draft.cooperating == ((FOREST, "护"),)


def test_a_duty_right_of_units_is_theirs():
    header = ["序号", "事项名称", "牵头部门", "职责", "配合部门", "工作职责"]
    [draft] = read(
        xlsx(header, ["1", "甲", "区公安分局", "查", "区林业局", "护"]), "a", MAIN
    ).drafts
    assert (draft.texts["lead_duties"], draft.cooperating) == ("查", ((FOREST, "护"),))


@pytest.mark.parametrize("heading", ["县级部门主体责任", "部门责任", "部门"])
def test_duties_that_name_their_units_say_who_leads_where_no_other_column_does(heading):
    rows = [
        ["1", "甲", "1.区公安分局：查处。\n2.区林业局：护林。", "巡查"],
        ["2", "乙", "区公安分局：查处。", "上报"],
    ]
    found = read(xlsx(["序号", "事项名称", heading, "街道责任"], *rows), "a.xlsx", MAIN)
    assert [each.kind for each in found.questions if each.kind != "matter"] == ["lead"]
    [question] = [each for each in found.questions if each.kind == "lead"]
    assert [each.name for each in question.candidates] == ["区公安分局", "区林业局"]
    assert (found.drafts[1].lead_id, found.drafts[1].texts["lead_duties"]) == (POLICE, "查处。")
    assert found.drafts[1].texts["township_duties"] == "上报"


def test_a_duty_without_any_unit_asks_who_leads_and_keeps_it():
    found = read(xlsx(["序号", "事项名称", "部门责任"], ["1", "甲", "查处；劝返。"]), "a", MAIN)
    [question] = [each for each in found.questions if each.kind == "unit"]
    assert question.written == "“查处；劝返。”（事项“甲”，没有读出牵头单位）"
    answer = {question.id: str(POLICE)}
    sheet = xlsx(["序号", "事项名称", "部门责任"], ["1", "甲", "查处；劝返。"])
    [draft] = read(sheet, "a", MAIN, **answer).drafts
    assert (draft.lead_id, draft.texts["lead_duties"]) == (POLICE, "查处；劝返。")


def test_the_finest_of_several_columns_of_kinds_names_the_matters():
    header = ["一级分类", "二级分类", "三级分类", "承办单位"]
    [draft] = read(xlsx(header, ["城管", "市容", "店外经营", "区公安分局"]), "a", MAIN).drafts
    assert (draft.texts["domain"], draft.texts["name"]) == ("城管", "店外经营")
    assert draft.extras == {"二级分类": "市容"}


def test_codes_that_are_too_long_or_odd_are_kept_beside():
    code = "11370404MB2857345L4370117002000"
    header = ["序号", "职权编码", "职权名称", "原实施主体"]
    found = read(xlsx(header, ["1", code, "处罚", "区林业局"]), "a.xlsx", "empowerment")
    [draft] = found.drafts
    assert (draft.code, draft.extras, draft.cooperating) == (
        "",
        {"职权编码": code},
        ((FOREST, ""),),
    )


def test_whole_numbers_where_text_should_stand_are_taken_with_a_note():
    header = ["序号", "事项编码", "事项名称", "牵头部门", "联系电话"]
    found = read(xlsx(header, [1, 1001, "甲", "区公安分局", 13800000000]), "a.xlsx", MAIN)
    [draft] = found.drafts
    assert (draft.code, draft.texts["contact_phone"]) == ("1001", "13800000000")
    assert any("第 2 行联系电话“13800000000”" in each for each in found.report["notes"])


def test_strokes_may_part_the_cells_of_a_table_of_text():
    [draft] = read("序号|事项名称|牵头部门\n1|甲|区公安分局\n".encode(), "a.csv", MAIN).drafts
    assert (draft.texts["name"], draft.lead_id) == ("甲", POLICE)


def test_a_short_name_is_asked_with_the_unit_whose_characters_it_has():
    header = ["序号", "事项名称", "牵头部门", "配合部门"]
    found = read(xlsx(header, ["1", "甲", "区公安分局会同区林业局", "水务"]), "a.xlsx", MAIN)
    offered = {
        each.written: [one.name for one in each.candidates]
        for each in found.questions
        if each.kind in ("lead", "unit")
    }
    assert offered == {
        "区公安分局会同区林业局": ["区公安分局", "区林业局"],
        "水务": ["区城乡水务局", "新增单位", "镇街", "不派单"],
    }


OFFICES = [
    ["序号", "事项", "主责单位", "依据", "配合的单位", "主责单位干什么", "时间要求", "留空"],
    [1, "甲事项", "区公安分局", "某法", "区林业局、区城乡水务局", "查", "3天", ""],
    [2, "乙事项", "区林业局", "某法", "区公安分局", "看", "十五日内", ""],
]


def test_every_heading_nobody_explained_is_asked_with_what_stands_there_limits_and_units_first():
    asked = read(xlsx(*OFFICES), "a.xlsx", MAIN).questions
    assert [each.column for each in asked] == ["时间要求", "配合的单位", "主责单位干什么"]
    assert {each.kind for each in asked} == {"column"}
    limit, helpers, duties = asked
    assert (limit.samples, limit.rows) == (("3天", "十五日内"), [2, 3])
    assert [each.candidates[0].value for each in (limit, helpers)] == ["limit", "cooperating"]
    assert [each.confidence for each in duties.candidates if each.confidence] == []
    for each in asked:
        offered = [candidate.value for candidate in each.candidates]
        assert offered[-1] == "leave"
        assert not {*offered} & {"name", "lead", "legal_basis"}  # other columns hold these


def test_an_answered_heading_is_read_and_one_left_out_is_kept_as_it_is():
    answers = {"时间要求": "limit", "配合的单位": "cooperating", "主责单位干什么": "leave"}
    said = {f"column:{heading}": meant for heading, meant in answers.items()}
    found = read(xlsx(*OFFICES), "a.xlsx", MAIN, **said)
    assert found.questions == ()
    first = found.drafts[0]
    assert (first.limit, first.urgency) == (3, "natural_day")
    assert [unit for unit, _ in first.cooperating] == [FOREST, WATER]
    assert first.extras == {"主责单位干什么": "查"}


def test_a_field_can_be_given_to_one_column_only_and_the_other_is_asked_again():
    said = {"column:时间要求": "limit", "column:主责单位干什么": "limit"}
    asked = read(xlsx(*OFFICES), "a.xlsx", MAIN, **said).questions
    assert "limit" not in {one.value for each in asked for one in each.candidates}
    assert [each.column for each in asked] == ["时间要求", "配合的单位"]


def test_a_known_heading_that_a_person_leaves_out_is_left_out():
    found = read(xlsx(*OFFICES), "a.xlsx", MAIN, **{"column:依据": "leave"})
    assert "legal_basis" not in found.layout.columns


def test_columns_of_one_heading_are_told_apart_by_what_stands_above():
    rows = [
        ["序号", "事项", "主责单位", "受理环节", "归档环节", "其他"],
        ["", "", "", "说法", "说法", "法律依据"],
        [1, "甲事项", "区公安分局", "甲", "乙", "某法"],
    ]
    asked = read(xlsx(*rows), "a.xlsx", MAIN).questions
    assert [each.column for each in asked] == ["受理环节说法", "归档环节说法"]
    said = {"column:受理环节说法": "description", "column:归档环节说法": "leave"}
    assert read(xlsx(*rows), "a.xlsx", MAIN, **said).drafts[0].texts["description"] == "甲"


def test_a_cell_of_which_no_unit_was_read_is_shown_with_the_units_it_names():
    said = "由乡镇退出后，改为区林业局会同区公安分局检查；其他另定"
    sheet = xlsx(["序号", "事项名称", "承接部门及工作方式"], ["1", "甲事项", said])
    found = read(sheet, "a.xlsx", "taken_back")
    [question] = [each for each in found.questions if each.kind == "unit"]
    assert said in question.written
    assert [each.value for each in question.candidates] == [str(FOREST), str(POLICE), "nobody"]
    [draft] = read(sheet, "a.xlsx", "taken_back", **{question.id: str(FOREST)}).drafts
    assert (draft.lead_id, draft.texts["lead_duties"]) == (FOREST, said)


@pytest.mark.parametrize(
    "said", ["按照“谁审批、谁负责”原则", "“谁主管/谁负责”的部门", "区直“一办、三中心”"]
)
def test_what_stands_in_quotation_marks_is_never_cut_into_two_units(said):
    sheet = xlsx(["序号", "事项名称", "牵头单位"], ["1", "甲事项", said])
    found = read(sheet, "a.xlsx", "main_and_cooperating")
    assert [each.written for each in found.questions if each.kind == "unit"] == [said]


@pytest.mark.parametrize(
    ("second", "third", "units"),
    [
        ("协办单位", "参与单位", [POLICE, FOREST]),
        ("承办单位", "协办单位", [POLICE, FOREST]),
        ("协作单位", "联动单位", [POLICE, FOREST]),
        ("主办单位", "处置部门", [POLICE, FOREST]),
    ],
)
def test_all_columns_of_units_that_help_are_read(second, third, units):
    header = ["序号", "事项名称", "牵头单位", second, third, "属地", "办理时限"]
    rows = [
        header,
        ["1", "烧烤", "区城乡水务局", "区公安分局", "区林业局", "各镇街", "5日"],
        ["2", "养犬", "区公安分局", "", "", "", "2日"],
        header,
        ["3", "占道", "区公安分局", "", "区林业局", "√", ""],
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    assert [(each.lead_id, [of for of, _ in each.cooperating]) for each in found.drafts] == [
        (WATER, [*units, None]),
        (POLICE, []),
        (POLICE, [FOREST, None]),
    ]
    assert [each.limit for each in found.drafts][:2] == [5, 2]
    assert found.report["unknown_columns"] == []


def test_a_column_of_units_with_duties_beside_it_is_not_joined_with_others():
    header = ["事项名称", "牵头单位", "职责", "承办单位", "职责", "配合单位"]
    row = ["烧烤", "区城乡水务局", "统筹", "区公安分局", "查处", "区林业局"]
    found = read(xlsx(header, row), "a.xlsx", "main_and_cooperating")
    assert found.report["unknown_columns"] == ["承办单位", "职责"]
    assert found.drafts[0].cooperating == ((FOREST, ""),)


@pytest.mark.parametrize(
    "header",
    [
        [["序号", "事项", "牵头", "配合", "镇街职责"]],
        [["序号", "事项", "主责", "协办", "镇街职责"]],
        [["序号", "事项", "责任分工", "责任分工", "镇街职责"], ["", "", "牵头", "配合", ""]],
    ],
)
def test_who_leads_and_who_helps_may_be_all_that_a_heading_says(header):
    found = read(
        xlsx(*header, ["1", "打架", "区公安分局", "区林业局", "劝解"]), "a.xlsx", "cooperating"
    )
    [draft] = found.drafts
    assert (draft.lead_id, draft.cooperating[0]) == (POLICE, (FOREST, ""))
    assert draft.texts["township_duties"] == "劝解"


def test_what_a_first_row_says_is_no_heading():
    header = ["事项名称", "责任单位", "角色", "办理时限"]
    rows = [["甲", "区公安分局", "配合", "2日"], ["乙", "区林业局", "牵头", "3日"]]
    found = read(xlsx(header, *rows), "a.xlsx", "main_and_cooperating")
    assert [each.texts["name"] for each in found.drafts] == ["甲", "乙"]
    assert found.report["unknown_columns"] == ["角色"]


def test_a_list_of_what_is_delegated_calls_its_matters_by_what_they_enforce():
    rows = [
        ["序号", "委托部门", "受委托镇街", "行政执法事项", "执法类型"],
        ["1", "区林业局", "各镇街", "采砂检查", "行政检查"],
    ]
    [draft] = read(xlsx(*rows), "a.xlsx", "enforcement_delegated").drafts
    assert (draft.texts["name"], draft.cooperating) == ("采砂检查", ((FOREST, ""),))
