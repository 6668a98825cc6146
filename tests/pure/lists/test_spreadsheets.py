"""Spreadsheets read within limits: what is refused, and what becomes of what is read."""

import csv
import io
import resource
import zipfile
from random import Random

import openpyxl
import pytest
from openpyxl.cell import WriteOnlyCell

from gridwhistle.demo.spreadsheet import workbook
from server.responsibility.files import spreadsheets
from server.responsibility.files.cells import Cell, Sheet
from server.responsibility.files.workbook import Unreadable
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.sheets import limits
from server.responsibility.sheets.layout import Layout, find_table
from server.texts.catalogue import text
from tests.parts import SHARED
from tests.pure.lists.sheets import xlsx
from tests.work import counted

BAD = SHARED / "data" / "bad-xlsx"
EXPECTED = (
    list(csv.DictReader((BAD / "expected.csv").read_text("utf-8").splitlines()))
    if BAD.is_dir()
    else []
)
#: Enough for the 20,000 rows that are read at most; what is refused at once costs far less.
MOST_CALLS, FEW_CALLS = 3_000_000, 20_000
#: By what the index says of a workbook.
REASONS = {
    "51 MB of sheet": "unpacks_too_large",
    "a DOCTYPE, empty": "doctype",
    "a cell in the last row that a sheet can have": "too_many_rows",
    "125 members": "too_many_members",
    "vbaProject.bin inside": "macros",
    "GBK CSV renamed": "not_a_workbook",
    "OLE2 .xls or an encrypted workbook": "old_or_encrypted",
    "cut off": "broken",
}


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    kept = io.BytesIO(data)
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return kept.getvalue()


def texts(sheet: Sheet) -> list[list[str]]:
    return [[cell.text for cell in row] for row in sheet.rows]


def refusal(data: bytes, name: str = "list.xlsx") -> str:
    with pytest.raises(Unreadable) as refused:
        spreadsheets.read(data, name)
    return refused.value.code


@pytest.mark.needs("shared")
@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["what"])
def test_every_bad_workbook_gets_its_answer_with_bounded_work_and_memory(case):
    data = (BAD / case["file"]).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if case["expect"] == "reject":
        code, n_calls = counted(lambda: refusal(data, case["file"]))
        assert code == REASONS[case["what"]]
    else:
        sheets, n_calls = counted(lambda: spreadsheets.read(data, case["file"]))
        assert sheets[0].rows
    assert n_calls < MOST_CALLS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.needs("shared")
def test_formulas_stay_text_and_numbers_are_marked_as_numbers():
    sheet = spreadsheets.read((BAD / "formula_cells.xlsx").read_bytes(), "f.xlsx")[0]
    assert [row[1].text for row in sheet.rows][1] == "=1+1"
    sheet = spreadsheets.read((BAD / "phone_as_number.xlsx").read_bytes(), "p.xlsx")[0]
    phones = [row[2] for row in sheet.rows[1:]]
    assert all(cell.number or cell.damaged for cell in phones)
    assert sheet.rows[2][0] == Cell("001")


def test_merged_cells_repeat_downwards_and_leading_zeros_stay():
    sheet = spreadsheets.read(xlsx(["A", "001"], [None, "2"], ["B", 3], merged="A1:A2"), "m.xlsx")[
        0
    ]
    assert texts(sheet) == [["A", "001"], ["A", "2"], ["B", "3"]]
    assert [row[1].number for row in sheet.rows] == [False, False, True]


def test_a_number_in_scientific_notation_is_damaged_in_whatever_form_it_comes():
    sheet = spreadsheets.read(xlsx(["1.38E+10", 1.5]), "n.xlsx")[0]
    assert [cell.damaged for cell in sheet.rows[0]] == [True, False]


