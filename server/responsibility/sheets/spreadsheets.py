"""Spreadsheets as offices keep them, read as text and within limits."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

import openpyxl
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from server.responsibility.sheets.workbook import (
    MAX_BYTES,
    Package,
    Unreadable,
    is_workbook,
    open_package,
)

MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 50
_LAST_ROW: Final = 1 << 20  # of any workbook; offices colour whole columns, down to it
_MOST_CELLS: Final = 2 * MAX_ROWS * MAX_COLUMNS
_MOST_SHEETS: Final = 20
_MOST_MERGES: Final = 20_000
_LONGEST_CELL: Final = 20_000
_MERGE: Final = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# What `writing` puts before a text that a spreadsheet would take for a formula.
_QUOTED: Final = re.compile("'+[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r]")
_DAMAGED: Final = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text; `number` when the file holds a number there, so leading zeros are gone.

    `error` is set where the file holds an error value instead of a content.
    """

    text: str
    number: bool = False
    error: bool = False

    @property
    def damaged(self) -> bool:
        """Whether digits were lost to scientific notation (1.38E+10)."""
        return _DAMAGED.fullmatch(self.text.strip()) is not None


EMPTY: Final = Cell("")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows from its first; short rows are short, numbering of rows is from 1.

    `spans` says of rows with a merged cell to which column, from 0, one reaches.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    spans: Mapping[int, int] = field(default_factory=dict, hash=False)


def read(data: bytes, filename: str) -> list[Sheet]:
    """Return the sheets of an xlsx or csv file, told apart by content and held to its name.

    Formulas stay text, merged cells repeat downwards what their first cell says. At most 20,000
    rows and 50 columns. Raises Unreadable.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", n_bytes=len(data), most=MAX_BYTES)
    if not data:
        raise Unreadable("empty")
    if is_workbook(data) or not filename.lower().endswith((".csv", ".txt")):
        return _read_workbook(open_package(data))
    return [Sheet(filename, _read_csv(data))]


def _read_workbook(package: Package) -> list[Sheet]:
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(package.data), read_only=True, data_only=False, keep_links=False
        )
        if len(book.sheetnames) > _MOST_SHEETS:
            raise Unreadable("too_many_sheets", n_sheets=len(book.sheetnames), most=_MOST_SHEETS)
        sheets = [_read_sheet(sheet, package) for sheet in book.worksheets]
        book.close()
    except Unreadable:
        raise
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable("broken") from error
    except (SyntaxError, IndexError, OverflowError, EOFError, OSError) as error:
        raise Unreadable("broken") from error
    return sheets


def _read_sheet(sheet: ReadOnlyWorksheet, package: Package) -> Sheet:
    rows = list[list[Cell]]()
    n_cells = 0  # also the empty ones: a lone cell far to the right makes a row long
    for number, row in _numbered_rows(sheet):
        n_cells += len(row)
        if n_cells > _MOST_CELLS:
            raise Unreadable("too_many_cells", sheet=sheet.title, most=_MOST_CELLS)
        cells = _trimmed(_cell(each.value, each.data_type) for each in row)
        if not cells:
            continue
        if number > MAX_ROWS:
            raise Unreadable("too_many_rows", sheet=sheet.title, row=number, most=MAX_ROWS)
        if len(cells) > MAX_COLUMNS:
            facts = {"sheet": sheet.title, "row": number, "most": MAX_COLUMNS}
            raise Unreadable("too_many_columns", **facts)
        rows.extend([] for _ in range(number - 1 - len(rows)))
        rows.append(cells)
    spans = _fill_merged(rows, package.member(sheet._worksheet_path))
    return Sheet(sheet.title, tuple(tuple(row) for row in rows), spans)


def _numbered_rows(
    sheet: ReadOnlyWorksheet,
) -> Iterator[tuple[int, tuple[ReadOnlyCell | EmptyCell, ...]]]:
    """Yield the rows that a sheet holds, with their numbers; `iter_rows` makes all between."""
    book, last = sheet.parent, 0
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if number > _LAST_ROW:
                raise Unreadable("too_many_rows", sheet=sheet.title, row=number, most=MAX_ROWS)
            if number <= last:
                raise Unreadable("broken")
            last = number
            yield number, sheet._get_row(cells)


def _trimmed(cells: Iterable[Cell]) -> list[Cell]:
    kept = list(cells)
    while kept and not kept[-1].text:
        kept.pop()
    return kept


def _cell(value: object, kind: str) -> Cell:
    if value is None:
        return EMPTY
    if isinstance(value, ArrayFormula | DataTableFormula):
        return Cell(_clean(str(getattr(value, "text", "") or "")))
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, int | float):
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        return Cell(str(int(value)) if whole else repr(value), number=True)
    if isinstance(value, datetime | date | time):
        return Cell(value.isoformat(), number=True)
    return Cell(_clean(str(value)), error=kind == "e")


def _clean(text: str) -> str:
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > _LONGEST_CELL:
        raise Unreadable("cell_too_long", most=_LONGEST_CELL)
    return unicodedata.normalize("NFC", printable(text)).strip()


def printable(said: str) -> str:
    """Return a text without the characters that no XML, hence no office's file, can hold."""
    return _CONTROL.sub("", said)


def _fill_merged(rows: list[list[Cell]], xml: bytes) -> dict[int, int]:
    """Carry merged cells down their rows; return how far right those of a row reach."""
    room = MAX_ROWS * MAX_COLUMNS  # what merges take that do not lie over each other
    spans = dict[int, int]()
    for n_merges, found in enumerate(_MERGE.finditer(xml)):
        if n_merges == _MOST_MERGES:
            raise Unreadable("too_many_merges", most=_MOST_MERGES)
        first, last = int(found[2]), min(int(found[4]), len(rows))
        column = _column(found[1])
        if column >= MAX_COLUMNS or first < 1:
            continue
        room -= max(0, last - first)
        if room < 0:
            raise Unreadable("merges_overlap")
        for number in range(first, last + 1):
            row = rows[number - 1]
            row.extend([EMPTY] * (column + 1 - len(row)))
            row[column] = rows[first - 1][column]
            if row[column].text:
                spans[number] = max(spans.get(number, 0), _column(found[3]))
    return spans


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _read_csv(data: bytes) -> tuple[tuple[Cell, ...], ...]:
    text = _decoded(data)
    delimiter = max(",\t;", key=text[:4000].count)
    rows = list[tuple[Cell, ...]]()
    try:
        for number, line in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1
        ):
            cells = tuple(_trimmed(Cell(_clean(_unquoted(each))) for each in line))
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
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("csv_encoding")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise Unreadable("csv_encoding")
        return text
    raise Unreadable("csv_encoding")
