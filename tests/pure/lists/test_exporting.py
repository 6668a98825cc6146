"""Lists written back: whatever was understood comes back the same, and nothing computes."""

import csv
import io
import re
import struct
import zlib
from dataclasses import replace
from itertools import pairwise

import openpyxl
import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from media.fonts import chinese_font
from server.errors import ListTooLong, NotReady
from server.responsibility.changing import publication
from server.responsibility.files import spreadsheets
from server.responsibility.files.cells import Cell
from server.responsibility.list.fields import Cooperating, EntryView
from server.responsibility.list.list_types import MAIN, list_type, list_types
from server.responsibility.sheets import files_out
from server.responsibility.sheets.exporting import table
from server.responsibility.sheets.importing import NEW, Understood
from tests.pure.lists.sheets import MATTERS, UNITS, read, xlsx


def entries(of: Understood) -> list[EntryView]:
    return [draft.entry(n, version_id=1) for n, draft in enumerate(of.drafts, 1)]


def said(of: Understood) -> list[object]:
    """What the entries say, without where they stood and how units were written."""
    return [replace(draft, row=0, matches=()) for draft in of.drafts]


LEFT = {"column:备注": "leave"}


def comes_back(of: Understood, kind: str) -> None:
    """Hold an export of either kind to what was understood."""
    assert not of.questions
    sheet = table(list_type(kind), of.layout, entries(of), UNITS)
    for data, name in ((files_out.xlsx(sheet), "a.xlsx"), (files_out.csv_file(sheet), "a.csv")):
        again = read(data, name, kind, **LEFT)
        assert said(again) == said(of)
        assert again.layout.header == of.layout.header
        assert again.layout.columns == of.layout.columns


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co"])
# What looks like a number that lost digits (0E0) is refused, and nothing comes back.
TEXT = st.text(LETTERS, max_size=12).filter(lambda said: not Cell(said).damaged)
LINES = st.lists(TEXT, max_size=3).map("\n".join).filter(lambda said: not Cell(said).damaged)
FORMULA = st.sampled_from(["=1+1", "+8613800000000", "-2", "@SUM(A1)", "＝1", "'=1", "\t=2", "'"])
LIMITS = st.sampled_from(["2个工作日", "4小时（全天候）", "15 天", "3个工作小时"])
HELPERS = st.sampled_from(["", "区林业局", "区林业局、区城乡水务局", "区林业局；镇街", "镇街"])


@st.composite
def sheets(draw) -> bytes:
    rows = []
    for number, (code, name, _) in enumerate(MATTERS, 1):
        helpers = draw(HELPERS)
        first = helpers.split("、")[0].split("；")[0]
        duties = f"{first}：{draw(TEXT)}\n\u3000{draw(TEXT)}" if first else ""
        rows.append(
            [
                str(number),
                code,
                draw(st.sampled_from(["", "甲", "=乙"])),
                name,
                draw(st.one_of(LINES, FORMULA)),
                "区公安分局",
                draw(st.one_of(LINES, FORMULA)),
                helpers,
                duties,
                draw(LIMITS),
                draw(st.one_of(TEXT, FORMULA)),
                draw(st.one_of(LINES, FORMULA)),
                draw(st.sampled_from(["", "漏电", "灯不亮、黑灯瞎火"])),
                draw(st.sampled_from(["", "1. 区林业局 | 看树 | 2个工作日\n2. 镇街 | 到场"])),
                draw(st.sampled_from(["", "现场有人；线索〔3个工作日〕"])),
                draw(st.sampled_from(["", "第一批、联合执法"])),
            ]
        )
    header = ["序号", "事项编码", "领域", "事项名称", "事项说明", "主体责任部门", "主体责任"]
    header += ["配合单位", "配合单位职责", "办理时限", "备注", "法律依据", "关键词", "办理流程"]
    header += ["立案条件", "批次"]
    title = draw(st.sampled_from([[], [["某区责任清单"], ["", "二〇二六年"]]]))
    return xlsx(*title, header, *rows)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sheets())
def test_whatever_was_understood_comes_back_the_same_from_either_kind_of_file(data):
    comes_back(read(data, "list.xlsx", MAIN, **LEFT), MAIN)


