"""Every read of units and accounts that others want."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tortoise import Tortoise

from server.errors import NotFound
from server.people.actor import Held
from server.people.actors import ACTING
from server.people.models import Account, Grant, Unit, UnitChange
from server.people.units import UnitKind, Units, UnitView
from server.permissions import Permission, Role, granting
from server.seen import mark_of
from server.texts.words import wanted

#: The lock of whoever makes, names, merges or parts units.
_REGROUPING: Final = 7_310_488_122

# Who is told of work: in the place of who is on leave, whoever stands in.

_MEMBERS: Final = f"""
SELECT DISTINCT {ACTING} AS id FROM unit
JOIN account ON account.unit_id = coalesce(unit.successor_id, unit.id)
JOIN account_grant ON account_id = account.id
WHERE unit.id = ANY($1::int[]) AND account.active AND role = ANY($2::text[])
ORDER BY id
"""
_MEMBERS_BY_UNIT: Final = f"""
SELECT DISTINCT unit.id AS unit_id, {ACTING} AS id FROM unit
JOIN account ON account.unit_id = coalesce(unit.successor_id, unit.id)
JOIN account_grant ON account_id = account.id
WHERE unit.id = ANY($1::int[]) AND account.active AND role = ANY($2::text[])
ORDER BY unit_id, id
"""
# Who was given no password yet would never see what waits for them; a demo sign-in needs none.
_COULD_SIGN_IN: Final = """
(account.password_hash <> '' OR account.demo OR account.substitute_id IS NOT NULL)
"""
_WORKERS: Final = f"""
SELECT account.id, account.name, account.substitute_id IS NOT NULL AS away
FROM unit JOIN account ON account.unit_id IN (
  unit.id, unit.successor_id, CASE WHEN unit.kind = 'station' AND unit.active THEN parent_id END)
WHERE unit.id = $1 AND account.active AND ($3::int[] IS NULL OR account.id = ANY($3))
  AND {_COULD_SIGN_IN}
  AND EXISTS (SELECT FROM account_grant
              WHERE account_id = account.id AND role = ANY($2::text[]))
ORDER BY account.unit_id <> unit.id, account.name, account.id LIMIT $4
"""
_HOLDERS: Final = f"""
SELECT DISTINCT {ACTING} AS id FROM account JOIN account_grant ON account_id = account.id
LEFT JOIN unit ON unit.id = account.unit_id
WHERE role = $1 AND account.active
  AND ($2::text IS NULL OR place_code = $2 OR (place_code = '' AND unit.township_code = $2))
ORDER BY id
"""
_GRID_WORKERS: Final = f"""
SELECT DISTINCT place_code, {ACTING} AS id
FROM account_grant JOIN account ON account.id = account_id
WHERE role = 'grid_worker' AND place_code = ANY($1::text[]) AND account.active
  AND {_COULD_SIGN_IN}
ORDER BY place_code, id
"""
_UNIT_AND_BELOW: Final = """
WITH RECURSIVE part(id) AS (
  SELECT unnest(ARRAY[unit.id, coalesce(unit.successor_id, unit.id)]) FROM unit WHERE unit.id = $1
  UNION SELECT below.id FROM unit AS below JOIN part ON below.parent_id = part.id
)
SELECT part.id AS unit_id, account.id AS account_id FROM part
LEFT JOIN account ON account.unit_id = part.id
"""
_UNITS: Final = """
SELECT id FROM unit
WHERE id > $1 AND ($2::text IS NULL OR kind = $2)
  AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE
       position(word IN
         lower(normalize(code || ' ' || name || ' ' || short_names::text, NFKC))) = 0)
ORDER BY id LIMIT $4
"""
_ACCOUNTS: Final = """
SELECT id FROM account
WHERE id > $1 AND ($2::int[] IS NULL OR unit_id = ANY($2))
  AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE
       position(word IN lower(normalize(coalesce(username, '') || ' ' || name, NFKC))) = 0)
  AND ($4::text IS NULL
       OR EXISTS (SELECT FROM account_grant WHERE account_id = account.id AND role = $4))
