"""Every write of units."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.errors import Duplicate, UnknownUnit
from server.people.models import Unit
from server.people.units import UnitKind


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


async def create_unit(new: NewUnit) -> int:
    """Make a unit and return its id; raises Duplicate, and UnknownUnit for its parent."""
    async with in_transaction():
        return await _save(Unit(code=new.code), new)


async def free_code(prefix: str) -> str:
    """Return a code of a prefix and a number that no unit has yet."""
    taken = {each.code for each in await Unit.filter(code__startswith=prefix).only("code")}
    return next(code for n in count(1) if (code := f"{prefix}{n:03d}") not in taken)


async def import_units(news: Iterable[NewUnit]) -> int:
    """Make or bring up to date units by their codes, all or none; returns how many.

    A parent may come later in the file than its station. Raises Duplicate and UnknownUnit.
    """
    ordered = sorted(news, key=lambda new: bool(new.parent))
    async with in_transaction():
        for new in ordered:
            found = await Unit.filter(code=new.code).select_for_update().first()
            await _save(found or Unit(code=new.code), new)
    return len(ordered)


async def _save(unit: Unit, new: NewUnit) -> int:
    parent = await Unit.get_or_none(name=new.parent) if new.parent else None
    if new.parent and parent is None:
        raise UnknownUnit(name=new.parent)
    unit.name = new.name
    unit.kind = new.kind.value
    unit.short_names = list(new.short_names)
    unit.parent_id = parent.id if parent is not None else None
    unit.township_code = new.township_code
    unit.phone = new.phone
    unit.active = new.active
    try:
        async with in_transaction():
            await unit.save()
    except IntegrityError as error:
        raise Duplicate(value=new.name) from error
    return unit.id
