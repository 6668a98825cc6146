"""What a spreadsheet's columns mean, and what its cells may say."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import zip_longest
from tomllib import loads
from typing import Any, Final

from server.responsibility.spreadsheets import EMPTY, Cell, Sheet

_LAST_HEADER_ROW: Final = 20
_FEWEST_KNOWN: Final = 3
_BRACKETS: Final = re.compile(r"[(\[【〔].*?[)\]】〕]")
_AMOUNT: Final = re.compile(r"(\d{1,4})(.*)")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a sheet's table begins and which field each column holds.

    `first` is the row of the first entry, from 1; `headers` are the headings as written.
    """

    sheet: Sheet
    first: int
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    unknown: tuple[str, ...]

    def cell(self, row: int, field: str) -> Cell:
        """Return a field's cell in a row counted from 1; an empty one where there is none."""
        cells, at = self.sheet.rows[row - 1], self.columns.get(field)
        return cells[at] if at is not None and at < len(cells) else EMPTY


def find_table(sheet: Sheet) -> Layout | None:
    """Return where the table of a sheet is, or None when its first rows hold no header.

    A header of two lines is understood; a column is named by both, by the lower or the upper.
    """
    best: tuple[int, Layout] | None = None
    for at in range(min(_LAST_HEADER_ROW, len(sheet.rows))):
        for n_lines in (1, 2):
            lines = sheet.rows[at : at + n_lines]
            if len(lines) < n_lines:
                continue
            layout = _layout(sheet, at + n_lines + 1, lines)
            known = len(layout.columns)
            if known >= _FEWEST_KNOWN and (best is None or known > best[0]):
                best = known, layout
    return best[1] if best else None


def missing_columns(layout: Layout) -> list[str]:
    """Return the headings that a list cannot do without and the sheet has not."""
    needed = _table()["required"]["headers"]
    return [heading(field) for field in needed if field not in layout.columns]


def heading(field: str) -> str:
    """Return the heading that we write for a field."""
    return str(_table()["headers"][field][0])


def value(field: str, written: str) -> str | None:
    """Return the code of what a cell says, or None when it says nothing we know."""
    return _values(field).get(plain(written))


def written(field: str, code: str) -> str:
    """Return what we write for a code."""
    return str(_table()["values"][field][code][0])


def is_township(name: str) -> bool:
    """Tell whether a unit's name stands for the township of the place."""
    return plain(name) in _townships()


def amount(said: str, unit: str = "") -> tuple[int, str] | None:
    """Return a limit and its urgency from a text such as `2个工作日`, or None."""
    found = _AMOUNT.fullmatch(_spaceless(said))
    if found is None:
        return None
    urgency = _values("urgency").get(plain(found[2] + unit))
    return (int(found[1]), urgency) if urgency and int(found[1]) > 0 else None


@lru_cache(maxsize=4096)
def plain(said: str) -> str:
    """Return a word as it is compared: one width, no spaces, no brackets, one case."""
    return re.sub(r"[()\[\]【】〔〕*]", "", _spaceless(said))


def _spaceless(said: str) -> str:
    return "".join(unicodedata.normalize("NFKC", said).split()).casefold()


def _layout(sheet: Sheet, first: int, lines: tuple[tuple[Cell, ...], ...]) -> Layout:
    names = _headers()
    columns, headers = dict[str, int](), dict[str, str]()
    unknown = list[str]()
    for at, cells in enumerate(zip_longest(*_spread(lines), fillvalue=EMPTY)):
        said = [cell.text for cell in cells if cell.text]
        field = next((names[n] for n in _namings(said) if n in names), None)
        if field is not None and field not in columns:
            columns[field], headers[field] = at, said[-1]
        elif said:
            unknown.append(said[-1])
    return Layout(sheet, first, columns, headers, tuple(unknown))


def _spread(lines: tuple[tuple[Cell, ...], ...]) -> list[list[Cell]]:
    """Carry the upper line of a header to the right, as its merged cells mean it."""
    if len(lines) == 1:
        return [list(lines[0])]
    upper, held = list[Cell](), EMPTY
    for cell in lines[0]:
        held = cell if cell.text else held
        upper.append(held)
    upper += [held] * (len(lines[1]) - len(upper))
    return [upper, list(lines[1])]


def _namings(said: list[str]) -> list[str]:
    joined = "".join(said) if len(said) > 1 and said[0] != said[-1] else ""
    found = list[str]()
    for each in (joined, *reversed(said)):
        spaceless = _spaceless(each)
        found += [plain(each), _BRACKETS.sub("", spaceless)]
    return [each for each in found if each]


@cache
def _table() -> dict[str, Any]:
    source = resources.files("server.responsibility").joinpath("columns.toml")
    return loads(source.read_text(encoding="utf-8"))


@cache
def _headers() -> dict[str, str]:
    return {plain(n): field for field, names in _table()["headers"].items() for n in names}


@cache
def _values(field: str) -> dict[str, str]:
    codes = _table()["values"][field]
    return {plain(word): code for code, words in codes.items() for word in words}


@cache
def _townships() -> frozenset[str]:
    return frozenset(plain(name) for name in _table()["township"]["names"])
