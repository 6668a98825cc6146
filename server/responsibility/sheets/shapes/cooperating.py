"""Several columns of units that help, gathered into one."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.responsibility.sheets.layout import LAST_HEADER_ROW, LISTED
from server.responsibility.sheets.shapes import marks
from server.texts.catalogue import text

_SEVERAL: Final = 2


def gathered(sheets: Sequence[Sheet], kind: ListType) -> list[Sheet]:
    """Return sheets with one column of units that help where they have several.

    Where the township always leads, what a column of units says is another thing.
    """
    if kind.leads == "township":
        return list(sheets)
    return [_gathered(sheet, kind) for sheet in sheets]


def _gathered(sheet: Sheet, kind: ListType) -> Sheet:
    own = {columns.plain(n): field for field, names in kind.headers.items() for n in names}
    known = columns.headers() | own
    for at, row in enumerate(sheet.rows[:LAST_HEADER_ROW]):
        said = [columns.plain(cell.text) for cell in row]
        fields = [known.get(each) or columns.composed(each) for each in said]
        if {"name", "lead"} <= {*fields}:
            return _with_helpers(sheet, at, fields, kind)
    return sheet


def _with_helpers(
    sheet: Sheet, header: int, fields: Sequence[str | None], kind: ListType
) -> Sheet:
    row = sheet.rows[header]
    words = columns.words_of("helpers")
    leads = [at for at, field in enumerate(fields) if field == "lead"]
    chief = [at for at in leads if re.search(words["chief"], row[at].text)]
    second = [at for at in leads if at not in chief] if len(chief) == 1 else []
    helping = [
        at
        for at, field in enumerate(fields)
        if field == "cooperating" and not re.match(words["former"], row[at].text)
    ]
    local = [
        at
        for at, field in enumerate(fields)
        if field is None and columns.is_township(row[at].text) and _is_local(sheet, header, at)
    ]
    alone = [at for at in (*second, *helping, *local) if not _has_duty(row, at)]
    if len(alone) < _SEVERAL and not {*alone} - {*helping}:
        return sheet
    heading = next((row[at].text for at in alone if at in helping), "")
    return _joined(sheet, header, sorted(alone), heading or columns.heading("cooperating", kind))


def _has_duty(row: Sequence[Cell], at: int) -> bool:
    """Tell whether right of a column of units stands what those have to do."""
    return at + 1 < len(row) and columns.is_duty(columns.plain(row[at + 1].text))


def _is_local(sheet: Sheet, header: int, at: int) -> bool:
    """Tell whether a column says of the township only that it has to do with a matter."""
    heading = sheet.rows[header][at].text
    said = {row[at].text for row in sheet.rows[header + 1 :] if at < len(row)} - {"", heading}
    parts = [part for each in said for part in re.split(LISTED, each) if part]
    return bool(parts) and all(columns.is_township(each) or marks.is_mark(each) for each in parts)


def _joined(sheet: Sheet, header: int, of: Sequence[int], heading: str) -> Sheet:
    first, *gone = of
    headings = [sheet.rows[header][at].text for at in of]
    rows, carried = list[tuple[Cell, ...]](), set(sheet.carried)
    for n, row in enumerate(sheet.rows):
        said = {at: row[at].text for at in of if at < len(row) and row[at].text}
        cells = [*row, *[EMPTY] * (first + 1 - len(row))]
        if n >= header and [*said.values()] == headings:
            cells[first] = Cell(heading)
        elif n > header and len({cell.text for cell in row if cell.text}) > 1:
            names = [columns.township() if marks.is_mark(each) else each for each in said.values()]
            cells[first] = Cell(text("sheet.and").join(names))
            if said and not all((n + 1, at) in sheet.carried for at in said):
                carried.discard((n + 1, first))
        rows.append(tuple(cells))
    return marks.narrowed(replace(sheet, rows=tuple(rows), carried=frozenset(carried)), gone)
