"""Signing in and out, and who one is; the console signs in here too."""

import hmac
from datetime import datetime

import structlog
from aiohttp import web
from pydantic import Field

from server import clock
from server.errors import DemoOnly, NotSignedIn, Problem
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form
from server.http.keys import PASSWORDS, SETTINGS, actor
from server.http.paging import path_uuid
from server.http.routes import Routes
from server.http.security import client_address, is_direct_and_local
from server.http.sign_in import (
    SIGN_INS,
    clear_cookie,
    csrf_for,
    csrf_of,
    set_cookie,
    token_of,
)
from server.people import accounts
from server.people.actor import Actor
from server.people.actors import actor_for
from server.people.queries import unit
from server.people.sign_in import sessions
from server.people.sign_in.sessions import Face, RefreshReused, Session
from server.people.units import UnitKind
from server.permissions import GRANTS, Permission, Reach, Role
from server.shared_api.sign_ins import SessionsAnswer
from server.texts.catalogue import text

routes = Routes("", tag="auth")
demo_routes = Routes("", tag="auth")
_log = structlog.get_logger(__name__)


class PasswordForm(Form):
    """Name and password, and which front asks."""

    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=128)
    face: Face = Face.PHONE


class OwnPasswordForm(Form):
    """Another password for oneself, and the one that was."""

    old: str = Field(min_length=1, max_length=128)
    password: str = Field(min_length=1, max_length=128)


class DisplayForm(Form):
    """One's own password once more, for what lasts long."""

    password: str = Field(min_length=1, max_length=128)


class RefreshForm(Form):
    """The refresh token, which is used up by this."""

    refresh: str = Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")


class DemoForm(Form):
    """As whom to look around; as a resident, where nobody says.

    `key` is in the link that the start of the demo prints.
    """

    key: str = Field(default="", max_length=64)
    role: Role = Role.RESIDENT
    face: Face = Face.PHONE


class RoleAnswer(Answer):
    """A role held; `place` is the township or grid it is for, if any."""

    role: Role
    name: str
    reach: Reach
    place: str | None


class OwnUnit(Answer):
    """The own unit."""

    id: str
    name: str
    kind: UnitKind
    township: str | None


class Me(Answer):
    """Who is signed in; `permissions` are what some role held grants, to whatever reach.

    `stands_in_for` names who is on leave and whose work is done meanwhile: their roles are among
    these. `bound` tells whether a WeChat identity belongs to the account; `csrf` is what a page
    that is signed in by cookie sends as `X-CSRF-Token` when it writes, empty for a token's. The
    session of a wall (`display_until` says how long it lasts) names nobody and may nothing.
    """

    id: str
    name: str
    roles: list[RoleAnswer]
    permissions: list[Permission]
    unit: OwnUnit | None
    grids: list[str]
    stands_in_for: list[str]
    bound: bool
    csrf: str
    display_until: datetime | None = None


class TokenAnswer(Answer):
    """A session; the console gets no `refresh`."""

    token: str
    refresh: str | None
    expires_at: datetime
    me: Me


def add_to(app: web.Application) -> None:
    """Put the handlers on the application; the demo's only where settings ask for it."""
    routes.add_to(app)
    if app[SETTINGS].demo:
        demo_routes.add_to(app)


def demo_only(request: web.Request) -> None:
    """Refuse, as if there were no such route, whoever does not call from this machine itself.

    A tunnel or a proxy may look like this machine: hence the installation's own key besides.
    """
    settings = request.app[SETTINGS]
    if not (settings.demo and settings.demo_key and is_direct_and_local(request)):
        raise DemoOnly


@routes.post("/auth/password", body=PasswordForm, answer=TokenAnswer, public=True)
async def password(request: web.Request, body: PasswordForm) -> web.Response:
    """Sign in by name and password."""
    address = client_address(request)
    try:
        session = await sessions.sign_in(
            body.username,
            body.password,
            face=body.face,
            address=address,
            at=clock.now(),
            settings=request.app[SETTINGS],
            passwords=request.app[PASSWORDS],
        )
    except Problem as error:
        _log.warning("sign_in_refused", address=address, why=error.code)
        raise
    _log.info("signed_in", account=session.account_id, face=body.face.value, address=address)
    return await _answered(request, session, body.face)


@routes.post("/auth/refresh", body=RefreshForm, answer=TokenAnswer, public=True)
async def refresh(request: web.Request, body: RefreshForm) -> web.Response:
    """Exchange a refresh token for the next token and refresh token."""
    try:
        session = await sessions.refresh(
            body.refresh, at=clock.now(), settings=request.app[SETTINGS]
        )
    except RefreshReused as error:
        request.app[SIGN_INS].forget(error.account_id)
        _log.warning("refresh_reused", account=error.account_id)
        raise
    return await _answered(request, session, Face.PHONE)


@demo_routes.post("/auth/demo", body=DemoForm, answer=TokenAnswer, public=True, guard=demo_only)
async def demo(request: web.Request, body: DemoForm) -> web.Response:
    """Sign in as the demo's person of a role, by the key that the start of the demo prints."""
    if not hmac.compare_digest(body.key.encode(), request.app[SETTINGS].demo_key.encode()):
        raise DemoOnly
    session = await sessions.sign_in_demo(
        body.role, face=body.face, at=clock.now(), settings=request.app[SETTINGS]
    )
    return await _answered(request, session, body.face)


