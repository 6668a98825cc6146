"""Lists that are no plain table of rows: marks below units, cards, one name under two numbers."""

import io

import pytest
from docx import Document

from server.errors import ListRefused
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


@pytest.mark.parametrize(
    ("police", "water", "local", "duty"),
    [
        ("牵头：现场查处", "配合：看水", "配合：巡查上报", True),
        ("★现场查处", "●（看水）", "●巡查上报", True),
        ("（牵头）现场查处", "协助 看水", "属地：巡查上报", True),
        ("主办", "协办", "属地", False),
        ("牵头、主责", "配合、协助", "协办", False),
    ],
)
def test_a_mark_below_a_unit_may_say_what_it_has_to_do(police, water, local, duty):
    rows = [
        ["序号", "事项名称", *UNITS, "镇（街道）"],
        ["1", "占道洗车", police, "", water, local],
        ["2", "看护山林", "", "牵头", "", ""],
        ["注：★表示牵头，●表示配合"],
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    assert drafts(found) == [("占道洗车", POLICE, [WATER, None]), ("看护山林", FOREST, [])]
    first = found.drafts[0]
    assert first.texts["lead_duties"] == ("现场查处" if duty else "")
    assert dict(first.cooperating) == {
        WATER: "看水" if duty else "",
        None: "巡查上报" if duty else "",
    }
    assert not [each for each in found.questions if each.kind in ("unit", "choice")]
    assert found.report["unknown_columns"] == []


def test_the_duties_below_units_join_those_that_have_columns_of_their_own():
    rows = [
        ["序号", "事项名称", *UNITS, "牵头部门职责", "配合部门职责"],
        ["1", "私设摊点", "牵头：查处", "配合：看山", "", "依法办理", ""],
    ]
    [draft] = read(xlsx(*rows), "a.xlsx", "main_and_cooperating").drafts
    assert draft.texts["lead_duties"] == "依法办理\n查处"
    assert draft.cooperating == ((FOREST, "看山"),)


def test_a_unit_that_says_what_it_does_and_not_as_what_is_offered_as_the_lead():
    rows = [
        ["序号", "事项名称", *UNITS],
        ["1", "占道洗车", "负责现场查处工作", "", "配合"],
        ["2", "看护山林", "", "牵头", ""],
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    [question] = [each for each in found.questions if each.kind == "unit"]
    assert [each.value for each in question.candidates][:2] == [str(POLICE), str(WATER)]
    led = {question.id: str(POLICE)}
    [first, _] = read(xlsx(*rows), "a.xlsx", "main_and_cooperating", **led).drafts
    assert (first.lead_id, first.texts["lead_duties"]) == (POLICE, "负责现场查处工作")


@pytest.mark.parametrize(
    ("one", "other"), [("★●", "●"), ("1", "2"), ("甲", "乙"), ("★/●", "○"), ("①", "②")]
)
def test_marks_that_nobody_knows_and_two_in_a_cell_are_asked_about(one, other):
    rows = [
        ["序号", "事项名称", *UNITS],
        ["1", "养犬", one, other, ""],
        ["2", "占道", "", one, other],
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    said = {f"mark:{each.written}": each.id for each in found.questions if each.kind == "choice"}
    assert len(said) == 2
    answers = dict(zip(said.values(), ("lead", "help"), strict=True))
    done = read(xlsx(*rows), "a.xlsx", "main_and_cooperating", **answers)
    assert drafts(done) == [("养犬", POLICE, [FOREST]), ("占道", FOREST, [WATER])]


def test_units_above_marks_may_be_called_in_short_and_a_person_says_which_they_are():
    rows = [
        ["序号", "事项名称", "公安", "城管", "镇街", "可现场处置"],
        ["1", "占道洗车", "○", "★", "○", "√"],
        ["2", "乞讨救助", "★", "", "", ""],
        ["注：★为牵头，○为配合"],
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    units = {each.written: each for each in found.questions if each.kind == "unit"}
    assert [*units] == ["城管", "公安"]
    assert units["公安"].candidates[0].value == str(POLICE)
    assert [each.self_handle for each in found.drafts] == [True, False]
    answers = {"unit:公安": str(POLICE), "unit:城管": str(WATER)}
    done = read(xlsx(*rows), "a.xlsx", "main_and_cooperating", **answers)
    assert drafts(done) == [("占道洗车", WATER, [POLICE, None]), ("乞讨救助", POLICE, [])]


ON_ITS_SIDE = [
    ["事项名称", "占道经营", "噪音扰民", "黑车"],
    ["牵头部门", "区城乡水务局", "区公安分局", "区林业局"],
    ["配合部门", "区公安分局", "", "区公安分局、镇街"],
    ["办理时限", "1日", "2日", "3个工作日"],
]


@pytest.mark.parametrize("n_matters", [2, 3])
@pytest.mark.parametrize("title", [[], [["城乡管理清单"]]])
def test_a_table_on_its_side_has_a_matter_in_each_column(title, n_matters):
    rows = [each[: n_matters + 1] for each in ON_ITS_SIDE]
    found = read(xlsx(*title, *rows), "a.xlsx", "main_and_cooperating")
    expected = [
        ("占道经营", WATER, [POLICE]),
        ("噪音扰民", POLICE, []),
        ("黑车", FOREST, [POLICE, None]),
    ]
    assert drafts(found) == expected[:n_matters]
    assert [each.limit for each in found.drafts] == [1, 2, 3][:n_matters]
    assert "竖排" in found.report["sheet"]
    assert {each.kind for each in found.questions} == {"matter"}


def test_a_table_on_its_side_that_names_a_matter_twice_is_refused_and_never_read_in_part():
    rows = [["事项名称", "占道", "占道", "黑车"], *ON_ITS_SIDE[1:]]
    with pytest.raises(ListRefused):
        read(xlsx(*rows), "a.xlsx", "main_and_cooperating")


@pytest.mark.parametrize("between", [[], [""]])
def test_cards_side_by_side_are_a_matter_each(between):
    one, two, three = (list(each.items()) for each in CARDS)
    rows = [
        [*first, *between, *second, *between, *third]
        for first, second, third in zip(one, two, three, strict=True)
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    assert drafts(found) == OF_CARDS


def test_a_table_within_another_that_only_frames_it_is_read():
    document = Document()
    frame = document.add_table(rows=2, cols=1)
    frame.cell(0, 0).text = "城乡管理清单"
    rows = [["事项名称", "牵头单位", "配合单位"], ["私设摊点", "区公安分局", "区林业局"]]
    inner = frame.cell(1, 0).add_table(rows=2, cols=3)
    for row, said in zip(inner.rows, rows, strict=True):
        for cell, words in zip(row.cells, said, strict=True):
            cell.text = words
    kept = io.BytesIO()
    document.save(kept)
    found = read(kept.getvalue(), "a.docx", "main_and_cooperating")
    assert drafts(found) == [("私设摊点", POLICE, [FOREST])]


def test_beside_a_column_of_who_leads_a_mark_is_likely_to_say_who_helps():
    rows = [
        ["事项名称", "牵头部门", *UNITS[:2]],
        ["占道", "区城乡水务局", "●", "●"],
        ["养犬", "区公安分局", "", "●"],
    ]
    found = read(xlsx(*rows), "a.xlsx", "main_and_cooperating")
    assert asked(found) == {"mark:●": ["help", "lead"]}
    assert drafts(found) == [("占道", WATER, [POLICE, FOREST]), ("养犬", POLICE, [FOREST])]


def test_ticks_below_what_may_be_done_are_no_marks_of_a_unit():
    rows = [["事项名称", "公安", "林业", "是否公开"], ["占道", "牵头", "配合", "√"]]
    [draft] = read(xlsx(*rows), "a.xlsx", "main_and_cooperating").drafts
    assert draft.extras == {"是否公开": "√"}
