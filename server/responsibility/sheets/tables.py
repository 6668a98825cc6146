"""The tables of a file that are one list, and their rows by the matters they speak of."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.files.workbook import Unreadable
from server.responsibility.list.list_types import ListType, list_types
from server.responsibility.sheets import columns
from server.responsibility.sheets.asking import Asking, columns_said
from server.responsibility.sheets.headings import likely_headings, of_table
from server.responsibility.sheets.layout import (
    LAST_HEADER_ROW,
    Layout,
    Table,
    find_table,
    missing_columns,
)
from server.responsibility.sheets.matching import grams
from server.responsibility.sheets.matter_rows import goes_on
from server.texts.catalogue import text

_MOST_HEADINGS: Final = 30
_FEWEST_BESIDE: Final = 2
_SHORTEST_NAME: Final = 2
_SEVERAL: Final = 2


def table_of(
    sheets: Sequence[Sheet], kind: ListType, answers: Mapping[str, str]
) -> tuple[Layout, list[str]]:
    """Return the table that is likeliest of a type, and the names of what was left unread.

    It is whole, called like the type, with most columns. Tables of its header are one list with
    it. Raises Unreadable, with the headings found, where none has the columns that are needed.
    """
    said = columns_said(answers)
    sheets = [part for sheet in sheets for part in _side_by_side(sheet)]
    found = [find_table(sheet, kind, said) for sheet in sheets]
    tables = [each for each in found if each is not None]
    if not tables:
        raise _without_table(sheets)
    called = grams(columns.plain(kind.name))

    def fitness(layout: Layout) -> tuple[bool, int, int]:
        likeness = len(called & grams(columns.plain(layout.title)))
        return not missing_columns(layout, kind), likeness, len(layout.columns)

    layout = max(tables, key=fitness)
    if missing := missing_columns(layout, kind):
        known, unknown = list(layout.headers.values()), list(layout.unknown)
        raise Unreadable(
            "missing_columns",
            sheet=layout.sheet.name,
            columns=text("sheet.and").join(missing),
            known=text("sheet.and").join(known),
            unknown=text("sheet.and").join(unknown),
            written=of_table(layout),
        )
    alike = [each for each in tables if each is layout or _is_more_of(layout, each, kind)]
    taken = {id(each.sheet) for each in alike}
    ignored = [sheet.name for sheet in sheets if id(sheet) not in taken and any(sheet.rows)]
    return _joined(alike), ignored


def _side_by_side(sheet: Sheet) -> list[Sheet]:
    """Return the parts of a sheet whose header begins again to the right, a list in columns."""
    for row in sheet.rows[:LAST_HEADER_ROW]:
        said = {at: columns.plain(cell.text) for at, cell in enumerate(row) if cell.text}
        n_most = len(said) // _FEWEST_BESIDE
        for n_parts in range(n_most, 1, -1):
            width, over = divmod(len(said), n_parts)
            parts = [list(said.values())[at : at + width] for at in range(0, len(said), width)]
            if not over and parts.count(parts[0]) == n_parts and _is_header(parts[0]):
                starts = list(said)[::width]
                starts[0] = 0
                return [_cut(sheet, *ends) for ends in zip_longest(starts, starts[1:])]
    return [sheet]


def _is_header(said: Sequence[str]) -> bool:
    """Tell whether headings name a matter, in more words than those that also name a unit."""
    names = columns.headers()
    return len({*said}) == len(said) and any(
        names.get(each) == "name" and len(each) > _SHORTEST_NAME for each in said
    )


def _cut(sheet: Sheet, start: int, end: int | None) -> Sheet:
    """Return what stands of a sheet from a column until before another, where it stands."""
    last = end if end is not None else max(map(len, sheet.rows))
    return replace(
        sheet,
        rows=tuple((EMPTY,) * start + row[start:last] for row in sheet.rows),
        spans={row: min(at, last - 1) for row, at in sheet.spans.items() if at >= start},
        carried=frozenset(each for each in sheet.carried if start <= each[1] < last),
    )


def _is_more_of(layout: Layout, other: Layout, kind: ListType) -> bool:
    """Tell whether a table goes on with the list of another.

    Its header is the same; it is not called another type of list, and is no other version of the
    same: most of the names would be the same then.
    """
    moved = _first_column(other) - _first_column(layout)
    header, same = (
        [{name: at - by for name, at in each.items()} for each in (of.columns, of.extras)]
        for of, by in ((other, moved), (layout, 0))
    )
    title = columns.plain(other.title)
    others = (each for each in list_types().values() if each is not kind)
    called = any(columns.what_listed(each.name) in title for each in others)
    names, known = _names(other), _names(layout)
    return header == same and not called and 2 * len(names & known) <= len(names)


def _names(layout: Layout) -> set[str]:
    rows = range(layout.first, len(layout.sheet.rows) + 1)
    return {said for row in rows if (said := columns.plain(layout.cell(row, "name").text))}


def _first_column(layout: Layout) -> int:
    return min((*layout.columns.values(), *layout.extras.values()))


def _joined(layouts: Sequence[Layout]) -> Layout:
    """Return tables of one header as one, each below the other with all of its rows."""
    first, *others = layouts
    rows, more = list[tuple[Cell, ...]](first.sheet.rows), list[Table]()
    spans, carried = dict(first.sheet.spans), set(first.sheet.carried)
    hidden, struck = set(first.sheet.hidden), set(first.sheet.struck)
    for each in others:
        above, moved = len(rows), _first_column(first) - _first_column(each)
        rows += [(EMPTY,) * moved + row[max(0, -moved) :] for row in each.sheet.rows]
        spans |= {row + above: at + moved for row, at in each.sheet.spans.items()}
        carried |= {(row + above, at + moved) for row, at in each.sheet.carried}
        hidden |= {row + above for row in each.sheet.hidden}
        struck |= {row + above for row in each.sheet.struck}
        more.append(Table(each.sheet.name, above, each.first + above, len(rows)))
    sheet = replace(
        first.sheet,
        rows=tuple(rows),
        spans=spans,
        carried=frozenset(carried),
        hidden=frozenset(hidden),
        struck=frozenset(struck),
        values_only=any(each.sheet.values_only for each in layouts),
    )
    return replace(first, sheet=sheet, more=tuple(more))


def spelt_out(layout: Layout) -> tuple[Layout, list[tuple[int, int]]]:
    """Return a layout whose cells say themselves what they repeat, or that there is nothing.

    Beside it the cells that did, row from 1 and column from 0: 同上 means what the matter above
    says in the same column, a lone stroke or 无 that there is none.
    """
    words = columns.words_of("cells")
    rows, carried = [list(row) for row in layout.sheet.rows], set(layout.sheet.carried)
    repeated = list[tuple[int, int]]()
    may_lack = {at for name, at in layout.columns.items() if name not in words["never_none"]}
    for table in layout.tables:
        above = dict[int, Cell]()
        for row in range(table.first, table.last + 1):
            cells = rows[row - 1]
            if not layout.said(row) or layout.no_entry(row) or layout.part(row) is not None:
                continue
            goes_on = not any(layout.cell(row, name).text for name in ("number", "code", "name"))
            for at, cell in enumerate(cells):
                if at in above and re.fullmatch(words["above"], cell.text, re.IGNORECASE):
                    cells[at] = above[at]
                    carried.add((row, at))
                    repeated.append((row, at))
                elif at in may_lack and re.fullmatch(words["none"], columns.spaceless(cell.text)):
                    cells[at] = EMPTY
            above |= {at: cell for at, cell in enumerate(cells) if cell.text or not goes_on}
    sheet = replace(layout.sheet, rows=tuple(map(tuple, rows)), carried=frozenset(carried))
    return replace(layout, sheet=sheet), repeated


def _without_table(sheets: Sequence[Sheet]) -> Unreadable:
    """Return the refusal of a file without a table, with what may have been its headings."""
    likely = [(likely_headings(sheet), sheet) for sheet in sheets]
    headings, sheet = max(likely, key=lambda each: len(each[0]), default=({}, None))
    headings = dict([*headings.items()][:_MOST_HEADINGS])
    said = text("sheet.and").join(headings)
    of = sheet.name if sheet else ""
    return Unreadable("no_table", sheet=of, headings=said, written=headings)


@dataclass(slots=True)
class Rows:
    """The rows of matters, each with what heads its part; what else there is, and why.

    `notes` are those of `skipped` that say something which is nowhere else.
    """

    matters: list[tuple[list[int], str]] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    notes: list[int] = field(default_factory=list)
    headings: bool = False


def rows_of(layout: Layout) -> Rows:
    """Return what the rows of a layout's tables are."""
    found = Rows()
    for table in layout.tables:
        heading = _domain(table.name if layout.more else _stacked(layout))
        found.headings = found.headings or bool(heading)
        pending = list[int]()  # headings of which nothing is known to follow
        for row in _rows(layout, table, found):
            group = found.matters[-1][0] if found.matters else []
            same = bool(group) and group[0] > table.above and not pending
            if (named := layout.part(row)) is not None:
                heading = named or heading
                pending.append(row)
            elif same and goes_on(layout, row, group[0]):
                group.append(row)
                found.skipped[row] = text("sheet.goes_on", first=group[0])
            else:
                found.headings = found.headings or bool(pending)
                for each in filter(layout.guessed_part, pending):
                    found.skipped[each] = text("sheet.guessed_part")
                pending = []
                found.matters.append(([row], heading))
        for each in pending:
            _leave(found, each)
    return found


