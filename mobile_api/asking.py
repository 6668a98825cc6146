"""What a unit asks for on a case, from the phone of who is on the spot."""

from aiohttp import web

from server.cases.reading import queries
from server.cases.work import requests
from server.http.keys import call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts.requests import AskForm
from server.shared_api.cases import CaseCard, card

routes = Routes("/m/v1", tag="tasks")


@routes.post("/tasks/{id}/ask", body=AskForm, answer=CaseCard, permission=Permission.CASE_ASK)
async def ask(request: web.Request, form: AskForm) -> web.Response:
    """Ask for a pause, more time, or an exemption on the case of a task (申请)."""
    by, at, known = call_of(request)
    _, case = await queries.task_for(by, path_id(request, bits=64))
    wish = form.wish(known.zone)
    return card(await requests.ask(case.no, wish, by=by, at=at, basis=known), known)
