"""The verbs of a case that phones and desks share: from filing to closing, and doing it again."""

from aiohttp import web

from server.cases.dispatch import dispatching
from server.cases.ends import closing, recusing
from server.cases.intake import screening
from server.cases.work import checking
from server.clock import now
from server.http.answers import reply
from server.http.keys import actor, basis, call_of
from server.http.paging import path_id, path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.cases import (
    CaseCard,
    DispatchForm,
    FileForm,
    NoteForm,
    RecuseForm,
    card,
)
from server.shared_api.tasks import CheckForm, ReasonForm


def declare(routes: Routes) -> None:
    """Put the verbs that both fronts have on one of them."""
    routes.post(
        "/cases/{no}/file", body=FileForm, answer=CaseCard, permission=Permission.CASE_FILE
    )(file)
    routes.post(
        "/cases/{no}/recuse", body=RecuseForm, answer=CaseCard, permission=Permission.CASE_RECUSE
    )(recuse)
    routes.post(
        "/cases/{no}/dispatch",
        body=DispatchForm,
        answer=CaseCard,
        permission=Permission.CASE_DISPATCH,
    )(dispatch)
    routes.post("/checks/{id}", body=CheckForm, answer=CaseCard, permission=Permission.CASE_CHECK)(
        check
    )
    routes.post(
        "/cases/{no}/close", body=NoteForm, answer=CaseCard, permission=Permission.CASE_CLOSE
    )(close)
    routes.post(
        "/cases/{no}/rework", body=ReasonForm, answer=CaseCard, permission=Permission.CASE_REWORK
    )(rework)
    routes.post(
        "/cases/{no}/redo", body=ReasonForm, answer=CaseCard, permission=Permission.CASE_REDO
    )(redo)


async def file(request: web.Request, form: FileForm) -> web.Response:
    """Take a reported case on (立案)."""
    by, at, known = call_of(request)
    case = await screening.file(
        path_no(request),
        matter=form.matter,
        place=form.place,
        note=form.note,
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)


async def recuse(request: web.Request, form: RecuseForm) -> web.Response:
    """Say which unit the case complains of, which then has no part in it (回避)."""
    by, at, known = call_of(request)
    no = path_no(request)
    case = await recusing.recuse(no, form.about_unit, form.reason, by=by, at=at, basis=known)
    return card(case, known)


async def dispatch(request: web.Request, form: DispatchForm) -> web.Response:
    """Give a filed case to its units (派遣)."""
    by, at, known = call_of(request)
    case = await dispatching.dispatch(
        path_no(request),
        form.choice(),
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)


async def check(request: web.Request, form: CheckForm) -> web.Response:
    """Say whether the matter is really settled (核查)."""
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
        basis=known,
    )
    return reply(CaseCard.of(case, known))


async def close(request: web.Request, form: NoteForm) -> web.Response:
    """Close a checked case (结案)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await closing.close(no, note=form.note, by=by, at=at, basis=known), known)


async def rework(request: web.Request, form: ReasonForm) -> web.Response:
    """Send a case back to its lead (返工)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await checking.rework(no, form.reason, by=by, at=at, basis=known), known)


async def redo(request: web.Request, form: ReasonForm) -> web.Response:
    """Have a closed case handled again (重办)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await closing.redo(no, form.reason, by=by, at=at, basis=known), known)
