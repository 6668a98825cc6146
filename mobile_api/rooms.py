"""The command room on a phone: am I on shift, until when, who is next; whom may we call."""

from datetime import datetime

from aiohttp import web

from server.cases.door.access import reaches
from server.cases.rules.flow import Stage, Verb, possible
from server.errors import NotFound
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import call_of
from server.http.routes import Routes
from server.people.actor import Actor
from server.people.duty import roster
from server.permissions import Permission
from server.shared_api import rooms
from server.shared_api.rooms import ShiftRow
from server.texts.catalogue import text

routes = Routes("/m/v1", tag="rooms")


class WaitingRow(Answer):
    """Cases that wait for the command room: what they are called, and at which stage they are."""

    name: str
    stage: Stage


class ShiftAnswer(Answer):
    """Whether I sit, until when, who sits with me or instead, who sits next, what waits for me."""

    on_shift: bool
    until: datetime | None
    now: ShiftRow
    next: ShiftRow
    waiting: list[WaitingRow]


@routes.get("/shift", answer=ShiftAnswer, permission=Permission.ROSTER_READ)
async def shift(request: web.Request) -> web.Response:
    """Show who sits in my township's command room, now and next."""
    by, at, known = call_of(request)
    if not by.township_code:
        raise NotFound()
    present, following = await roster.upcoming(
        by.township_code, at=at, shift_hours=known.shift_hours
    )
    return reply(
        ShiftAnswer(
            on_shift=by.on_shift,
            until=present.sitting.ends_at if by.on_shift else None,
            now=ShiftRow.of(present),
            next=ShiftRow.of(following),
            waiting=_waiting(by) if by.on_shift else [],
        )
    )


def _waiting(by: Actor) -> list[WaitingRow]:
    """Return what waits for whoever may take cases on and hand them out."""
    return [*_waiting_for(by, Verb.FILE), *_waiting_for(by, Verb.DISPATCH)]


def _waiting_for(by: Actor, verb: Verb) -> list[WaitingRow]:
    if not reaches(by, Permission(f"case.{verb}")):
        return []
    name = text(f"waiting.{verb}")
    return [WaitingRow(name=name, stage=stage) for stage in Stage if verb in possible(stage)]


rooms.declare_teams(routes)
