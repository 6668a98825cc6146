"""Who is on leave, from when to when, and who stands in meanwhile (请假, 代班人)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tortoise import Tortoise
from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from server.errors import (
    BadInput,
    LeaveForOneself,
    LeaveOver,
    LeaveOverlaps,
    LeaveStandsIn,
    NotFound,
    NotPermitted,
    NotSubstitute,
    SubstituteAway,
)
from server.people.actor import SYSTEM, Actor
from server.people.models import Account, Grant, Leave, Unit
from server.people.sign_in import sessions
from server.permissions import GRANTS, ON_SHIFT, Permission, Role, works_at_desk

_LONGEST: Final = timedelta(days=366)
#: Who can stand in for the account in $1: of the same unit, of its stations or of the one above;
#: for a grid worker another one of the township; for an office without a unit who holds it too.
_SUBSTITUTES: Final = """
WITH away AS (
  SELECT account.id, unit_id, parent_id, kind, township_code,
    ARRAY(SELECT role FROM account_grant WHERE account_id = account.id) AS roles
  FROM account LEFT JOIN unit ON unit.id = unit_id WHERE account.id = $1),
other AS (
  SELECT account.id, account.name, unit_id, parent_id, kind, township_code,
    ARRAY(SELECT role FROM account_grant WHERE account_id = account.id) AS roles
  FROM account LEFT JOIN unit ON unit.id = unit_id WHERE account.active AND account.id <> $1)
SELECT other.id, other.name, away.roles && other.roles AS same_roles
FROM other, away WHERE CASE
  WHEN 'grid_worker' = ANY(away.roles)
    THEN 'grid_worker' = ANY(other.roles) AND other.township_code = away.township_code
  WHEN away.unit_id IS NULL
    THEN other.unit_id IS NULL AND array_remove(away.roles, 'resident') && other.roles
  ELSE other.unit_id = away.unit_id
    OR other.kind = 'station' AND other.parent_id = away.unit_id
    OR away.kind = 'station' AND other.unit_id = away.parent_id END
ORDER BY other.unit_id = away.unit_id DESC, away.roles && other.roles DESC, other.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeave:
    """Who is away from when to when, and who stands in; from now without `since`."""

    account_id: int
    substitute_id: int
    until: datetime
    since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account by its name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute(Person):
    """Somebody who can stand in, and whether by some role they do such work anyway."""

    same_roles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveView:
    """One leave that runs (`begun_at` is set) or is to come."""

    id: int
    account: Person
    substitute: Person
    since: datetime
    until: datetime
    reason: str
    begun_at: datetime | None


async def enter(new: NewLeave, *, by: Actor, at: datetime) -> LeaveView:
    """Enter a leave, which begins when `begin` is called; in one transaction with that, if now.

    Raises NotFound, NotPermitted, BadInput for a time that will not do, NotSubstitute,
    LeaveForOneself, LeaveOverlaps, LeaveStandsIn and SubstituteAway.
    """
    since = max(new.since or at, at)
    _require_time(since, new.until, at=at)
    async with in_transaction():
        # In the order of their ids, so that two at once do not wait for each other in a circle.
        persons = Account.filter(id__in=[new.account_id, new.substitute_id]).order_by("id")
        found = {each.id: each for each in await persons.select_for_update(no_key=True)}
        account = found.get(new.account_id)
        if account is None or not account.active:
            raise NotFound
        _require_keeper(account, by)
        if new.substitute_id not in {each.id for each in await substitutes_for(account.id)}:
            raise NotSubstitute
        if by.id == new.substitute_id:
            await _require_no_gain(account, by)
        if not may_enter(account.id, account.unit_id, await _roles(account.id), by=by):
            raise NotPermitted(verb="leave")
        await _require_free(account, found[new.substitute_id], since, new.until)
        made = await Leave.create(
            account_id=account.id,
            substitute_id=new.substitute_id,
            since=since,
            until=new.until,
            reason=new.reason,
            by_id=by.id,
            at=at,
        )
        return await _view(made.id)


