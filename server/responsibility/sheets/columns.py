"""What a spreadsheet's columns mean, and what its cells may say."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import count, zip_longest
from tomllib import loads
from typing import Any, Final

from server.responsibility.list.list_types import ListType, list_types
from server.responsibility.sheets.cells import EMPTY, Cell, Sheet

_LAST_HEADER_ROW: Final = 20
_FEWEST_KNOWN: Final = 3
_BRACKETS: Final = re.compile(r"[(\[【〔].*?[)\]】〕]")
_AMOUNT: Final = re.compile(r"(\d{1,4})(.*)")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a sheet's table begins and which field each column holds.

    `first` is the row of the first entry, from 1; `headers` are the headings as written; `extras`
    are the columns that we have no field for, by headings made distinct.
    """

    sheet: Sheet
    first: int
    n_lines: int
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    extras: Mapping[str, int]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The headings that we have no field for."""
        return tuple(self.extras)

    def cell(self, row: int, field: str) -> Cell:
        """Return a field's cell in a row counted from 1; an empty one where there is none."""
        at = self.columns.get(field)
        return self.at(row, at) if at is not None else EMPTY

    def at(self, row: int, column: int) -> Cell:
        """Return the cell of a row counted from 1 and a column counted from 0."""
        cells = self.sheet.rows[row - 1]
        return cells[column] if column < len(cells) else EMPTY

    def said(self, row: int) -> dict[int, str]:
        """Return what stands in a row counted from 1, by column."""
        return {at: cell.text for at, cell in enumerate(self.sheet.rows[row - 1]) if cell.text}

    @property
    def title(self) -> str:
        """What the table is called: the sheet's name, and all above the header."""
        above = range(1, self.first - self.n_lines)
        return self.sheet.name + "".join("".join(self.said(row).values()) for row in above)

    def no_entry(self, row: int) -> str | None:
        """Return what a row is that says nothing of any matter: a note, or the header again."""
        said = self.said(row)
        if all(
            any(self.said(top).get(at) == each for top in range(1, self.first))
            for at, each in said.items()
        ):
            return "header_again"
        only, *others = set(said.values())
        return "note" if not others and re.match(_table()["parts"]["note"], only) else None

    def part(self, row: int) -> str | None:
        """Return what a row names that only heads the part which follows; None for an entry.

        It says one thing, not right of the names: numbered like a heading, or over all columns.
        """
        said = self.said(row)
        at, only = next(iter(said.items()))
        if len(set(said.values())) > 1 or at > self.columns["name"]:
            return None
        numbered, named = part(only)
        last = max(self.columns.values())
        spans = max(*said, self.sheet.spans.get(row, 0)) >= last > at
        return named if numbered or spans else None

    def as_json(self) -> dict[str, Any]:
        """Return how the office wrote its table: what an export writes again."""
        width = max((len(row) for row in self.sheet.rows[: self.first - 1]), default=0)
        by_column = {at: field for field, at in self.columns.items()}
        by_column |= {at: f"+{heading}" for heading, at in self.extras.items()}
        top = self.first - 1 - self.n_lines
        return {
            "sheet": self.sheet.name,
            "title": [[cell.text for cell in row] for row in self.sheet.rows[:top]],
            "header": [
                [row[at].text if at < len(row) else "" for at in range(width)]
                for row in self.sheet.rows[top : self.first - 1]
            ],
            "columns": [by_column.get(at, "") for at in range(width)],
            "numbers": {
                str(row): said
                for row in range(self.first, len(self.sheet.rows) + 1)
                if (said := self.cell(row, "number").text)
            },
        }


def find_table(sheet: Sheet, kind: ListType) -> Layout | None:
    """Return where the table of a sheet is, or None when its first rows hold no header.

    A header of two lines is understood; a column is named by both, by the lower or the upper.
    """
    best: tuple[tuple[int, int], Layout] | None = None
    fewest = min(_FEWEST_KNOWN, len(kind.required) + 1)
    names = _headers() | {plain(n): field for field, own in kind.headers.items() for n in own}
    for at in range(min(_LAST_HEADER_ROW, len(sheet.rows))):
        for n_lines in (1, 2):
            lines = sheet.rows[at : at + n_lines]
            if len(lines) < n_lines:
                continue
            layout = _layout(sheet, at + n_lines + 1, lines, names)
            known = len(layout.columns)
            enough = known >= (fewest if "name" in layout.columns else _FEWEST_KNOWN)
            worth = known, -n_lines  # a title above the header adds nothing to it
            if enough and (best is None or worth > best[0]):
                best = worth, layout
    return best[1] if best else None


