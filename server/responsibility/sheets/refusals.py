"""What is told of a file that is no list: its faults, each on its cell of the office's sheet."""

from collections.abc import Mapping, Sequence
from typing import Final

from server.errors import ListRefused
from server.responsibility.sheets import columns
from server.responsibility.sheets.layout import Layout
from server.responsibility.sheets.matter_rows import Fault
from server.texts.catalogue import text

_MOST_SHOWN: Final = 200
_LONGEST_CELL: Final = 200
_MOST_ROWS: Final = 1_000
_MOST_SIGNS: Final = 300_000
_AROUND: Final = 5


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
