"""Who sits in a township's command room, shift by shift (坐堂): the plan, and who sits now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from tortoise import Tortoise
from tortoise.transactions import in_transaction

from server.errors import MomentPast, NotDutyLeader, NotFound, NotPermitted, OwnSeat
from server.people.actor import SYSTEM, Actor
from server.people.actors import ACTING, SITS, moment_of
from server.people.models import Shift
from server.people.shifts import ShiftHours, Sitting
from server.permissions import Permission

#: Active duty leaders of the township in $1.
_LEADERS: Final = """
SELECT account.id FROM account JOIN unit ON unit.id = account.unit_id
WHERE account.active AND unit.township_code = $1::text AND EXISTS (
  SELECT FROM account_grant WHERE account_id = account.id AND role = 'duty_leader')
"""
_ON_SHIFT: Final = f"""
SELECT DISTINCT {ACTING} AS id
FROM roster_shift AS seat JOIN account ON account.id = seat.account_id
WHERE seat.township_code = $1::text AND {SITS} AND account.id IN ({_LEADERS})
ORDER BY id
"""
_PLANNED: Final = f"""
SELECT seat.day, seat.weekday, seat.shift, account.id, account.name
FROM roster_shift AS seat JOIN account ON account.id = seat.account_id
WHERE seat.township_code = $1::text AND (seat.day IS NULL OR seat.day BETWEEN $2 AND $3)
  AND account.id IN ({_LEADERS})
ORDER BY account.id
"""


#: When the accounts in $1 were or will be away between $2 and $3, and who stands in.
_AWAY: Final = """
SELECT leave.account_id, leave.since, leave.until, leave.ended_at, other.name
FROM account_leave AS leave JOIN account AS other ON other.id = leave.substitute_id
WHERE leave.account_id = ANY($1::int[]) AND leave.since < $3 AND leave.until > $2
  AND (leave.ended_at IS NULL OR leave.begun_at IS NOT NULL)
ORDER BY leave.since
"""
_NAMED_LEADERS: Final = f"""
SELECT id, name FROM account WHERE id IN ({_LEADERS}) ORDER BY name, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """Somebody whom the actor may put on the roster of a township."""

    account_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who sits in a shift: on one `day`, or on a `weekday` (0 is Monday) until further notice."""

    township_code: str
    shift: str
    account_id: int
    day: date | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitter:
    """Somebody who sits, by the weekly plan or for that day alone.

    `substitute_name` is whoever stands in then, empty where nobody has to.
    """

    account_id: int
    name: str
    weekly: bool
    substitute_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed:
    """One shift of one day, and who sits in it: nobody where nothing was planned."""

    sitting: Sitting
    sitters: tuple[Sitter, ...]


async def on_shift(township_code: str, *, at: datetime, shift_hours: ShiftHours) -> list[int]:
    """Return the duty leaders (accounts) who sit in a township's command room at a moment.

    For one who is on leave the substitute does.
    """
    connection = Tortoise.get_connection("default")
    values: list[Any] = [township_code, *moment_of(shift_hours.at(at))]
    return [row["id"] for row in await connection.execute_query_dict(_ON_SHIFT, values)]


async def staffed(
    township_code: str, first: date, last: date, *, shift_hours: ShiftHours
) -> list[Staffed]:
    """Return who sits when, for every shift from one day to another, both included."""
    sittings = (
        shift_hours.of(day, shift) for day in _days(first, last) for shift in shift_hours.names
    )
    return await _staffed(township_code, list(sittings))


async def upcoming(
    township_code: str, *, at: datetime, shift_hours: ShiftHours
) -> tuple[Staffed, Staffed]:
    """Return who sits in a township's present shift and who in the next."""
    present = shift_hours.at(at)
    now, then = await _staffed(township_code, [present, shift_hours.after(present)])
    return now, then


async def put(seat: Seat, *, by: Actor, at: datetime, shift_hours: ShiftHours) -> None:
    """Put somebody on the roster, beside who is there already; once, however often it is asked.

    What is set for a day goes before the weekly plan of that shift. Raises NotPermitted outside
    the actor's township, OwnSeat for oneself, NotDutyLeader, and MomentPast for a shift
    that is over.
    """
    _require(seat, by=by, at=at, shift_hours=shift_hours)
    async with in_transaction() as connection:
        leaders = await connection.execute_query_dict(_LEADERS, [seat.township_code])
        if seat.account_id not in {row["id"] for row in leaders}:
            raise NotDutyLeader()
        if seat.account_id in by.persons:
            raise OwnSeat()
        await Shift.bulk_create([_row(seat)], ignore_conflicts=True)