ROWS = {
    "basic": (
        ["序号", "事项名称", "履职内容"],
        ["1", "甲事项", "看一看"],
        ["", "乙事项", "问一问"],
    ),
    "cooperating": (
        ["序号", "配合履职事项", "对应上级部门", "上级部门职责", "街道配合职责"],
        ["1", "甲事项", "区公安分局、区林业局（牵头）", "查处", "上报"],
        ["7", "乙事项", "区林业局", "管理", ""],
    ),
    "taken_back": (
        ["序号", "收回事项", "承接部门", "工作方式"],
        ["1", "甲事项", "区公安分局", "直接承担"],
        ["2", "乙事项", "区林业局", "=直接"],
    ),
    "enforcement_township": (["序号", "执法事项"], ["1", "甲事项"], ["2", "乙事项"]),
    "enforcement_delegated": (
        ["序号", "委托事项", "委托机关"],
        ["1", "甲事项", "区公安分局"],
        ["2", "乙事项", "区林业局\n区城乡水务局"],
    ),
    "enforcement_call": (
        ["序号", "呼应事项", "响应部门", "呼叫要求"],
        ["1", "甲事项", "区公安分局", "拨打"],
        ["2", "乙事项", "区林业局", ""],
    ),
    "empowerment": (
        ["序号", "职权名称", "原实施部门", "赋权批次"],
        ["1", "甲事项", "区公安分局", "第一批，联合执法"],
        ["2", "乙事项", "区林业局", ""],
    ),
    "public_service": (
        ["序号", "服务事项", "承诺时限"],
        ["1", "甲事项", "3个工作日"],
        ["2", "乙事项", ""],
    ),
}


@pytest.mark.parametrize("kind", ROWS)
def test_every_type_of_list_is_understood_by_its_own_columns_and_comes_back(kind):
    header, *rows = ROWS[kind]
    understood = read(xlsx(["某区"], header, ["一、领域（2项）"], *rows), "list.xlsx", kind)
    assert [each.code for each in understood.drafts] == ["A-1", "A-2"]
    assert {each.texts["domain"] for each in understood.drafts} == {"领域"}
    leads = {each.lead_id for each in understood.drafts}
    assert (leads == {None}) == (list_type(kind).leads == "township")
    comes_back(understood, kind)


FULL = {
    "domain": "领域二",
    "description": "说明",
    "kind": "development",
    "lead_duties": "查处\n并公示",
    "township_duties": "发现、上报",
    "legal_basis": "《条例》第三条",
    "contact_name": "王某",
    "contact_phone": "0632-1",
    "limit": 3,
    "urgency": "natural_day",
    "self_handle": True,
    "receives": "station",
    "closing_condition": "清完",
    "words": ("树倒了",),
    "tags": ("第一批",),
}


@pytest.mark.parametrize("kind", [*ROWS, MAIN])
def test_what_an_adjustment_adds_is_exported_though_the_office_has_no_column_for_it(kind):
    header = ["序号", "事项名称", "对应上级部门", "办理时限"]
    rows = [["1", "甲事项", "区公安分局", "15个工作日"], ["5", "乙事项", "区林业局", "15个工作日"]]
    own = list_type(kind)
    if own.leads == "township":
        header, rows = header[:2], [row[:2] for row in rows]
    if kind == "enforcement_delegated":
        header, rows = [*header, "委托机关"], [[*row, "区公安分局"] for row in rows]
    found = read(xlsx(header, *rows), "a.xlsx", kind)
    first, second = entries(found)
    helpers = (Cooperating(3, "抽水"), Cooperating(None, FULL["township_duties"]))
    helpers = helpers[: 2 if own.leads != "township" else 1]
    adjusted = [replace(first, **FULL, cooperating=helpers), second]
    sheet = table(own, found.layout, adjusted, UNITS)
    again = read(files_out.xlsx(sheet), "a.xlsx", kind)
    assert [replace(each, id=0, row=0) for each in entries(again)] == [
        replace(each, id=0, row=0) for each in adjusted
    ]
    assert [row[0] for row in sheet.rows[1:]] == ["1", "5"]


