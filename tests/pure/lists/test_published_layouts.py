"""Lists as offices publish them: each layout on a small file of its own."""

import io
import zipfile

import openpyxl
import pytest
from docx import Document

from server.errors import ListRefused
from server.responsibility.list.fields import shortened
from server.responsibility.list.list_types import MAIN
from server.responsibility.sheets.importing import Understood
from tests.pure.lists.sheets import read, xlsx

MAIN_HEADER = ["序号", "事项名称", "责任部门", "主要职责", "配合单位", "配合职责", "办理时限"]
COOPERATING = ["序号", "配合履职事项", "对应上级部门", "上级部门职责", "配合职责"]
POLICE, FOREST, WATER = 1, 2, 3
MAIN_NS = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def merged(*ranges: str, rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for each in ranges:
        book.active.merge_cells(each)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def only(found: Understood):
    [draft] = found.drafts
    return draft


def asked(found: Understood, kind: str) -> list[tuple[str, list[str]]]:
    return [
        (each.written, [candidate.name for candidate in each.candidates])
        for each in found.questions
        if each.kind == kind
    ]


def refusal(data: bytes, name: str, kind: str) -> dict[str, object]:
    with pytest.raises(ListRefused) as refused:
        read(data, name, kind)
    return refused.value.facts["rows"][0]


def test_a_matter_may_be_a_whole_sentence_and_is_called_by_its_beginning():
    name = "加强辖区防汛抗旱工作，" + "组织群众转移安置" * 60
    draft = only(read(xlsx(["序号", "事项名称"], ["1", name[:500]]), "a.xlsx", "basic"))
    assert draft.texts["name"] == name[:500]
    assert draft.entry(1, 1).title == "加强辖区防汛抗旱工作…"
    assert len(shortened("字" * 500)) == 40
    assert refusal(xlsx(["序号", "事项名称"], ["1", "字" * 501]), "a.xlsx", "basic")["code"] == (
        "too_long"
    )


def test_a_short_title_of_the_sheet_is_taken():
    sheet = xlsx(["事项名称", "事项简称"], ["很长的事项" * 20, "短"])
    assert only(read(sheet, "a.xlsx", "basic")).entry(1, 1).title == "短"


ROWS = [
    MAIN_HEADER,
    ["1", "私设摊点", "区公安分局", "牵头查处", "镇街", "上报", "5个工作日"],
    ["", "", "区林业局", "查处无照", "", "", ""],
    ["", "", "区城乡水务局", "查处占道", "", "", ""],
    ["2", "占道停车", "区林业局", "查处", "镇街", "劝导", "2日"],
]


@pytest.mark.parametrize("as_merged", [True, False])
def test_rows_below_one_name_are_one_matter_that_the_first_unit_leads(as_merged):
    ranges = ["A2:A4", "B2:B4", "E2:E4", "F2:F4", "G2:G4"] if as_merged else []
    found = read(merged(*ranges, rows=ROWS), "a.xlsx", MAIN)
    first, second = found.drafts
    assert (first.lead_id, first.texts["lead_duties"]) == (POLICE, "牵头查处")
    assert first.cooperating == ((FOREST, "查处无照"), (WATER, "查处占道"), (None, "上报"))
    assert (first.limit, first.urgency) == (5, "work_day")
    assert second.lead_id == FOREST
    goes_on = [row for row in found.report["rows"] if row["status"] == "skipped"]
    assert [row["row"] for row in goes_on] == [3, 4]
    assert "第 2 行" in goes_on[0]["reasons"][0]


def test_rows_that_repeat_number_and_name_are_one_matter_and_two_numbers_are_two():
    rows = [*ROWS[:2], ["1", "私设摊点", "区林业局", "查处无照", "镇街", "上报", "5个工作日"]]
    first = only(read(xlsx(*rows), "a.xlsx", MAIN))
    assert first.cooperating == ((FOREST, "查处无照"), (None, "上报"))
    twice = [*ROWS[:2], ["2", "私设摊点", "区林业局", "查处", "镇街", "上报", "5日"]]
    found = read(xlsx(*twice), "a.xlsx", MAIN)
    assert [each.id for each in found.questions if each.kind == "choice"] == ["same:/私设摊点"]


def test_helpers_over_several_rows_have_each_their_duty():
    rows = [
        MAIN_HEADER,
        ["1", "私设摊点", "区公安分局", "查处", "区林业局", "看山", "5日"],
        ["", "", "", "", "区城乡水务局", "看水", ""],
        ["", "", "", "", "镇街", "上报", ""],
    ]
    draft = only(read(merged("A2:A4", "B2:B4", "C2:C4", rows=rows), "a.xlsx", MAIN))
    assert draft.lead_id == POLICE
    assert draft.cooperating == ((FOREST, "看山"), (WATER, "看水"), (None, "上报"))


@pytest.mark.parametrize(
    ("said", "lead", "duty", "others"),
    [
        ("承接部门：区林业局\n工作方式：组织核查。", FOREST, "组织核查。", ()),
        ("区林业局：组织检查。", FOREST, "组织检查。", ()),
        ("承接部门：区林业局；工作方式：核查", FOREST, "核查", ()),
        ("区林业局", FOREST, "", ()),
        ("区林业局。工作方式：组织检查", FOREST, "组织检查", ()),
        ("区林业局\n工作方式：组织检查", FOREST, "组织检查", ()),
        ("区林业局。组织专业力量检查；依法查处", FOREST, "组织专业力量检查；依法查处", ()),
        ("区林业局 负责组织实施", FOREST, "负责组织实施", ()),
        ("区林业局，会同有关方面检查。", FOREST, "会同有关方面检查。", ()),
        ("区林业局（牵头）：核查\n区公安分局：协助", FOREST, "核查", ((POLICE, "协助"),)),
    ],
)
def test_one_column_says_who_takes_a_matter_back_and_how(said, lead, duty, others):
    sheet = xlsx(["序号", "事项名称", "承接部门及工作方式"], ["1", "甲事项", said])
    draft = only(read(sheet, "a.xlsx", "taken_back"))
    assert (draft.lead_id, draft.texts["lead_duties"]) == (lead, duty)
    assert draft.cooperating == others


@pytest.mark.parametrize("written", ["行政处罚", "行政强制", "行政检查", "其他行政权力", "执法"])
def test_the_kinds_of_powers_mean_enforcement_and_stay_as_tags(written):
    sheet = xlsx(["序号", "事项名称", "类别", "原实施部门"], ["1", "处罚", written, "区林业局"])
    draft = only(read(sheet, "a.xlsx", "empowerment"))
    assert draft.kind == "enforcement"
    assert draft.tags == (() if written == "执法" else (written,))


def test_a_column_called_like_the_kind_that_names_domains_is_one_of_domains():
    sheet = xlsx(["事项类别", "事项名称"], ["平安法治", "甲事项"], ["平安法治", "乙事项"])
    assert {each.texts["domain"] for each in read(sheet, "a.xlsx", "basic").drafts} == {"平安法治"}


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("立即", ["2小时（全天候）", "4小时（全天候）", "15个工作日"]),
        ("当日", ["1日", "1个工作日", "15个工作日"]),
        ("按法定时限", ["15个工作日"]),
        ("1-3个工作日", ["3个工作日", "15个工作日"]),
        ("15", ["15个工作日", "15日", "15小时（全天候）"]),
        ("半个月", ["15日", "15个工作日"]),
        ("半年", ["180日", "15个工作日"]),
        ("半天", ["4个工作小时", "15个工作日"]),
        ("次日", ["1日", "1个工作日", "15个工作日"]),
        ("当场", ["1个工作日", "15个工作日"]),
        ("接报后30分钟内到达现场", ["1小时（全天候）", "15个工作日"]),
        ("2026年12月31日前", ["15个工作日"]),
        ("0.5个工作日", ["4个工作小时", "15个工作日"]),
        ("1.5天", ["36小时（全天候）", "15个工作日"]),
        ("一天半", ["36小时（全天候）", "15个工作日"]),
        ("1个半月", ["45日", "15个工作日"]),
        ("1个半小时", ["15个工作日"]),
        ("0.3天", ["15个工作日"]),
    ],
)
def test_a_limit_that_is_no_number_is_asked_once_for_all_its_rows(said, offered):
    rows = [[n, f"事项{n}", "区林业局", "", "", "", said] for n in ("一", "二")]
    sheet = xlsx(MAIN_HEADER, *rows)
    found = read(sheet, "a.xlsx", MAIN)
    assert asked(found, "limit") == [(said, offered)]
    [question] = [each for each in found.questions if each.kind == "limit"]
    assert question.rows == [2, 3]
    answered = read(sheet, "a.xlsx", MAIN, **{question.id: "3个工作日内"})
    assert {(each.limit, each.urgency) for each in answered.drafts} == {(3, "work_day")}
    assert not asked(answered, "limit")


