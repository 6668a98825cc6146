"""Every write of units."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.errors import Duplicate, UnknownUnit
from server.people.models import Unit, UnitChange
from server.people.queries import one_regrouping_at_a_time, units_index
from server.people.units import UnitKind, Units, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """What a unit is made from; `parent` is the name of a unit."""

    code: str
    name: str
    kind: UnitKind
    short_names: tuple[str, ...] = ()
    parent: str = ""
    township_code: str = ""
    phone: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Imported:
    """How many units a file made or brought up to date, and the names of those kept as they are.

    `kept` were renamed or merged since, of which the file does not know.
    """

    n_units: int
    kept: tuple[str, ...]


async def create_unit(new: NewUnit) -> int:
    """Make a unit and return its id; raises Duplicate, and UnknownUnit for its parent.

    What means another unit, as its name, a short or former one, or its code, is taken.
    """
    async with in_transaction():
        await one_regrouping_at_a_time()
        known = await units_index()
        if known.bearers(new.name):
            raise Duplicate(value=new.name)
        return await _save(Unit(code=new.code), new, _parent(new.parent, known))


async def free_code(prefix: str) -> str:
    """Return a code of a prefix and a number that no unit has yet."""
    taken = {each.code for each in await Unit.filter(code__startswith=prefix).only("code")}
    return next(code for n in count(1) if (code := f"{prefix}{n:03d}") not in taken)


async def import_units(news: Iterable[NewUnit]) -> Imported:
    """Make or bring up to date units by their codes, all or none.

    What was renamed or merged stays so, unless the file knows of it. A parent may come later in
    the file than its station, and be called by a former name. Raises Duplicate and UnknownUnit.
    """
    ordered = sorted(news, key=lambda new: bool(new.parent))
    n_units, kept = 0, list[str]()
    async with in_transaction():
        await one_regrouping_at_a_time()
        known = Units(())
        for new in ordered:
            found = await Unit.filter(code=new.code).select_for_update().first()
            former = await _former(found) if found is not None else []
            if found is not None and (found.successor_id or (former and found.name != new.name)):
                kept.append(found.name)
                continue
            if new.parent and known.named(new.parent) is None:
                known = await units_index()  # now with those of this file that have none above
            unit = found or Unit(code=new.code)
            short = tuple(dict.fromkeys([*new.short_names, *former]))
            await _save(unit, replace(new, short_names=short), _parent(new.parent, known))
            n_units += 1
        _require_distinct(await units_index())
    return Imported(n_units, tuple(kept))


async def _former(unit: Unit) -> list[str]:
    """Return the names that renamings took from a unit and by which it is still understood."""
    renamed = UnitChange.filter(unit_id=unit.id, kind="renamed").order_by("id")
    names = [str(was) for (was,) in await renamed.values_list("was")]
    return [name for name in dict.fromkeys(names) if name in unit.short_names]


def _require_distinct(known: Units) -> None:
    """Refuse with Duplicate names that are told apart by their width or their spaces alone."""
    seen = set[str]()
    for unit in known.all():
        said = plain(unit.name)
        if said in seen:
            raise Duplicate(value=unit.name)
        seen.add(said)


def _parent(written: str, known: Units) -> int | None:
    """Return the id of the unit above: the one that is called so, or who took it over."""
    if not written:
        return None
    unit = known.named(written)
    if unit is None:
        raise UnknownUnit(name=written)
    return (known.acting(unit.id) or unit).id


async def _save(unit: Unit, new: NewUnit, parent_id: int | None) -> int:
    unit.name = new.name
    unit.kind = new.kind.value
    unit.short_names = list(new.short_names)
    unit.parent_id = parent_id
    unit.township_code = new.township_code
    unit.phone = new.phone
    unit.active = new.active
    try:
        async with in_transaction():
            await unit.save()
    except IntegrityError as error:
        raise Duplicate(value=new.name) from error
    return unit.id
