"""What desks and phones show of a township's command room: its shifts and its team."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Self

from aiohttp import web
from pydantic import Field

from server.clock import now
from server.http.answers import reply
from server.http.forms import Answer, Query
from server.http.keys import basis
from server.http.routes import Routes
from server.people.duty import teams
from server.people.duty.roster import Sitter, Staffed
from server.people.duty.teams import Member, Membership
from server.permissions import Permission
from server.shared_api.narrowing import require_known
from server.texts.catalogue import outlines, text
from server.texts.closed import one_of


class SitterRow(Answer):
    """Somebody who sits, by the weekly plan or for that day alone; on leave another stands in."""

    account: str
    name: str
    weekly: bool
    substitute_name: str

    @classmethod
    def of(cls, found: Sitter) -> Self:
        """Build the row of somebody who sits."""
        return cls(
            account=str(found.account_id),
            name=found.name,
            weekly=found.weekly,
            substitute_name=found.substitute_name,
        )


class ShiftRow(Answer):
    """One shift of one day, and who sits in it."""

    day: date
    shift: Annotated[str, one_of(*outlines("shift"))]
    shift_text: str
    starts_at: datetime
    ends_at: datetime
    sitters: list[SitterRow]

    @classmethod
    def of(cls, found: Staffed) -> Self:
        """Build the row of a shift."""
        return cls(
            day=found.sitting.day,
            shift=found.sitting.shift,
            shift_text=text(f"shift.{found.sitting.shift}"),
            starts_at=found.sitting.starts_at,
            ends_at=found.sitting.ends_at,
            sitters=[SitterRow.of(each) for each in found.sitters],
        )


class TeamQuery(Query):
    """Of which township, by its code; of all without one."""

    township: str = Field(default="", max_length=20)


class MemberRow(Answer):
    """A unit in a township's team: resident, or coming when called by name."""

    township: str
    unit: str
    standing: Membership
    contact: str
    phone: str
    mark: str

    @classmethod
    def of(cls, member: Member) -> Self:
        """Build the row of a member."""
        return cls(
            township=member.township_code,
            unit=member.unit,
            standing=member.standing,
            contact=member.contact,
            phone=member.phone,
            mark=member.mark,
        )


class Team(Answer):
    """The units of a township's team, residents first."""

    items: list[MemberRow]

    @classmethod
    def of(cls, members: Iterable[Member]) -> Self:
        """Build the answer about members."""
        return cls(items=[MemberRow.of(each) for each in members])


def declare_teams(routes: Routes) -> None:
    """Put the reading of teams on a front."""
    routes.get("/teams", query=TeamQuery, answer=Team, permission=Permission.TEAM_READ)(team)


async def team(request: web.Request, query: TeamQuery) -> web.Response:
    """Show whom a township may call besides those on the list (1+X+Y)."""
    await require_known(basis(request), now(), township=query.township)
    return reply(Team.of(await teams.teams(query.township)))