@pytest.mark.parametrize(
    "heading", ["办理时限（工作日）", "承诺时限(工作日)", "办结时限\n（个工作日）"]
)
def test_a_number_has_the_unit_that_its_heading_names(heading):
    rows = [
        ["1", "甲", "区林业局", 5],
        ["2", "乙", "区林业局", "3日"],
        ["3", "丙", "区林业局", "立即"],
    ]
    found = read(xlsx([*MAIN_HEADER[:3], heading], *rows), "a.xlsx", MAIN)
    first, second, _ = found.drafts
    assert (first.limit, first.urgency) == (5, "work_day")
    assert (second.limit, second.urgency) == (3, "natural_day")
    assert [said for said, _ in asked(found, "limit")] == ["立即"]


def test_a_limit_and_a_kind_that_nobody_wrote_are_the_types_and_the_report_says_so():
    found = read(xlsx(MAIN_HEADER[:3], ["1", "甲事项", "区林业局"]), "a.xlsx", MAIN)
    assert (only(found).limit, only(found).urgency) == (15, "work_day")
    assert found.report["defaults"] == {"limit": "15个工作日", "kind": "民生"}
    assert "表中没有“类别”一列，各事项一律按“民生”读取" in found.report["notes"]
    some = [MAIN_HEADER, ["1", "甲事项", "区林业局"], ["2", "乙事项", "区林业局", *"   ", "3日"]]
    notes = read(xlsx(*some), "a.xlsx", MAIN).report["notes"]
    assert "“办理时限”没有填写的 1 个事项按“15个工作日”读取（第 2 行）" in notes