def of_one_name(layout: Layout, rows: Rows, asking: Asking) -> dict[int, int]:
    """Join rows that are apart and have one name and no code, where a person says so.

    Return of the others the first rows, each with which of that name it is; 0 while asked.
    """
    groups = defaultdict[tuple[str, str], list[tuple[list[int], str]]](list)
    for matter in rows.matters:
        row, heading = matter[0][0], matter[1]
        name = layout.cell(row, "name").text
        if name and not layout.cell(row, "code").text:
            domain = layout.cell(row, "domain").text or heading
            groups[columns.plain(name), columns.plain(domain)].append(matter)
    settled = dict[int, int]()
    for (name, domain), group in groups.items():
        firsts = [of[0] for of, _ in group]
        if len(firsts) < _SEVERAL:
            continue
        offers = {each: text(f"sheet.same_{each}") for each in ("one", "several")}
        written = text("sheet.same", name=layout.cell(firsts[0], "name").text)
        heading = layout.headers.get("name") or columns.heading("name")
        for row in firsts:
            said = asking.offered("same", f"{domain}/{name}", written, offers, heading, row)
        if said == "one":
            for of, _ in group[1:]:
                group[0][0].extend(of)
                rows.skipped |= dict.fromkeys(of, text("sheet.goes_on", first=firsts[0]))
            gone = [id(matter) for matter in group[1:]]
            rows.matters = [each for each in rows.matters if id(each) not in gone]
        else:
            several = said == "several"
            settled |= {row: n if several else 0 for n, row in enumerate(firsts, 1)}
    return settled


