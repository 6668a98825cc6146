"""Before filing: a look at the place, and one complete notice to the reporter."""

from aiohttp import web

from server.cases.intake import inquiring, verifying
from server.http.keys import call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import spot_verbs
from server.shared_api.acts.screening import InquireForm, VerifyForm
from server.shared_api.cases import CaseCard, card

routes = Routes("/s/v1", tag="cases")


@routes.post(
    "/cases/{no}/verify", body=VerifyForm, answer=CaseCard, permission=Permission.CASE_VERIFY
)
async def verify(request: web.Request, form: VerifyForm) -> web.Response:
    """Ask the grid worker of the place whether it is as reported (核实)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await verifying.verify(no, form.question, by=by, at=at, basis=known), known)


@routes.post(
    "/cases/{no}/inquire", body=InquireForm, answer=CaseCard, permission=Permission.CASE_INQUIRE
)
async def inquire(request: web.Request, form: InquireForm) -> web.Response:
    """Tell the reporter everything that lacks, once (一次性告知)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await inquiring.inquire(no, form.missing, by=by, at=at, basis=known), known)


spot_verbs.declare(routes)
