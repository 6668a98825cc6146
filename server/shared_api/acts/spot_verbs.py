"""Handling on the spot, the same on a phone and at a desk."""

from aiohttp import web

from server.cases.work.on_the_spot import self_handle
from server.http.keys import call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.screening import SelfHandleForm
from server.shared_api.cases import CaseCard, card


def declare(routes: Routes) -> None:
    """Put handling on the spot on a front."""
    routes.post(
        "/cases/{no}/self-handle",
        body=SelfHandleForm,
        answer=CaseCard,
        permission=Permission.CASE_SELF_HANDLE,
    )(handle)


async def handle(request: web.Request, form: SelfHandleForm) -> web.Response:
    """Settle a case on the spot (就地处理), with photos before and after."""
    by, at, known = call_of(request)
    case = await self_handle(
        path_no(request),
        form.handled(),
        tuple(form.before),
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)