def test_an_unknown_unit_is_asked_and_may_be_new_or_nobody():
    sheet = xlsx(
        COOPERATING, ["1", "甲事项", "区委组织部", "x", "y"], ["2", "乙", "区林业局", "x", "y"]
    )
    found = read(sheet, "a.xlsx", "cooperating")
    assert asked(found, "unit") == [("区委组织部", ["新增单位", "镇街", "不派单"])]
    left = read(sheet, "a.xlsx", "cooperating", **{"unit:区委组织部": "nobody"})
    assert [each.texts["name"] for each in left.drafts] == ["乙"]
    [row] = [row for row in left.report["rows"] if row["status"] == "skipped"]
    assert (row["row"], row["reasons"]) == (2, ["牵头单位答复为不派单，未列入清单"])


def test_a_helper_that_is_nobody_is_left_away_and_the_matter_stays():
    row = ["1", "甲事项", "区林业局", "查", "各相关部门、区公安分局", "各负其责", "3日"]
    answers = {"unit:各相关部门": "nobody"}
    draft = only(read(xlsx(MAIN_HEADER, row), "a.xlsx", MAIN, **answers))
    assert draft.cooperating == ((POLICE, "各负其责"),)


@pytest.mark.parametrize(
    "duties",
    [
        "区公安分局：\n1.巡逻；\n2.查处。\n区林业局：护林。",
        "区公安分局：1.巡逻；\n2.查处。区林业局：护林。",
        "1.公安分局：1.巡逻；\n2.查处。\n2.林业局：护林。",
    ],
)
def test_duties_of_several_leads_are_split_by_the_units_named(duties):
    sheet = xlsx(COOPERATING, ["1", "甲事项", "1.区公安分局\n2.区林业局", duties, "上报"])
    [question] = [
        each for each in read(sheet, "a.xlsx", "cooperating").questions if each.kind == "lead"
    ]
    draft = only(read(sheet, "a.xlsx", "cooperating", **{question.id: str(FOREST)}))
    assert (draft.lead_id, draft.texts["lead_duties"]) == (FOREST, "护林。")
    [(unit, duty), township] = draft.cooperating
    assert (unit, duty.replace("\n", "")) == (POLICE, "1.巡逻；2.查处。")
    assert township == (None, "上报")


