"""A whole spreadsheet turned into entries, or refused with every row that is wrong."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from server.errors import ListRefused
from server.people.units import Units
from server.responsibility import columns, spreadsheets
from server.responsibility.columns import Layout
from server.responsibility.rows import Draft, Fault, RowReader
from server.responsibility.workbook import Unreadable
from server.texts.catalogue import text

_MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Understood:
    """A spreadsheet that was taken whole: its entries and the report on how."""

    drafts: tuple[Draft, ...]
    sha256: str
    report: dict[str, Any]


def understand(
    data: bytes, filename: str, units: Units, codes_by_name: Mapping[str, str]
) -> Understood:
    """Read a list; `codes_by_name` is the catalogue, for sheets without codes.

    Raises ListRefused; `rows` name sheet, row, column, code and reason, the first two hundred.
    """
    try:
        sheets = spreadsheets.read(data, filename)
    except Unreadable as error:
        raise _refused_file(error.code, error.facts) from error
    tables = [layout for sheet in sheets if (layout := columns.find_table(sheet)) is not None]
    if not tables:
        raise _refused_file("no_table", {"sheet": sheets[0].name if sheets else ""})
    layout = tables[0]
    if missing := columns.missing_columns(layout):
        facts = {"sheet": layout.sheet.name, "columns": text("sheet.and").join(missing)}
        raise _refused_file("missing_columns", facts)
    drafts, faults = _read_rows(layout, units, codes_by_name)
    if faults:
        raise _refused_rows(layout, faults)
    if not drafts:
        raise _refused_file("no_rows", {"sheet": layout.sheet.name})
    ignored = [sheet.name for sheet in sheets if sheet is not layout.sheet]
    return Understood(
        drafts=tuple(drafts),
        sha256=hashlib.sha256(data).hexdigest(),
        report=_report(layout, drafts, ignored, units),
    )


def _read_rows(
    layout: Layout, units: Units, codes_by_name: Mapping[str, str]
) -> tuple[list[Draft], list[Fault]]:
    reader = RowReader(layout, units)
    drafts = list[tuple[str, Draft]]()
    faults = list[Fault]()
    for row in range(layout.first, len(layout.sheet.rows) + 1):
        if _is_heading(layout, row):
            continue
        draft = reader.read(row)
        if draft is None:
            continue
        code = draft.code or codes_by_name.get(columns.plain(draft.texts["name"]), "")
        if not code:
            faults.append(Fault(row, "code", "no_code"))
        drafts.append((code, draft))
    faults += _twice([(code, draft.row) for code, draft in drafts if code], "code", "code_twice")
    names = [(columns.plain(draft.texts["name"]), draft.row) for _, draft in drafts]
    faults += _twice(names, "name", "name_twice")
    coded = [_coded(draft, code) for code, draft in drafts]
    return coded, sorted([*reader.faults, *faults], key=lambda fault: fault.row)


def _is_heading(layout: Layout, row: int) -> bool:
    """Tell whether a row is blank, or only says which part of the list follows."""
    return len({cell.text for cell in layout.sheet.rows[row - 1] if cell.text}) < 2


def _coded(draft: Draft, code: str) -> Draft:
    return draft if draft.code == code else replace(draft, code=code)


def _twice(keys: Sequence[tuple[str, int]], column: str, code: str) -> list[Fault]:
    first = dict[str, int]()
    found = list[Fault]()
    for key, row in keys:
        if first.setdefault(key, row) != row:
            found.append(Fault(row, column, code, {"text": key, "first": first[key]}))
    return found


def _report(
    layout: Layout, drafts: Sequence[Draft], ignored: Sequence[str], units: Units
) -> dict[str, Any]:
    return {
        "sheet": layout.sheet.name,
        "ignored_sheets": list(ignored),
        "columns": dict(layout.headers),
        "unknown_columns": list(layout.unknown),
        "n_taken": len(drafts),
        "n_refused": 0,
        "rows": [
            {"row": each.row, "code": each.code, "status": "taken", "reasons": []}
            for each in drafts
        ],
        "matches": _matches(drafts, units),
    }


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


def _refused_rows(layout: Layout, faults: Sequence[Fault]) -> ListRefused:
    rows = [
        {
            "sheet": layout.sheet.name,
            "row": fault.row,
            "matter": layout.cell(fault.row, "code").text or layout.cell(fault.row, "name").text,
            "column": layout.headers.get(fault.column) or columns.heading(fault.column),
            "code": fault.code,
            "reason": text(f"sheet.{fault.code}", **fault.facts),
        }
        for fault in faults[:_MOST_SHOWN]
    ]
    return ListRefused(n_faults=len(faults), rows=rows)


def _refused_file(code: str, facts: Mapping[str, object]) -> ListRefused:
    row = {
        "sheet": facts.get("sheet", ""),
        "row": facts.get("row"),
        "column": None,
        "code": code,
        "reason": text(f"sheet.{code}", **facts),
    }
    return ListRefused(n_faults=1, rows=[row])
