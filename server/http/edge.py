"""The application that handlers are put on: the same edge for every front."""

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from server.http.bodies import unpacked_only
from server.http.description.openapi import DESCRIPTION, Description
from server.http.keys import ON_WALL, PASSWORDS, SETTINGS
from server.http.metrics import FIGURES, METRICS, Metrics, measured
from server.http.probes import READINESS
from server.http.problems import NO_ROOM, NoRoom, problems
from server.http.routes import ROUTES, Route
from server.http.security import add_headers, request_ids
from server.http.sign_in import SIGN_INS, SignIns, sign_in
from server.people.sign_in.passwords import Passwords
from server.settings import Settings


def make_app(settings: Settings) -> web.Application:
    """Return an application with the edge in place and no handler yet."""
    app = web.Application(
        middlewares=[request_ids, measured, problems, unpacked_only, sign_in],
        # The framework would unpack bodies by itself, and refuse in its own words what it cannot.
        handler_args={"auto_decompress": False, "logger": _log()},
    )
    app[SETTINGS] = settings
    declared: list[Route] = []
    app[ROUTES] = declared
    app[ON_WALL] = set()
    app[PASSWORDS] = Passwords()
    app[SIGN_INS] = SignIns()
    app[DESCRIPTION] = Description(declared)
    app[METRICS] = Metrics()
    app[FIGURES] = []
    app[READINESS] = []
    app[NO_ROOM] = NoRoom()
    app.on_response_prepare.append(add_headers)
    return app


def _log() -> logging.Logger:
    found = logging.getLogger("gridwhistle.http")
    found.addFilter(_without_unreadable)
    return found


def _without_unreadable(record: logging.LogRecord) -> bool:
    """Make one plain line of what was no request: any passer-by can send it, with anything in."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args, record.exc_info = "unreadable request", (), None
    return True
