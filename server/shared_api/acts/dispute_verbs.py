"""Who leads a case that a unit gave back: ruled on, put before a conference, decided there."""

from aiohttp import web

from server.cases.disputes import conferences, returns
from server.cases.door.knowledge import CHANGED
from server.http.keys import BUS, KNOWLEDGE, call_of
from server.http.paging import path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.cases import CaseCard, NoteForm, card
from server.shared_api.disputes import DecideForm, RuleForm, StateForm


def declare(routes: Routes) -> None:
    """Put the verbs of a dispute on a front."""
    routes.post(
        "/cases/{no}/rule", body=RuleForm, answer=CaseCard, permission=Permission.CASE_RULE
    )(rule)
    routes.post(
        "/cases/{no}/convene", body=NoteForm, answer=CaseCard, permission=Permission.CASE_CONVENE
    )(convene)
    routes.post(
        "/cases/{no}/state", body=StateForm, answer=CaseCard, permission=Permission.CASE_STATE
    )(state)
    routes.post(
        "/cases/{no}/decide", body=DecideForm, answer=CaseCard, permission=Permission.CASE_DECIDE
    )(decide)


async def rule(request: web.Request, form: RuleForm) -> web.Response:
    """Rule on a return: another lead, or the same goes on (裁定)."""
    by, at, known = call_of(request)
    no = path_no(request)
    return card(await returns.rule(no, form.ruling(), by=by, at=at, basis=known), known)


async def convene(request: web.Request, form: NoteForm) -> web.Response:
    """Put a disputed case before a conference (联席会议)."""
    by, at, known = call_of(request)
    case = await conferences.convene(path_no(request), note=form.note, by=by, at=at, basis=known)
    return card(case, known)


async def state(request: web.Request, form: StateForm) -> web.Response:
    """Say as a unit in dispute how it sees the matter (陈述)."""
    by, at, known = call_of(request)
    case = await conferences.state(path_no(request), form.text, by=by, at=at, basis=known)
    return card(case, known)


async def decide(request: web.Request, form: DecideForm) -> web.Response:
    """Decide for the conference; every process cites the precedent within seconds."""
    by, at, known = call_of(request)
    case = await conferences.decide(path_no(request), form.decision(), by=by, at=at, basis=known)
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return card(case, known)