def test_what_is_said_of_nobody_by_name_is_the_leads():
    row = ["1", "甲事项", "区公安分局、区林业局（牵头）", "依法查处：分工协作。", "上报"]
    draft = only(read(xlsx(COOPERATING, row), "a.xlsx", "cooperating"))
    assert (draft.lead_id, draft.texts["lead_duties"]) == (FOREST, "依法查处：分工协作。")
    assert draft.cooperating == ((POLICE, ""), (None, "上报"))


@pytest.mark.parametrize(
    ("duties", "police", "forest", "water"),
    [
        (
            "【区公安分局】查处。\n【区林业局】护林。\n【水务局】看水。",
            "查处。",
            "护林。",
            "看水。",
        ),
        ("公安：查处。\n林业：护林。\n水务局：看水。", "查处。", "护林。", "看水。"),
        ("1.公安局：查处；2.林业局、水务局：协助。", "查处；", "协助。", "协助。"),
        ("区公安分局：查处。\n区林业局和区城乡水务局：协助。", "查处。", "协助。", "协助。"),
    ],
)
def test_duties_name_units_in_brackets_by_short_names_and_several_at_once(
    duties, police, forest, water
):
    row = ["1", "甲事项", "区公安分局（牵头）、区林业局、区城乡水务局", duties, ""]
    found = read(xlsx(COOPERATING, row), "a.xlsx", "cooperating")
    draft = only(found)
    assert (draft.lead_id, draft.texts["lead_duties"]) == (POLICE, police)
    assert draft.cooperating == ((FOREST, forest), (WATER, water), (None, ""))
    assert not [each for each in found.report["notes"] if "职责" in each]


@pytest.mark.parametrize(
    "duties", ["依法查处。", "区公安分局查处；区林业局护林。", "局：查处。", "区公安分局：查处。"]
)
def test_duties_that_do_not_say_whose_they_are_are_told(duties):
    row = ["1", "甲事项", "区公安分局（牵头）、区林业局", duties, "报"]
    found = read(xlsx(COOPERATING, row), "a.xlsx", "cooperating")
    assert only(found).texts["lead_duties"] == duties.removeprefix("区公安分局：")
    assert any("没有逐一写明是谁的" in each for each in found.report["notes"])


@pytest.mark.parametrize(
    "said",
    ["区公安分局和区林业局", "区公安分局  区林业局", "牵头部门：区公安分局；配合部门：区林业局"],
)
def test_names_that_words_or_marks_join_are_several_units(said):
    found = read(xlsx(COOPERATING, ["1", "甲事项", said, "查", "报"]), "a.xlsx", "cooperating")
    if "牵头" in said:
        assert only(found).lead_id == POLICE
        assert only(found).cooperating == ((FOREST, ""), (None, "报"))
    else:
        assert [names for _, names in asked(found, "lead")] == [["区公安分局", "区林业局"]]