def test_written_numbers_stay_and_an_entry_that_came_later_gets_the_next():
    found = read(xlsx(*ROWS["cooperating"]), "a.xlsx", "cooperating")
    first, second = entries(found)
    later = replace(second, row=99, matter_code="A-3", name="丙事项")
    sheet = table(list_type("cooperating"), found.layout, [first, second, later], UNITS)
    assert [row[0] for row in sheet.rows[1:]] == ["1", "7", "8"]


def test_characters_that_no_office_file_can_hold_are_left_out_of_every_export():
    found = read(xlsx(*ROWS["basic"]), "a.xlsx", "basic")
    stored = [replace(each, township_duties="看\x01一\uffff看\x0b") for each in entries(found)]
    kind = list_type("basic")
    [sheet] = spreadsheets.read(files_out.xlsx(table(kind, found.layout, stored, UNITS)), "a.xlsx")
    assert {row[2].text for row in sheet.rows[1:]} == {"看一看"}
    printed = publication.publication(kind, "x\x01", stored, UNITS)
    document = Document(io.BytesIO(publication.docx(printed)))
    assert document.tables[0].rows[1].cells[3].text == "看一看"


def test_the_published_document_says_what_each_cooperating_unit_owes():
    header = ["事项名称", "牵头部门", "配合单位", "配合单位职责", "办理时限"]
    rows = ["甲事项", "区公安分局", "区林业局", "区林业局：看树", "1天"]
    found = read(xlsx(header, rows), "a.xlsx", MAIN)
    printed = publication.publication(list_type(MAIN), "x", entries(found), UNITS)
    assert printed.rows[0][printed.header.index("配合单位职责")] == "区林业局：看树"


def test_every_type_has_a_name_and_writes_its_own_layout():
    for kind in list_types().values():
        assert kind.name
        sheet = table(kind, None, [], UNITS)
        assert len(set(sheet.rows[1])) == len(kind.columns)
    assert set(ROWS) | {MAIN} == set(list_types())


def test_a_marked_lead_leads_and_an_unmarked_one_is_asked_for():
    header = ROWS["cooperating"][0]
    data = xlsx(header, ["1", "甲事项", "区公安分局、区林业局", "", ""])
    [question] = read(data, "a.xlsx", "cooperating").questions
    assert question.kind == "lead"
    assert [each.name for each in question.candidates] == ["区公安分局", "区林业局"]
    [draft] = read(data, "a.xlsx", "cooperating", **{question.id: "2"}).drafts
    assert (draft.lead_id, draft.cooperating) == (2, ((1, ""), (None, "")))


def test_a_matter_without_a_code_is_never_guessed():
    header = ["事项名称", "执法事项说明", "序号"]
    data = xlsx(header, ["甲事顶", "", "1"], ["一件别的事", "", "2"])
    near, new = read(data, "a.xlsx", "basic").questions
    assert [each.value for each in near.candidates] == ["A-1"]
    assert (near.rows, new.rows) == ([2], [3])
    assert (near.new_code, new.new_code) == ("N-001", "N-002")
    answers = {near.id: "A-1", new.id: NEW}
    found = read(data, "a.xlsx", "basic", **answers)
    assert [each.code for each in found.drafts] == ["A-1", "N-002"]
    assert not found.questions


def test_no_cell_of_an_export_is_a_formula_whatever_it_says():
    bad = ["=1+1", "+1", "-1", "@A1", "＝1", "＋1", "－1", "＠A", "=A1|B1!A0"]
    rows = [[str(n), f"甲{n}", text] for n, text in enumerate(bad)]
    data = xlsx(["序号", "事项名称", "履职内容"], *rows)
    asked = read(data, "a.xlsx", "basic")
    found = read(data, "a.xlsx", "basic", **{each.id: NEW for each in asked.questions})
    sheet = table(list_type("basic"), found.layout, entries(found), UNITS)
    book = openpyxl.load_workbook(io.BytesIO(files_out.xlsx(sheet)))
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}
    lines = list(csv.reader(io.StringIO(files_out.csv_file(sheet).decode("utf-8-sig"))))
    assert all(line[2].startswith("'") for line in lines[1:])
    back = spreadsheets.read(files_out.csv_file(sheet), "a.csv")[0]
    assert [row[2].text for row in back.rows[1:]] == bad


