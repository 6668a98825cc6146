"""Lists that are no plain table of rows: marks below units, cards, one name under two numbers."""

import io

import pytest
from docx import Document

from tests.pure.lists.sheets import read, workbook, xlsx

POLICE, FOREST, WATER = 1, 2, 3
UNITS = ["区公安分局", "区林业局", "区城乡水务局"]
HEADER = ["序号", "事项名称", *UNITS, "镇街", "办理时限"]
STARS = [
    HEADER,
    ["1", "私设摊点", "★", "●", "", "●", "5个工作日"],
    ["2", "占道停车", "", "●", "★", "", "2日"],
]


def drafts(found):
    return [
        (each.texts["name"], each.lead_id, [unit for unit, _ in each.cooperating])
        for each in found.drafts
    ]


def asked(found, kind="choice"):
    return {
        each.id: [one.value for one in each.candidates]
        for each in found.questions
        if each.kind == kind and each.id.startswith(("mark", "same"))
    }


SHARED_OUT = [("私设摊点", POLICE, [FOREST, None]), ("占道停车", WATER, [FOREST])]


@pytest.mark.parametrize(
    ("marks", "legend"),
    [
        (("★", "●"), "注：★表示牵头单位，●表示配合单位"),
        (("●", "○"), "说明：“●”为主责部门，“○”为协助部门"),
        (("√", "△"), "备注：牵头部门用√，配合部门用△"),
        (("牵头", "配合"), ""),
        (("主责", "协助"), ""),
    ],
)
def test_marks_below_units_say_who_leads_and_who_helps_as_the_sheet_explains(marks, legend):
    lead, helps = marks
    rows = [[{"★": lead, "●": helps}.get(cell, cell) for cell in row] for row in STARS]
    found = read(xlsx([legend], *rows), "a.xlsx", "main_and_cooperating")
    assert drafts(found) == SHARED_OUT
    assert asked(found) == {}
    assert [each.limit for each in found.drafts] == [5, 2]


def test_what_a_mark_means_is_asked_where_nothing_says_it_and_holds_as_it_is_answered():
    data = xlsx(*STARS)
    found = read(data, "a.xlsx", "main_and_cooperating")
    assert asked(found) == {"mark:★": ["lead", "help"], "mark:●": ["help", "lead"]}
    assert not [each for each in found.questions if each.kind == "lead"]
    answers = {"mark:★": "lead", "mark:●": "help"}
    answered = read(data, "a.xlsx", "main_and_cooperating", **answers)
    assert drafts(answered) == SHARED_OUT
    assert asked(answered) == {}
    other = read(data, "a.xlsx", "main_and_cooperating", **{"mark:★": "help", "mark:●": "lead"})
    assert drafts(other)[1] == ("占道停车", FOREST, [WATER])


def test_of_several_ticked_alike_a_person_says_who_leads():
    rows = [HEADER, ["1", "私设摊点", "√", "√", "", "", "5日"], ["2", "占道", "", "", "√", "", ""]]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating", **{"mark:√": "lead"})
    [lead] = [each for each in found.questions if each.kind == "lead"]
    assert [one.value for one in lead.candidates] == [str(POLICE), str(FOREST)]
    assert found.drafts[1].lead_id == WATER


def test_units_may_stand_in_a_second_line_below_what_they_have_in_common():
    rows = [
        ["序号", "事项名称", "责任部门", "", "", "", "办理时限"],
        ["", "", *HEADER[2:6], ""],
        *STARS[1:],
        ["注：★为牵头，●为配合"],
    ]
    merged = "A1:A2", "B1:B2", "C1:F1", "G1:G2"
    found = read(workbook({"清单": rows}, *merged), "a.xlsx", "main_and_cooperating")
    assert drafts(found) == SHARED_OUT
    assert [each.limit for each in found.drafts] == [5, 2]