def test_headings_that_are_not_understood_are_named_and_may_be_mapped_by_hand():
    sheet = xlsx(["序号", "管什么", "谁来管", "期限"], ["1", "甲事项", "区林业局", "3日"])
    refused = refusal(sheet, "a.xlsx", MAIN)
    assert refused["code"] == "no_table"
    assert "序号、管什么、谁来管、期限" in refused["reason"]
    meant = {"column:管什么": "name", "column:谁来管": "lead", "column:期限": "limit"}
    draft = only(read(sheet, "a.xlsx", MAIN, **meant))
    assert (draft.texts["name"], draft.lead_id, draft.limit) == ("甲事项", FOREST, 3)
    half = refusal(xlsx(["序号", "事项名称", "编码", "谁来管"], ["1", "甲", "A", "x"]), "a", MAIN)
    assert half["code"] == "missing_columns"
    assert "没有认出：谁来管" in half["reason"]


def test_a_row_of_sums_is_left_out_with_a_word():
    found = read(
        xlsx(COOPERATING, ["1", "甲事项", "区林业局"], ["合 计", "1项"]), "a", "cooperating"
    )
    assert only(found).texts["name"] == "甲事项"
    assert found.report["rows"][-1]["reasons"] == ["合计行，未作为事项读取"]


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_tables_of_text_are_read_in_whatever_encoding_marks_itself(encoding):
    lines = ["序号\t事项名称", "平安法治类（2项）\t", "1\t甲事项", "2\t乙事项"]
    found = read("\r\n".join(lines).encode(encoding), "a.txt", "basic")
    assert [each.texts["domain"] for each in found.drafts] == ["平安法治类"] * 2
    assert found.report["rows"][-1]["reasons"] == ["只有第一列有字，作为分类标题读取"]


def test_a_heading_may_have_its_numeral_in_the_column_of_numbers():
    rows = [["一", "平安法治（1项）"], ["1", "甲事项", "区林业局", "查", "报"]]
    draft = only(read(xlsx(COOPERATING, *rows), "a.xlsx", "cooperating"))
    assert draft.texts["domain"] == "平安法治"


def test_merged_cells_are_seen_whatever_prefix_their_tags_have():
    plain = merged("A2:A4", "B2:B4", rows=ROWS[:4])
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(kept, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "xl/worksheets/sheet1.xml":
                data = data.replace(b"<mergeCell ", b"<x:mergeCell ")
                data = data.replace(b"<worksheet ", b'<worksheet xmlns:x="' + MAIN_NS + b'" ')
            new.writestr(member, data)
    assert only(read(kept.getvalue(), "a.xlsx", MAIN)).lead_id == POLICE


def word(*tables: list[list[str]], between: str = "", merges: tuple = ()) -> bytes:
    document = Document()
    document.add_paragraph("荣华街道配合履职事项清单")
    for rows in tables:
        grid = document.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, said in zip(grid.add_row().cells, row, strict=True):
                cell.text = said
        for first, last in merges:
            grid.cell(*first).merge(grid.cell(*last))
        if between:
            document.add_paragraph(between)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def test_the_tables_of_a_word_document_are_read_with_their_merged_cells():
    rows = [
        COOPERATING,
        ["一、平安法治（1项）", "", "", "", ""],
        ["1", "甲事项", "区公安分局", "查", "报"],
        ["", "", "区林业局", "护", ""],
    ]
    merges = (((1, 0), (1, 4)), ((2, 0), (3, 0)), ((2, 1), (3, 1)), ((2, 4), (3, 4)))
    found = read(word(rows, merges=merges), "a.docx", "cooperating")
    draft = only(found)
    assert found.report["sheet"] == "荣华街道配合履职事项清单"
    assert (draft.texts["domain"], draft.lead_id) == ("平安法治", POLICE)
    assert draft.cooperating == ((FOREST, "护"), (None, "报"))


def test_a_table_of_word_that_goes_on_after_a_page_is_one_and_another_is_another():
    first = [COOPERATING, ["1", "甲事项", "区公安分局", "查", "报"]]
    more = [["2", "乙事项", "区林业局", "护", "报"]]
    assert len(read(word(first, more), "a.docx", "cooperating").drafts) == 2
    apart = read(word(first, more, between="附表"), "a.docx", "cooperating")
    assert only(apart).texts["name"] == "甲事项"
    assert refusal(word(), "a.docx", "basic")["code"] == "no_table_in_document"