def test_rows_keep_their_number_where_the_sheet_leaves_some_out():
    book = openpyxl.Workbook()
    book.active["B4"] = "x"
    kept = io.BytesIO()
    book.save(kept)
    assert texts(spreadsheets.read(kept.getvalue(), "g.xlsx")[0]) == [[], [], [], ["", "x"]]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.xlsx", "empty"),
        (b"x" * 5_000_001, "a.csv", "too_large"),
        (b"PK\x03\x04rubbish", "a.xlsx", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.csv", "old_or_encrypted"),
        ("a,b".encode("utf-16") + b"\x00", "a.csv", "csv_encoding"),
        (b"a,b\n\x00\n", "a.csv", "csv_encoding"),
        (b"\x80\x81\xff", "a.csv", "csv_encoding"),
        ("序號,事項名稱,牽頭部門".encode("big5"), "a.csv", "csv_encoding"),
        (b'"' + b"x" * 140_000 + b'"', "a.csv", "broken"),
        (b"x,\n" * 20_001, "a.csv", "too_many_rows"),
        (b"," * 50 + b"x\n", "a.csv", "too_many_columns"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_with_a_reason(data, name, code):
    assert refusal(data, name) == code


@pytest.mark.parametrize(
    ("member", "content", "code"),
    [
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "external_links"),
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/more.xml", b"<?xml version='1.0'?><!doctype x><x/>", "doctype"),
        ("xl/more.xml", "<x/>".encode("utf-16"), "xml_encoding"),
        ("xl/more.xml", b"<?xml version='1.0' encoding='GBK'?><x/>", "xml_encoding"),
        ("xl/more.bin", bytes(1_000_000), "packed_too_tightly"),
        ("xl/workbook2.xml", b" " * (1 << 18) + b"<!DOCTYPE x>", "packed_too_tightly"),
    ],
)
def test_a_workbook_with_something_foreign_in_it_is_refused(member, content, code):
    assert refusal(with_member(xlsx(["a"]), member, content)) == code


def test_a_declaration_across_two_pieces_is_found():
    noise = Random(1).randbytes((1 << 17) - 2).hex().encode() + b"a"
    assert refusal(with_member(xlsx(["a"]), "xl/more.xml", noise + b"<!DOCTYPE x>")) == "doctype"


def test_many_cells_far_to_the_right_are_refused_before_they_cost_anything():
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(300):
        cell = WriteOnlyCell(sheet)
        cell.number_format = "0.00"
        sheet.append([None] * 9_999 + [cell])
    kept = io.BytesIO()
    book.save(kept)
    assert refusal(kept.getvalue()) == "too_many_cells"


def numbered(*rows: str, after: str = "") -> bytes:
    """Return a workbook whose rows say themselves which they are."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{''.join(rows)}</sheetData>{after}</worksheet>"
    )
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(["a"]))) as old, zipfile.ZipFile(kept, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
    return kept.getvalue()


@pytest.mark.parametrize("row", [1_048_577, 2_000_000_000, 10**18])
def test_a_row_numbered_beyond_any_workbook_is_refused_at_once(row):
    data = numbered('<row r="1"/>', f'<row r="{row}"/>')
    code, n_calls = counted(lambda: refusal(data))
    assert (code, n_calls < FEW_CALLS) == ("too_many_rows", True)


def test_an_empty_row_far_below_costs_a_call_for_each_row_above_and_a_full_one_is_refused():
    full = '<row r="2"><c r="A2" t="str"><v>x</v></c></row>'
    far = '<row r="1048576"><c r="A1048576" s="0"/></row>'
    data = numbered(full, far)
    sheets, n_calls = counted(lambda: spreadsheets.read(data, "a.xlsx"))
    assert (texts(sheets[0]), n_calls < 1.2 * 1_048_576) == ([[], ["x"]], True)
    assert refusal(numbered('<row r="20001"><c><v>1</v></c></row>')) == "too_many_rows"


def test_rows_that_are_out_of_order_are_refused_not_dropped():
    rows = [f'<row r="{n}"><c><v>{n}</v></c></row>' for n in (2, 1)]
    assert refusal(numbered(*rows)) == "broken"


@pytest.mark.parametrize("tag", ["<x:mergeCell ref='A1:B3'/>", "<mergeCell ref='A1:B3'/>"])
def test_merged_cells_are_seen_whatever_the_prefix_and_the_quotes_of_their_tags(tag):
    rows = [
        '<row r="1"><c r="A1"><v>7</v></c></row>',
        '<row r="2"/>',
        '<row r="3"><c r="B3"/></row>',
    ]
    prefix = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    wrapped = f"<mergeCells {prefix}>{tag}</mergeCells>"
    sheet = spreadsheets.read(
        numbered(*rows, '<row r="4"><c><v>8</v></c></row>', after=wrapped), "a.xlsx"
    )[0]
    assert texts(sheet) == [["7"], ["7"], ["7"], ["8"]]


@pytest.mark.slow
def test_merged_cells_that_lie_over_each_other_are_refused_before_they_are_filled():
    rows = [f'<row r="{n}"><c><v>{n}</v></c></row>' for n in range(1, 3001)]
    merges = "".join(f'<mergeCell ref="A{n}:B3000"/>' for n in range(1, 2900))
    data = numbered(*rows, after=f"<mergeCells>{merges}</mergeCells>")
    code, n_calls = counted(lambda: refusal(data))
    assert (code, n_calls < 8_000_000) == ("merges_overlap", True)  # of 8.7 million cells


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_that_offices_use(encoding):
    data = "事项名称,牵头部门\r\n犬只管理,区公安分局\r\n".encode(encoding)
    sheet = spreadsheets.read(data, "list.csv")[0]
    assert texts(sheet) == [["事项名称", "牵头部门"], ["犬只管理", "区公安分局"]]


def sheet_of(*rows: list[str]) -> Sheet:
    return Sheet("s", tuple(tuple(Cell(text) for text in row) for row in rows))


def table_of(sheet: Sheet, kind: str = MAIN) -> Layout | None:
    return find_table(sheet, list_type(kind))


def test_a_header_is_found_below_titles_and_by_the_names_offices_use():
    layout = table_of(
        sheet_of(
            ["某县责任清单"],
            ["", "单位：某局"],
            ["序号", "事项名称", "主体责任部门", "办结时限（工作日）", "备注"],
            ["1", "x"],
        )
    )
    assert layout is not None
    assert layout.first == 4
    assert dict(layout.columns) == {"number": 0, "name": 1, "lead": 2, "limit": 3}
    assert layout.unknown == ("备注",)


def test_a_header_of_two_lines_is_read_as_one():
    layout = table_of(
        sheet_of(
            ["事项名称", "牵头", "", "配合", "", "办理时限"],
            ["", "部门", "部门职责", "单位", "单位职责", ""],
        )
    )
    assert layout is not None
    assert layout.first == 3
    assert layout.columns["lead"] == 1
    assert layout.columns["cooperating"] == 3
    assert layout.columns["cooperating_duties"] == 4


def test_a_sheet_without_a_header_is_no_table():
    assert table_of(sheet_of(["a", "b"], ["c", "d"])) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2个工作日", (2, "work_day")),
        ("4小时（全天候）", (4, "urgent_hour")),
        ("4小时(全天候)", (4, "urgent_hour")),
        ("4 个工作小时", (4, "work_hour")),
        ("7日", (7, "natural_day")),
        ("15 天", (15, "natural_day")),
        ("3 work_day", (3, "work_day")),
        ("立即", None),
        ("0个工作日", None),
        ("两天", (2, "natural_day")),
        ("5个工作日内", (5, "work_day")),
        ("24小时以内", (24, "urgent_hour")),
        ("30日之内", (30, "natural_day")),
        ("不超过3个工作日", (3, "work_day")),
        ("≤5个工作日", (5, "work_day")),
        ("十五个工作日", (15, "work_day")),
        ("二十日", (20, "natural_day")),
        ("一百二十天", (120, "natural_day")),
        ("1个月", (30, "natural_day")),
        ("两周内", (14, "natural_day")),
        ("自受理之日起7个工作日内办结", (7, "work_day")),
        ("受理后５工作日", (5, "work_day")),
        ("1-3个工作日", None),
        ("按法定时限", None),
        ("15", None),
        ("0.5", None),
        ("3个工作日（紧急情况24小时）", None),
        ("-3日", None),
        ("48h内", (48, "urgent_hour")),
        ("伍个工作日", (5, "work_day")),
        ("15個工作日", (15, "work_day")),
        ("廿五日", (25, "natural_day")),
        ("12月前", None),
        ("12个月", (360, "natural_day")),
        ("30分钟", None),
    ],
)
def test_limits_are_understood_as_offices_write_them(said, expected):
    assert limits.amount(said) == expected


def test_the_demo_workbook_holds_no_formula_and_every_cell_that_looks_like_one_is_text():
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
    assert "f" not in kinds
    assert book.active.freeze_panes == "E3"
    assert "A1:W1" in book.active.merged_cells


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


ODF = b"application/vnd.oasis.opendocument."
SPREADSHEET_2003 = (
    b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)


@pytest.mark.parametrize(
    ("data", "name", "called"),
    [
        (packed(mimetype=ODF + b"spreadsheet", content_xml=b""), "a.ods", "OpenDocument 表格"),
        (packed(mimetype=ODF + b"text", content_xml=b""), "a.xlsx", "OpenDocument 文档"),
        (packed(xl__workbook_bin=b""), "a.xlsb", "xlsb"),
        (packed(ppt__presentation_xml=b""), "a.xlsx", "演示文稿"),
        (packed(readme_txt=b""), "a.xlsx", "压缩包"),
        (SPREADSHEET_2003, "a.xls", "XML 表格 2003"),
        (SPREADSHEET_2003, "a.csv", "XML 表格 2003"),
        (b"<html><body><table><tr><td>1</table>", "a.xls", "网页"),
        ("<table>".encode("utf-16"), "a.csv", "网页"),
        (b"%PDF-1.7 1,2", "a.xlsx", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.xlsx", "图片"),
        (b"{\\rtf1 ;}", "a.xls", "RTF"),
        ("事项,部门\n".encode("gb18030"), "a.xls", ".csv"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(data, name, called):
    with pytest.raises(Unreadable) as refused:
        spreadsheets.read(data, name)
    assert refused.value.code == "not_a_workbook"
    said = text("sheet.not_a_workbook", **refused.value.facts)
    assert called in said
    assert "xlsx" in said


def test_what_nobody_knows_is_called_nothing():
    with pytest.raises(Unreadable) as refused:
        spreadsheets.read(b"rubbish", "a.xlsx")
    assert text("sheet.not_a_workbook", **refused.value.facts).startswith("这不是能读的工作簿")