ORDER BY id LIMIT $5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One account as its keeper sees it."""

    id: int
    username: str | None
    name: str
    unit_id: int | None
    unit_name: str | None
    held: tuple[Held, ...]
    active: bool
    demo: bool
    created_at: datetime
    substitute_id: int | None

    @property
    def mark(self) -> str:
        """By what it is known whether somebody changed unit or roles since."""
        return mark_of_account(self.unit_id, self.held)


def mark_of_account(unit_id: int | None, held: Iterable[Held]) -> str:
    """Return the mark of what an account holds, and where."""
    return mark_of(unit_id, sorted({(each.role.value, each.place_code) for each in held}))


async def units_index() -> Units:
    """Return all units, some hundreds at most, as one immutable view."""
    return Units([_view(unit) for unit in await Unit.all().order_by("id")])


async def once_called(name: str, units: Units) -> UnitView | None:
    """Return the unit of this name, or the only one that was for a while renamed to it.

    What renamings gave and taking them back took stands in messages on: it is understood where
    people ask, and named nowhere.
    """
    found = units.named(name)
    if found is not None:
        return found
    renamed = UnitChange.filter(kind="renamed", now=name.strip())
    ids = {row.unit_id for row in await renamed}
    return units.by_id.get(ids.pop()) if len(ids) == 1 else None


async def unit(unit_id: int) -> UnitView | None:
    """Return one unit."""
    found = await Unit.get_or_none(id=unit_id)
    return _view(found) if found is not None else None


async def units_page(
    *, after: int, limit: int, kind: UnitKind | None = None, q: str | None = None
) -> list[UnitView]:
    """Return the units after an id, of a kind, with all words in code, name or short names."""
    ids = await _ids(_UNITS, [after, kind, wanted(q or ""), limit])
    return [_view(unit) for unit in await Unit.filter(id__in=ids).order_by("id")]


async def accounts_page(
    *,
    after: int,
    limit: int,
    unit_ids: Collection[int] | None = None,
    role: Role | None = None,
    q: str | None = None,
) -> list[AccountView]:
    """Return the accounts after an id, of some units, with a role, with all words in names."""
    units = list(unit_ids) if unit_ids is not None else None
    ids = await _ids(_ACCOUNTS, [after, units, wanted(q or ""), role, limit])
    return await _account_views(ids)


async def n_accounts(unit_id: int) -> int:
    """Return how many accounts belong to a unit."""
    return await Account.filter(unit_id=unit_id).count()


async def account(account_id: int) -> AccountView:
    """Return one account; raises NotFound."""
    found = await _account_views([account_id])
    if not found:
        raise NotFound
    return found[0]


async def account_id_of(username: str) -> int | None:
    """Return whose username this is."""
    found = await Account.get_or_none(username=username.strip().lower())
    return found.id if found is not None else None


async def usernames_taken(usernames: Collection[str]) -> frozenset[str]:
    """Return which of these usernames somebody has."""
    found = Account.filter(username__in=list(usernames)).values_list("username", flat=True)
    return frozenset(map(str, await found))


async def township_of(account_id: int) -> str:
    """Return the code of the township whose unit an account belongs to; empty for none."""
    found = await Account.filter(id=account_id).values_list("unit__township_code", flat=True)
    return str(found[0] or "") if found else ""


async def names(account_ids: Collection[int]) -> dict[int, str]:
    """Return the names of these accounts."""
    if not account_ids:
        return {}
    rows = await Account.filter(id__in=list(account_ids)).values_list("id", "name")
    return {int(account_id): str(name) for account_id, name in rows}


async def one_regrouping_at_a_time() -> None:
    """Let no other unit be made, named, merged or parted until the transaction ends.

    Asked for before any unit is locked: names are compared with those of all others, and what
    means the same to people is not the same to the database.
    """
    database = Tortoise.get_connection("default")
    await database.execute_query("SELECT pg_advisory_xact_lock($1)", [_REGROUPING])


async def names_among(words: Collection[str]) -> frozenset[str]:
    """Return which of these words are somebody's name."""
    found = await Account.filter(name__in=list(words)).values_list("name", flat=True)
    return frozenset(map(str, found))


async def members(
    unit_ids: Collection[int], able: Permission = Permission.TASK_ACCEPT
) -> list[int]:
    """Return the active accounts of these units whose roles grant a permission.

    In the place of somebody on leave stands the substitute, here and wherever persons are picked.
    The one that is meant unless said otherwise is who works there, and is told of its cases.
    """
    return await _ids(_MEMBERS, [list(unit_ids), list(granting(able))])


async def members_as(role: Role, unit_id: int) -> list[int]:
    """Return the active accounts of a unit with a certain role."""
    return await _ids(_MEMBERS, [[unit_id], [role]])


