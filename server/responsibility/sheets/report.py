"""What became of a sheet, told to who loads it: columns, rows, defaults, names; or its faults."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from server.errors import ListRefused
from server.people.units import Units
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.responsibility.sheets.layout import Layout
from server.responsibility.sheets.matching import Question
from server.responsibility.sheets.matter_rows import Fault
from server.responsibility.sheets.rows import Draft, RowReader
from server.texts.catalogue import text

_MOST_HEADINGS: Final = 30
_MOST_NAMED: Final = 20
_LONGEST_QUOTED: Final = 20
_MOST_SHOWN: Final = 200
_LONGEST_CELL: Final = 200
_MOST_ROWS: Final = 1_000
_MOST_SIGNS: Final = 300_000
_AROUND: Final = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet is read against: units, the catalogue of matters, the type of list."""

    units: Units
    matters: Sequence[tuple[str, str, str]]
    kind: ListType


@dataclass(slots=True)
class Read:
    """What came of a table's rows; `skipped` are rows that are no entries, and what they are.

    `notes` are those of them that nothing was taken of; `repeated` are cells that say what the
    one above does; `reader` knows what else is to be told.
    """

    drafts: list[Draft]
    faults: list[Fault]
    questions: list[Question]
    skipped: dict[int, str]
    notes: list[int]
    headings: bool
    reader: RowReader
    repeated: Sequence[tuple[int, int]] = ()


def report_of(layout: Layout, read: Read, ignored: Sequence[str], known: Known) -> dict[str, Any]:
    """Return the report on an import as it is kept with its version."""
    names = {code: name for code, name, _ in known.matters}
    return {
        "sheet": layout.sheet.name,
        "ignored_sheets": list(ignored),
        "columns": dict(layout.headers),
        "unknown_columns": list(layout.unknown),
        "defaults": _defaults(layout, known.kind),
        "notes": [
            *_of_tables(layout, read, ignored),
            *_settled(layout, read, known.kind),
            *_notes(layout, read, known.kind),
        ],
        "n_taken": len(read.drafts),
        "n_refused": 0,
        "rows": [
            {"row": each.row, "code": each.code, "status": "taken", "reasons": []}
            for each in read.drafts
        ]
        + [
            {"row": row, "code": "", "status": "skipped", "reasons": [reason]}
            for row, reason in read.skipped.items()
        ],
        "matches": _matches(read.drafts, known.units),
        "new_matters": [
            {"code": each.code, "name": each.texts["name"]}
            for each in read.drafts
            if each.code and each.code not in names
        ],
        "renamed": [
            {"code": each.code, "was": names[each.code], "now": each.texts["name"]}
            for each in read.drafts
            if columns.plain(names.get(each.code, each.texts["name"]))
            != columns.plain(each.texts["name"])
        ],
    }


def _defaults(layout: Layout, kind: ListType) -> dict[str, str]:
    """Return what holds because the sheet has no column for it."""
    held = {"limit": kind.limit, "kind": columns.written("kind", kind.unsaid["kind"])}
    return {name: said for name, said in held.items() if said and name not in layout.columns}


def _of_tables(layout: Layout, read: Read, ignored: Sequence[str]) -> Iterator[str]:
    """Say which tables were read as one, and what was left out."""
    joins = text("sheet.and").join
    if layout.more:
        named = (text("sheet.table", name=each.name, row=each.above + 1) for each in layout.tables)
        yield text("sheet.joined", tables=joins(named))
    if ignored:
        yield text("sheet.ignored", n=len(ignored), tables=joins(ignored[:_MOST_NAMED]))
    if read.notes:
        said = (
            text("sheet.row", row=row, said=" ".join(layout.said(row).values())[:_LONGEST_QUOTED])
            for row in read.notes[:_MOST_NAMED]
        )
        yield text("sheet.no_entries", n=len(read.notes), rows=joins(said))
    for code, odd in (("hidden", layout.sheet.hidden), ("struck", layout.sheet.struck)):
        taken = [
            text("sheet.row", row=row, said=layout.cell(row, "name").text[:_LONGEST_QUOTED])
            for row in sorted(odd & {*layout.entries()} - {*read.skipped, *read.notes})
        ]
        if taken:
            yield text(f"sheet.{code}", n=len(taken), rows=joins(taken[:_MOST_NAMED]))
    if unused := read.reader.unused:
        yield text("sheet.unused", n=len(unused), cells=_cells(unused))
    if unshared := read.reader.unshared:
        rows = joins(map(str, unshared[:_MOST_NAMED]))
        yield text("sheet.unshared", n=len(unshared), rows=rows)


def _cells(named: Sequence[tuple[int, str, str]]) -> str:
    """Return cells by row, heading and what they say, the first of them."""
    said = (
        text("sheet.cell", row=row, column=heading, said=said[:_LONGEST_QUOTED])
        for row, heading, said in named[:_MOST_NAMED]
    )
    return text("sheet.and").join(said)


