"""Spreadsheets as offices keep them, read as text and within limits."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from server.responsibility.files import documents, old_workbooks
from server.responsibility.files.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_SHEETS,
    Cell,
    Merge,
    Sheet,
    cell_of,
    clean,
    merged,
    trimmed,
)
from server.responsibility.files.workbook import (
    MAX_BYTES,
    Package,
    Unreadable,
    is_document,
    is_markup,
    is_old,
    is_workbook,
    not_a_workbook,
    open_package,
)

_LAST_ROW: Final = 1 << 20  # of any workbook; offices colour whole columns, down to it
_MOST_CELLS: Final = 2 * MAX_ROWS * MAX_COLUMNS
# Tags may have a prefix, as .NET's writers give them; attributes either quote.
_MERGE: Final = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']"
)
_ROW: Final = re.compile(rb"<(?:\w+:)?row(?:\s(?:[^<>]*?\s)?r=[\"'](\d+)[\"'])?[\s/>]")
_ROW_BEGINS: Final = re.compile(rb"<(?:\w+:)?row((?:\s[^<>]*)?)/?>")
_NUMBER_OF_ROW: Final = re.compile(rb"\sr=[\"'](\d+)[\"']")
_IS_HIDDEN: Final = re.compile(rb"\shidden=[\"'](?:1|true)[\"']")
# What `writing` puts before a text that a spreadsheet would take for a formula.
_NOBODYS: Final = re.compile("[\ue000-\uf8ff]")
_QUOTED: Final = re.compile("'+[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r]")


def read(data: bytes, filename: str) -> list[Sheet]:
    """Return the sheets of an xlsx, xls, et, csv or docx file, told apart by content.

    Formulas stay text (old workbooks give their results alone), merged cells repeat downwards
    what their first cell says. At most 20,000 rows and 50 columns. Raises Unreadable.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", n_bytes=len(data), most=MAX_BYTES)
    if not data:
        raise Unreadable("empty")
    if is_old(data):
        return old_workbooks.read(data)
    if is_document(data):
        return documents.read(data)
    if is_workbook(data) or not filename.lower().endswith((".csv", ".txt")):
        return _read_workbook(open_package(data))
    if is_markup(data):
        raise not_a_workbook(data)
    return [Sheet(filename, _read_csv(data), flat=True)]


def _read_workbook(package: Package) -> list[Sheet]:
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(package.data), read_only=True, data_only=False, keep_links=False
        )
        if len(book.sheetnames) > MOST_SHEETS:
            raise Unreadable("too_many_sheets", n_sheets=len(book.sheetnames), most=MOST_SHEETS)
        sheets = [_read_sheet(sheet, package) for sheet in book.worksheets]
        book.close()
    except Unreadable:
        raise
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable("broken") from error
    except (SyntaxError, IndexError, OverflowError, EOFError, OSError) as error:
        raise Unreadable("broken") from error
    return sheets


def _read_sheet(sheet: Any, package: Package) -> Sheet:  # noqa: ANN401
    xml = package.member(sheet._worksheet_path)
    _require_rows_in_order(xml, sheet.title)
    rows = list[list[Cell]]()
    struck = set[int]()
    n_cells = 0  # also the empty ones: a lone cell far to the right makes a row long
    sheet.reset_dimensions()  # what a file says of its size need not be true
    for number, row in enumerate(sheet.iter_rows(max_row=_LAST_ROW), 1):
        if not row:
            continue
        n_cells += len(row)
        if n_cells > _MOST_CELLS:
            raise Unreadable("too_many_cells", sheet=sheet.title, most=_MOST_CELLS)
        cells = trimmed(_cell(each.value, each.data_type) for each in row)
        if not cells:
            continue
        if number > MAX_ROWS:
            raise Unreadable("too_many_rows", sheet=sheet.title, row=number, most=MAX_ROWS)
        if len(cells) > MAX_COLUMNS:
            facts = {"sheet": sheet.title, "row": number, "most": MAX_COLUMNS}
            raise Unreadable("too_many_columns", **facts)
        rows.extend([] for _ in range(number - 1 - len(rows)))
        rows.append(cells)
        if any(each.value is not None and _is_struck(each) for each in row):
            struck.add(number)
    found = merged(sheet.title, rows, _merges(xml))
    hidden = frozenset(n for n in _hidden(xml) if n <= len(rows) and rows[n - 1])
    return replace(found, hidden=hidden, struck=frozenset(struck))


def _is_struck(cell: Any) -> bool:  # noqa: ANN401
    try:
        return bool(cell.font.strike)
    except (IndexError, AttributeError):  # a style that the file does not have
        return False


def _hidden(xml: bytes) -> Iterator[int]:
    number = 0
    for found in _ROW_BEGINS.finditer(xml):
        said = _NUMBER_OF_ROW.search(found[1])
        number = int(said[1]) if said else number + 1
        if _IS_HIDDEN.search(found[1]):
            yield number


def _require_rows_in_order(xml: bytes, title: str) -> None:
    """Refuse what openpyxl would leave out in silence: rows out of order, or beyond the last."""
    last = 0
    for found in _ROW.finditer(xml):
        number = int(found[1]) if found[1] else last + 1
        if number > _LAST_ROW:
            raise Unreadable("too_many_rows", sheet=title, row=number, most=MAX_ROWS)
        if number <= last:
            raise Unreadable("broken")
        last = number


def _cell(value: object, kind: str) -> Cell:
    if isinstance(value, ArrayFormula | DataTableFormula):
        return cell_of(getattr(value, "text", "") or "")
    return cell_of(value, error=kind == "e")


def _merges(xml: bytes) -> Iterator[Merge]:
    for found in _MERGE.finditer(xml):
        yield int(found[2]) - 1, _column(found[1]), int(found[4]) - 1, _column(found[3])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _read_csv(data: bytes) -> tuple[tuple[Cell, ...], ...]:
    text = _decoded(data)
    begun = text[:4000]
    delimiter = max(",\t;", key=begun.count)
    delimiter = delimiter if delimiter in begun else "|"
    rows = list[tuple[Cell, ...]]()
    try:
        for number, line in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1
        ):
            cells = tuple(trimmed(Cell(clean(_unquoted(each))) for each in line))
            if number > MAX_ROWS:
                raise Unreadable("too_many_rows", row=number, most=MAX_ROWS)
            if len(cells) > MAX_COLUMNS:
                raise Unreadable("too_many_columns", row=number, most=MAX_COLUMNS)
            rows.append(cells)
    except csv.Error as error:
        raise Unreadable("broken") from error
    return tuple(rows)


def _unquoted(said: str) -> str:
    """Return a text without the quote by which an export keeps it from being a formula."""
    return said[1:] if _QUOTED.match(said) else said


def _decoded(data: bytes) -> str:
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # What nobody writes: a third encoding, Big5 say, that happens to fit.
        if "\x00" in text or _NOBODYS.search(text):
            raise Unreadable("csv_encoding")
        return text
    raise Unreadable("csv_encoding")
