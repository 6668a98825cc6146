"""What a spreadsheet's columns mean, and what its cells may say."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from itertools import count, zip_longest
from tomllib import loads
from types import MappingProxyType
from typing import Any, Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.list.entries import OfficeLayout
from server.responsibility.list.list_types import ListType, list_types

_LAST_HEADER_ROW: Final = 20
_FEWEST_KNOWN: Final = 3
_LONGEST_SAID: Final = 40
_BRACKETS: Final = re.compile(r"[(\[【〔].*?[)\]】〕]")


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
        """Return what a row is that says nothing of any matter: a note, a sum, the header."""
        said = self.said(row)
        first = re.match(_table()["parts"]["total"], next(iter(said.values())))
        if first and not (self.cell(row, "lead").text or self.cell(row, "limit").text):
            return "total"
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
        The numeral may have a column of its own. Where nothing can lie over columns, it is one
        thing where the number would stand, and is none.
        """
        said = self.said(row)
        at, only = next(iter(said.items()))
        if self._apart(said):
            return part(self.cell(row, "name").text)[1]
        if len(set(said.values())) > 1 or at > self.columns["name"]:
            return None
        numbered, named = part(only)
        last = max(self.columns.values())
        spans = max(*said, self.sheet.spans.get(row, 0)) >= last > at
        return named if numbered or spans or self.guessed_part(row) else None

    def guessed_part(self, row: int) -> bool:
        """Tell whether a row is taken for a heading for want of anything else it could be."""
        said = self.said(row)
        number = self.columns.get("number")
        if not self.sheet.flat or number is None or set(said) != {number}:
            return False
        return not any(each.isdigit() for each in part(said[number])[1])

    def _apart(self, said: Mapping[int, str]) -> bool:
        """Tell whether a row is a heading with its numeral in the column of numbers."""
        number, name = self.columns.get("number"), self.columns["name"]
        if number is None or set(said) != {number, name} or len(self.columns) == 2:
            return False
        return re.match(_table()["parts"]["numeral"], said[number]) is not None

    def written(self, *, headings: bool) -> OfficeLayout:
        """Return how the office wrote its table, with `headings` among its rows or without."""
        width = max((len(row) for row in self.sheet.rows[: self.first - 1]), default=0)
        by_column = {at: field for field, at in self.columns.items()}
        by_column |= {at: f"+{heading}" for heading, at in self.extras.items()}
        top = self.first - 1 - self.n_lines
        return OfficeLayout(
            sheet=self.sheet.name,
            title=[[cell.text for cell in row] for row in self.sheet.rows[:top]],
            header=[
                [row[at].text if at < len(row) else "" for at in range(width)]
                for row in self.sheet.rows[top : self.first - 1]
            ],
            columns=[by_column.get(at, "") for at in range(width)],
            numbers={
                str(row): said
                for row in range(self.first, len(self.sheet.rows) + 1)
                if (said := self.cell(row, "number").text)
            },
            headings=headings,
        )


def find_table(
    sheet: Sheet, kind: ListType, said: Mapping[str, str] = MappingProxyType({})
) -> Layout | None:
    """Return where the table of a sheet is, or None when its first rows hold no header.

    A header of two lines is understood; a column is named by both, by the lower or the upper.
    `said` are the fields of headings that a person named, by `plain` heading.
    """
    best: tuple[tuple[int, int], Layout] | None = None
    fewest = min(_FEWEST_KNOWN, len(kind.required) + 1)
    names = _headers() | {plain(n): field for field, own in kind.headers.items() for n in own}
    names |= said
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
    return _by_what_it_says(best[1]) if best else None


def _by_what_it_says(layout: Layout) -> Layout:
    """Take a column called like the kind for that of domains where its cells name no kind."""
    at = layout.columns.get("kind")
    if at is None or "domain" in layout.columns:
        return layout
    said = {layout.at(row, at).text for row in range(layout.first, len(layout.sheet.rows) + 1)}
    if any(value("kind", each) for each in said if each):
        return layout
    names = {"kind": "domain"}
    return replace(
        layout,
        columns={names.get(name, name): at for name, at in layout.columns.items()},
        headers={names.get(name, name): each for name, each in layout.headers.items()},
    )