def _settled(layout: Layout, read: Read, kind: ListType) -> Iterator[str]:
    """Say what was taken otherwise than it is written, and what repeats the cell above it."""
    if read.repeated:
        at_column = {at: layout.headers[name] for name, at in layout.columns.items()}
        at_column |= {at: name for name, at in layout.extras.items()}
        cells = [
            (row, at_column.get(at, ""), layout.at(row, at).text) for row, at in read.repeated
        ]
        yield text("sheet.repeated", n=len(cells), cells=_cells(cells))
    by_code = sorted(read.reader.settled, key=lambda each: each.code)
    for code, group in groupby(by_code, key=lambda each: each.code):
        cells = [
            (
                each.row,
                layout.headers.get(each.column) or columns.heading(each.column, kind),
                str(each.facts["text"]),
            )
            for each in group
        ]
        yield text(f"sheet.{code}", n=len(cells), cells=_cells(cells))


def _notes(layout: Layout, read: Read, kind: ListType) -> list[str]:
    """Say what a reader of the draft would else not know."""
    notes = [text("sheet.values_only")] if layout.sheet.values_only else []
    for name, said in _defaults(layout, kind).items():
        notes.append(text("sheet.default", column=columns.heading(name, kind), said=said))
    held = {"limit": kind.limit, "kind": columns.written("kind", kind.unsaid["kind"])}
    for name, said in held.items():
        if name in layout.columns and (rows := read.reader.defaulted.get(name)):
            listed = text("sheet.and").join(map(str, rows[:_MOST_NAMED]))
            facts = {"column": layout.headers[name], "rows": listed, "n": len(rows)}
            notes.append(text("sheet.default_of_rows", said=said, **facts))
    if layout.unknown:
        kept = text("sheet.and").join(layout.unknown[:_MOST_HEADINGS])
        notes.append(text("sheet.unknown_columns", headings=kept))
    return notes


def _matches(drafts: Sequence[Draft], units: Units) -> list[dict[str, Any]]:
    """List every written name that was no unit's full name, with what it was taken for."""
    found = {match.written: match for each in drafts for match in each.matches}
    return [
        {
            "written": match.written,
            "unit": units.by_id[match.unit_id].name if match.unit_id else None,
            "confidence": match.confidence,
        }
        for match in found.values()
        if match.confidence < 1
    ]


def refused_rows(
    filename: str, layout: Layout, written: Layout, faults: Sequence[Fault]
) -> ListRefused:
    """Return the refusal of a list for its rows: where each fault is, and the sheet around them.

    `written` is the layout before its cells said themselves what they repeat.
    """
    rows = [
        {
            "file": filename,
            "sheet": layout.place(fault.row)[0],
            "row": layout.place(fault.row)[1],
            "matter": layout.cell(fault.row, "code").text or layout.cell(fault.row, "name").text,
            "column": layout.headers.get(fault.column) or columns.heading(fault.column),
            "code": fault.code,
            "reason": text(f"sheet.{fault.code}", **_facts(layout, fault)),
            "line": fault.row,
            "at": layout.columns.get(fault.column),
        }
        for fault in faults[:_MOST_SHOWN]
    ]
    return ListRefused(n_faults=len(faults), rows=rows, table=_table(written, faults))


def _table(layout: Layout, faults: Sequence[Fault]) -> dict[str, object]:
    """Return the office's own sheet as it is written, whole, or as much as may be sent of it.

    Then it is the header and what stands around faults, the first ones first. `line` counts the
    rows of all tables of the list, `row` those of its own.
    """
    n_rows, around = len(layout.sheet.rows), range(-_AROUND, _AROUND + 1)
    wanted = dict.fromkeys(range(1, layout.first))
    wanted |= dict.fromkeys(fault.row + by for fault in faults for by in around)
    wanted |= dict.fromkeys(range(1, n_rows + 1) if n_rows <= _MOST_ROWS else ())
    rows, left = dict[int, list[str]](), _MOST_SIGNS
    for line in wanted:
        if 0 < line <= n_rows and len(rows) < _MOST_ROWS and left > 0:
            rows[line] = [cell.text[:_LONGEST_CELL] for cell in layout.sheet.rows[line - 1]]
            left -= sum(map(len, rows[line]))
    shown = [
        {
            "line": line,
            "sheet": layout.place(line)[0],
            "row": layout.place(line)[1],
            "header": line < layout.first,
            "cells": rows[line],
        }
        for line in sorted(rows)
    ]
    return {"n_rows": n_rows, "rows": shown}


def _facts(layout: Layout, fault: Fault) -> dict[str, object]:
    """Return the facts of a fault; another row that they name is said by its own table, too."""
    first = fault.facts.get("first")
    if not isinstance(first, int):
        return fault.facts
    sheet, row = layout.place(first)
    own = sheet == layout.place(fault.row)[0]
    return fault.facts | {"first": row, "sheet": None if own else sheet}


def refused_file(filename: str, code: str, facts: Mapping[str, object]) -> ListRefused:
    """Return the refusal of a whole file, with the headings whose meaning a person may say."""
    written = facts.get("written")
    headings = written if isinstance(written, dict) else {}
    row = {
        "file": filename,
        "sheet": facts.get("sheet", ""),
        "row": facts.get("row"),
        "column": None,
        "code": code,
        "reason": text(f"sheet.{code}", **facts),
        "headings": list(headings),
        "samples": headings,
    }
    return ListRefused(n_faults=1, rows=[row])
