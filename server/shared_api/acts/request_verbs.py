"""Answering what is asked for on a case: refused, or granted by the verb that it asks for."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from server.cases.calls import call_requests
from server.cases.rules.views import CaseRow
from server.cases.work import requests
from server.http.keys import call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.requests import GrantForm, RefuseForm
from server.shared_api.cases import CaseCard, card


def declare(routes: Routes) -> None:
    """Put refusing and granting on a front."""
    routes.post(
        "/cases/{no}/refuse", body=RefuseForm, answer=CaseCard, permission=Permission.CASE_REFUSE
    )(refuse)
    routes.post(
        "/cases/{no}/suspend", body=GrantForm, answer=CaseCard, permission=Permission.CASE_SUSPEND
    )(suspend)
    routes.post(
        "/cases/{no}/extend", body=GrantForm, answer=CaseCard, permission=Permission.CASE_EXTEND
    )(extend)
    routes.post(
        "/cases/{no}/exempt", body=GrantForm, answer=CaseCard, permission=Permission.CASE_EXEMPT
    )(exempt)
    routes.post(
        "/cases/{no}/resume", body=GrantForm, answer=CaseCard, permission=Permission.CASE_RESUME
    )(resume)


async def refuse(request: web.Request, form: RefuseForm) -> web.Response:
    """Refuse what is asked for, with a reason."""
    no, (by, at, known) = path_no(request), call_of(request)
    if form.what == call_requests.WHAT:
        case = await call_requests.refuse(no, form.reason, by=by, at=at, basis=known)
    else:
        case = await requests.refuse(no, form.what, form.reason, by=by, at=at, basis=known)
    return card(case, known)


async def suspend(request: web.Request, form: GrantForm) -> web.Response:
    """Grant the suspension asked for (挂账)."""
    return await _granted(request, requests.suspend, form.note)


async def extend(request: web.Request, form: GrantForm) -> web.Response:
    """Grant the extension asked for (延期)."""
    return await _granted(request, requests.extend, form.note)


async def exempt(request: web.Request, form: GrantForm) -> web.Response:
    """Grant the overdue appeal (逾期免责); the overdue fact stays."""
    return await _granted(request, requests.exempt, form.note)


async def resume(request: web.Request, form: GrantForm) -> web.Response:
    """Let a suspended case go on before its time (恢复办理)."""
    return await _granted(request, requests.resume, form.note)


async def _granted(
    request: web.Request, grant: Callable[..., Awaitable[CaseRow]], note: str
) -> web.Response:
    by, at, known = call_of(request)
    return card(await grant(path_no(request), by=by, at=at, basis=known, note=note), known)
