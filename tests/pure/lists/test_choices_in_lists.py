"""Words of a choice that are none of its own: understood, or asked with what they may mean."""

import pytest

from server.responsibility.list.list_types import MAIN
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
