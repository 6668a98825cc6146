"""A whole spreadsheet turned into entries, or refused with every row that is wrong."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from server.errors import ListRefused
from server.people.units import Units
from server.responsibility.files import spreadsheets
from server.responsibility.files.cells import Sheet
from server.responsibility.files.workbook import Unreadable
from server.responsibility.list.entries import OfficeLayout
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.responsibility.sheets.asking import COLUMN, NEW, key
from server.responsibility.sheets.columns import Layout
from server.responsibility.sheets.matching import Catalogue, Question, UnitMatcher, grams
from server.responsibility.sheets.matter_rows import Fault, goes_on
from server.responsibility.sheets.rows import Draft, Reading, RowReader, is_code
from server.texts.catalogue import text

NO_ANSWERS: Final[Mapping[str, str]] = MappingProxyType({})
_MOST_SHOWN: Final = 200
_LONGEST_CELL: Final = 200
_MOST_FAULTS: Final = 2_000  # a sheet with more is another sheet; the rest is not looked at
_MOST_QUESTIONS: Final = 2_000
_MOST_HEADINGS: Final = 30
_MOST_NAMED: Final = 20


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
    layout: OfficeLayout


def understand(
    data: bytes, filename: str, known: Known, answers: Mapping[str, str] = NO_ANSWERS
) -> Understood:
    """Read a list of a type; `answers` are what a person said of questions, by their ids.

    Raises ListRefused; `rows` name file, sheet, row, column, code and reason, the first 200,
    with the cells of the row as they are written.
    """
    try:
        sheets = spreadsheets.read(data, filename)
        layout = _table_of(sheets, known.kind, answers)
        read = _read_rows(layout, known, answers)
    except Unreadable as error:
        raise _refused_file(filename, error.code, error.facts) from error
    if read.faults:
        raise _refused_rows(filename, layout, read.faults)
    ignored = [sheet.name for sheet in sheets if sheet is not layout.sheet]
    return Understood(
        drafts=tuple(read.drafts),
        sha256=hashlib.sha256(data).hexdigest(),
        report=_report(layout, read, ignored, known),
        questions=tuple(read.questions),
        layout=layout.written(headings=read.headings),
    )


@dataclass(slots=True)
class _Read:
    """What came of a table's rows; `skipped` are rows that are no entries, and what they are.

    `defaulted` are the rows that do not say a field.
    """

    drafts: list[Draft]
    faults: list[Fault]
    questions: list[Question]
    skipped: dict[int, str]
    headings: bool
    defaulted: Mapping[str, Sequence[int]]


def _table_of(sheets: Sequence[Sheet], kind: ListType, answers: Mapping[str, str]) -> Layout:
    """Return the table that is likeliest of a type: whole, called like it, with most columns.

    Raises Unreadable, with the headings found, where none has the columns that the type needs.
    """
    said = {
        columns.plain(asked.removeprefix(COLUMN)): named
        for asked, named in answers.items()
        if asked.startswith(COLUMN)
    }
    found = [columns.find_table(sheet, kind, said) for sheet in sheets]
    tables = [each for each in found if each is not None]
    if not tables:
        raise _without_table(sheets)
    called = grams(columns.plain(kind.name))

    def fitness(layout: Layout) -> tuple[bool, int, int]:
        likeness = len(called & grams(columns.plain(layout.title)))
        return not columns.missing_columns(layout, kind), likeness, len(layout.columns)

    layout = max(tables, key=fitness)
    if missing := columns.missing_columns(layout, kind):
        known, unknown = list(layout.headers.values()), list(layout.unknown)
        raise Unreadable(
            "missing_columns",
            sheet=layout.sheet.name,
            columns=text("sheet.and").join(missing),
            known=text("sheet.and").join(known),
            unknown=text("sheet.and").join(unknown),
            written=unknown,
        )
    return layout


def _without_table(sheets: Sequence[Sheet]) -> Unreadable:
    """Return the refusal of a file without a table, with what may have been its headings."""
    likely = [(columns.likely_headings(sheet), sheet) for sheet in sheets]
    headings, sheet = max(likely, key=lambda each: len(each[0]), default=((), None))
    said = text("sheet.and").join(headings[:_MOST_HEADINGS])
    of = sheet.name if sheet else ""
    return Unreadable("no_table", sheet=of, headings=said, written=headings[:_MOST_HEADINGS])


def _read_rows(layout: Layout, known: Known, answers: Mapping[str, str]) -> _Read:
    reader = RowReader(layout, Reading(known.kind, UnitMatcher(known.units), answers))
    by_column = "domain" in layout.columns
    drafts, skipped, heading, headings = list[Draft](), dict[int, str](), "", False
    for rows in _matters(layout, skipped):
        if (named := layout.part(rows[0])) is not None:
            heading, headings = named or heading, headings or bool(named)
            if layout.guessed_part(rows[0]):
                skipped[rows[0]] = text("sheet.guessed_part")
        elif (draft := reader.read(rows, "" if by_column else heading)) is not None:
            drafts.append(draft)
        if len(reader.faults) > _MOST_FAULTS:
            break
    skipped |= dict.fromkeys(reader.left_out, text("sheet.left_out"))
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
    questions = [*reader.questions.values(), *asked]
    if len(questions) > _MOST_QUESTIONS:
        raise Unreadable("too_many_questions", sheet=layout.sheet.name, most=_MOST_QUESTIONS)
    if not found and not coded:
        raise Unreadable("no_rows", sheet=layout.sheet.name)
    return _Read(coded, found, questions, skipped, headings, reader.defaulted)


def _matters(layout: Layout, skipped: dict[int, str]) -> Iterator[list[int]]:
    """Yield the rows of each matter, and of each heading; what else there is goes to `skipped`."""
    rows = list[int]()
    for row in range(layout.first, len(layout.sheet.rows) + 1):
        if not layout.said(row):
            continue
        if (reason := layout.no_entry(row)) is not None:
            skipped[row] = text(f"sheet.{reason}")
            continue
        head = layout.part(row) is not None
        if rows and not head and layout.part(rows[0]) is None and goes_on(layout, row, rows[0]):
            rows.append(row)
            skipped[row] = text("sheet.goes_on", first=rows[0])
            continue
        if rows:
            yield rows
        rows = [row]
    if rows:
        yield rows


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
            asked_as = key("matter", name)
            new = catalogue.new_code(draft.texts["domain"])
            code = answers.get(asked_as, "")
            code = new if code == NEW else code
            if not code:
                candidates = catalogue.candidates(name)
                heading = columns.heading("name")
                asked.append(
                    Question(asked_as, "matter", heading, name, [draft.row], candidates, new)
                )
        coded.append(draft if draft.code == code else replace(draft, code=code))
    return coded, asked


def _twice(keys: Sequence[tuple[str, int]], column: str, code: str) -> list[Fault]:
    first = dict[str, int]()
    found = list[Fault]()
    for said, row in keys:
        if first.setdefault(said, row) != row:
            found.append(Fault(row, column, code, {"text": said, "first": first[said]}))
    return found


def _report(layout: Layout, read: _Read, ignored: Sequence[str], known: Known) -> dict[str, Any]:
    names = {code: name for code, name, _ in known.matters}
    return {
        "sheet": layout.sheet.name,
        "ignored_sheets": list(ignored),
        "columns": dict(layout.headers),
        "unknown_columns": list(layout.unknown),
        "defaults": _defaults(layout, known.kind),
        "notes": _notes(layout, read, known.kind),
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


def _notes(layout: Layout, read: _Read, kind: ListType) -> list[str]:
    """Say what a reader of the draft would else not know."""
    notes = [text("sheet.values_only")] if layout.sheet.values_only else []
    for name, said in _defaults(layout, kind).items():
        notes.append(text("sheet.default", column=columns.heading(name, kind), said=said))
    held = {"limit": kind.limit, "kind": columns.written("kind", kind.unsaid["kind"])}
    for name, said in held.items():
        if name in layout.columns and (rows := read.defaulted.get(name)):
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
            "cells": {
                heading: layout.cell(fault.row, field).text[:_LONGEST_CELL]
                for field, heading in layout.headers.items()
            },
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
        "headings": facts.get("written", ()),  # whose meaning a person may say
    }
    return ListRefused(n_faults=1, rows=[row])
