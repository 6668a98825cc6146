"""One matter reported twice: putting the cases together, and apart."""

from aiohttp import web

from server.cases.ends import merging
from server.http.keys import call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.screening import MergeForm
from server.shared_api.cases import CaseCard, card
from server.shared_api.tasks import ReasonForm

routes = Routes("/s/v1", tag="cases")


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