def missing_columns(layout: Layout, kind: ListType) -> list[str]:
    """Return the headings that a list cannot do without and the sheet has not."""
    return [heading(field, kind) for field in kind.required if field not in layout.columns]


def heading(field: str, kind: ListType | None = None) -> str:
    """Return the heading that we write for a field, in a type of list."""
    own = kind.headers.get(field) if kind is not None else None
    return str((own or _table()["headers"][field])[0])


def fields() -> tuple[str, ...]:
    """Return every field that a column may hold."""
    return tuple(_table()["headers"])


def headings() -> tuple[str, ...]:
    """Return every heading that we write, in whichever type of list."""
    kinds = (None, *list_types().values())
    return tuple(dict.fromkeys(heading(field, kind) for kind in kinds for field in fields()))


def codes(field: str) -> tuple[str, ...]:
    """Return every code that a column may say."""
    return tuple(_table()["values"][field])


def value(field: str, written: str) -> str | None:
    """Return the code of what a cell says, or None when it says nothing we know."""
    return _values(field).get(plain(written))


def written(field: str, code: str) -> str:
    """Return what we write for a code."""
    return str(_table()["values"][field][code][0])


def yes(said: bool) -> str:
    """Return what we write for yes or no."""
    return written("self_handle", "yes" if said else "no")


def is_township(name: str) -> bool:
    """Tell whether a unit's name stands for the township of the place."""
    return plain(name) in _townships()


def part(said: str) -> tuple[bool, str]:
    """Return whether a heading is numbered like one of a part, and what it names."""
    patterns = _table()["parts"]
    named = re.sub(patterns["numbered"], "", said, count=1)
    return named != said, re.sub(patterns["counted"], "", named).strip()


def part_heading(number: int, named: str) -> str:
    """Return the heading of the part of that number, from 1, that `part` reads again."""
    return str(_table()["parts"]["written"]).format(number=_numeral(number), named=named)


def marked_lead(said: str) -> str:
    """Return a unit's name marked as that of several which leads."""
    return f"{said}{_table()['leads']['written']}"


def lead_of(said: str) -> tuple[str, bool]:
    """Return a unit's name without the mark of the lead, and whether it had one."""
    name = re.sub(_table()["leads"]["marked"], "", said).strip()
    return name, name != said


def township() -> str:
    """Return what we write for the township of the place."""
    return str(_table()["township"]["names"][0])


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


def _numeral(number: int) -> str:
    digits: list[str] = _table()["parts"]["digits"]
    tens, ones = divmod(number, 10)
    if number >= len(digits) ** 2:
        return digits[-1]
    before = digits[tens] if tens > 1 else ""
    return before + (digits[10] if tens else "") + (digits[ones] if ones else "")


def _spaceless(said: str) -> str:
    return "".join(unicodedata.normalize("NFKC", said).split()).casefold()


def _layout(
    sheet: Sheet, first: int, lines: tuple[tuple[Cell, ...], ...], names: Mapping[str, str]
) -> Layout:
    columns, headers = dict[str, int](), dict[str, str]()
    extras = dict[str, int]()
    for at, cells in enumerate(zip_longest(*_spread(lines), fillvalue=EMPTY)):
        said = [cell.text for cell in cells if cell.text]
        field = next((names[n] for n in _namings(said) if n in names), None)
        if field is not None and field not in columns:
            columns[field], headers[field] = at, said[-1]
        elif said:
            extras[_distinct(said[-1], extras)] = at
    return Layout(sheet, first, len(lines), columns, headers, extras)


def _distinct(heading: str, taken: Mapping[str, int]) -> str:
    return next(
        name
        for number in count(1)
        if (name := heading if number == 1 else f"{heading} {number}") not in taken
    )


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
    source = resources.files("server.responsibility.sheets").joinpath("columns.toml")
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
