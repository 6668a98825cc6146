"""One message where one will do: who is left what of all that is owed at one moment. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from server.cases.rules.flow import Verb
from server.events import AttentionNeeded, CaseMoved, WorkAssigned

#: Whatever is told of a case: to followers or persons, and to units.
Owed = CaseMoved | AttentionNeeded | WorkAssigned

_KINDS: Final = (CaseMoved, AttentionNeeded, WorkAssigned)


def once(owed: Sequence[Owed], heard: Sequence[Owed] = ()) -> list[Owed]:
    """Return what is owed so that each person, and each unit, is told one thing at one moment.

    What asks for something goes before what only tells, the later before the earlier: a report
    that is dispatched at once is dispatched. That somebody's request lapsed is another matter.
    """
    persons = {each for event in heard for each in event.followers}
    units = {each for event in heard for each in event.units}
    found = dict[int, Owed]()
    for place, event in sorted(enumerate(owed), key=_weight, reverse=True):
        if event.verb == Verb.LAPSE:
            found[place] = event
            continue
        left = replace(
            event,
            followers=tuple(each for each in event.followers if each not in persons),
            units=tuple(each for each in event.units if each not in units),
        )
        if not isinstance(left, AttentionNeeded):
            left = replace(left, besides=tuple(sorted(persons)))
        found[place] = left
        persons.update(left.followers)
        units.update(left.units)
    return [found[place] for place in range(len(owed))]


def _weight(placed: tuple[int, Owed]) -> tuple[int, int]:
    place, event = placed
    return _KINDS.index(type(event)), place
