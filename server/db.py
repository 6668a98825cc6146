"""Where tables live, how the connection opens, how the schema is brought up to date."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import tortoise
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContextPooled
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate as run_migrations

from server.errors import NotReady

MODELS: Final = [
    "server.people.models",
    "server.places.models",
    "server.calendar.models",
    "server.responsibility.models",
    "server.files.models",
    "server.cases.models.case",
    "server.cases.models.report",
    "server.cases.models.task",
    "server.appraisal.models",
    "server.outbox.models",
    "server.push.models",
]

_ORM_VERSION: Final = "1.1.9"


class _GivingBack(TransactionContextPooled):
    """A transaction that returns its connection also when BEGIN fails or is cancelled.

    The ORM's own leaves it out of the pool for ever: some hundred cancelled requests, and the
    process answers nobody any more (seen on the version named above, which pyproject.toml pins).
    """

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException:
            if self.client._connection is not None:
                if hasattr(self, "token"):
                    get_connections().reset(self.token)
                await self.client._parent._pool.release(self.client._connection)
            raise


def _mend_transactions() -> None:
    """Make every transaction of this process one that gives its connection back."""
    if tortoise.__version__ != _ORM_VERSION:
        raise RuntimeError(f"check the transactions of tortoise-orm {tortoise.__version__}")
    AsyncpgDBClient._in_transaction = _in_transaction  # type: ignore[method-assign,assignment]


def _in_transaction(client: AsyncpgDBClient) -> _GivingBack:
    return _GivingBack(TransactionWrapper(client), client._pool_init_lock)


# Two processes that start at once must not both migrate; the number is arbitrary but fixed.
_MIGRATION_LOCK: Final = 7_310_488_121


def config(url: str, *, n_connections: int = 10) -> dict[str, Any]:
    """Return the one Tortoise configuration, shared by app, worker and migrations."""
    scheme = "asyncpg://" + url.split("://", 1)[-1]
    sep = "&" if "?" in scheme else "?"
    apps = {"models": {"models": MODELS, "migrations": "server.migrations"}}
    connection = f"{scheme}{sep}minsize=1&maxsize={n_connections}"
    return {"connections": {"default": connection}, "apps": apps, "use_tz": True}


@asynccontextmanager
async def opened(url: str, *, n_connections: int = 10) -> AsyncIterator[None]:
    """Hold the database open for the life of a process."""
    _mend_transactions()
    context = await Tortoise.init(
        config=config(url, n_connections=n_connections), _enable_global_fallback=True
    )
    try:
        yield
    finally:
        await context.close_connections()


async def migrate(url: str) -> None:
    """Bring the schema of an existing database up to date; safe when several do so at once."""
    lock = await asyncpg.connect("postgresql://" + url.split("://", 1)[-1])
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        async with TortoiseContext():
            await run_migrations(config=config(url))
    finally:
        await lock.close()


async def require_durability() -> None:
    """Refuse with NotReady when the server may forget what it has acknowledged."""
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(
        "SELECT current_setting('fsync') AS fsync,"
        " current_setting('synchronous_commit') AS synchronous_commit"
    )
    off = [name for name, value in rows[0].items() if value == "off"]
    if off:
        raise NotReady(settings=" ".join(off))