async def members_by_unit(unit_ids: Collection[int]) -> dict[int, list[int]]:
    """Return for each of these units the active accounts of who works there."""
    if not unit_ids:
        return {}
    connection = Tortoise.get_connection("default")
    values = [list(unit_ids), list(granting(Permission.TASK_ACCEPT))]
    found = defaultdict[int, list[int]](list)
    for row in await connection.execute_query_dict(_MEMBERS_BY_UNIT, values):
        found[row["unit_id"]].append(row["id"])
    return dict(found)


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who works for a unit; one who is `away` is on leave."""

    id: int
    name: str
    away: bool


async def workers(
    unit_id: int, among: Collection[int] | None = None, *, limit: int = 200
) -> list[Worker]:
    """Return who can work on a unit's tasks, the unit's own first: all, or those `among` some.

    These are its own people, those of whoever took it over, and of a station the parent's too.
    Who is on leave is one of them: nobody stands in their place here. Who could never sign in,
    since no password was given, is none yet.
    """
    rows = await Tortoise.get_connection("default").execute_query_dict(
        _WORKERS,
        [unit_id, list(granting(Permission.TASK_ACCEPT)), among and sorted(among), limit],
    )
    return [Worker(id=row["id"], name=row["name"], away=row["away"]) for row in rows]


@dataclass(frozen=True, slots=True)
class UnitAndBelow:
    """A unit with all below it and whoever took it over: those units, and their people."""

    unit_ids: frozenset[int]
    account_ids: frozenset[int]


async def unit_and_below(unit_id: int | None) -> UnitAndBelow:
    """Return the units and people that keep out of a complaint about a unit (回避).

    None for a case that complains of none: then nobody does.
    """
    if unit_id is None:
        return UnitAndBelow(unit_ids=frozenset(), account_ids=frozenset())
    rows = await Tortoise.get_connection("default").execute_query_dict(_UNIT_AND_BELOW, [unit_id])
    return UnitAndBelow(
        unit_ids=frozenset(row["unit_id"] for row in rows),
        account_ids=frozenset(row["account_id"] for row in rows if row["account_id"] is not None),
    )


async def holders(role: Role, township_code: str | None = None) -> list[int]:
    """Return the active accounts with a role, everywhere or in one township."""
    return await _ids(_HOLDERS, [role, township_code])


async def grid_workers(grid_codes: Collection[str]) -> dict[str, list[int]]:
    """Return for each of these grids that has any its active grid workers.

    Who could never sign in, since no password was given, is none yet.
    """
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_GRID_WORKERS, [list(grid_codes)])
    found = defaultdict[str, list[int]](list)
    for row in rows:
        found[row["place_code"]].append(row["id"])
    return dict(found)


async def substitutes(account_ids: Collection[int]) -> dict[int, int]:
    """Return who stands in for those of these accounts that are on leave."""
    if not account_ids:
        return {}
    away = Account.filter(id__in=list(account_ids), substitute_id__not_isnull=True)
    return {int(i): int(to) for i, to in await away.values_list("id", "substitute_id")}


async def is_resident(account_id: int) -> bool:
    """Tell whether this is an active account of a resident."""
    residents = Grant.filter(account_id=account_id, role=Role.RESIDENT.value, account__active=True)
    return await residents.exists()


def _view(unit: Unit) -> UnitView:
    return UnitView(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        kind=UnitKind(unit.kind),
        short_names=tuple(unit.short_names),
        parent_id=unit.parent_id,
        township_code=unit.township_code,
        phone=unit.phone,
        active=unit.active,
        successor_id=unit.successor_id,
    )


async def _account_views(ids: Collection[int]) -> list[AccountView]:
    held = defaultdict[int, list[Held]](list)
    for grant in await Grant.filter(account_id__in=list(ids)).order_by("role", "place_code"):
        held[grant.account_id].append(Held(role=Role(grant.role), place_code=grant.place_code))
    accounts = await Account.filter(id__in=list(ids)).order_by("id").select_related("unit")
    return [
        AccountView(
            id=row.id,
            username=row.username,
            name=row.name,
            unit_id=row.unit_id,
            unit_name=row.unit.name if row.unit is not None else None,
            held=tuple(held[row.id]),
            active=row.active,
            demo=row.demo,
            created_at=row.created_at,
            substitute_id=row.substitute_id,
        )
        for row in accounts
    ]


async def _ids(statement: str, values: list[Any]) -> list[int]:
    rows = await Tortoise.get_connection("default").execute_query_dict(statement, values)
    return [int(row["id"]) for row in rows]
