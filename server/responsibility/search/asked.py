"""What somebody asks of who sees to what: by a unit, as it is called every day, or by words."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from server.people.units import UnitKind, Units, plain
from server.responsibility.list.fields import EntryView
from server.responsibility.search import grams
from server.responsibility.search.suggest import (
    LONGEST_QUESTION,
    NOWHERE,
    Circumstances,
    Suggester,
    Suggestion,
)

_MOST_WORDS: Final = 20
#: The township of the place, where a list names no other lead.
_TOWNSHIP: Final = None


def who_sees_to(
    question: str,
    entries: Sequence[EntryView],
    suggester: Suggester,
    units: Units,
    *,
    most: int = 5,
    circumstances: Circumstances = NOWHERE,
) -> list[Suggestion]:
    """Return the matters that a question is about: what a unit leads that it names goes first.

    Of the others at most so many, the likeliest first; of a code that one alone.
    """
    if coded := [each for each in entries if plain(each.matter_code) == plain(question)]:
        return [_named(each) for each in coded]
    asked = Asked(question, units)
    by_words = suggester.answers(asked.rest or question, most, circumstances=circumstances)
    if not asked.of_unit:
        return by_words
    led = {entry.matter_code: entry for entry in entries if asked.led(entry.lead_id)}
    first = {each.code: each for each in by_words if each.code in led}
    also = [_named(each, *asked.units) for code, each in led.items() if code not in first]
    return [*first.values(), *also, *(each for each in by_words if each.code not in led)]


def _named(entry: EntryView, *why: str) -> Suggestion:
    return Suggestion(entry.matter_code, entry.name, entry.domain, 1.0, why)


class Asked:
    """A question taken apart: the units it names, as it calls them, and the rest of its words."""

    __slots__ = ("_leads", "rest", "units")

    def __init__(self, question: str, units: Units) -> None:
        self._leads = set[int | None]()
        rest, named = list[str](), list[str]()
        for word in grams.pieces(question)[:_MOST_WORDS]:
            said = re.sub(grams.rules().asking, "", word)
            if found := set(_bearers(said, units)):
                self._leads |= found
                named.append(said)
            else:
                rest.append(word)
        if sum(map(len, rest)) > LONGEST_QUESTION:  # a report that mentions one
            self._leads = set()
        self.units = tuple(named)
        self.rest = " ".join(rest) if self._leads else question

    @property
    def of_unit(self) -> bool:
        """Whether it names a unit."""
        return bool(self._leads)

    def led(self, lead_id: int | None) -> bool:
        """Tell whether a unit that it names leads what this one leads, None the township."""
        return lead_id in self._leads


def _bearers(said: str, units: Units) -> Iterator[int | None]:
    """Yield those of a name and their houses: by the name whole, else by what tells it apart."""
    found = units.bearers(said) if said else set[int]()
    if not found and (bare := stem(said)):
        found = {
            unit.id
            for unit in units.all()
            for name in (unit.name, *unit.short_names)
            if unit.kind is not UnitKind.STATION and stem(plain(name)) == bare
        }
    for unit_id in found:
        if units.by_id[unit_id].kind is UnitKind.TOWNSHIP:
            yield _TOWNSHIP
        yield from units.house(unit_id)


@lru_cache(maxsize=4096)
def stem(name: str) -> str:
    """Return what tells the name of an office apart, 住建 of 区住建局; '' for none."""
    before, after = grams.rules().offices
    bare = re.sub(after, "", re.sub(before, "", name))
    return bare if len(bare) > 1 else ""
