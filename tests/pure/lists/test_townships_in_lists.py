"""The township of the place in a list: what it is called, and what follows where it leads."""

import pytest

from server.responsibility.list.list_types import MAIN
from server.responsibility.sheets import columns
from tests.pure.lists.sheets import read, xlsx

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
