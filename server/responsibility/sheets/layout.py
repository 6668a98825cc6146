"""Where the table of a sheet is, which field each of its columns holds, what its rows are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import count, zip_longest
from types import MappingProxyType
from typing import Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.list.entries import OfficeLayout
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns

LAST_HEADER_ROW: Final = 20
_FEWEST_KNOWN: Final = 3
#: What stands between the names of a cell.
LISTED: Final = r"[、，,;；/／\n]+"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table, from 1: of its first entry and its last; `above` are of others."""

    name: str
    above: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a sheet's table begins and which field each column holds.

    `first` is the row of the first entry, from 1; `headers` are the headings as written; `extras`
    are the columns that we have no field for, by headings made distinct; `more` are tables of the
    same header that follow below.
    """

    sheet: Sheet
    first: int
    n_lines: int
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    extras: Mapping[str, int]
    more: tuple[Table, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, the first one first."""
        last = self.more[0].above if self.more else len(self.sheet.rows)
        return (Table(self.sheet.name, 0, self.first, last), *self.more)

    def entries(self) -> Iterator[int]:
        """Yield the rows of every table below its header, from 1."""
        for table in self.tables:
            yield from range(table.first, table.last + 1)

    def place(self, row: int) -> tuple[str, int]:
        """Return the name of the table in which a row stands, and which of its rows it is."""
        table = next(each for each in reversed(self.tables) if row > each.above)
        return table.name, row - table.above

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

    def said_above(self, column: int) -> list[str]:
        """Return the lines of a column's heading, the upper first."""
        lines = self.sheet.rows[self.first - 1 - self.n_lines : self.first - 1]
        return [line[column].text for line in _spread(lines) if line[column].text]

    @property
    def title(self) -> str:
        """What the table is called: the sheet's name, and all above the header."""
        above = range(1, self.first - self.n_lines)
        return self.sheet.name + "".join("".join(self.said(row).values()) for row in above)

    def no_entry(self, row: int) -> str | None:
        """Return what a row is that says nothing of any matter: a note, a sum, the header."""
        said = self.said(row)
        first = re.match(columns.words_of("parts")["total"], next(iter(said.values())))
        if first and not (self.cell(row, "lead").text or self.cell(row, "limit").text):
            return "total"
        if all(
            any(self.said(top).get(at) == each for top in range(1, self.first))
            for at, each in said.items()
        ):
            return "header_again"
        if set(said) == {self.columns.get("number")} and columns.is_number(
            next(iter(said.values()))
        ):
            return "number_alone"
        return "note" if self._is_note(row, said) else None

    def attaches(self, row: int) -> bool:
        """Tell whether a row announces another table: 附表：…."""
        first = next(iter(self.said(row).values()))
        return re.match(columns.words_of("parts")["attached"], first) is not None

    def numbered(self, row: int) -> bool:
        """Tell whether a row has a number, the name of a matter, and a lead where one is."""
        return columns.is_number(self.cell(row, "number").text) and self._named(row)

    def part(self, row: int) -> str | None:
        """Return what a row names that only heads the part which follows; None for an entry.

        It says one thing, not right of the names: numbered like a heading, over all columns, or
        where the number would stand, and is none. The numeral may have a column of its own.
        """
        said = self.said(row)
        at, only = next(iter(said.items()))
        if self._apart(said):
            return columns.part(self.cell(row, "name").text)[1]
        if len(set(said.values())) > 1 or at > self.columns["name"]:
            return None
        numbered, named = columns.part(only)
        last = max(self.columns.values())
        spans = max(*said, self.sheet.spans.get(row, 0)) >= last > at
        return named if numbered or spans or self.guessed_part(row) else None

    def guessed_part(self, row: int) -> bool:
        """Tell whether a row is taken for a heading for want of anything else it could be."""
        said = self.said(row)
        number = self.columns.get("number")
        if row in self.sheet.spans or number is None or set(said) != {number}:
            return False
        numbered, named = columns.part(said[number])
        return not numbered and not any(each.isdigit() for each in named)

    def _named(self, row: int) -> bool:
        leads = [field for field in ("lead", columns.with_duties("lead")) if field in self.columns]
        leading = any(self.cell(row, field).text for field in leads)
        return bool(self.cell(row, "name").text) and (leading or not leads)

    def _is_note(self, row: int, said: Mapping[int, str]) -> bool:
        """Tell whether a row that names no matter says something of the whole list.

        One that does name a matter is none, whatever its name looks like.
        """
        number = self.cell(row, "number").text
        if columns.is_number(number) or self.cell(row, "code").text:
            return False
        if (row, self.columns["name"]) in self.sheet.carried or self._named(row):
            return "number" in self.columns and columns.is_note(next(iter(said.values())))
        texts = list(dict.fromkeys(said.values()))
        if len(texts) == 1 and min(said) <= self.columns["name"]:
            return columns.is_note(texts[0]) or columns.is_sentence(texts[0])
        outside = bool(number) and not self.cell(row, "name").text and not self._apart(said)
        return outside or columns.is_note(texts[0])

    def _apart(self, said: Mapping[int, str]) -> bool:
        """Tell whether a row is a heading with its numeral in the column of numbers."""
        number, name = self.columns.get("number"), self.columns["name"]
        if number is None or set(said) != {number, name} or len(self.columns) == 2:
            return False
        return re.match(columns.words_of("parts")["numeral"], said[number]) is not None

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
    own = {columns.plain(n): field for field, named in kind.headers.items() for n in named}
    names = columns.headers() | own
    names |= said
    for at in range(min(LAST_HEADER_ROW, len(sheet.rows))):
        for n_lines in (1, 2, 3):
            lines = sheet.rows[at : at + n_lines]
            if len(lines) < n_lines:
                continue
            layout = _layout(sheet, at + n_lines + 1, lines, names)
            known = len(layout.columns)
            enough = known >= (fewest if "name" in layout.columns else _FEWEST_KNOWN)
            goes_on = (layout.first, layout.columns.get("name")) in sheet.carried
            worth = known, -n_lines  # a title above the header adds nothing to it
            if enough and not goes_on and (best is None or worth > best[0]):
                best = worth, layout
    if best is None:
        return None
    return _of_one_side(_as_far_as_said(_by_what_it_says(best[1]), kind), kind)