@routes.post("/auth/logout", status=204, each_time=True, on_wall=True)
async def logout(request: web.Request) -> web.Response:
    """End this session, with all that came of the same sign-in."""
    await sessions.revoke(_token(request), at=clock.now())
    account_id = actor(request).id
    if account_id is not None:
        request.app[SIGN_INS].forget(account_id)
    answer = no_content()
    clear_cookie(request, answer)
    return answer


@routes.post("/me/password", body=OwnPasswordForm, status=204)
async def own_password(request: web.Request, body: OwnPasswordForm) -> web.Response:
    """Change one's own password; this session stays, all others end."""
    await accounts.change_own_password(
        _token(request),
        body.old,
        body.password,
        address=client_address(request),
        at=clock.now(),
        settings=request.app[SETTINGS],
        passwords=request.app[PASSWORDS],
    )
    request.app[SIGN_INS].forget(actor(request).id or 0)
    return no_content()


@routes.get("/me/sessions", answer=SessionsAnswer)
async def own_sessions(request: web.Request) -> web.Response:
    """List where one is signed in."""
    found = await sessions.open_sessions(
        _token(request), at=clock.now(), settings=request.app[SETTINGS]
    )
    return reply(SessionsAnswer.of(found))


@routes.post("/me/sessions/{id}/end", status=204)
async def end_session(request: web.Request) -> web.Response:
    """End one of one's own sign-ins, be it this one."""
    mine = actor(request).id or 0
    await sessions.end_session(mine, path_uuid(request), at=clock.now())
    request.app[SIGN_INS].forget(mine)
    return no_content()


@routes.post(
    "/me/sessions/display",
    body=DisplayForm,
    status=204,
    permission=Permission.WALL_DISPLAY,
    each_time=True,
)
async def open_display(request: web.Request, body: DisplayForm) -> web.Response:
    """Leave this browser to a wall: read-only, for weeks; one's own session in it ends."""
    by = actor(request)
    token = await sessions.open_display(
        _token(request),
        body.password,
        address=client_address(request),
        at=clock.now(),
        settings=request.app[SETTINGS],
        passwords=request.app[PASSWORDS],
    )
    request.app[SIGN_INS].forget(by.id or 0)
    _log.info("display_opened", account=by.id, address=client_address(request))
    answer = no_content()
    set_cookie(request, answer, token)
    return answer


@routes.post("/me/sessions/end-others", status=204)
async def end_other_sessions(request: web.Request) -> web.Response:
    """End all of one's own sign-ins but this one."""
    family, mine = await sessions.family_and_account(_token(request))
    await sessions.revoke_all(mine, at=clock.now(), but=family)
    request.app[SIGN_INS].forget(mine)
    return no_content()


def _token(request: web.Request) -> str:
    found = token_of(request)
    if found is None:
        raise NotSignedIn
    return found


@routes.get("/me", answer=Me, on_wall=True)
async def me(request: web.Request) -> web.Response:
    """Answer who is signed in."""
    by, csrf = actor(request), csrf_of(request)
    if by.face == sessions.DISPLAY:
        return reply(_wall(by, await sessions.until(_token(request)), csrf))
    return reply(await _me(by, csrf=csrf))


def _wall(by: Actor, until: datetime, csrf: str) -> Me:
    """Return what a wall is told of who opened it: nothing that it would show."""
    return Me(
        id=str(by.id),
        name="",
        roles=[],
        permissions=[],
        unit=None,
        grids=[],
        stands_in_for=[],
        bound=False,
        csrf=csrf,
        display_until=until,
    )


async def _answered(request: web.Request, session: Session, face: Face) -> web.Response:
    """Answer a session; who asks as the desk has it in a cookie besides, which no script reads."""
    at_desk = face is Face.CONSOLE
    csrf = csrf_for(session.token) if at_desk else ""
    found = await _me(await actor_for(session.account_id), csrf=csrf)
    answer = TokenAnswer(
        token=session.token,
        refresh=session.refresh,
        expires_at=session.expires_at,
        me=found,
    )
    response = reply(answer)
    if at_desk:
        set_cookie(request, response, session.token)
    return response


async def _me(by: Actor, *, csrf: str) -> Me:
    own = await unit(by.unit_id) if by.unit_id is not None else None
    return Me(
        id=str(by.id),
        name=by.name,
        roles=[
            RoleAnswer(
                role=held.role,
                name=text(f"role.{held.role}"),
                reach=_reach(held.role),
                place=held.place_code or None,
            )
            for held in by.held
        ],
        permissions=sorted(by.permissions),
        unit=OwnUnit(
            id=str(own.id), name=own.name, kind=own.kind, township=own.township_code or None
        )
        if own is not None
        else None,
        grids=sorted(by.grid_codes),
        stands_in_for=list(by.stands_in_for),
        bound=False,
        csrf=csrf,
    )


def _reach(role: Role) -> Reach:
    """Return how far a role reads cases; those that read none look after the whole county."""
    return GRANTS[role].get(Permission.CASE_READ, Reach.OWN_REPORTS)
