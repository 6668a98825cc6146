"""Renaming and merging units: who goes on with what another was given, with a trace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from server.errors import Duplicate, NotMergeable, UnknownUnit
from server.people.actor import Actor
from server.people.models import Account, Unit, UnitChange
from server.people.queries import one_regrouping_at_a_time, units_index
from server.people.units import UnitKind

_MERGED: Final = (UnitKind.DEPARTMENT.value, UnitKind.UTILITY.value, UnitKind.STATION.value)


@dataclass(frozen=True, slots=True)
class UnitChangeRow:
    """One renaming, merger or parting; `now` is the new name, the successor's, or the unit's.

    `by_id` confirmed it; `proposed_by_id` is None where nobody noted who proposed it.
    """

    id: int
    unit_id: int
    kind: str
    was: str
    now: str
    document: str
    by_id: int
    proposed_by_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """What goes back to a unit that acts by itself again; it is the first of `unit_ids`.

    The others were merged into it before, and what they were given goes back with them.
    """

    n_people: int
    n_stations: int
    unit_ids: tuple[int, ...]


async def rename(
    unit_id: int,
    name: str,
    document: str,
    *,
    by: Actor,
    at: datetime,
    proposed_by: int | None = None,
) -> dict[str, list[int]]:
    """Give a unit another name; the old one goes on to be understood as a short name.

    Returns for `call_back` whether the unit went by that name before. Raises UnknownUnit, also for
    one that does not act any more, and Duplicate for a name that is taken.
    """
    async with in_transaction():
        await one_regrouping_at_a_time()
        unit = await _locked(unit_id)
        await require_nameable(unit, name)
        known = [unit.id] if name in unit.short_names else []
        await _call(
            unit, name, [*unit.short_names, unit.name], document, proposed_by, by=by, at=at
        )
    return {"known": known}


async def call_back(
    unit_id: int,
    was: str,
    moved: Mapping[str, list[int]],
    document: str,
    *,
    by: Actor,
    at: datetime,
    proposed_by: int | None = None,
) -> None:
    """Give a unit the name back that a renaming took; the other is understood no more.

    That one stays a short name where it was one before. Raises UnknownUnit, and Duplicate.
    """
    async with in_transaction():
        await one_regrouping_at_a_time()
        unit = await _locked(unit_id)
        await require_free(unit, was)
        kept = [unit.name] if moved.get("known") else []
        await _call(unit, was, [*unit.short_names, *kept], document, proposed_by, by=by, at=at)


async def require_nameable(unit: Unit, name: str) -> None:
    """Refuse with UnknownUnit a unit that does not act any more, and what `require_free` does."""
    if not unit.active:
        raise UnknownUnit(name=unit.name)
    await require_free(unit, name)


async def require_free(unit: Unit, name: str) -> None:
    """Refuse with Duplicate the name a unit has, and what others go by, however it is written."""
    others = (await units_index()).bearers(name) - {unit.id}
    if others or name == unit.name:
        raise Duplicate(value=name)


async def _call(
    unit: Unit,
    name: str,
    short: Iterable[str],
    document: str,
    proposed_by: int | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    was, unit.name = unit.name, name
    unit.short_names = [each for each in dict.fromkeys(short) if each != name]
    try:
        async with in_transaction():
            await unit.save(update_fields=["name", "short_names"])
    except IntegrityError as error:
        raise Duplicate(value=name) from error
    await _trace(unit, "renamed", was, name, document, proposed_by, by=by, at=at)


async def merge(
    unit_id: int,
    into_id: int,
    document: str,
    *,
    by: Actor,
    at: datetime,
    proposed_by: int | None = None,
) -> dict[str, list[int]]:
    """Merge a unit into another, which from now on does what the first was given.

    Its people and stations go over, lists that name it mean the other, and its open tasks are the
    other's to do. Returns the ids of what moved, for `part`. Raises UnknownUnit, and NotMergeable
    for units of different kinds, for townships and villages, and for one merged or closed already.
    """
    async with in_transaction():
        await one_regrouping_at_a_time()
        # In the order of their ids, so that two at once do not wait for each other in a circle.
        found = {each: await _locked(each) for each in sorted({unit_id, into_id})}
        unit, into = found[unit_id], found[into_id]
        require_mergeable(unit, into)
        unit.active, unit.successor_id = False, into.id
        await unit.save(update_fields=["active", "successor_id"])
        moved: dict[str, list[int]] = {"above": []}
        if into.parent_id == unit.id:
            moved["above"] = [unit.id]
            await Unit.filter(id=into.id).update(parent_id=unit.parent_id)
        # Whoever was merged into it before is succeeded by the same: one step to who acts.
        moved["before"] = await _ids(Unit.filter(successor_id=unit.id))
        await Unit.filter(id__in=moved["before"]).update(successor_id=into.id)
        moved["below"] = await _ids(Unit.filter(parent_id=unit.id))
        await Unit.filter(id__in=moved["below"]).update(parent_id=into.id)
        moved["people"] = await _ids(Account.filter(unit_id=unit.id))
        await Account.filter(id__in=moved["people"]).update(unit_id=into.id)
        await _trace(unit, "merged", unit.name, into.name, document, proposed_by, by=by, at=at)
    return moved


async def part(
    unit_id: int,
    moved: Mapping[str, list[int]],
    document: str,
    *,
    by: Actor,
    at: datetime,
    proposed_by: int | None = None,
) -> None:
    """Take a merger back: the unit acts again, what moved and is still there returns to it.

    What its successor was given meanwhile stays with that one. Raises UnknownUnit.
    """
    async with in_transaction():
        await one_regrouping_at_a_time()
        unit = await _locked(unit_id)
        into = await _locked(unit.successor_id or 0)
        unit.active, unit.successor_id = True, None
        await unit.save(update_fields=["active", "successor_id"])
        if moved["above"]:
            await Unit.filter(id=into.id).update(parent_id=unit.id)
        still = Unit.filter(id__in=moved["before"], successor_id=into.id)
        await still.update(successor_id=unit.id)
        await Unit.filter(id__in=moved["below"], parent_id=into.id).update(parent_id=unit.id)
        people = Account.filter(id__in=moved["people"], unit_id=into.id)
        await people.update(unit_id=unit.id)
        await _trace(unit, "parted", into.name, unit.name, document, proposed_by, by=by, at=at)


async def n_would_return(unit_id: int, into_id: int, moved: Mapping[str, list[int]]) -> Returning:
    """Return what `part` would give back: whatever went over and is still there."""
    people = Account.filter(id__in=moved["people"], unit_id=into_id)
    below = Unit.filter(id__in=moved["below"], parent_id=into_id)
    before = Unit.filter(id__in=moved["before"], successor_id=into_id)
    return Returning(
        n_people=await people.count(),
        n_stations=await below.count(),
        unit_ids=(unit_id, *await _ids(before)),
    )


def require_mergeable(unit: Unit, into: Unit) -> None:
    """Refuse with NotMergeable what is not of one kind, or does not act."""
    fits = unit.kind == into.kind and unit.kind in _MERGED
    if not fits or unit.id == into.id or not unit.active or not into.active:
        raise NotMergeable(unit=unit.name, into=into.name)


async def _ids(found: QuerySet[Any]) -> list[int]:
    return [int(each) for (each,) in await found.order_by("id").values_list("id")]


async def changes(*, limit: int, before_id: int | None = None) -> list[UnitChangeRow]:
    """Return renamings and mergers, the newest first, those before an id."""
    found = UnitChange.all() if before_id is None else UnitChange.filter(id__lt=before_id)
    rows = (
        await found.order_by("-id")
        .limit(limit)
        .values("id", "unit_id", "kind", "was", "now", "document", "by_id", "proposed_by_id", "at")
    )
    return [UnitChangeRow(**row) for row in rows]


async def _locked(unit_id: int) -> Unit:
    unit = await Unit.filter(id=unit_id).select_for_update().get_or_none()
    if unit is None:
        raise UnknownUnit(name=str(unit_id))
    return unit


async def _trace(
    unit: Unit,
    kind: str,
    was: str,
    now: str,
    document: str,
    proposed_by: int | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    await UnitChange.create(
        unit_id=unit.id,
        kind=kind,
        was=was,
        now=now,
        document=document,
        proposed_by_id=proposed_by,
        by_id=by.id,
        at=at,
    )
