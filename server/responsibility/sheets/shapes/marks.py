"""Columns of units in which marks say who leads and who helps, turned into two of names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.sheets import columns
from server.responsibility.sheets.asking import Asking
from server.responsibility.sheets.layout import LAST_HEADER_ROW
from server.texts.catalogue import text

_FEWEST: Final = 2
LEADS: Final = "lead"
HELPS: Final = "help"


def spelt(sheets: Sequence[Sheet], asking: Asking) -> list[Sheet]:
    """Return sheets whose columns of units, if they have such, say who leads and who helps.

    What a mark means is as the sheet itself says it, else as a person does.
    """
    return [_spelt(sheet, asking) for sheet in sheets]


def _spelt(sheet: Sheet, asking: Asking) -> Sheet:
    for at, row in enumerate(sheet.rows[:LAST_HEADER_ROW]):
        units = [
            column
            for column, cell in enumerate(row)
            if cell.text and _is_of_marks(sheet, at, column) and _is_unit(cell.text, asking)
        ]
        marked = [each for each in units if any(_below(sheet, at, each))]
        if len(marked) >= _FEWEST:
            return _named(sheet, at, units, asking)
    return sheet


def _below(sheet: Sheet, header: int, column: int) -> list[str]:
    """Return what stands in a column below its heading, but for the heading itself again."""
    heading = sheet.rows[header][column].text
    said = (row[column].text for row in sheet.rows[header + 1 :] if column < len(row))
    return [each for each in said if each and each != heading]


def _is_of_marks(sheet: Sheet, header: int, column: int) -> bool:
    return all(map(_mark, _below(sheet, header, column)))


def _is_unit(heading: str, asking: Asking) -> bool:
    """Tell whether a heading names a unit, and no field of a list."""
    said = columns.plain(heading)
    if columns.headers().get(said) or columns.composed(said):
        return False
    office = re.search(columns.words_of("marks")["office"], said)
    return office is not None or columns.is_township(heading) or asking.names(heading)


def _mark(said: str) -> str:
    """Return the mark that a cell is, a sign or a word; '' for anything else."""
    bare = columns.spaceless(said)
    return bare if re.fullmatch(columns.words_of("marks")["mark"], bare) else ""


def _named(sheet: Sheet, header: int, units: Sequence[int], asking: Asking) -> Sheet:
    """Return a sheet with two columns of names in place of those of its units."""
    lead, helps, *gone = units
    names = {at: "".join(sheet.rows[header][at].text.split()) for at in units}
    meanings = _meanings(sheet, header, units, asking)
    rows = list[tuple[Cell, ...]]()
    for n, row in enumerate(sheet.rows):
        cells = [*row, *[EMPTY] * (helps + 1 - len(row))]
        if n == header:
            cells[lead], cells[helps] = (
                Cell(columns.heading(each)) for each in ("lead", "cooperating")
            )
        elif n > header:
            said = {at: row[at].text for at in units if at < len(row) and _mark(row[at].text)}
            for at, role in ((lead, LEADS), (helps, HELPS)):
                meant = [names[of] for of, mark in said.items() if meanings[_mark(mark)] == role]
                cells[at] = Cell(text("sheet.and").join(meant))
        rows.append(tuple(cell for at, cell in enumerate(cells) if at not in gone))
    return replace(
        sheet,
        rows=tuple(rows),
        spans={row: at - _n_before(gone, at) for row, at in sheet.spans.items()},
        carried=frozenset(
            (row, at - _n_before(gone, at))
            for row, at in sheet.carried
            if at not in gone and (row <= header + 1 or at not in units)
        ),
    )


def _n_before(gone: Iterable[int], at: int) -> int:
    return sum(each <= at for each in gone)


def _meanings(sheet: Sheet, header: int, units: Sequence[int], asking: Asking) -> dict[str, str]:
    """Return what each mark of a sheet means; asked is what it neither is nor says."""
    words = columns.words_of("marks")
    first = dict[str, int]()
    for n, row in enumerate(sheet.rows[header + 1 :], header + 2):
        for at in units:
            if at < len(row) and (mark := _mark(row[at].text)):
                first.setdefault(mark, n)
    said = [columns.spaceless(cell.text) for row in sheet.rows for cell in row]
    legend = "\n".join(each for each in said if not _mark(each))
    found = dict[str, str]()
    strongest = min(first, key=words["strongest"].find)
    for mark, number in first.items():
        means = mark if re.search(words["says"], mark) else _said_of(mark, legend)
        if means:
            found[mark] = LEADS if re.search(words["leads"], means) else HELPS
            continue
        likely = LEADS if mark == strongest else HELPS
        offers = sorted((LEADS, HELPS), key=lambda role: role != likely)
        names = {role: text(f"sheet.mark_{role}") for role in offers}
        heading = columns.heading("lead")
        found[mark] = asking.offered("mark", mark, mark, names, heading, number) or likely
    return found


def _said_of(mark: str, legend: str) -> str:
    """Return the word by which a legend says what a mark means; ''."""
    words = columns.words_of("marks")
    sign = re.escape(mark)
    for pattern in (words["sign_first"], words["word_first"]):
        if found := re.search(pattern.format(sign=sign, word=words["says"]), legend):
            return found[1]
    return ""
