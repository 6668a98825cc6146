"""What a spreadsheet's cell says, whatever kind of file it stood in, and within which limits."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

from server.responsibility.files.workbook import Unreadable

MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 50
MOST_SHEETS: Final = 20
_MOST_MERGES: Final = 20_000
_LONGEST_CELL: Final = 20_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_DAMAGED: Final = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)

#: A merged range: first row and column, last row and column, all from 0.
Merge = tuple[int, int, int, int]


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

    `spans` says of rows with a merged cell to which column, from 0, one reaches; `carried` are
    the cells, row from 1 and column from 0, that repeat what a merged one above them says. `flat`
    where the file cannot merge cells, `values_only` where it was read without formulas and errors;
    `hidden` and `struck` are rows, from 1, that the file hides or has a text struck through in.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    spans: Mapping[int, int] = field(default_factory=dict, hash=False)
    carried: frozenset[tuple[int, int]] = frozenset()
    flat: bool = False
    values_only: bool = False
    hidden: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()


def cell_of(value: object, *, error: bool = False) -> Cell:
    """Return the cell of a value as a reader gives it; raises Unreadable for too long a text."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, int | float):
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        return Cell(str(int(value)) if whole else repr(value), number=True)
    if isinstance(value, datetime | date | time):
        return Cell(value.isoformat(), number=True)
    return Cell(clean(str(value)), error=error)


def clean(text: str) -> str:
    """Return a cell's text in one form, with one kind of line end; raises Unreadable."""
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > _LONGEST_CELL:
        raise Unreadable("cell_too_long", most=_LONGEST_CELL)
    return unicodedata.normalize("NFC", printable(text)).strip()


def printable(said: str) -> str:
    """Return a text without the characters that no XML, hence no office's file, can hold."""
    return _CONTROL.sub("", said)


def trimmed(cells: Iterable[Cell]) -> list[Cell]:
    """Return a row without the empty cells at its end."""
    kept = list(cells)
    while kept and not kept[-1].text:
        kept.pop()
    return kept


def merged(name: str, rows: list[list[Cell]], merges: Iterable[Merge]) -> Sheet:
    """Return a sheet of rows, its merged cells carried down; raises Unreadable for too many."""
    room = MAX_ROWS * MAX_COLUMNS  # what merges take that do not lie over each other
    spans, carried = dict[int, int](), set[tuple[int, int]]()
    for n_merges, (first, column, last, right) in enumerate(merges):
        if n_merges == _MOST_MERGES:
            raise Unreadable("too_many_merges", most=_MOST_MERGES)
        if column >= MAX_COLUMNS or first < 0:
            continue
        end = min(last + 1, len(rows))
        room -= max(0, end - first - 1)
        if room < 0:
            raise Unreadable("merges_overlap")
        for at in range(first, end):
            row = rows[at]
            row.extend([EMPTY] * (column + 1 - len(row)))
            row[column] = rows[first][column]
            if row[column].text:
                spans[at + 1] = max(spans.get(at + 1, 0), right)
                if at > first:
                    carried.add((at + 1, column))
    return Sheet(name, tuple(map(tuple, rows)), spans, frozenset(carried))
