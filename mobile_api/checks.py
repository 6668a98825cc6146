"""Looking at the place after handling, by a grid worker who did not handle it."""

from datetime import datetime
from typing import Self

from aiohttp import web

from server.cases import checking
from server.cases.views import CaseRow, CheckRow
from server.clock import now
from server.forms.cases import CaseCard
from server.forms.tasks import CheckForm
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor, basis
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission

routes = Routes("/m/v1", tag="checks")


class CheckCard(Answer):
    """A check that I have to make."""

    id: str
    no: str
    title: str
    place: str
    result: str
    due_at: datetime
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, check: CheckRow, case: CaseRow) -> Self:
        """Build the card of a check."""
        return cls(
            id=str(check.id),
            no=case.no,
            title=case.title,
            place=str(case.place.get("text", "")),
            result=case.result,
            due_at=check.due_at,
            lon=case.lon,
            lat=case.lat,
        )


@routes.post("/checks/{id}", body=CheckForm, answer=CaseCard, permission=Permission.CASE_CHECK)
async def check(request: web.Request, form: CheckForm) -> web.Response:
    """Say whether the matter is really settled."""
    at, known = now(), basis(request)
    spot = form.spot(known, at)
    case = await checking.check(
        path_id(request, bits=64),
        passed=form.passed,
        note=form.note,
        photos=tuple(form.photos),
        spot=(spot.lon, spot.lat) if spot else None,
        by=actor(request),
        at=at,
    )
    return reply(CaseCard.of(case, known))
