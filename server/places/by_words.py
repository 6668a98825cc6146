"""Places by what people write: parts of their names, or an address that holds such a name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from geo.files.plausible import LAST
from server.places.boundaries import LEVELS, Boundaries, Found, Level, Row
from server.texts.words import folded, wanted

#: A name of one sign stands in too many addresses to mean anything.
_SHORTEST: Final = 2


@dataclass(frozen=True, slots=True)
class _Named:
    """A place as it is looked for: by code and the names down to it, by its own, by its stem."""

    row: Row
    whole: str
    own: str
    stem: str


def by_words(
    boundaries: Boundaries, question: str, *, limit: int, level: Level | None = None
) -> list[Row]:
    """Return the townships, villages and grids that a question names, those it fits best first.

    All words of it are in the code or in the names down to the place; where there is no such
    place, the question is an address, and holds the place's name but for its last signs.
    Takes some 10 µs a place where boundaries are asked for the first time.
    """
    words = wanted(question)
    if not words:
        return []
    places = [each for each in _named(boundaries) if level in (None, each.row.level)]
    found = [each for each in places if all(word in each.whole for word in words)]
    if found:
        return _best(found, lambda each: all(word in each.own for word in words))[:limit]
    address = folded(question)
    named = [each for each in places if len(each.stem) >= _SHORTEST and each.stem in address]
    return _best(named, lambda each: len(each.stem))[:limit]


# What is in force, and what was before: boundaries never change.
@lru_cache(maxsize=2)
def _named(boundaries: Boundaries) -> tuple[_Named, ...]:
    return tuple(
        _Named(
            row,
            folded(f"{row.code}\n{path(boundaries.chain(row.code))}"),
            folded(f"{row.code}\n{row.name}"),
            folded(row.name).rstrip(LAST),
        )
        for level in LEVELS[1:]
        for row in boundaries.rows(level)
    )


def path(found: Found) -> str:
    """Return a place with those it lies in, as one says it: township, village, grid."""
    return "".join(each.name for each in (found.township, found.village, found.grid) if each)


def _best(found: Iterable[_Named], weight: Callable[[_Named], int]) -> list[Row]:
    def rank(each: _Named) -> tuple[int, int, str]:
        return -weight(each), LEVELS.index(each.row.level), each.row.code

    return [each.row for each in sorted(found, key=rank)]