def test_an_unknown_unit_above_marks_is_asked_for_and_ticks_below_other_headings_stay():
    rows = [
        ["序号", "事项名称", "区畜牧局", "区林业局", "可现场处置"],
        ["1", "私设摊点", "牵头", "配合", "√"],
        ["2", "占道停车", "配合", "牵头", ""],
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    assert [each.written for each in found.questions if each.kind == "unit"] == ["区畜牧局"]
    assert [each.self_handle for each in found.drafts] == [True, False]
    assert found.drafts[1].lead_id == FOREST


TWICE = [
    ["序号", "事项名称", "牵头单位", "主要职责"],
    ["1", "校园安全", "区公安分局", "查处"],
    ["2", "校园安全", "区林业局", "看护"],
    ["3", "占道停车", "区林业局", "查处"],
]


def test_one_name_under_two_numbers_is_asked_about_and_is_one_matter_if_a_person_says_so():
    data = xlsx(*TWICE)
    found = read(data, "a.xlsx", "main_and_cooperating")
    assert asked(found) == {"same:/校园安全": ["one", "several"]}
    [question] = [each for each in found.questions if each.id.startswith("same")]
    assert question.rows == [2, 3]
    assert "matter:校园安全" not in {each.id for each in found.questions}
    one = read(data, "a.xlsx", "main_and_cooperating", **{"same:/校园安全": "one"})
    assert drafts(one) == [("校园安全", POLICE, [FOREST]), ("占道停车", FOREST, [])]
    assert asked(one) == {}


def test_one_name_under_two_numbers_is_two_matters_with_a_code_each_if_a_person_says_so():
    data = xlsx(*TWICE)
    said = {"same:/校园安全": "several"}
    found = read(data, "a.xlsx", "main_and_cooperating", **said)
    wanted = [each for each in found.questions if each.kind == "matter" and "校园" in each.written]
    assert [each.rows for each in wanted] == [[2], [3]]
    assert len({each.id for each in wanted}) == 2
    answers = said | {each.id: "new" for each in found.questions if each.kind == "matter"}
    done = read(data, "a.xlsx", "main_and_cooperating", **answers)
    assert [each.texts["name"] for each in done.drafts] == ["校园安全", "校园安全", "占道停车"]
    assert len({each.code for each in done.drafts}) == 3
    assert done.questions == ()


CARDS = [
    {
        "事项名称": "私设摊点",
        "牵头单位": "区公安分局",
        "配合单位": "区林业局、镇街",
        "时限": "5个工作日",
    },
    {"事项名称": "占道停车", "牵头单位": "区城乡水务局", "配合单位": "区林业局", "时限": "2日"},
    {"事项名称": "看护山林", "牵头单位": "区林业局", "配合单位": "", "时限": ""},
]
OF_CARDS = [*SHARED_OUT, ("看护山林", FOREST, [])]


def word(cards, *, titles=(), width=2):
    document = Document()
    for n, card in enumerate(cards):
        document.add_paragraph(titles[n] if titles else "")
        said = list(card.items())
        rows = [said[at : at + width // 2] for at in range(0, len(said), width // 2)]
        table = document.add_table(rows=len(rows), cols=width)
        for row, pairs in zip(table.rows, rows, strict=True):
            for cell, words in zip(
                row.cells, [each for pair in pairs for each in pair], strict=True
            ):
                cell.text = words
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("titles", "width"),
    [((), 2), (("1．私设摊点", "2．占道停车", "3．看护山林"), 2), ((), 4), (("", "附：", ""), 2)],
)
def test_cards_of_a_document_one_after_another_are_its_matters(titles, width):
    found = read(word(CARDS, titles=titles, width=width), "a.docx", "main_and_cooperating")
    assert drafts(found) == OF_CARDS
    assert [each.limit for each in found.drafts][:2] == [5, 2]


def test_what_heads_cards_is_their_domain_and_what_else_stands_above_one_is_kept():
    titles = ("一、城乡管理", "城区用", "二、生态环境")
    found = read(word(CARDS, titles=titles), "a.docx", "main_and_cooperating")
    domains = [each.texts["domain"] for each in found.drafts]
    assert domains == ["城乡管理", "城乡管理", "生态环境"]
    assert [each.extras.get("卡片标题") for each in found.drafts] == [None, "城区用", None]


def test_more_cards_than_a_file_may_have_tables_are_still_one_list():
    cards = [CARDS[0] | {"事项名称": f"第{n}件事"} for n in range(1, 61)]
    found = read(word(cards), "a.docx", "main_and_cooperating")
    assert len(found.drafts) == 60


def test_a_heading_that_no_card_should_have_stays_beside_and_a_table_of_two_columns_is_no_card():
    cards = [each | {"备案号": "7"} for each in CARDS]
    found = read(word(cards), "a.docx", "main_and_cooperating")
    assert [each.extras for each in found.drafts] == [{"备案号": "7"}] * 3
    plain = read(xlsx(["序号", "事项名称"], ["1", "甲"], ["2", "乙"]), "a.xlsx", "basic")
    assert [each.texts["name"] for each in plain.drafts] == ["甲", "乙"]
