"""A township's enforcement team (1+X+Y): units resident there, and units that come when called."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tortoise import Tortoise
from tortoise.transactions import in_transaction

from server.errors import NoTeamUnit, NotFound, NotPermitted, UnknownUnit
from server.people.actor import Actor
from server.people.models import TeamMember, Unit
from server.permissions import Permission
from server.seen import mark_of, require_seen

_TEAMS: Final = """
SELECT member.township_code, unit.id AS unit_id, unit.name AS unit, member.standing,
       member.contact, member.phone
FROM team_member AS member JOIN unit ON unit.id = member.unit_id AND unit.active
WHERE $1::text = '' OR member.township_code = $1
ORDER BY member.township_code, member.standing DESC, unit.id LIMIT 1000
"""
_OWN_KINDS: Final = ("township", "village")


class Membership(StrEnum):
    """How a unit belongs to a team: X is resident, Y comes when called by name."""

    RESIDENT = "resident"
    ON_CALL = "on_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A unit in a township's team, with whom to ask for there."""

    township_code: str
    unit_id: int
    unit: str
    standing: Membership
    contact: str
    phone: str

    @property
    def mark(self) -> str:
        """By what it is known whether somebody changed it since."""
        return _mark(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """What a membership is made from; `unit_id` is a department's, a station's, a utility's."""

    township_code: str
    unit_id: int
    standing: Membership
    contact: str = ""
    phone: str = ""


async def teams(township_code: str = "") -> list[Member]:
    """Return the members of a township's team, or of all; residents first, active units only."""
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_TEAMS, [township_code])
    return [_member(row) for row in rows]


async def residents_of(township_code: str) -> list[int]:
    """Return the units that are resident in a township's team."""
    members = await teams(township_code)
    return [each.unit_id for each in members if each.standing is Membership.RESIDENT]


async def put(new: NewMember, *, by: Actor, seen: str | None = None) -> None:
    """Take a unit into a team, or change what is known of its membership.

    `seen` is the mark of what was there, empty for nothing, None for whatever it was. Raises
    NotPermitted outside the actor's township, UnknownUnit for one that is not active, NoTeamUnit
    for a township or village (a team is whom the township calls), and ChangedMeanwhile.
    """
    _require(new.township_code, by)
    unit = await Unit.get_or_none(id=new.unit_id, active=True)
    if unit is None:
        raise UnknownUnit(name=str(new.unit_id))
    if unit.kind in _OWN_KINDS:
        raise NoTeamUnit(name=unit.name)
    at = TeamMember.filter(township_code=new.township_code, unit_id=new.unit_id)
    async with in_transaction():
        row = await at.select_for_update().get_or_none()
        require_seen(seen, stands=_mark(row) if row else "", wanted=_mark(new))
        await put_all([new])


async def put_all(news: list[NewMember]) -> None:
    """Take many units into teams, as one who loads a county; nobody is asked."""
    rows = [
        TeamMember(
            township_code=new.township_code,
            unit_id=new.unit_id,
            standing=new.standing.value,
            contact=new.contact,
            phone=new.phone,
        )
        for new in news
    ]
    async with in_transaction():
        await TeamMember.bulk_create(
            rows,
            on_conflict=["township_code", "unit_id"],
            update_fields=["standing", "contact", "phone"],
        )


async def remove(township_code: str, unit_id: int, *, by: Actor) -> None:
    """Let a unit leave a team; raises NotPermitted, NotFound."""
    _require(township_code, by)
    gone = TeamMember.filter(township_code=township_code, unit_id=unit_id)
    async with in_transaction():
        if not await gone.delete():
            raise NotFound()


def _mark(member: Member | NewMember | TeamMember) -> str:
    return mark_of(str(member.standing), member.contact, member.phone)


def _require(township_code: str, by: Actor) -> None:
    if not by.covers_township(Permission.TEAM_MANAGE, township_code):
        raise NotPermitted(verb="team")


def _member(row: dict[str, Any]) -> Member:
    return Member(**row | {"standing": Membership(row["standing"])})
