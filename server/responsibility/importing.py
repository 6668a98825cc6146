"""A whole spreadsheet turned into entries, or refused with every row that is wrong."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from server.errors import ListRefused
from server.people.units import Units
from server.responsibility import columns, spreadsheets
from server.responsibility.columns import Layout
from server.responsibility.list_types import ListType
from server.responsibility.matching import Catalogue, Question, UnitMatcher
from server.responsibility.rows import Draft, Fault, Reading, RowReader, is_code
from server.responsibility.workbook import Unreadable
from server.texts.catalogue import text

#: The answer to what a matter is: none of the catalogue's, but one of its own.
NEW: Final = "new"
NO_ANSWERS: Final[Mapping[str, str]] = MappingProxyType({})
_MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet is read against: units, the catalogue of matters, the type of list."""

    units: Units
    matters: Sequence[tuple[str, str, str]]
    kind: ListType


@dataclass(frozen=True, slots=True)
class Understood:
    """A spreadsheet that was taken whole: its entries, the report on how, the open questions.

    While a question is open, entries may lack units and codes.
    """

    drafts: tuple[Draft, ...]
    sha256: str
    report: dict[str, Any]
    questions: tuple[Question, ...]
    layout: dict[str, Any]


def understand(
    data: bytes, filename: str, known: Known, answers: Mapping[str, str] = NO_ANSWERS
) -> Understood:
    """Read a list of a type; `answers` are what a person said of questions, by their ids.

    Raises ListRefused; `rows` name file, sheet, row, column, code and reason, the first 200.
    """
    try:
        sheets = spreadsheets.read(data, filename)
    except Unreadable as error:
        raise _refused_file(filename, error.code, error.facts) from error
    tables = [
        layout for sheet in sheets if (layout := columns.find_table(sheet, known.kind)) is not None
    ]
    if not tables:
        facts = {"sheet": sheets[0].name if sheets else ""}
        raise _refused_file(filename, "no_table", facts)
    layout = tables[0]
    if missing := columns.missing_columns(layout, known.kind):
        facts = {"sheet": layout.sheet.name, "columns": text("sheet.and").join(missing)}
        raise _refused_file(filename, "missing_columns", facts)
    read = _read_rows(layout, known, answers)
    if read.faults:
        raise _refused_rows(filename, layout, read.faults)
    if not read.drafts:
        raise _refused_file(filename, "no_rows", {"sheet": layout.sheet.name})
    ignored = [sheet.name for sheet in sheets if sheet is not layout.sheet]
    return Understood(
        drafts=tuple(read.drafts),
        sha256=hashlib.sha256(data).hexdigest(),
        report=_report(layout, read, ignored, known),
        questions=tuple(read.questions),
        layout=layout.as_json() | {"headings": read.headings},
    )


@dataclass(slots=True)
class _Read:
    """What came of a table's rows."""

    drafts: list[Draft]
    faults: list[Fault]
    questions: list[Question]
    headings: bool


def _read_rows(layout: Layout, known: Known, answers: Mapping[str, str]) -> _Read:
    reader = RowReader(layout, Reading(known.kind, UnitMatcher(known.units), answers))
    drafts, heading, headings = list[Draft](), "", False
    for row in range(layout.first, len(layout.sheet.rows) + 1):
        said = _heading(layout, row)
        if said is not None:
            heading, headings = said or heading, headings or bool(said)
            continue
        draft = reader.read(row, "" if "domain" in layout.columns else heading)
        if draft is not None:
            drafts.append(draft)
    coded, asked = _coded(drafts, Catalogue(known.matters), answers)
    faults = reader.faults + _twice(
        [(draft.code, draft.row) for draft in coded if draft.code], "code", "code_twice"
    )
    names = [(columns.plain(draft.texts["name"]), draft.row) for draft in coded]
    faults += _twice(names, "name", "name_twice")
    faults += [
        Fault(draft.row, "code", "bad_code", {"text": draft.code[:40]})
        for draft in coded
        if draft.code and not is_code(draft.code)
    ]
    found = sorted(faults, key=lambda fault: fault.row)
    return _Read(coded, found, [*reader.questions.values(), *asked], headings)


def _heading(layout: Layout, row: int) -> str | None:
    """Return what a row says that only names the part which follows; None for an entry.

    A blank row says ''. A lone text in the column of names is an entry, unless numbered like a
    heading.
    """
    said = [(at, cell.text) for at, cell in enumerate(layout.sheet.rows[row - 1]) if cell.text]
    if not said:
        return ""
    if len({each for _, each in said}) > 1:
        return None
    at, only = said[0]
    numbered, named = columns.part(only)
    return named if numbered or at != layout.columns.get("name") else None


def _coded(
    drafts: Sequence[Draft], catalogue: Catalogue, answers: Mapping[str, str]
) -> tuple[list[Draft], list[Question]]:
    """Give every entry the code of its matter: the sheet's, the catalogue's, or a person's."""
    catalogue.reserve(draft.code for draft in drafts if draft.code)
    coded, asked = list[Draft](), list[Question]()
    for draft in drafts:
        name = draft.texts["name"]
        code = draft.code or catalogue.code_of(name)
        if not code:
            key = f"matter:{columns.plain(name)}"[:140]
            new = catalogue.new_code(draft.texts["domain"])
            code = answers.get(key, "")
            code = new if code == NEW else code
            if not code:
                candidates = catalogue.candidates(name)
                heading = columns.heading("name")
                asked.append(Question(key, "matter", heading, name, [draft.row], candidates, new))
        coded.append(draft if draft.code == code else replace(draft, code=code))
    return coded, asked


def _twice(keys: Sequence[tuple[str, int]], column: str, code: str) -> list[Fault]:
    first = dict[str, int]()
    found = list[Fault]()
    for key, row in keys:
        if first.setdefault(key, row) != row:
            found.append(Fault(row, column, code, {"text": key, "first": first[key]}))
    return found


def _report(layout: Layout, read: _Read, ignored: Sequence[str], known: Known) -> dict[str, Any]:
    names = {code: name for code, name, _ in known.matters}
    return {
        "sheet": layout.sheet.name,
        "ignored_sheets": list(ignored),
        "columns": dict(layout.headers),
        "unknown_columns": list(layout.unknown),
        "defaults": _defaults(layout, known.kind),
        "n_taken": len(read.drafts),
        "n_refused": 0,
        "rows": [
            {"row": each.row, "code": each.code, "status": "taken", "reasons": []}
            for each in read.drafts
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
    return {"limit": kind.limit} if kind.limit and "limit" not in layout.columns else {}


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


def _refused_rows(filename: str, layout: Layout, faults: Sequence[Fault]) -> ListRefused:
    rows = [
        {
            "file": filename,
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


def _refused_file(filename: str, code: str, facts: Mapping[str, object]) -> ListRefused:
    row = {
        "file": filename,
        "sheet": facts.get("sheet", ""),
        "row": facts.get("row"),
        "column": None,
        "code": code,
        "reason": text(f"sheet.{code}", **facts),
    }
    return ListRefused(n_faults=1, rows=[row])