def test_a_pdf_needs_a_typeface_and_a_list_that_ends():
    printed = publication.publication(list_type("basic"), "x", [], UNITS)
    with pytest.raises(NotReady):
        publication.pdf(None, printed)
    width = len(printed.header)
    for rows in (
        (("",) * width,) * 2_000,
        (("长" * 40_000,) * width,),
        (("高" * 4_000,) * width,),
    ):
        with pytest.raises(ListTooLong):
            publication.pdf(chinese_font(), replace(printed, rows=rows))


def test_long_words_and_links_of_a_pdf_stay_in_their_cells_and_its_text_can_be_read():
    link = "https://uri.amap.com/marker?position=117.5669,34.7712&name=%E8%8D%A3%E5%8D&src=a"
    words = ("清单里的井盖", link * 3, "w" * 400)
    printed = publication.Publication(
        title="清单", subtitle="第一版", widths=(1, 2, 1), header=("甲", "乙", "丙"), rows=(words,)
    )
    lines = shown(publication.pdf(chinese_font(), printed))
    found = "".join(said for _, _, said in lines)
    assert all(word in found for word in ("清单", "第一版", *words))
    left, right = 28.3, 842 - 28.3  # A4 lying, less its margins, in points
    assert all(left <= begin < end <= right for begin, end, _ in lines)
    columns = [left + (right - left) * share for share in (0, 1 / 4, 3 / 4, 1)]
    for begin, end, said in lines[2:]:  # after title and subtitle: within one column
        assert any(a <= begin and end <= b for a, b in pairwise(columns)), said


@pytest.mark.parametrize(
    "share",
    [
        *(3, 13, 23),
        *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 30, 2) if n % 10 != 3),
    ],
)
def test_no_closing_mark_begins_a_line_of_a_pdf_and_no_opening_one_ends_one(share):
    """At many widths, so that each mark comes to stand at an edge."""
    said = (
        "依据《城市道路管理条例》（国务院令第198号）第二十七条、第四十二条；“井盖”缺失的，"
        "应当在24小时内补缺——设置警示(护栏)……逾期未改的：处2%以下罚款！见https://a.cn/x?y=1。"
    )
    printed = publication.Publication(
        title="清单",
        subtitle=said * 3,
        widths=(share, 60),
        header=("甲", "乙"),
        rows=((said, ""),),
    )
    found = [text for _, _, text in shown(publication.pdf(chinese_font(), printed))]
    assert said in "".join(found), "nothing is lost"
    assert len(found) > 8
    assert not [text for text in found if text[0] in "、。，；：？！）》”…—,.;:?!)%"]
    assert not [text for text in found if text[-1] in "（《“("]


def shown(data):
    """The lines of a PDF as any reader gets them: from where, to where, and their text."""
    assert b"/Encoding /Identity-H" in data  # codes are glyphs, named by the table in the file
    streams = [_plain(each) for each in re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)]
    [table] = [each for each in streams if b"beginbfchar" in each]
    known = {
        int(code, 16): bytes.fromhex(said.decode()).decode("utf-16-be")
        for code, said in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table)
    }
    [content] = [each for each in streams if b" Tj" in each]
    face, size, found = ImageFont.truetype(str(chinese_font()), 1000), 0.0, []
    for set_to, begin, shows in _SHOWS.findall(content):
        size = float(set_to) if set_to else size
        if shows:
            codes = re.sub(
                rb"\\(.)", lambda m: {b"r": b"\r"}.get(m[1], m[1]), shows, flags=re.DOTALL
            )
            text = "".join(known[code] for (code,) in struct.iter_unpack(">H", codes))
            found.append((float(begin), float(begin) + face.getlength(text) * size / 1000, text))
    return found


def _plain(stream):
    return zlib.decompress(stream) if stream[:1] == b"x" else stream


_SHOWS = re.compile(
    rb"/F\d+ ([\d.]+) Tf|BT ([\d.]+) [\d.]+ Td \(((?:[^\\)]|\\.)*)\) Tj", re.DOTALL
)
