"""What people at desks share: saved views of the list of cases, and who else has a case open."""

from typing import Final, Self
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic import Field, ValidationError

from server.cases.door.briefing import called
from server.cases.figures import counts
from server.cases.reading import queries
from server.clock import now
from server.desk import presence, views
from server.desk.views import View
from server.errors import BadInput
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form
from server.http.keys import actor, basis
from server.http.paging import path_id, path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.staff_api.case_filters import CasesFilter

routes: Final = Routes("/s/v1", tag="cases")
#: Counted so far; more are told as more.
_COUNTED: Final = 1000


class ViewForm(Form):
    """A view: its name, and the filter of the list of cases as it stands in an address.

    `shared` shows it to everybody of one's unit.
    """

    name: str = Field(min_length=1, max_length=40)
    query: str = Field(max_length=1000)
    shared: bool = False

    def known(self) -> CasesFilter:
        """Return the filter; raises BadInput for one that the list of cases would refuse."""
        return _filter(self.query)


class ViewAnswer(Answer):
    """A saved view; `mine` may be changed and removed."""

    id: str
    name: str
    query: str
    shared: bool
    mine: bool

    @classmethod
    def of(cls, view: View) -> Self:
        """Build the answer."""
        return cls(
            id=str(view.id), name=view.name, query=view.query, shared=view.shared, mine=view.mine
        )


class ViewsAnswer(Answer):
    """My own views and those shared with my unit, by name."""

    items: list[ViewAnswer]


class ViewCount(Answer):
    """How many cases a view shows; `more` where it is at least a thousand.

    `n` is null where the view asks for what there is no more, a unit or a place.
    """

    n: int | None
    more: bool


class ColleagueRow(Answer):
    """Somebody of staff who has the same case open."""

    name: str
    unit: str


class ColleaguesAnswer(Answer):
    """Who else has the case open, the latest first."""

    items: list[ColleagueRow]


def _filter(query: str) -> CasesFilter:
    try:
        return CasesFilter.model_validate(dict(parse_qsl(query, strict_parsing=bool(query))))
    except (ValidationError, ValueError) as error:
        raise BadInput([{"pointer": "/query", "reason": "no_filter"}]) from error


@routes.get("/views", answer=ViewsAnswer, permission=Permission.CASE_READ)
async def listed(request: web.Request) -> web.Response:
    """List my saved views, and those that colleagues share with my unit."""
    found = await views.views(actor(request))
    return reply(ViewsAnswer(items=[ViewAnswer.of(each) for each in found]))


@routes.post(
    "/views", body=ViewForm, answer=ViewAnswer, status=201, permission=Permission.CASE_READ
)
async def save(request: web.Request, form: ViewForm) -> web.Response:
    """Save how the list of cases is narrowed, under a name."""
    form.known()
    made = await views.save(form.name, form.query, shared=form.shared, by=actor(request), at=now())
    return reply(ViewAnswer.of(made), status=201)


@routes.post(
    "/views/{id}/change", body=ViewForm, answer=ViewAnswer, permission=Permission.CASE_READ
)
async def change(request: web.Request, form: ViewForm) -> web.Response:
    """Change a view of my own."""
    form.known()
    view_id = path_id(request, bits=64)
    made = await views.change(
        view_id, form.name, form.query, shared=form.shared, by=actor(request)
    )
    return reply(ViewAnswer.of(made))


@routes.post("/views/{id}/remove", status=204, permission=Permission.CASE_READ)
async def remove(request: web.Request) -> web.Response:
    """Let go of a view of my own."""
    await views.remove(path_id(request, bits=64), by=actor(request))
    return no_content()


@routes.get("/views/{id}/count", answer=ViewCount, permission=Permission.CASE_READ)
async def count(request: web.Request) -> web.Response:
    """Count the cases of a view, up to a thousand."""
    by, known, at = actor(request), basis(request), now()
    view = await views.view(path_id(request, bits=64), by)
    try:
        narrowing = await _filter(view.query).narrowing(known, by=by, at=at)
    except BadInput:
        return reply(ViewCount(n=None, more=False))
    n = await counts.count(by, narrowing, at=at, most=_COUNTED)
    return reply(ViewCount(n=n, more=n >= _COUNTED))


@routes.post(
    "/cases/{no}/look", answer=ColleaguesAnswer, each_time=True, permission=Permission.CASE_READ
)
async def look(request: web.Request) -> web.Response:
    """Say that I have a case open, every ten seconds, and learn who else has."""
    by, units = actor(request), basis(request).units
    case = await queries.case_for(by, path_no(request))
    found = await presence.look(case.id, by=by, at=now())
    rows = [ColleagueRow(name=each.name, unit=called(each.unit_id, units)) for each in found]
    return reply(ColleaguesAnswer(items=rows))


@routes.post("/cases/{no}/leave", status=204, each_time=True, permission=Permission.CASE_READ)
async def leave(request: web.Request) -> web.Response:
    """Say that I have closed a case again."""
    case = await queries.case_for(actor(request), path_no(request))
    await presence.leave(case.id, by=actor(request))
    return no_content()
