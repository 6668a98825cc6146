"""The command rooms at a desk: who sits when (坐堂), and which units make up the teams (1+X+Y)."""

from datetime import date, timedelta
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, model_validator

from server.clock import now
from server.errors import BadInput
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form, Query
from server.http.keys import actor, basis, call_of
from server.http.routes import Routes
from server.http.sign_in import SIGN_INS
from server.people.duty import roster, teams
from server.people.duty.roster import Seat
from server.people.duty.teams import Membership, NewMember
from server.permissions import Permission
from server.shared_api import rooms
from server.shared_api.narrowing import require_known
from server.shared_api.rooms import ShiftRow

routes = Routes("/s/v1", tag="rooms")

#: Two months: as long a list as is answered at once.
_MOST_DAYS: Final = 62
_USUAL: Final = timedelta(days=6)
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
ShiftName = Literal["morning", "afternoon", "night"]


class RosterQuery(Query):
    """Of which township, and from which day to which; a week from today without any."""

    township: str = Field(min_length=1, max_length=20)
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class Roster(Answer):
    """Who sits when."""

    items: list[ShiftRow]


class LeadersQuery(Query):
    """Of which township."""

    township: str = Field(min_length=1, max_length=20)


class LeaderRow(Answer):
    """Somebody who may be put on the roster."""

    account: str
    name: str


class Leaders(Answer):
    """Who may sit in a township's command room, by name."""

    items: list[LeaderRow]


class SeatForm(Form):
    """Who sits: `account` in a shift of one `day`, or of each `weekday` (0 is Monday)."""

    township: str = Field(min_length=1, max_length=20)
    shift: ShiftName
    account: str = Field(pattern=r"^[1-9][0-9]{0,8}$")
    day: Day | None = Field(default=None, strict=False)
    weekday: int | None = Field(default=None, ge=0, le=6)

    @model_validator(mode="after")
    def _either(self) -> "SeatForm":
        if (self.day is None) == (self.weekday is None):
            raise ValueError("either a day or a weekday")
        return self

    def seat(self) -> Seat:
        """Return it as the domain takes it."""
        return Seat(
            township_code=self.township,
            shift=self.shift,
            account_id=int(self.account),
            day=self.day,
            weekday=self.weekday,
        )


class MemberForm(Form):
    """A unit, by name, in a township's team."""

    township: str = Field(min_length=1, max_length=20)
    unit: str = Field(min_length=1, max_length=80)
    standing: Membership = Field(default=Membership.ON_CALL, strict=False)
    contact: str = Field(default="", max_length=80)
    phone: str = Field(default="", max_length=40)
    mark: str | None = Field(default=None, max_length=40)


class LeavingForm(Form):
    """A unit, by name, that leaves a township's team."""

    township: str = Field(min_length=1, max_length=20)
    unit: str = Field(min_length=1, max_length=80)


@routes.get("/roster", query=RosterQuery, answer=Roster, permission=Permission.ROSTER_READ)
async def seats(request: web.Request, query: RosterQuery) -> web.Response:
    """Show who sits in a township's command room when, day by day."""
    by, at, known = call_of(request)
    await require_known(known, at, township=query.township)
    first = query.from_ or known.shift_hours.at(at).day
    last = query.to or first + _USUAL
    if not timedelta() <= last - first < timedelta(days=_MOST_DAYS):
        raise BadInput([{"pointer": "/to", "reason": "too_long"}])
    roster.require_read(query.township, by=by)
    found = await roster.staffed(query.township, first, last, shift_hours=known.shift_hours)
    return reply(Roster(items=[ShiftRow.of(each) for each in found]))


@routes.get(
    "/roster/leaders", query=LeadersQuery, answer=Leaders, permission=Permission.ROSTER_MANAGE
)
async def leaders(request: web.Request, query: LeadersQuery) -> web.Response:
    """List the duty leaders whom I may put on a township's roster: never myself."""
    await require_known(basis(request), now(), township=query.township)
    found = await roster.leaders(query.township, by=actor(request))
    items = [LeaderRow(account=str(each.account_id), name=each.name) for each in found]
    return reply(Leaders(items=items))


@routes.post("/roster", body=SeatForm, status=204, permission=Permission.ROSTER_MANAGE)
async def seat(request: web.Request, form: SeatForm) -> web.Response:
    """Put a duty leader on the roster; a day goes before the weekly plan."""
    by, at, known = call_of(request)
    await roster.put(form.seat(), by=by, at=at, shift_hours=known.shift_hours)
    request.app[SIGN_INS].forget_all()  # who sits by now, and who does not any more
    return no_content()


@routes.post("/roster/remove", body=SeatForm, status=204, permission=Permission.ROSTER_MANAGE)
async def unseat(request: web.Request, form: SeatForm) -> web.Response:
    """Take a duty leader off the roster."""
    by, at, known = call_of(request)
    await roster.remove(form.seat(), by=by, at=at, shift_hours=known.shift_hours)
    request.app[SIGN_INS].forget_all()
    return no_content()


@routes.post("/teams", body=MemberForm, status=204, permission=Permission.TEAM_MANAGE)
async def join(request: web.Request, form: MemberForm) -> web.Response:
    """Take a unit into a township's team, or change what is known of it there."""
    new = NewMember(
        township_code=form.township,
        unit_id=_unit_id(request, form.unit),
        standing=form.standing,
        contact=form.contact.strip(),
        phone=form.phone.strip(),
    )
    await teams.put(new, by=actor(request), seen=form.mark)
    return no_content()


@routes.post("/teams/remove", body=LeavingForm, status=204, permission=Permission.TEAM_MANAGE)
async def leave(request: web.Request, form: LeavingForm) -> web.Response:
    """Let a unit leave a township's team."""
    await teams.remove(form.township, _unit_id(request, form.unit), by=actor(request))
    return no_content()


def _unit_id(request: web.Request, name: str) -> int:
    return basis(request).units.to_act(name).id


rooms.declare_teams(routes)
