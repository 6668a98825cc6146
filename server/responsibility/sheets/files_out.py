"""Tables as files that a spreadsheet opens without ever computing what a cell says."""

import csv
import io
import re
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from server.responsibility.sheets.exporting import Table

_WIDTHS: Final = (8, 14, 24, 40)
_THIN: Final = Side(style="thin")
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_BAD_IN_SHEET_NAMES: Final = re.compile(r"[\\/?*\[\]:]")
# What a spreadsheet takes for a formula; the apostrophe before it is taken off again when read.
FORMULA: Final = re.compile("'*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r]")


def xlsx(table: Table) -> bytes:
    """Return a table as a workbook; every cell is a text."""
    book = Workbook(write_only=True)
    name = _BAD_IN_SHEET_NAMES.sub("", table.sheet)[:31] or "Sheet1"
    sheet = book.create_sheet(name)
    for at, width in enumerate(_column_widths(table), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = f"A{table.n_top + 1}"
    for number, row in enumerate(table.rows):
        bold = number < table.n_top
        sheet.append(
            [_cell(WriteOnlyCell(sheet, said), bold=bold) if said else None for said in row]
        )
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def csv_file(table: Table) -> bytes:
    """Return a table as UTF-8 with a byte order mark; what looks like a formula gets a quote."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    writer.writerows([[harmless(said) for said in row] for row in table.rows])
    return kept.getvalue().encode("utf-8-sig")


def harmless(said: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{said}" if FORMULA.match(said) else said


def _cell(cell: Cell, *, bold: bool) -> Cell:
    # An explicit type: what begins like a formula stays what it is, a text.
    cell.data_type, cell.number_format = "s", "@"
    cell.alignment, cell.border = Alignment(vertical="top", wrap_text=True), _BORDER
    if bold:
        cell.font = Font(bold=True)
    return cell


def _column_widths(table: Table) -> list[int]:
    n_columns = max((len(row) for row in table.rows), default=0)
    body = table.rows[table.n_top : table.n_top + 50]
    longest = [
        max((len(r[at]) for r in body if at < len(r)), default=0) for at in range(n_columns)
    ]
    return [next((w for w in _WIDTHS if 2 * n <= w), _WIDTHS[-1]) for n in longest]
