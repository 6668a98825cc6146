"""What machines ask: is the process up, can it answer, how is it doing."""

import asyncio
import pkgutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Literal

from aiohttp import web
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from server import migrations
from server.db import cannot_write
from server.errors import NotReady
from server.http.answers import reply
from server.http.forms import Answer
from server.http.metrics import show
from server.http.problems import DATABASE_AWAY, NO_ROOM, RETRY_SECONDS
from server.http.routes import Routes

# A check returns when its part is ready and raises NotReady, naming the part, when it is not.
Check = Callable[[], Awaitable[None]]
READINESS: Final = web.AppKey("readiness", list[Check])
CHECK_SECONDS: Final = 3.0
_WRITING: Final = "INSERT INTO known_address (key, last_at) VALUES ('probe', now())"

routes = Routes("", tag="probes")


class Status(Answer):
    """That all is well; or, `read_only`, that what is known is answered and nothing is taken."""

    status: Literal["up", "ready", "read_only"]


@routes.get("/healthz", answer=Status, public=True)
async def healthz(request: web.Request) -> web.Response:
    """Answer that the process is up."""
    return reply(Status(status="up"))


@routes.get("/readyz", answer=Status, public=True)
async def readyz(request: web.Request) -> web.Response:
    """Answer whether requests can be served: database, schema, places, a list, room to write.

    A database that is full or read-only is still read: who sends traffic goes on.
    """
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            for check in [database_ready, *request.app[READINESS]]:
                await check()
            writable = await _takes_rows() and not request.app[NO_ROOM].lately()
    except DATABASE_AWAY as error:
        raise NotReady(part="database", retry_after=RETRY_SECONDS) from error
    return reply(Status(status="ready" if writable else "read_only"))


routes.get("/metrics", files=("text/plain",), public=True)(show)


async def database_ready() -> None:
    """Return when the database answers and has every migration; raises NotReady."""
    connection = Tortoise.get_connection("default")
    found = await connection.execute_query_dict("SELECT to_regclass('tortoise_migrations') AS t")
    applied = set[str]()
    if found[0]["t"] is not None:
        rows = await connection.execute_query_dict(
            "SELECT name FROM tortoise_migrations WHERE app = 'models'"
        )
        applied = {row["name"] for row in rows}
    missing = [
        module.name
        for module in pkgutil.iter_modules(migrations.__path__)
        if module.name[0].isdigit() and module.name not in applied
    ]
    if missing:
        raise NotReady(part="schema", retry_after=RETRY_SECONDS)


class _TakenBack(Exception):
    """Leaves a transaction of which nothing is to stay."""


async def _takes_rows() -> bool:
    """Tell whether the database takes a row; it is not kept."""
    try:
        with suppress(_TakenBack):
            async with in_transaction() as connection:
                await connection.execute_query(_WRITING)
                raise _TakenBack
    except Exception as error:
        if not cannot_write(error):
            raise
        return False
    return True
