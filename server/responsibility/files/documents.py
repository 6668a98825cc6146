"""The tables of a document of Word, in which lists are usually published."""

from collections.abc import Iterator
from typing import Any, Final

from docx.oxml import parse_xml
from docx.oxml.ns import qn

from server.responsibility.files.cells import (
    EMPTY,
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_SHEETS,
    Cell,
    Merge,
    Sheet,
    clean,
    merged,
    trimmed,
)
from server.responsibility.files.workbook import DOCUMENT, Unreadable, open_package

_MOST_BYTES: Final = 20_000_000  # of the text with its markup; held as a tree, five times that
_LONGEST_NAME: Final = 40
# Tables so narrow may be cards of a matter each, of which a list has many.
_WIDEST_CARD: Final = 4
_WIDEST_FRAME: Final = 2
_MOST_CARDS: Final = 1_000


def read(data: bytes) -> list[Sheet]:
    """Return each table as a sheet, called by the line above it; that line is its first row.

    Tables that follow each other without a word and are as wide go on as one. Raises Unreadable.
    """
    xml = open_package(data, main=DOCUMENT).member(DOCUMENT)
    if len(xml) > _MOST_BYTES:
        raise Unreadable("unpacks_too_large", most=_MOST_BYTES)
    try:
        body = parse_xml(xml).find(qn("w:body"))
    except (SyntaxError, ValueError) as error:
        raise Unreadable("broken") from error
    if body is None:
        raise Unreadable("broken")
    sheets = [_sheet(n, title, tables) for n, (title, tables) in enumerate(_tables(body), 1)]
    if not sheets:
        raise Unreadable("no_table_in_document")
    return sheets


def _tables(body: Any) -> Iterator[tuple[str, list[Any]]]:  # noqa: ANN401
    """Yield the tables that belong together, with the line above them."""
    title, held, above = "", list[Any](), ""
    n_found = n_cards = 0
    for each in _blocks(body):
        if each.tag == qn("w:p"):
            above = _text(each) or above
            continue
        if held and (above or _width(each) != _width(held[0])):
            yield title, held
            held = []
        if not held:
            title, is_card = above, _width(each) <= _WIDEST_CARD
            n_cards, n_found = n_cards + is_card, n_found + (not is_card)
        if n_found > MOST_SHEETS or n_cards > _MOST_CARDS:
            raise Unreadable("too_many_sheets", n_sheets=n_found + n_cards, most=MOST_SHEETS)
        held.append(each)
        above = ""
    if held:
        yield title, held


def _blocks(of: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield paragraphs and tables; of a table that only frames others what stands in it."""
    for each in of.iterchildren(qn("w:p"), qn("w:tbl")):
        rows = list(each.iterchildren(qn("w:tr")))
        cells = [list(row.iterchildren(qn("w:tc"))) for row in rows]
        frames = any(cell.find(qn("w:tbl")) is not None for row in cells for cell in row)
        if frames and max(map(len, cells)) <= _WIDEST_FRAME:
            for cell in (cell for row in cells for cell in row):
                yield from _blocks(cell)
        else:
            yield each


def _sheet(number: int, title: str, tables: list[Any]) -> Sheet:
    name = title[:_LONGEST_NAME] or str(number)
    rows = [[Cell(title)]] if title else []
    merges, open_at = list[Merge](), dict[int, tuple[int, int]]()
    for row in (row for table in tables for row in table.iterchildren(qn("w:tr"))):
        at, cells = len(rows), list[Cell]()
        if at == MAX_ROWS:
            raise Unreadable("too_many_rows", sheet=name, row=at + 1, most=MAX_ROWS)
        cells += [EMPTY] * min(row.grid_before, MAX_COLUMNS)
        begun = dict[int, tuple[int, int]]()
        for cell in row.iterchildren(qn("w:tc")):
            column, wide = len(cells), min(cell.grid_span, MAX_COLUMNS)
            if column + wide > MAX_COLUMNS:
                raise Unreadable("too_many_columns", sheet=name, row=at + 1, most=MAX_COLUMNS)
            goes_on = cell.vMerge == "continue" and column in open_at
            first, _ = begun[column] = open_at[column] if goes_on else (at, wide)
            said = EMPTY if goes_on else Cell(clean(_said(cell)))
            cells += [said, *[EMPTY] * (wide - 1)]
            merges += [(first, column, at, column + wide - 1)] if goes_on or wide > 1 else []
        open_at = begun
        rows.append(trimmed(cells))
    return merged(name, rows, _longest(merges))


def _longest(merges: list[Merge]) -> list[Merge]:
    """Keep of the merges that begin in one cell the one that reaches furthest down."""
    found = dict[tuple[int, int], Merge]()
    for each in merges:
        found[each[:2]] = each
    return list(found.values())


def _said(cell: Any) -> str:  # noqa: ANN401
    return "\n".join(_text(each) for each in cell.iterchildren(qn("w:p")))


def _text(paragraph: Any) -> str:  # noqa: ANN401
    return str(paragraph.text).strip()


def _width(table: Any) -> int:  # noqa: ANN401
    rows = table.iterchildren(qn("w:tr"))
    return max(
        (sum(cell.grid_span for cell in row.iterchildren(qn("w:tc"))) for row in rows), default=0
    )