def _as_far_as_said(layout: Layout, kind: ListType) -> Layout:
    """Take the column of duties for that of the lead where none is, and no codes that are none."""
    names = {}
    if "lead" in kind.required and not {"lead", columns.with_duties("lead")} & {*layout.columns}:
        names["lead_duties"] = columns.with_duties("lead")
    layout = replace(
        layout,
        columns={names.get(name, name): at for name, at in layout.columns.items()},
        headers={names.get(name, name): each for name, each in layout.headers.items()},
    )
    rows = range(layout.first, len(layout.sheet.rows) + 1)
    said = [each for row in rows if (each := layout.cell(row, "code").text)]
    bad = [each for each in said if not columns.is_code(each)]
    return _without(layout, {"code"}) if 2 * len(bad) > len(said) else layout


def _without(layout: Layout, fields: AbstractSet[str]) -> Layout:
    """Keep some columns as they are, as those that we have no field for."""
    extras = dict(layout.extras)
    for name in layout.columns:
        if name in fields:
            extras[_distinct(layout.headers[name], extras)] = layout.columns[name]
    return replace(
        layout,
        columns={name: at for name, at in layout.columns.items() if name not in fields},
        headers={name: said for name, said in layout.headers.items() if name not in fields},
        extras=extras,
    )


def _of_one_side(layout: Layout, kind: ListType) -> Layout:
    """Keep as they are the columns that say who leads otherwise than a type of list does."""
    if kind.leads == "either":
        return layout
    rows = range(layout.first, len(layout.sheet.rows) + 1)
    both, duty = columns.with_duties("lead"), "lead_duties"
    against = set[str]()
    sides = {columns.value("responsibility", layout.cell(n, "responsibility").text) for n in rows}
    if any(side and (side == "township") != (kind.leads == "township") for side in sides):
        against.add("responsibility")
    named = {layout.cell(n, name).text for n in rows for name in ("lead", both)}
    parts = (part for each in named for part in re.split(LISTED, each) if part)
    if kind.leads == "township" and not all(map(columns.is_township, parts)):
        against |= {"lead", both, duty}
    return _without(layout, against)


