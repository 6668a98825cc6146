"""Matters each on a card of its own, headings beside what they say, as one table of rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.texts.catalogue import text

_WIDEST: Final = 4  # two headings, each with what it says
_FEWEST_KNOWN: Final = 3
_HALF: Final = 2


@dataclass(slots=True)
class _Card:
    """What one card says, by its headings, and what stands above it."""

    title: str
    said: dict[str, str] = field(default_factory=dict)


def gathered(sheets: Sequence[Sheet], kind: ListType) -> list[Sheet]:
    """Return sheets with all that are cards as one table, a row for each card, in its place."""
    found, cards, at = list[Sheet](), list[_Card](), 0
    for sheet in sheets:
        if of := _cards(sheet, kind):
            at = at if cards else len(found)
            cards += of
        else:
            found.append(sheet)
    if cards:
        found.insert(at, _table(cards, kind))
    return found


def _cards(sheet: Sheet, kind: ListType) -> list[_Card]:
    """Return the cards of a sheet; none where its rows are no headings with what they say.

    The first heading of a card begins the next one where it comes again.
    """
    cards, title, first = list[_Card](), "", ""
    fields, n_known, n_said = set[str](), 0, 0
    for row in sheet.rows:
        if len(row) > _WIDEST:
            return []
        for heading, said in _pairs(row):
            known = _field(heading, kind)
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
