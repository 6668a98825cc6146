"""A whole spreadsheet turned into entries, or refused with every row that is wrong."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from server.responsibility.files import spreadsheets
from server.responsibility.files.workbook import Unreadable
from server.responsibility.list.entries import OfficeLayout
from server.responsibility.sheets import columns
from server.responsibility.sheets.asking import NEW, Asking, key
from server.responsibility.sheets.headings import asked_of
from server.responsibility.sheets.layout import Layout
from server.responsibility.sheets.matching import Catalogue, Question, UnitMatcher
from server.responsibility.sheets.matter_rows import Fault
from server.responsibility.sheets.report import (
    Known,
    Read,
    refused_file,
    refused_rows,
    report_of,
)
from server.responsibility.sheets.rows import Draft, Reading, RowReader
from server.responsibility.sheets.shapes import cards, cooperating, marks
from server.responsibility.sheets.tables import of_one_name, rows_of, spelt_out, table_of
from server.texts.catalogue import text

NO_ANSWERS: Final[Mapping[str, str]] = MappingProxyType({})
_MOST_FAULTS: Final = 2_000  # a sheet with more is another sheet; the rest is not looked at
_MOST_QUESTIONS: Final = 2_000
_MOST_HEADINGS: Final = 30
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Understood:
    """A spreadsheet that was taken whole: its entries, the report on how, the open questions.

    While a question is open, entries may lack units and codes. What the columns are is asked
    before all else: the answers to it change what the rows say.
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

    Raises ListRefused; `rows` name file, sheet, row, column, code and reason, the first 200, and
    `table` is the sheet around them as it is written.
    """
    try:
        asking = Asking(UnitMatcher(known.units), answers)
        sheets = cards.gathered(spreadsheets.read(data, filename), known.kind)
        sheets = cooperating.gathered(marks.spelt(sheets, asking), known.kind)
        layout, ignored = table_of(sheets, known.kind, answers)
        written = layout
        layout, repeated = spelt_out(written)
        unexplained = asked_of(layout, known.kind, asking)
        read = replace(_read_rows(layout, known, answers, asking), repeated=repeated)
    except Unreadable as error:
        raise refused_file(filename, error.code, error.facts) from error
    if read.faults:
        raise refused_rows(filename, layout, written, read.faults)
    return Understood(
        drafts=tuple(read.drafts),
        sha256=hashlib.sha256(data).hexdigest(),
        report=report_of(layout, read, ignored, known),
        questions=tuple(unexplained or read.questions),
        layout=layout.written(headings=read.headings),
    )


def _read_rows(layout: Layout, known: Known, answers: Mapping[str, str], asking: Asking) -> Read:
    reader = RowReader(layout, Reading(known.kind, UnitMatcher(known.units), answers))
    drafts, of = list[Draft](), rows_of(layout)
    settled = of_one_name(layout, of, asking)
    for rows, heading in of.matters:
        if (draft := reader.read(rows, heading)) is not None:
            drafts.append(draft)
        if len(reader.faults) > _MOST_FAULTS:
            break
    skipped = of.skipped | dict.fromkeys(reader.left_out, text("sheet.left_out"))
    coded, asked = _coded(drafts, Catalogue(known.matters), answers, settled)
    faults = reader.faults + _twice(
        [(draft.code, draft.row) for draft in coded if draft.code], "code", "code_twice"
    )
    names = [(_named(draft), draft.row) for draft in coded if draft.row not in settled]
    faults += _twice(names, "name", "name_twice")
    faults += [
        Fault(draft.row, "code", "bad_code", {"text": draft.code[:40]})
        for draft in coded
        if draft.code and not columns.is_code(draft.code)
    ]
    found = sorted(faults, key=lambda fault: fault.row)
    questions = [*asking.questions.values(), *reader.questions.values(), *asked]
    if len(questions) > _MOST_QUESTIONS:
        raise Unreadable("too_many_questions", sheet=layout.sheet.name, most=_MOST_QUESTIONS)
    if not found and not coded:
        raise Unreadable("no_rows", sheet=layout.sheet.name)
    return Read(coded, found, questions, skipped, of.notes, of.headings, reader)


def _coded(
    drafts: Sequence[Draft],
    catalogue: Catalogue,
    answers: Mapping[str, str],
    settled: Mapping[int, int],
) -> tuple[list[Draft], list[Question]]:
    """Give every entry the code of its matter: the sheet's, the catalogue's, or a person's.

    Rows of one name that are `settled` to be several matters are asked for each, by its number
    among them; those of which that is still asked, 0, wait.
    """
    catalogue.reserve(draft.code for draft in drafts if draft.code)
    coded, asked = list[Draft](), list[Question]()
    times = Counter(columns.plain(draft.texts["name"]) for draft in drafts)
    for draft in drafts:
        name, domain = draft.texts["name"], draft.texts["domain"]
        alone = times[columns.plain(name)] == 1
        nth = settled.get(draft.row)
        code = draft.code
        if not code and nth is None:
            code = catalogue.code_of(name, domain, alone=alone)
        if not code and nth != 0:
            said = "/".join(map(str, filter(None, (domain, name, nth))))
            asked_as = key("matter", name if alone else said if nth else f"{domain}/{name}")
            new = catalogue.new_code(domain)
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


def _named(draft: Draft) -> str:
    """Return what no other entry may be called: a name, which may come again in another domain."""
    return columns.plain("/".join(filter(None, (draft.texts["domain"], draft.texts["name"]))))


def _twice(keys: Sequence[tuple[str, int]], column: str, code: str) -> list[Fault]:
    first = dict[str, int]()
    found = list[Fault]()
    for said, row in keys:
        if first.setdefault(said, row) != row:
            found.append(Fault(row, column, code, {"text": said, "first": first[said]}))
    return found