def _by_what_it_says(layout: Layout) -> Layout:
    """Take a column called like the kind for that of domains where its cells name no kind."""
    at = layout.columns.get("kind")
    if at is None or "domain" in layout.columns:
        return layout
    said = {layout.at(row, at).text for row in range(layout.first, len(layout.sheet.rows) + 1)}
    if any(columns.value("kind", each) for each in said if each):
        return layout
    names = {"kind": "domain"}
    return replace(
        layout,
        columns={names.get(name, name): at for name, at in layout.columns.items()},
        headers={names.get(name, name): each for name, each in layout.headers.items()},
    )


def missing_columns(layout: Layout, kind: ListType) -> list[str]:
    """Return the headings that a list cannot do without and the sheet has not."""
    return [
        columns.heading(field, kind)
        for field in kind.required
        if field not in layout.columns and columns.with_duties(field) not in layout.columns
    ]


def _layout(
    sheet: Sheet, first: int, lines: tuple[tuple[Cell, ...], ...], names: Mapping[str, str]
) -> Layout:
    fields, headers = dict[str, int](), dict[str, str]()
    extras, beside = dict[str, int](), ""
    for at, cells in enumerate(zip_longest(*_spread(lines), fillvalue=EMPTY)):
        said = [cell.text for cell in cells if cell.text]
        field = next(_meant(said, names), None)
        if said and beside and (field is None or field in fields):
            duty = any(map(columns.is_duty, _namings(said)))
            field = f"{beside}_duties" if duty else field
        if field is not None and field not in fields:
            fields[field], headers[field] = at, said[-1]
            beside = field if field in ("lead", "cooperating") else ""
        elif said:
            extras[_distinct(said[-1], extras)] = at
    composed, shared = columns.words_of("composed"), _shared(lines)
    alone = {
        field: [each for each in said if extras.get(each) in shared]
        for field, said in composed["alone"].items()
    }
    for field, instead in (*alone.items(), *composed["instead"].items()):
        found = next((each for each in instead if each in extras), None)
        if field not in fields and found is not None:
            fields[field], headers[field] = extras.pop(found), found
    return Layout(sheet, first, len(lines), fields, headers, extras)


def _shared(lines: Sequence[tuple[Cell, ...]]) -> set[int]:
    """Return the columns of a header of one line, or those whose upper line heads several."""
    upper = [cell.text for cell in _spread(lines)[0]]
    return {at for at, each in enumerate(upper) if len(lines) == 1 or upper.count(each) > 1}


def _meant(said: list[str], names: Mapping[str, str]) -> Iterator[str]:
    """Yield the fields that a column may hold by its headings, the fullest heading first."""
    for naming in _namings(said):
        if names.get(naming) == columns.LEAVE:
            return
        if (field := names.get(naming) or columns.composed(naming)) is not None:
            yield field


def _distinct(heading: str, taken: Mapping[str, int]) -> str:
    return next(
        name
        for number in count(1)
        if (name := heading if number == 1 else f"{heading} {number}") not in taken
    )


def _spread(lines: Sequence[tuple[Cell, ...]]) -> list[list[Cell]]:
    """Carry the upper lines of a header to the right, as their merged cells mean it."""
    width = max(map(len, lines))
    found = [[*line, *[EMPTY] * (width - len(line))] for line in lines]
    for n, upper in enumerate(found[:-1]):
        for at in range(1, width):
            goes_on = n == 0 or found[n - 1][at] == found[n - 1][at - 1]
            if not upper[at].text and goes_on:
                upper[at] = upper[at - 1]
    return found


def _namings(said: list[str]) -> list[str]:
    distinct = list(dict.fromkeys(said))
    joined = ["".join(distinct[n:]) for n in range(len(distinct) - 1)]
    found = list[str]()
    for each in (*reversed(joined), *reversed(distinct)):
        found += [columns.plain(each), columns.bare(each)]
    return [each for each in found if each]
