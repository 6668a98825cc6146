"""Whether roles fit the unit and the places they are held for, so that they reach something."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from server.people.actor import Held
from server.people.units import UnitKind, Units
from server.permissions import acts_for_unit

#: Says in which township a grid lies by its code; empty where that is not known.
TownshipOf = Callable[[str], str]


def anywhere(_code: str) -> str:
    """Return that nobody knows where a grid lies."""
    return ""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with one of the roles given, or with the unit they are given in.

    `field` is 'unit', or the 'role' or 'place' of the role that is numbered.
    """

    number: int
    field: str
    code: str

    @property
    def pointer(self) -> str:
        """Where it stands in a form."""
        return "/unit" if self.field == "unit" else f"/roles/{self.number}/{self.field}"


def misfits(
    given: Iterable[Held], unit_id: int | None, *, units: Units, township_of: TownshipOf
) -> Iterator[Misfit]:
    """Say which roles would reach nothing, or elsewhere than their unit is.

    A grid worker may work for a department, whose people have grids anywhere; one of a township,
    and of a station or village in it, has grids of that township.
    """
    unit = units.by_id.get(unit_id or 0)
    above = units.by_id.get(unit.parent_id or 0) if unit is not None else None
    kinds = {each.kind for each in (unit, above) if each is not None}
    township = unit.township_code if unit is not None else ""
    for number, held in enumerate(given):
        place = held.place_code
        if held.of_grid and not place:
            yield Misfit(number, "place", "grid_missing")
        if unit is None and acts_for_unit(held.role):
            yield Misfit(number, "unit", "unit_missing")
            continue
        if held.of_township and UnitKind.TOWNSHIP not in kinds:
            yield Misfit(number, "role", "township_unit")
        elif place and not (held.of_grid or held.of_township):
            yield Misfit(number, "place", "no_place")
        elif place and township:
            meant = place if held.of_township else township_of(place) or township
            if meant != township:
                yield Misfit(number, "place", "other_township")