def _stacked(layout: Layout) -> str:
    """Return what stands above the header where other parts have theirs with it again; else ''."""
    above = layout.said(max(1, layout.first - layout.n_lines - 1))
    stacked = any(
        layout.said(row)
        and layout.said(row - 1)
        and layout.no_entry(row) == "header_again"
        and layout.no_entry(row - 1) is None
        and layout.part(row - 1) is not None
        for row in range(layout.first + 1, len(layout.sheet.rows) + 1)
    )
    return next(iter(above.values()), "") if stacked else ""


def _rows(layout: Layout, table: Table, found: Rows) -> Iterator[int]:
    """Yield the rows of matters and headings; what is attached ends where the header is again."""
    announced = attached = False
    for row in range(table.first, table.last + 1):
        if not layout.said(row):
            continue
        reason = layout.no_entry(row)
        if reason == "header_again":
            announced = attached = False
        attached = attached or (announced and reason is None and not layout.numbered(row))
        announced = reason == "note" and layout.attaches(row)
        if reason == "note" or attached:
            _leave(found, row)
        elif reason is not None:
            found.skipped[row] = text(f"sheet.{reason}")
        else:
            yield row


def _leave(found: Rows, row: int) -> None:
    found.skipped[row] = text("sheet.note")
    found.notes.append(row)


def _domain(name: str) -> str:
    """Return the domain that the name of a table says; '' where it is the list's, or nobody's."""
    named = columns.part(name)[1]
    says = not named.isascii() and not columns.is_note(named)
    lists = frozenset().union(*(grams(columns.plain(each.name)) for each in list_types().values()))
    return named if says and not grams(columns.plain(named)) & lists else ""
