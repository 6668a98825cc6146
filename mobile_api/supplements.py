"""What reporters answer: adding what they were asked for, objecting to not being taken on."""

from aiohttp import web

from server.cases.intake import inquiring, screening
from server.http.keys import call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.screening import SupplementForm
from server.shared_api.cases import CaseCard, card
from server.shared_api.tasks import ReasonForm

routes = Routes("/m/v1", tag="reports")


@routes.post(
    "/reports/{no}/supplement",
    body=SupplementForm,
    answer=CaseCard,
    permission=Permission.CASE_SUPPLEMENT,
)
async def supplement(request: web.Request, form: SupplementForm) -> web.Response:
    """Add to my report what I was asked for; the same key adds it once."""
    by, at, known = call_of(request)
    case = await inquiring.supplement(
        path_no(request), form.text, tuple(form.photos), key=form.key, by=by, at=at, basis=known
    )
    return card(case, known)


@routes.post(
    "/reports/{no}/object", body=ReasonForm, answer=CaseCard, permission=Permission.CASE_OBJECT
)
async def object_to(request: web.Request, form: ReasonForm) -> web.Response:
    """Object to my report not being taken on; somebody else looks at it."""
    by, at, known = call_of(request)
    case = await screening.object_to(path_no(request), form.reason, by=by, at=at, basis=known)
    return card(case, known)
