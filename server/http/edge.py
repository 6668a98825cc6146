"""The application that handlers are put on: the same edge for every front."""

from aiohttp import web

from server.http.bodies import unpacked_only
from server.http.keys import PASSWORDS, SETTINGS
from server.http.metrics import METRICS, Metrics, measured
from server.http.openapi import DESCRIPTION, Description
from server.http.probes import READINESS
from server.http.problems import problems
from server.http.routes import ROUTES, Route
from server.http.security import add_headers, request_ids
from server.http.sign_in import SIGN_INS, SignIns, sign_in
from server.people.passwords import Passwords
from server.settings import Settings


def make_app(settings: Settings) -> web.Application:
    """Return an application with the edge in place and no handler yet."""
    app = web.Application(
        middlewares=[request_ids, measured, problems, unpacked_only, sign_in],
        # The framework would unpack bodies by itself, and refuse in its own words what it cannot.
        handler_args={"auto_decompress": False},
    )
    app[SETTINGS] = settings
    declared: list[Route] = []
    app[ROUTES] = declared
    app[PASSWORDS] = Passwords()
    app[SIGN_INS] = SignIns()
    app[DESCRIPTION] = Description(declared)
    app[METRICS] = Metrics()
    app[READINESS] = []
    app.on_response_prepare.append(add_headers)
    return app
