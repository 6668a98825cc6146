"""Places by what people write: parts of their names, or an address that holds such a name."""

from collections.abc import Callable, Iterable
from typing import Final

from geo.files.plausible import LAST
from server.places.boundaries import LEVELS, Boundaries, Found, Row
from server.texts.words import folded, said, wanted

#: A name of one sign stands in too many addresses to mean anything.
_SHORTEST: Final = 2


def by_words(boundaries: Boundaries, question: str, *, limit: int) -> list[Row]:
    """Return the townships, villages and grids that a question names, those it fits best first.

    All words of it are in the code or in the names down to the place; where there is no such
    place, the question is an address, and holds the place's name but for its last signs.
    """
    words = wanted(question)
    rows = [row for level in LEVELS[1:] for row in boundaries.rows(level)]
    if not words:
        return []
    found = [row for row in rows if said(words, (row.code, path(boundaries.chain(row.code))))]
    if found:
        return _best(found, lambda row: said(words, (row.code, row.name)))[:limit]
    address = folded(question)
    held = {row.code: len(stem) for row in rows if (stem := _stem(row.name)) in address}
    named = [row for row in rows if held.get(row.code, 0) >= _SHORTEST]
    return _best(named, lambda row: held[row.code])[:limit]


def path(found: Found) -> str:
    """Return a place with those it lies in, as one says it: township, village, grid."""
    return "".join(each.name for each in (found.township, found.village, found.grid) if each)


def _best(rows: Iterable[Row], weight: Callable[[Row], int]) -> list[Row]:
    return sorted(rows, key=lambda row: (-weight(row), LEVELS.index(row.level), row.code))


def _stem(name: str) -> str:
    return folded(name).rstrip(LAST)
