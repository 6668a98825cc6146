"""How a county's cases stand, for its leaders: side by side, and day by day."""

from datetime import date
from typing import Final, Self

from aiohttp import web

from server.cases.door.briefing import called
from server.cases.figures.standing import Standing, standings
from server.cases.rules.basis import Basis
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import call_of
from server.http.routes import Routes
from server.permissions import Permission

routes: Final = Routes("/s/v1", tag="cases")


class BoardRow(Answer):
    """A township or a lead unit; what came and was closed by the days of the board.

    `code` is a township's, of a unit its name; empty where there is none yet.
    """

    code: str
    name: str
    n_open: int
    n_overdue: int
    n_soon: int
    received_by_day: list[int]
    closed_by_day: list[int]

    @classmethod
    def of(cls, standing: Standing, *, code: str = "", name: str = "") -> Self:
        """Build the row of a township or a unit."""
        return cls(
            code=code,
            name=name,
            n_open=standing.n_open,
            n_overdue=standing.n_overdue,
            n_soon=standing.n_soon,
            received_by_day=standing.received,
            closed_by_day=standing.closed,
        )


class BoardAnswer(Answer):
    """The whole, and its parts by township and by lead unit, those with most open cases first."""

    dates: list[date]
    whole: BoardRow
    townships: list[BoardRow]
    departments: list[BoardRow]


@routes.get("/board", answer=BoardAnswer, permission=Permission.CASE_WATCH)
async def board(request: web.Request) -> web.Response:
    """Say how the cases that I may see stand, by township and lead unit, and by day."""
    by, at, known = call_of(request)
    found = await standings(by, at=at, zone=known.zone)
    places = known.places.at(at)
    names = {row.code: row.name for row in places.rows("township")} if places else {}
    townships = [
        BoardRow.of(each, code=code, name=names.get(code, ""))
        for code, each in found.by_township.items()
    ]
    departments = [
        BoardRow.of(each, code=_known_as(lead_id, known), name=called(lead_id, known.units))
        for lead_id, each in found.by_lead.items()
    ]
    return reply(
        BoardAnswer(
            dates=list(found.days),
            whole=BoardRow.of(found.all),
            townships=sorted(townships, key=_most_first),
            departments=sorted(departments, key=_most_first),
        )
    )


def _known_as(unit_id: int | None, known: Basis) -> str:
    unit = known.units.by_id.get(unit_id or 0)
    return unit.name if unit else ""


def _most_first(row: BoardRow) -> tuple[int, int, str]:
    return -row.n_open, -row.n_overdue, row.name
