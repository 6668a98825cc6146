"""Typed keys for what hangs on the application and on a request."""

from datetime import datetime
from typing import Final

from aiohttp import web

from server.bus.bus import Bus
from server.cases.door.knowledge import Knowledge
from server.cases.rules.basis import Basis
from server.clock import now
from server.errors import NotFromOwnPage, NotOnWall, NotSignedIn
from server.files.commands import Vault
from server.people.actor import Actor
from server.people.sign_in.passwords import Passwords
from server.settings import Settings

SETTINGS: Final = web.AppKey("settings", Settings)
PASSWORDS: Final = web.AppKey("passwords", Passwords)
BUS: Final = web.AppKey("bus", Bus)
KNOWLEDGE: Final = web.AppKey("knowledge", Knowledge)
VAULT: Final = web.AppKey("vault", Vault)
#: The handlers that the session of a wall may ask; all others are refused to it.
ON_WALL: Final = web.AppKey("on_wall", set[object])
ACTOR: Final = web.RequestKey("actor", Actor)
#: Set where a session came by cookie alone, on a request that writes: it signs nobody in.
NOT_OWN_PAGE: Final = web.RequestKey("not_own_page", bool)
#: Set where a wall's session asks for anything that is not on the wall: it signs nobody in.
NOT_ON_WALL: Final = web.RequestKey("not_on_wall", bool)
REQUEST_ID: Final = web.RequestKey("request_id", str)


def actor(request: web.Request) -> Actor:
    """Return who is signed in on this request; raises NotSignedIn when nobody is.

    Raises NotFromOwnPage where somebody would be, had the desk's page asked, and NotOnWall where
    a wall asks for what it does not show.
    """
    found: Actor | None = request.get(ACTOR)
    if found is None and request.get(NOT_ON_WALL):
        raise NotOnWall
    if found is None:
        raise NotFromOwnPage if request.get(NOT_OWN_PAGE) else NotSignedIn
    return found


def basis(request: web.Request) -> Basis:
    """Return what decisions rest on at this moment."""
    return request.app[KNOWLEDGE].basis


def call_of(request: web.Request) -> tuple[Actor, datetime, Basis]:
    """Return what every command wants to know: by whom, when, on what it rests."""
    return actor(request), now(), basis(request)
