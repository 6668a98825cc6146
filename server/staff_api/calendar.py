"""The working calendar: how far it reaches, and loading more of it."""

from datetime import date
from typing import Annotated, Self

from aiohttp import web
from pydantic import Field

from server.calendar import commands
from server.calendar.outlook import Outlook, outlook
from server.calendar.working import Day
from server.cases.door.knowledge import CHANGED
from server.clock import now
from server.http.answers import reply
from server.http.forms import Answer, Form
from server.http.keys import BUS, KNOWLEDGE, SETTINGS, basis
from server.http.routes import Routes
from server.permissions import Permission
from server.texts.catalogue import text
from server.texts.closed import one_of

routes = Routes("/s/v1", tag="calendar")


class Warned(Answer):
    """Something that an operator has to do, as a code and in words."""

    code: Annotated[str, one_of("ends_soon", "provisional")]
    text: str


class CalendarAnswer(Answer):
    """How far the calendar reaches, and what is to be done about it."""

    reaches: date | None
    n_days_ahead: int
    provisional_from: date | None
    warnings: list[Warned]

    @classmethod
    def of(cls, found: Outlook) -> Self:
        """Build it from the outlook."""
        return cls(
            reaches=found.reaches,
            n_days_ahead=found.n_days_ahead,
            provisional_from=found.provisional_from,
            warnings=[
                Warned(code=code, text=text(f"calendar.warning.{code}")) for code in found.warnings
            ],
        )


class DayForm(Form):
    """One day: worked or not, and why."""

    day: date = Field(strict=False)
    is_work: bool
    name: str = Field(default="", max_length=40)


class DaysForm(Form):
    """Days to be loaded; those that are there already are replaced."""

    days: list[DayForm] = Field(min_length=1, max_length=800)


@routes.get("/calendar", answer=CalendarAnswer, permission=Permission.CALENDAR_READ)
async def shown(request: web.Request) -> web.Response:
    """Show how far the working calendar reaches."""
    return reply(_answer(request))


@routes.post(
    "/calendar", body=DaysForm, answer=CalendarAnswer, permission=Permission.CALENDAR_MANAGE
)
async def load(request: web.Request, form: DaysForm) -> web.Response:
    """Load days; deadlines that are set already stay as they are."""
    await commands.load_days({each.day: Day(each.is_work, each.name) for each in form.days})
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return reply(_answer(request))


def _answer(request: web.Request) -> CalendarAnswer:
    settings = request.app[SETTINGS]
    today = now().astimezone(settings.zone).date()
    found = outlook(basis(request).calendar, today, wanted_days=settings.calendar_days_ahead)
    return CalendarAnswer.of(found)
