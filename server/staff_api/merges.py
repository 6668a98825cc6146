"""One matter reported twice: which cases may be the same, putting them together, and apart."""

from typing import Final

from aiohttp import web

from server.cases.ends import merging
from server.cases.reading import queries
from server.cases.reading.similar import similar
from server.http.answers import reply
from server.http.keys import actor, basis, call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.screening import MergeForm, SimilarAnswer, SimilarRow
from server.shared_api.cases import CaseCard, card
from server.shared_api.tasks import ReasonForm

routes = Routes("/s/v1", tag="cases")

_MOST: Final = 10


@routes.get("/cases/{no}/similar", answer=SimilarAnswer, permission=Permission.CASE_MERGE)
async def candidates(request: web.Request) -> web.Response:
    """List the open cases that may be about the same, the likeliest first."""
    by, known = actor(request), basis(request)
    case = await queries.case_for(by, path_no(request))
    found = await similar(case, by=by, basis=known, limit=_MOST)
    return reply(SimilarAnswer(items=[SimilarRow.of(each, known) for each in found]))


@routes.post(
    "/cases/{no}/merge", body=MergeForm, answer=CaseCard, permission=Permission.CASE_MERGE
)
async def merge(request: web.Request, form: MergeForm) -> web.Response:
    """Put a case into another that says the same (并案)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await merging.merge(no, form.into, form.reason, by=by, at=at, basis=known), known)


@routes.post(
    "/cases/{no}/unmerge", body=ReasonForm, answer=CaseCard, permission=Permission.CASE_UNMERGE
)
async def unmerge(request: web.Request, form: ReasonForm) -> web.Response:
    """Take a merged case out again."""
    by, at, known = call_of(request)
    return card(
        await merging.unmerge(path_no(request), form.reason, by=by, at=at, basis=known), known
    )
