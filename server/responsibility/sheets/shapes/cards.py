"""Matters each on a card of its own, headings beside what they say, as one table of rows.

So is a table on its side, a column for each matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.texts.catalogue import text

_WIDEST: Final = 4  # two headings, each with what it says
_FEWEST_KNOWN: Final = 3
_HALF: Final = 2
_SEVERAL: Final = 2


@dataclass(slots=True)
class _Card:
    """What one card says, by its headings, and what stands above it."""

    title: str
    said: dict[str, str] = field(default_factory=dict)


def gathered(sheets: Sequence[Sheet], kind: ListType) -> list[Sheet]:
    """Return sheets with all that are cards as one table, a row for each card, in its place."""
    found, cards, at = list[Sheet](), list[_Card](), 0
    for sheet in (_upright(each, kind) for each in sheets):
        if of := _cards_of(sheet, kind):
            at = at if cards else len(found)
            cards += of
        else:
            found.append(sheet)
    if cards:
        found.insert(at, _table(cards, kind))
    return found


def _upright(sheet: Sheet, kind: ListType) -> Sheet:
    """Return a table that lies on its side as one whose rows are its columns; others unchanged.

    On its side its first column holds headings, nothing right of them is one, and several matters
    have names.
    """
    rows = [row for row in sheet.rows if len({cell.text for cell in row if cell.text}) > 1]
    width = max(map(len, rows), default=0)
    fields = [_field(row[0].text, kind) if row[0].text else None for row in rows]
    known = [each for each in fields if each is not None]
    whole = "name" in known and len({*known}) == len(known) >= _FEWEST_KNOWN
    if not whole or _HALF * len(known) < len(rows) or width < _FEWEST_KNOWN:
        return sheet
    if any(_field(cell.text, kind) for row in rows for cell in row[1:] if cell.text):
        return sheet
    names = [cell.text for cell in rows[fields.index("name")][1:]]
    if len({*names} - {""}) < _SEVERAL or len({*names} - {""}) < len(list(filter(None, names))):
        return sheet
    turned = zip(*([*row, *[EMPTY] * (width - len(row))] for row in rows), strict=True)
    above = [row for row in sheet.rows if row not in rows and any(cell.text for cell in row)]
    return Sheet(text("sheet.turned", sheet=sheet.name), (*above, *turned))


def _cards_of(sheet: Sheet, kind: ListType) -> list[_Card]:
    """Return the cards of a sheet, those side by side from left to right."""
    parts = _side_by_side(sheet)
    cards = [_cards(part, kind) for part in parts]
    if len(parts) > 1 and all(cards):
        return [card for of in cards for card in of]
    return _cards(sheet, kind)


def _side_by_side(sheet: Sheet) -> list[Sheet]:
    """Return the parts of a sheet whose first headings begin again to the right."""
    head = next((row for row in sheet.rows if sum(bool(cell.text) for cell in row) > 1), ())
    first = next((cell.text for cell in head if cell.text), "")
    starts = [at for at, cell in enumerate(head) if cell.text == first]
    said = [[row[at].text for at in starts if at < len(row)] for row in sheet.rows]
    if len(starts) < _SEVERAL or any(len({*each} - {""}) > 1 for each in said if len(each) > 1):
        return [sheet]
    ends = [*starts[1:], max(map(len, sheet.rows), default=0)]
    return [
        replace(sheet, rows=tuple(_stripped(row[start:end]) for row in sheet.rows))
        for start, end in zip(starts, ends, strict=True)
    ]


def _stripped(row: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return cells without the empty ones at the end."""
    last = max((at for at, cell in enumerate(row) if cell.text), default=-1)
    return tuple(row[: last + 1])


def _cards(sheet: Sheet, kind: ListType) -> list[_Card]:
    """Return the cards of a sheet; none where its rows are no headings with what they say.

    The first heading of a card begins the next one where it comes again.
    """
    cards, title, first = list[_Card](), "", ""
    fields, n_known, n_said = set[str](), 0, 0
    beside = set[bool]()  # whether headings of the second pair are known
    for row in sheet.rows:
        if len(row) > _WIDEST:
            return []
        for nth, (heading, said) in enumerate(_pairs(row)):
            known = _field(heading, kind)
            beside |= {known is not None} if nth else set()
            if known is None and not said:
                title = heading
                continue
            if _field(said, kind) is not None:  # a header, and no card
                return []
            first = first or columns.plain(heading)
            if not cards or title or columns.plain(heading) == first:
                cards.append(_Card(title))
                title = ""
            before = cards[-1].said.get(heading)
            cards[-1].said[heading] = f"{before}\n{said}" if before else said
            n_said += 1
            n_known += known is not None
            fields |= {known} if known else set()
    if beside == {False}:  # values of further matters, and no headings
        return []
    whole = "name" in fields and len(fields) >= _FEWEST_KNOWN
    return cards if whole and n_known * _HALF >= n_said else []


def _pairs(row: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    for at in range(0, len(row), 2):
        heading = row[at].text
        if heading:
            yield heading, row[at + 1].text if at + 1 < len(row) else ""


def _field(said: str, kind: ListType) -> str | None:
    own = {columns.plain(n): name for name, names in kind.headers.items() for n in names}
    names = columns.headers() | own
    return next(
        (
            name
            for each in (columns.plain(said), columns.bare(said))
            if each and (name := names.get(each) or columns.composed(each))
        ),
        None,
    )


def _table(cards: Sequence[_Card], kind: ListType) -> Sheet:
    """Return cards as a table; what heads a part of them stands above the first of it."""
    headings = list(dict.fromkeys(heading for card in cards for heading in card.said))
    named = next(each for each in headings if _field(each, kind) == "name")
    parts, titles = list[str](), list[str]()
    for card in cards:
        name = columns.plain(card.said.get(named, ""))
        own = not card.title or (name and name in columns.plain(card.title))
        heads = not own and columns.part(card.title)[0]
        parts.append(card.title if heads else "")
        titles.append("" if own or heads else card.title)
    if any(titles):
        headings.append(text("sheet.card_title"))
    rows = [tuple(map(Cell, headings))]
    for card, part, title in zip(cards, parts, titles, strict=True):
        if part:
            rows.append((Cell(part),))
        said = [*(card.said.get(each, "") for each in headings[: len(headings) - any(titles)])]
        rows.append(tuple(Cell(each) if each else EMPTY for each in (*said, title)))
    return Sheet(text("sheet.cards", n=len(cards)), tuple(rows))