async def begin(leave_id: int, *, at: datetime) -> LeaveView | None:
    """Let the substitute stand in from now on; None where the leave has begun or is over.

    Who thereby reaches the whole county signs in anew, as at a desk.
    """
    async with in_transaction():
        row = await _locked(leave_id)
        if row is None or row.begun_at is not None or row.ended_at is not None:
            return None
        row.begun_at = at
        await row.save(update_fields=["begun_at"])
        if works_at_desk(await _roles(row.account_id)) and not works_at_desk(
            await _roles(row.substitute_id)
        ):
            await sessions.revoke_all(row.substitute_id, at=at)
        await Account.filter(id=row.account_id).update(substitute_id=row.substitute_id)
        return await _view(row.id)


async def end(leave_id: int, *, by: Actor, at: datetime) -> LeaveView:
    """Take a leave back that is to come, or end it: the person is at work again.

    Raises NotFound, NotPermitted, LeaveOver.
    """
    async with in_transaction():
        row = await _locked(leave_id)
        if row is None:
            raise NotFound
        _require_keeper(await Account.get(id=row.account_id), by)
        if row.ended_at is not None:
            raise LeaveOver
        seen = await _view(row.id)
        await _end(row, by=by, at=at)
        return seen


async def let_go(account_id: int, *, at: datetime) -> list[LeaveView]:
    """End the leaves of somebody, or in which they stand in, that will not do any more."""
    return await _let_go(Q(account_id=account_id) | Q(substitute_id=account_id), at=at)


async def let_go_of(unit_ids: Collection[int], *, at: datetime) -> list[LeaveView]:
    """Do as `let_go` for everybody of these units, which were regrouped."""
    units = list(unit_ids)
    theirs = Q(account__unit_id__in=units) | Q(substitute__unit_id__in=units)
    return await _let_go(theirs, at=at)


async def _let_go(which: Q, *, at: datetime) -> list[LeaveView]:
    async with in_transaction():
        gone = list[LeaveView]()
        for leave_id in await _ids(Leave.filter(which, ended_at__isnull=True)):
            row = await _locked(leave_id)
            if row is None or row.ended_at is not None:
                continue
            away = await Account.get(id=row.account_id)
            fit = {each.id for each in await substitutes_for(row.account_id)}
            if away.active and row.substitute_id in fit:
                continue
            gone.append(await _view(row.id))
            await _end(row, by=SYSTEM, at=at)
        return gone


async def end_in_time(leave_id: int, *, at: datetime) -> LeaveView | None:
    """End a leave whose time is over; None where another has."""
    async with in_transaction():
        row = await _locked(leave_id)
        if row is None or row.ended_at is not None:
            return None
        seen = await _view(row.id)
        await _end(row, by=SYSTEM, at=at)
        return seen


async def over(*, at: datetime) -> list[int]:
    """Return the leaves whose time is over."""
    return await _ids(Leave.filter(ended_at__isnull=True, until__lte=at))


async def to_begin(*, at: datetime) -> list[int]:
    """Return the leaves whose time has come."""
    coming = Leave.filter(ended_at__isnull=True, begun_at__isnull=True)
    return await _ids(coming.filter(since__lte=at, until__gt=at))


async def substitutes_for(account_id: int) -> list[Substitute]:
    """Return who can stand in for somebody: of the own unit and of the same roles first."""
    rows = await _rows(_SUBSTITUTES, [account_id])
    return [
        Substitute(id=row["id"], name=row["name"], same_roles=row["same_roles"]) for row in rows
    ]


async def leaves_of(account_ids: Collection[int], *, at: datetime) -> list[LeaveView]:
    """Return the leaves of these accounts that run or are to come, the earliest first."""
    return await _views(Q(account_id__in=list(account_ids), until__gt=at))


async def leaves_with(account_id: int, *, at: datetime) -> list[LeaveView]:
    """Return somebody's own leaves, and those in which they stand in, the earliest first."""
    theirs = Q(account_id=account_id) | Q(substitute_id=account_id)
    return await _views(theirs & Q(until__gt=at))


