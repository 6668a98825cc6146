"""What becomes of a report before it is filed: declined, looked at, asked about, compared."""

from typing import Final

from aiohttp import web

from server.cases.intake import inquiring, screening, verifying
from server.cases.reading import queries
from server.cases.reading.similar import similar
from server.http.answers import reply
from server.http.keys import actor, basis, call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.screening import InquireForm, SimilarAnswer, SimilarRow, VerifyForm
from server.shared_api.cases import CaseCard, DeclineForm, card

_MOST: Final = 10


def declare(routes: Routes) -> None:
    """Put declining, verifying and inquiring on a front, and what may be the same."""
    routes.get("/cases/{no}/similar", answer=SimilarAnswer, permission=Permission.CASE_MERGE)(
        candidates
    )
    routes.post(
        "/cases/{no}/decline",
        body=DeclineForm,
        answer=CaseCard,
        permission=Permission.CASE_DECLINE,
    )(decline)
    routes.post(
        "/cases/{no}/verify", body=VerifyForm, answer=CaseCard, permission=Permission.CASE_VERIFY
    )(verify)
    routes.post(
        "/cases/{no}/inquire",
        body=InquireForm,
        answer=CaseCard,
        permission=Permission.CASE_INQUIRE,
    )(inquire)


async def decline(request: web.Request, form: DeclineForm) -> web.Response:
    """Not take a case on (不予立案), with one complete notice."""
    by, at, known = call_of(request)
    case = await screening.decline(
        path_no(request),
        form.code,
        where_to_go=form.where_to_go,
        missing=tuple(form.missing),
        note=form.note,
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)


async def verify(request: web.Request, form: VerifyForm) -> web.Response:
    """Ask the grid worker of the place whether it is as reported (核实)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await verifying.verify(no, form.question, by=by, at=at, basis=known), known)


async def inquire(request: web.Request, form: InquireForm) -> web.Response:
    """Tell the reporter everything that lacks, once (一次性告知)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await inquiring.inquire(no, form.missing, by=by, at=at, basis=known), known)


async def candidates(request: web.Request) -> web.Response:
    """List the open cases that may be about the same, the likeliest first."""
    by, known = actor(request), basis(request)
    case = await queries.case_for(by, path_no(request))
    found = await similar(case, by=by, basis=known, limit=_MOST)
    return reply(SimilarAnswer(items=[SimilarRow.of(each, known) for each in found]))