async def put_all(seats: Iterable[Seat]) -> None:
    """Put a whole plan on the roster, as one who loads a county; nobody is asked."""
    await Shift.bulk_create([_row(seat) for seat in seats], ignore_conflicts=True)


async def remove(seat: Seat, *, by: Actor, at: datetime, shift_hours: ShiftHours) -> None:
    """Take somebody off the roster; raises NotPermitted, NotFound, and MomentPast as `put`."""
    _require(seat, by=by, at=at, shift_hours=shift_hours)
    held = Shift.filter(
        township_code=seat.township_code,
        shift=seat.shift,
        account_id=seat.account_id,
        day=seat.day,
        weekday=seat.weekday,
    )
    async with in_transaction():
        if not await held.delete():
            raise NotFound()


def require_read(township_code: str, *, by: Actor) -> None:
    """Refuse with NotPermitted who may not see a township's roster."""
    if not by.covers_township(Permission.ROSTER_READ, township_code):
        raise NotPermitted(verb="roster")


async def leaders(township_code: str, *, by: Actor) -> list[Leader]:
    """Return whom the actor may put on a township's roster, by name; raises NotPermitted."""
    _require_keeper(township_code, by)
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_NAMED_LEADERS, [township_code])
    return [
        Leader(account_id=row["id"], name=row["name"])
        for row in rows
        if row["id"] not in by.persons
    ]


def _require_keeper(township_code: str, by: Actor) -> None:
    if by is not SYSTEM and not by.covers_township(Permission.ROSTER_MANAGE, township_code):
        raise NotPermitted(verb="roster")


def _require(seat: Seat, *, by: Actor, at: datetime, shift_hours: ShiftHours) -> None:
    _require_keeper(seat.township_code, by)
    # Who had authority then is a fact by now.
    if seat.day is not None and shift_hours.of(seat.day, seat.shift).ends_at <= at:
        raise MomentPast()


def _row(seat: Seat) -> Shift:
    return Shift(
        township_code=seat.township_code,
        shift=seat.shift,
        account_id=seat.account_id,
        day=seat.day,
        weekday=seat.weekday,
    )


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


async def _staffed(township_code: str, sittings: list[Sitting]) -> list[Staffed]:
    connection = Tortoise.get_connection("default")
    days = [sitting.day for sitting in sittings]
    rows = await connection.execute_query_dict(_PLANNED, [township_code, min(days), max(days)])
    planned = defaultdict[tuple[date | int, str], list[Sitter]](list)
    for row in rows:
        weekly = row["day"] is None
        sitter = Sitter(account_id=row["id"], name=row["name"], weekly=weekly)
        planned[row["weekday"] if weekly else row["day"], row["shift"]].append(sitter)
    away = await _away(
        {sitter.account_id for each in planned.values() for sitter in each}, sittings
    )
    found = []
    for each in sittings:
        own = planned.get((each.day, each.shift), [])
        usual = planned.get((each.day.weekday(), each.shift), [])
        sitters = tuple(_stood_in_for(sitter, away, each) for sitter in own or usual)
        found.append(Staffed(sitting=each, sitters=sitters))
    return found


async def _away(persons: Set[int], sittings: list[Sitting]) -> list[Mapping[str, Any]]:
    first = min(each.starts_at for each in sittings)
    last = max(each.ends_at for each in sittings)
    connection = Tortoise.get_connection("default")
    return list(await connection.execute_query_dict(_AWAY, [list(persons), first, last]))


def _stood_in_for(sitter: Sitter, away: Iterable[Mapping[str, Any]], then: Sitting) -> Sitter:
    """Return a sitter with who stands in during a shift; who came back in it sat to its end."""
    for row in away:
        back = row["ended_at"] is not None and row["ended_at"] < then.ends_at
        meanwhile = row["since"] < then.ends_at and row["until"] > then.starts_at
        if row["account_id"] == sitter.account_id and meanwhile and not back:
            return replace(sitter, substitute_name=row["name"])
    return sitter
