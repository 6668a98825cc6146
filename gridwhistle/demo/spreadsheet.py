"""The demo list as the spreadsheet that a real office would keep."""

import csv
import io
from functools import cache
from importlib import resources
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from server.calendar.working import limit_text
from server.responsibility.sheets import columns, limits
from server.texts.catalogue import text

# Field and column width, in the order in which the office keeps them.
_COLUMNS: Final = (
    ("number", 6),
    ("code", 10),
    ("domain", 12),
    ("name", 24),
    ("description", 40),
    ("kind", 8),
    ("responsibility", 10),
    ("platform", 10),
    ("lead", 20),
    ("lead_duties", 40),
    ("cooperating", 30),
    ("cooperating_duties", 44),
    ("township_duties", 36),
    ("legal_basis", 36),
    ("contact_name", 18),
    ("contact_phone", 14),
    ("limit", 14),
    ("self_handle", 10),
    ("receives", 10),
    ("filing_conditions", 36),
    ("closing_condition", 30),
    ("words", 44),
    ("process", 44),
)
_CODED: Final = ("responsibility", "self_handle", "receives")
_THIN: Final = Side(style="thin")
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


@cache
def workbook() -> bytes:
    """Return the demo county's list as xlsx: a merged title, one header row, one row a matter."""
    source = resources.files("gridwhistle.demo.data").joinpath("matters.csv")
    rows = list(csv.DictReader(io.StringIO(source.read_text(encoding="utf-8-sig"))))
    book = Workbook()
    sheet = book.active
    sheet.title = text("demo.sheet")
    _write_head(sheet)
    for number, row in enumerate(rows, 1):
        _write_row(sheet, number, row)
    sheet.freeze_panes = "E3"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _write_head(sheet: Worksheet) -> None:
    sheet.append([text("demo.title")])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(_COLUMNS))
    sheet["A1"].font = Font(bold=True, size=18)
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 36
    sheet.append([columns.heading(name) for name, _ in _COLUMNS])
    for at, (_, width) in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
        cell = sheet.cell(2, at)
        cell.font, cell.border = Font(bold=True), _BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _write_row(sheet: Worksheet, number: int, row: dict[str, str]) -> None:
    for at, (name, _) in enumerate(_COLUMNS, 1):
        cell = sheet.cell(number + 2, at)
        cell.value = number if name == "number" else _said(name, row)
        if name != "number":
            # An explicit type: what begins like a formula stays what it is, a text.
            cell.data_type, cell.number_format = "s", "@"
        cell.alignment, cell.border = Alignment(vertical="top", wrap_text=True), _BORDER


def _said(name: str, row: dict[str, str]) -> str:
    said = row.get(name, "")
    if name in _CODED and said:
        return columns.written(name, columns.value(name, said) or said)
    if name == "limit":
        return limit_text(int(said), row["urgency"])
    if name == "filing_conditions":
        return "；".join(_condition(part) for part in said.split("；"))
    if name == "process":
        return "\n".join(_step(line) for line in said.splitlines())
    return said


def _condition(part: str) -> str:
    words, bracket, limit = part.partition("〔")
    return f"{words}〔{_limit(limit.rstrip('〕'))}〕" if bracket else part


def _step(line: str) -> str:
    head, step, *limit = line.split(" | ")
    return " | ".join((head, step, *(_limit(each) for each in limit)))


def _limit(said: str) -> str:
    found = limits.amount(said)
    if found is None:
        raise ValueError(said)
    return limit_text(*found)
