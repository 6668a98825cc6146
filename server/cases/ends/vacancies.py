"""What is left without anybody when somebody leaves: unit, shifts, roles and grids."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.cases.rules.basis import Basis
from server.people.duty.roster import Staffed, staffed
from server.people.queries import (
    AccountView,
    account,
    grid_workers,
    holders,
    members,
    members_as,
    township_of,
)
from server.permissions import acts_for_unit, works_at_desk
from server.texts.catalogue import text

#: So far ahead a shift that is left without anybody is worth a message.
_AHEAD: Final = timedelta(days=7)
#: So many grids are named; it says how many there are in all.
_MOST_GRIDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a person stood before a change: as one of a unit, alone in shifts, with roles."""

    seen: AccountView
    in_unit: bool
    township: str
    alone: frozenset[tuple[datetime, str]]


async def standing(account_id: int, *, at: datetime, basis: Basis) -> Standing:
    """Return where a person stands now; raises NotFound."""
    seen = await account(account_id)
    township = await township_of(account_id)
    mine = {
        (each.sitting.starts_at, each.sitting.shift)
        for each in await _shifts(township, at=at, basis=basis)
        if [sitter.account_id for sitter in each.sitters] == [account_id]
    }
    told = await members([seen.unit_id]) if seen.unit_id is not None else []
    in_unit = (seen.substitute_id or account_id) in told
    return Standing(seen=seen, in_unit=in_unit, township=township, alone=frozenset(mine))


async def _shifts(township: str, *, at: datetime, basis: Basis) -> list[Staffed]:
    if not township:
        return []
    today = at.astimezone(basis.zone).date()
    return await staffed(township, today, today + _AHEAD, shift_hours=basis.shift_hours)


async def left_empty(before: Standing, *, at: datetime, basis: Basis) -> list[str]:
    """Return in words which unit, shifts, roles and grids nobody is in any more."""
    found = []
    unit_id, name = before.seen.unit_id, before.seen.unit_name
    if before.in_unit and unit_id is not None and not await members([unit_id]):
        found.append(text("staff.empty_unit", unit=name or ""))
    elif before.seen.active and unit_id is not None:
        found += [
            text("staff.empty_role_in_unit", unit=name or "", role=text(f"role.{role}"))
            for role in dict.fromkeys(held.role for held in before.seen.held)
            if acts_for_unit(role) and not await members_as(role, unit_id)
        ]
    if before.alone:
        shifts = await _shifts(before.township, at=at, basis=basis)
        n_empty = sum(
            not each.sitters and (each.sitting.starts_at, each.sitting.shift) in before.alone
            for each in shifts
        )
        if n_empty:
            found.append(text("staff.empty_shifts", unit=name or "", n=n_empty))
    if before.seen.active:
        found += await _empty_roles(before.seen, at=at, basis=basis)
    return found


async def _empty_roles(seen: AccountView, *, at: datetime, basis: Basis) -> list[str]:
    """Return in words which of somebody's offices and grids nobody holds any more."""
    found = [
        text("staff.empty_role", role=text(f"role.{role}"))
        for role in dict.fromkeys(held.role for held in seen.held)
        if works_at_desk([role]) and not await holders(role)
    ]
    grids = [held.place_code for held in seen.held if held.of_grid]
    staffed_ones = await grid_workers(grids)
    named = _named([code for code in grids if code not in staffed_ones], at=at, basis=basis)
    if named:
        listed = text("format.and").join(named[:_MOST_GRIDS])
        code = "empty_grids" if len(named) <= _MOST_GRIDS else "empty_many_grids"
        found.append(text(f"staff.{code}", grids=listed, n=len(named)))
    return found


def _named(codes: Collection[str], *, at: datetime, basis: Basis) -> list[str]:
    """Return the names of grids with their villages; not those that are none any more."""
    boundaries = basis.places.at(at)
    rows = [boundaries.row(code) for code in codes] if boundaries is not None else []
    return [
        (village.name if boundaries and (village := boundaries.row(row.parent_code)) else "")
        + row.name
        for row in rows
        if row is not None
    ]
