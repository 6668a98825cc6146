"""Headings that nobody has explained, asked with what stands below: limits, units, the rest."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from server.responsibility.files.cells import Sheet
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns, limits
from server.responsibility.sheets.asking import COLUMN, Asking, columns_said
from server.responsibility.sheets.columns import LEAVE
from server.responsibility.sheets.layout import LAST_HEADER_ROW, LISTED, Layout
from server.responsibility.sheets.matching import Candidate, Question
from server.texts.catalogue import text

_MOST_SAMPLES: Final = 5
_LONGEST_SAMPLE: Final = 60
_LONGEST_HEADING: Final = 80  # what is longer is a sentence above a column
_LONGEST_LIKELY: Final = 40
_MOST_LOOKED_AT: Final = 50
_LIKELY: Final = 0.5
_UNITS: Final = ("lead", "cooperating")


def asked_of(layout: Layout, kind: ListType, asking: Asking) -> list[Question]:
    """Return a question for every column that has words and a heading which nobody explained.

    One that is known already, and was set aside for what stands below it, is none; one whose
    field another column holds is asked.
    """
    said = columns_said(asking.answers)
    found = list[tuple[int, Question]]()
    for at in layout.extras.values():
        heading = _heading(layout, at)
        meant = said.get(columns.plain(heading)) or columns.meant(heading)
        settled = meant is not None and meant not in layout.columns
        cells = list(_below(layout, at))
        if heading and cells and not settled and len(heading) <= _LONGEST_HEADING:
            order, likely = _likely(cells, asking)
            question = Question(
                f"{COLUMN}{columns.plain(heading)}",
                "column",
                heading,
                heading,
                [row for row, _ in cells[:_MOST_SAMPLES]],
                _candidates(layout, kind, likely),
                samples=samples(each for _, each in cells),
            )
            found.append((order, question))
    distinct = {each.id: each for _, each in sorted(found, key=lambda each: each[0])}
    return list(distinct.values())


def samples(cells: Iterable[str]) -> tuple[str, ...]:
    """Return a few of the different texts of a column."""
    found = dict.fromkeys(" ".join(each.split())[:_LONGEST_SAMPLE] for each in cells if each)
    return tuple(found)[:_MOST_SAMPLES]


def of_table(layout: Layout) -> dict[str, tuple[str, ...]]:
    """Return what stands in the columns that we have no field for, by their headings."""
    return {
        heading: samples(layout.at(row, at).text for row in layout.entries())
        for heading, at in layout.extras.items()
    }


def likely_headings(sheet: Sheet) -> dict[str, tuple[str, ...]]:
    """Return what may be the headings of a sheet without a table, with what stands below them.

    They are its widest row at the top.
    """
    top = [
        (len({cell.text for cell in row}), -n)
        for n, row in enumerate(sheet.rows[:LAST_HEADER_ROW])
    ]
    if not top:
        return {}
    n = -max(top)[1]
    found = dict[str, tuple[str, ...]]()
    for at, cell in enumerate(sheet.rows[n]):
        if cell.text:
            below = (row[at].text for row in sheet.rows[n + 1 :] if at < len(row))
            found.setdefault(" ".join(cell.text.split())[:_LONGEST_LIKELY], samples(below))
    return found


def _heading(layout: Layout, at: int) -> str:
    """Return the heading of a column as a person may name it: its last line, or all of them.

    Two columns of one last line are told apart by what stands above it.
    """
    said = layout.said_above(at)
    others = [layout.said_above(each)[-1:] for each in layout.extras.values() if each != at]
    return "".join(dict.fromkeys(said)) if said[-1:] in others else "".join(said[-1:])


def _below(layout: Layout, at: int) -> Iterator[tuple[int, str]]:
    """Yield the row, as its table counts it, and the text of each cell below a heading."""
    for row in layout.entries():
        if (said := layout.at(row, at).text) and layout.cell(row, "name").text:
            yield layout.place(row)[1], said


def _likely(cells: Sequence[tuple[int, str]], asking: Asking) -> tuple[int, dict[str, float]]:
    """Return in which turn a column is asked for, and how likely it holds which fields."""
    said = list(dict.fromkeys(each for _, each in cells))[:_MOST_LOOKED_AT]
    lasting = sum(limits.amount(each) is not None for each in said) / len(said)
    if lasting >= _LIKELY:
        return 0, {"limit": round(lasting, 2)}
    parts = [part for each in said for part in re.split(LISTED, each) if part]
    named = sum(asking.names(part) or columns.is_township(part) for part in parts)
    if parts and (units := named / len(parts)) >= _LIKELY:
        return 1, dict.fromkeys(_UNITS, round(units, 2))
    return 2, {}


def _candidates(layout: Layout, kind: ListType, likely: dict[str, float]) -> tuple[Candidate, ...]:
    """Return the fields that no column holds yet, the likely ones first, and to leave it out."""
    free = [
        each
        for each in kind.columns
        if each not in layout.columns and columns.with_duties(each) not in layout.columns
    ]
    free.sort(key=lambda each: -likely.get(each, 0.0))
    fields = [Candidate(each, columns.heading(each, kind), likely.get(each, 0.0)) for each in free]
    return (*fields, Candidate(LEAVE, text("sheet.leave_column"), 0.0))
