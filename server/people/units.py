"""Units as others see them: an immutable view of all, small enough to hold in memory."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar, final

from server.errors import UnknownUnit
from server.texts.words import folded

K = TypeVar("K")
#: Variation selectors: marks that nobody sees by themselves.
_SHAPES: Final = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))


class UnitKind(StrEnum):
    """What a unit is."""

    DEPARTMENT = "department"
    TOWNSHIP = "township"
    STATION = "station"
    UTILITY = "utility"
    VILLAGE = "village"


_LOCAL: Final = (UnitKind.TOWNSHIP, UnitKind.VILLAGE)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """One unit; a station has a parent department and a home township.

    What was merged into another has that as its successor, and is not active any more.
    """

    id: int
    code: str
    name: str
    kind: UnitKind
    short_names: tuple[str, ...] = ()
    parent_id: int | None = None
    township_code: str = ""
    phone: str = ""
    active: bool = True
    successor_id: int | None = None


class Units:
    """All units at one moment; equal when the units are.

    Where one name or place would fit several units, the answer is None rather than a guess.
    """

    __slots__ = (
        "_bearers",
        "_by_code",
        "_by_name",
        "_children",
        "_rows",
        "_stations",
        "_townships",
        "by_id",
    )

    by_id: Mapping[int, UnitView]

    def __init__(self, rows: Iterable[UnitView]) -> None:
        self._rows = tuple(sorted(rows, key=lambda unit: unit.id))
        self.by_id = MappingProxyType({unit.id: unit for unit in self._rows})
        self._by_name = _names(self._rows)
        self._by_code = {plain(unit.code): unit for unit in self._rows}
        self._bearers = defaultdict[str, set[int]](set)
        for unit in self._rows:
            for name in (unit.name, *unit.short_names, unit.code):
                self._bearers[plain(name)].add(unit.id)
        children = defaultdict[int, list[UnitView]](list)
        for unit in self._rows:
            if unit.parent_id is not None:
                children[unit.parent_id].append(unit)
        self._children = {parent: tuple(found) for parent, found in children.items()}
        active = [unit for unit in self._rows if unit.active]
        stations = [
            ((unit.parent_id, unit.township_code), unit)
            for unit in active
            if unit.kind is UnitKind.STATION and unit.parent_id and unit.township_code
        ]
        self._stations = _unambiguous(stations)
        self._townships = _unambiguous(
            [(unit.township_code, unit) for unit in active if unit.kind is UnitKind.TOWNSHIP]
        )

    def __eq__(self, other: object) -> bool:
        """Tell whether the other view shows the same units."""
        return isinstance(other, Units) and self._rows == other._rows

    def __hash__(self) -> int:
        """Return a hash that agrees with equality."""
        return hash(self._rows)

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self._rows)

    def all(self) -> tuple[UnitView, ...]:
        """Return every unit, by id."""
        return self._rows

    def named(self, written: str) -> UnitView | None:
        """Return the unit of this name, short or former name, or code, be it active or not.

        A full name goes before any short one, and every name before a code.
        """
        said = plain(written)
        return self._by_name.get(said) or self._by_code.get(said)

    def bearers(self, name: str) -> set[int]:
        """Return the ids of all units that go by a name, a short or former name, or a code."""
        return set(self._bearers.get(plain(name), ()))

    def identified(self, written: str) -> UnitView:
        """Return the unit that is named, or the one of this id.

        Raises UnknownUnit for none, and where the code of one is the id of another.
        """
        known = self.by_id.get(int(written)) if re.fullmatch("[0-9]{1,10}", written) else None
        named = self.named(written)
        unit = known or named
        if unit is None or (known and named and known != named):
            raise UnknownUnit(name=written[:80])
        return unit

    def to_act(self, written: str) -> UnitView:
        """Return the active unit that is meant: the named one, or whoever took it over.

        Raises UnknownUnit where there is none.
        """
        unit = self.named(written)
        acting = self.acting(unit.id) if unit is not None else None
        if acting is None:
            raise UnknownUnit(name=written)
        return acting

    def children(self, unit_id: int) -> tuple[UnitView, ...]:
        """Return the units directly below one."""
        return self._children.get(unit_id, ())

    def station_for(self, department_id: int, township_code: str) -> UnitView | None:
        """Return the department's active station in a township."""
        return self._stations.get((department_id, township_code))

    def successor(self, unit_id: int) -> UnitView | None:
        """Return the unit into which one was merged; None for one that was not."""
        unit = self.by_id.get(unit_id)
        if unit is None or unit.successor_id is None:
            return None
        return self.by_id.get(unit.successor_id)

    def merged_in(self, unit_id: int) -> tuple[int, ...]:
        """Return the ids of a unit and of all that were merged into it."""
        return (unit_id, *(unit.id for unit in self._rows if unit.successor_id == unit_id))

    def house(self, unit_id: int) -> tuple[int, ...]:
        """Return the ids of a unit, of whoever took it over, and of all merged into that one."""
        heir = self.successor(unit_id)
        return self.merged_in(heir.id if heir is not None else unit_id)

    def among(self, written: str, unit_ids: Collection[int]) -> UnitView | None:
        """Return which of some units is meant: the named one, else one of the same house.

        What was given to a unit goes on under the name of who was given it.
        """
        unit = self.named(written)
        if unit is None:
            return None
        meant = (each for each in (unit.id, *self.house(unit.id)) if each in unit_ids)
        return self.by_id.get(next(meant, 0))

    def acting(self, unit_id: int) -> UnitView | None:
        """Return the active unit that does what one was given: itself, or its successor."""
        unit = self.successor(unit_id) or self.by_id.get(unit_id)
        return unit if unit is not None and unit.active else None

    def superior(self, unit_id: int) -> UnitView | None:
        """Return the active unit directly above one; None for one that stands by itself."""
        unit = self.by_id.get(unit_id)
        if unit is None or unit.parent_id is None:
            return None
        return self.acting(unit.parent_id)

    def within(self, unit_id: int, other_id: int) -> bool:
        """Tell whether a unit is another, lies below it, or took it over."""
        meant = {unit.id for unit in (self.by_id.get(other_id), self.successor(other_id)) if unit}
        above: int | None = unit_id
        passed = set[int]()
        while above is not None and above not in passed:
            if above in meant:
                return True
            passed.add(above)
            unit = self.by_id.get(above)
            above = unit.parent_id if unit is not None else None
        return False

    def local(self, unit_id: int | None) -> bool:
        """Tell whether a unit is a township or a village; None stands for that of the place."""
        unit = self.by_id.get(unit_id) if unit_id is not None else None
        return unit_id is None or (unit is not None and unit.kind in _LOCAL)

    def township_unit(self, township_code: str) -> UnitView | None:
        """Return the active unit that governs a township."""
        return self._townships.get(township_code)


def plain(name: str) -> str:
    """Return a name as it is compared: one width of characters, nothing unseen, one case."""
    return without_unseen("".join(folded(name).split()))


def has_unseen(name: str) -> bool:
    """Tell whether a name holds what nobody sees: control and joining characters, marks."""
    return without_unseen(name) != name or any(unicodedata.combining(each) for each in name)


def without_unseen(name: str) -> str:
    """Return a name without control characters, joining ones and those that choose a shape."""
    return "".join(each for each in name if not _is_unseen(each))


def _is_unseen(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] == "C" or kind in ("Zl", "Zp") or character in _SHAPES


def _names(rows: Iterable[UnitView]) -> dict[str, UnitView]:
    rows = tuple(rows)
    short = [(plain(name), unit) for unit in rows for name in unit.short_names]
    return _unambiguous(short) | {plain(unit.name): unit for unit in rows}


def _unambiguous(pairs: Iterable[tuple[K, UnitView]]) -> dict[K, UnitView]:
    distinct = {(key, unit.id): unit for key, unit in pairs}
    n_units = Counter(key for key, _ in distinct)
    return {key: unit for (key, _), unit in distinct.items() if n_units[key] == 1}
