"""Words of a choice that are none of its own, and the words for the township of the place."""

import pytest

from server.responsibility.list.list_types import MAIN
from server.responsibility.sheets import columns
from server.responsibility.sheets.importing import Understood
from tests.pure.lists.sheets import read, xlsx

POWERS = ["序号", "职权名称", "类别", "原实施部门"]
MAIN_HEADER = ["序号", "事项名称", "牵头部门", "责任层级", "可现场处置"]


def choices(found: Understood) -> dict[str, list[str]]:
    return {
        each.id: [candidate.name for candidate in each.candidates]
        for each in found.questions
        if each.kind == "choice"
    }


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("处罚", ("处罚",)),
        ("行政处罚、行政强制", ("行政处罚", "行政强制")),
        ("行政处罚/强制", ("行政处罚", "强制")),
        ("行政检查（含巡查）", ("行政检查（含巡查）",)),
        ("执法（综合）", ()),
    ],
)
def test_powers_are_understood_several_in_brackets_and_by_half(written, tags):
    sheet = xlsx(POWERS, ["1", "甲", written, "区林业局"])
    found = read(sheet, "a.xlsx", "empowerment")
    assert [(each.kind, each.tags) for each in found.drafts] == [("enforcement", tags)]
    assert not choices(found)


@pytest.mark.parametrize("written", ["公共服务", "其他权力", "行政备案", "城市管理"])
def test_an_unknown_kind_is_asked_as_most_rows_say_first_and_stays_as_a_tag(written):
    rows = [["1", "甲", "民生", ""], ["2", "乙", "民生", ""], ["3", "丙", written, ""]]
    sheet = xlsx(POWERS, *rows, ["4", "丁", written, ""])
    found = read(sheet, "a.xlsx", "empowerment")
    assert choices(found) == {f"kind:{written}": ["民生", "执法", "发展"]}
    [question] = [each for each in found.questions if each.kind == "choice"]
    assert question.rows == [4, 5]
    for answer in ("development", "发展"):
        answered = read(sheet, "a.xlsx", "empowerment", **{question.id: answer})
        assert not choices(answered)
        assert [(each.kind, each.tags) for each in answered.drafts[2:]] == [
            ("development", (written,))
        ] * 2


@pytest.mark.parametrize("written", ["部门", "县直部门", "县乡共管"])
def test_an_unknown_word_for_whose_a_matter_is_is_asked_among_what_fits_who_leads(written):
    sheet = xlsx(MAIN_HEADER, ["1", "甲", "区林业局", written, "是"])
    asked = f"responsibility:{written}"
    assert choices(read(sheet, "a.xlsx", MAIN)) == {asked: ["县级主责", "县镇共责"]}
    [draft] = read(sheet, "a.xlsx", MAIN, **{asked: "县镇共责"}).drafts
    assert draft.responsibility == "joint"


@pytest.mark.parametrize("written", ["镇级", "乡级", "属地", "属地管理"])
def test_where_the_township_alone_leads_there_is_nothing_to_ask(written):
    found = read(xlsx(MAIN_HEADER, ["1", "甲", "镇街", written, "是"]), "a.xlsx", MAIN)
    assert [each.responsibility for each in found.drafts] == ["township"]
    assert not choices(found)


def test_an_unknown_word_for_whether_it_is_settled_on_the_spot_is_asked():
    rows = [["1", "甲", "区林业局", "县级", "√"], ["2", "乙", "区林业局", "县级", "视情况"]]
    found = read(xlsx(MAIN_HEADER, *rows), "a.xlsx", MAIN)
    assert choices(found) == {"self_handle:视情况": ["是", "否"]}
    answered = read(xlsx(MAIN_HEADER, *rows), "a.xlsx", MAIN, **{"self_handle:视情况": "no"})
    assert [each.self_handle for each in answered.drafts] == [True, False]


HEADER = ["序号", "事项名称", "主体责任单位", "配合责任单位", "办理时限"]
POLICE, FOREST = 1, 2


@pytest.mark.parametrize(
    "written",
    [
        *("镇街", "各乡镇", "各乡镇（街道）", "各镇街", "各街道", "属地", "属地政府", "township"),
        *("乡镇人民政府", "各乡镇人民政府", "街道办事处", "各街道办事处", "乡镇（街道）"),
        *("镇（街道）", "镇人民政府（街道办事处）", "各镇（办）", "镇办", "乡（镇）"),
        *("乡镇（办事处）", "所在镇街", "辖区街道", "属地街道", "乡镇政府", "乡镇党委政府"),
        *("各镇人民政府、街道办事处", "乡镇政府、街道办事处", "乡镇/街道"),
    ],
)
def test_the_words_for_townships_in_general_mean_that_of_the_place(written):
    sheet = xlsx(HEADER, ["1", "甲事项", "区公安分局", written, "5日"])
    found = read(sheet, "a.xlsx", MAIN)
    assert [each.cooperating for each in found.drafts] == [((None, ""),)]
    assert not [each for each in found.questions if each.kind == "unit"]


@pytest.mark.parametrize(
    "written",
    ["村（社区）", "居委会", "政府", "区人民政府", "榴园镇", "区委办", "办", "街道口派出所"],
)
def test_other_units_are_no_townships_in_general(written):
    assert not columns.is_township(written)


@pytest.mark.parametrize("answer", ["township", "镇街", "各乡镇人民政府"])
def test_a_unit_that_is_asked_may_be_the_township(answer):
    row = ["1", "甲事项", "区公安分局", "榴园镇、村（社区）", "5日"]
    found = read(xlsx(HEADER, row), "a.xlsx", MAIN)
    [first, _] = [each for each in found.questions if each.kind == "unit"]
    assert [each.name for each in first.candidates] == ["新增单位", "镇街", "不派单"]
    answers = {"unit:榴园镇": answer, "unit:村社区": "nobody"}
    [draft] = read(xlsx(HEADER, row), "a.xlsx", MAIN, **answers).drafts
    assert draft.cooperating == ((None, ""),)


def test_whose_a_matter_is_follows_from_who_leads_where_it_is_not_said():
    rows = [
        ["1", "甲事项", "镇街", "区公安分局", "5日"],
        ["2", "乙事项", "区林业局", "镇街", "5日"],
        ["3", "丙事项", "榴园镇人民政府", "区林业局", "5日"],
    ]
    answers = {"unit:榴园镇人民政府": "township"}
    found = read(xlsx(HEADER, *rows), "a.xlsx", MAIN, **answers)
    assert [(each.responsibility, each.lead_id) for each in found.drafts] == [
        ("township", None),
        ("county", FOREST),
        ("township", None),
    ]
    assert [each.cooperating for each in found.drafts] == [
        ((POLICE, ""),),
        ((None, ""),),
        ((FOREST, ""),),
    ]


@pytest.mark.parametrize("level", ["镇街主责", "县镇共责"])
def test_the_township_may_lead_what_is_shared_and_helps_nobody_by_what_it_leads(level):
    header = [*HEADER, "责任层级"]
    row = ["1", "甲事项", "镇街", "区公安分局、各村镇办、属地政府", "5日", level]
    answers = {"unit:各村镇办": "nobody"}
    [draft] = read(xlsx(header, row), "a.xlsx", MAIN, **answers).drafts
    assert draft.responsibility == ("township" if level == "镇街主责" else "joint")
    assert (draft.lead_id, draft.cooperating) == (None, ((POLICE, ""),))