def may_enter(account_id: int, unit_id: int | None, roles: Sequence[str], *, by: Actor) -> bool:
    """Tell whether somebody may enter the leave of who holds these roles in a unit.

    Of who decides for the county, or sits on duty, that is for the person and the administrator.
    """
    if by is SYSTEM or by.id == account_id:
        return True
    weighty = works_at_desk(roles) or bool(_granted(roles) & ON_SHIFT)
    return by.covers_unit(Permission.LEAVE_MANAGE, None if weighty else unit_id)


def _require_keeper(account: Account, by: Actor) -> None:
    own = by is SYSTEM or by.id == account.id
    if not own and not by.covers_unit(Permission.LEAVE_MANAGE, account.unit_id):
        raise NotPermitted(verb="leave")


async def _require_no_gain(account: Account, by: Actor) -> None:
    """Refuse who would give oneself more than one's own roles and unit do, or a seat on duty."""
    own, theirs = [_granted(await _roles(each)) for each in (by.id or 0, account.id)]
    below = Unit.filter(id=account.unit_id, parent_id=by.unit_id)
    within = account.unit_id == by.unit_id or await below.exists()
    if not within or theirs - own or theirs & ON_SHIFT:
        raise LeaveForOneself(name=account.name)


def _require_time(since: datetime, until: datetime, *, at: datetime) -> None:
    reason = "past" if until <= at else "leave_too_long" if until - since > _LONGEST else ""
    if reason:
        raise BadInput([{"pointer": "/until", "reason": reason}])
    if since >= until:
        raise BadInput([{"pointer": "/since", "reason": "not_before_until"}])


async def _require_free(
    account: Account, substitute: Account, since: datetime, until: datetime
) -> None:
    meanwhile = Leave.filter(ended_at__isnull=True, since__lt=until, until__gt=since)
    if await meanwhile.filter(account_id=account.id).exists():
        raise LeaveOverlaps(name=account.name)
    if stood_in := await meanwhile.filter(substitute_id=account.id).first():
        whose = await Account.get(id=stood_in.account_id)
        raise LeaveStandsIn(name=account.name, whose=whose.name)
    if await meanwhile.filter(account_id=substitute.id).exists():
        raise SubstituteAway(name=substitute.name)


async def _end(row: Leave, *, by: Actor, at: datetime) -> None:
    row.ended_at, row.ended_by_id = at, by.id
    await row.save(update_fields=["ended_at", "ended_by_id"])
    if row.begun_at is not None:
        await Account.filter(id=row.account_id).update(substitute_id=None)


async def _locked(leave_id: int) -> Leave | None:
    row = await Leave.get_or_none(id=leave_id)
    if row is not None:  # the account first, as does who changes or closes it
        await Account.filter(id=row.account_id).select_for_update(no_key=True).get()
    return await Leave.filter(id=leave_id).select_for_update().first()


async def _roles(account_id: int) -> list[str]:
    held = Grant.filter(account_id=account_id).values_list("role", flat=True)
    return [str(role) for role in await held]


def _granted(roles: Collection[str]) -> frozenset[Permission]:
    return frozenset[Permission]().union(*(GRANTS[Role(role)] for role in roles))


async def _view(leave_id: int) -> LeaveView:
    [found] = await _views(Q(id=leave_id))
    return found


async def _views(which: Q) -> list[LeaveView]:
    rows = Leave.filter(which, ended_at__isnull=True).order_by("since", "id")
    return [
        LeaveView(
            id=row.id,
            account=Person(id=row.account_id, name=row.account.name),
            substitute=Person(id=row.substitute_id, name=row.substitute.name),
            since=row.since,
            until=row.until,
            reason=row.reason,
            begun_at=row.begun_at,
        )
        for row in await rows.select_related("account", "substitute")
    ]


async def _ids(found: QuerySet[Leave]) -> list[int]:
    return [int(i) for (i,) in await found.order_by("since", "id").values_list("id")]


async def _rows(statement: str, values: list[Any]) -> list[Mapping[str, Any]]:
    return list(await Tortoise.get_connection("default").execute_query_dict(statement, values))