def likely_headings(sheet: Sheet) -> tuple[str, ...]:
    """Return what may be the headings of a sheet without a table: its widest row at the top."""
    rows = [[cell.text for cell in row if cell.text] for row in sheet.rows[:_LAST_HEADER_ROW]]
    widest = max(rows, key=lambda row: len(set(row)), default=[])
    return tuple(dict.fromkeys(" ".join(each.split())[:_LONGEST_SAID] for each in widest))


def missing_columns(layout: Layout, kind: ListType) -> list[str]:
    """Return the headings that a list cannot do without and the sheet has not."""
    return [
        heading(field, kind)
        for field in kind.required
        if field not in layout.columns and with_duties(field) not in layout.columns
    ]


def with_duties(unit: str) -> str:
    """Return what the one column is called that holds a field of units and their duties."""
    return f"{unit}_and_duties"


def field_of(named: str, kind: ListType) -> str | None:
    """Return the field of a name that a person gives a column: its code, or a heading of ours."""
    if named in fields() or named in _table()["together"]["headers"]:
        return named
    own = {plain(n): field for field, names in kind.headers.items() for n in names}
    return (_headers() | own).get(plain(named))


def joined(said: str) -> list[str]:
    """Return the names in a text that words join: 甲局和乙局."""
    return [each for each in re.split(_table()["leads"]["joined"], said) if each]


def beside_lead(said: str) -> tuple[str, bool]:
    """Return a unit's name without the mark of one that only helps, and whether it had one."""
    name = re.sub(_table()["leads"]["beside"], "", said).strip()
    return name, name != said


def heading(field: str, kind: ListType | None = None) -> str:
    """Return the heading that we write for a field, in a type of list."""
    own = kind.headers.get(field) if kind is not None else None
    return str(
        (own or _table()["headers"].get(field) or _table()["together"]["headers"][field])[0]
    )


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
    if field == "kind" and is_power(written):
        return "enforcement"
    return _values(field).get(plain(written))


def is_power(said: str) -> bool:
    """Tell whether a text is a kind of power by which lists of enforcement sort their matters."""
    return plain(said) in map(plain, _table()["powers"]["names"])


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


def words_of(table: str) -> dict[str, Any]:
    """Return a table of the words by which offices are understood: `limits`, `together`."""
    found: dict[str, Any] = _table()[table]
    return found


@lru_cache(maxsize=4096)
def plain(said: str) -> str:
    """Return a word as it is compared: one width, no spaces, no brackets, one case."""
    return re.sub(r"[()\[\]【】〔〕*]", "", spaceless(said))


def _numeral(number: int) -> str:
    digits: list[str] = _table()["parts"]["digits"]
    tens, ones = divmod(number, 10)
    if number >= len(digits) ** 2:
        return digits[-1]
    before = digits[tens] if tens > 1 else ""
    return before + (digits[10] if tens else "") + (digits[ones] if ones else "")


def spaceless(said: str) -> str:
    """Return a text as it is compared: one width, no spaces, one case."""
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
        bare = spaceless(each)
        found += [plain(each), _BRACKETS.sub("", bare)]
    return [each for each in found if each]


@cache
def _table() -> dict[str, Any]:
    source = resources.files("server.responsibility.sheets").joinpath("columns.toml")
    return loads(source.read_text(encoding="utf-8"))


@cache
def _headers() -> dict[str, str]:
    named = _table()["headers"] | _table()["together"]["headers"]
    return {plain(n): field for field, names in named.items() for n in names}


@cache
def _values(field: str) -> dict[str, str]:
    codes = _table()["values"][field]
    return {plain(word): code for code, words in codes.items() for word in words}


@cache
def _townships() -> frozenset[str]:
    return frozenset(plain(name) for name in _table()["township"]["names"])
