"""Where tables live, how the connection opens, how the schema is brought up to date."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import tortoise
from pydantic import TypeAdapter
from tortoise import Tortoise, fields
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContextPooled
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext
from tortoise.fields.db_defaults import SqlDefault
from tortoise.migrations.api.migrate import migrate as run_migrations
from tortoise.models import Model

from server.errors import NotReady

MODELS: Final = [
    "server.people.models",
    "server.places.models",
    "server.calendar.models",
    "server.responsibility.list.models",
    "server.files.models",
    "server.cases.models.case",
    "server.cases.models.report",
    "server.cases.models.task",
    "server.cases.models.dispute",
    "server.cases.models.steering",
    "server.appraisal.models",
    "server.outbox.models",
    "server.push.models",
    "server.patrols.models",
    "server.desk.models",
    "server.governance.models.diligence",
    "server.governance.models.proposal",
    "server.governance.models.burden",
]

_ORM_VERSION: Final = "1.1.9"

_CANNOT_WRITE: Final = (asyncpg.DiskFullError, asyncpg.ReadOnlySQLTransactionError)

T = TypeVar("T")


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection of which nobody changes the session: nothing is undone when it is given back.

    The driver's own asks the database to, once per statement outside a transaction. Whoever needs
    a session (advisory locks, LISTEN, SET without LOCAL) opens a connection of their own.
    """

    def get_reset_query(self) -> str:
        """Return what undoes changes of the session: nothing."""
        return ""


class _GivingBack(TransactionContextPooled):
    """A transaction that returns its connection also when BEGIN fails or is cancelled.

    The ORM's own leaves it out of the pool for ever: some hundred cancelled requests, and the
    process answers nobody any more (seen on the version named above, which pyproject.toml pins).
    """

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException as error:
            if self.client._connection is not None:
                if isinstance(error, asyncpg.InternalClientError):
                    self.client._connection.terminate()  # cut in the middle: nobody's any more
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
_IS_EMPTY: Final = """
SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)
"""
_KNOWS_MIGRATIONS: Final = "SELECT to_regclass('public.tortoise_migrations') IS NOT NULL"
_MIGRATED: Final = "SELECT name FROM tortoise_migrations"


def config(url: str, *, n_connections: int = 10) -> dict[str, Any]:
    """Return the one Tortoise configuration, shared by app, worker and migrations."""
    scheme = "asyncpg://" + url.split("://", 1)[-1]
    sep = "&" if "?" in scheme else "?"
    apps = {"models": {"models": MODELS, "migrations": "server.migrations"}}
    connection = expand_db_url(f"{scheme}{sep}minsize=1&maxsize={n_connections}")
    connection["credentials"]["connection_class"] = _Connection
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUse:
    """How many connections of this process are in use, how many idle, how many it may have."""

    n_used: int
    n_idle: int
    n_most: int


def pool_use() -> PoolUse:
    """Return how this process uses its connections to the database."""
    pool = Tortoise.get_connection("default")._pool
    if pool is None:  # before the first question
        return PoolUse(n_used=0, n_idle=0, n_most=0)
    idle = pool.get_idle_size()
    return PoolUse(n_used=pool.get_size() - idle, n_idle=idle, n_most=pool.get_max_size())


def cannot_write(error: BaseException) -> bool:
    """Tell whether by this error the database takes nothing more, and yet can be read."""
    return isinstance(error, _CANNOT_WRITE) or isinstance(error.__cause__, _CANNOT_WRITE)


@cache
def _adapter(shape: type) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


class Table(Model):
    """What every table is declared by: the ORM's model, whose new rows cost less to make.

    The ORM's own asks of each default whether it is to be awaited, and sets it with all that an
    assignment may mean; together a quarter of what the server spent on a report.
    """

    class Meta:
        """It is no table itself."""

        abstract = True

    def __init__(self, **values: object) -> None:
        """Make a row of these values, and of the columns' defaults."""
        self._partial = False
        self._saved_in_db = False
        self._custom_generated_pk = False
        self._await_when_save = {}
        given = self._set_kwargs(values)
        own = self.__dict__
        for name, default in _defaults(type(self)):
            if name not in given:
                own[name] = default() if callable(default) else default

    def __setattr__(self, key: str, value: object) -> None:
        """Set a value; only one that is a row is more than that."""
        if key in self._meta.fetch_fields:
            super().__setattr__(key, value)
        else:
            object.__setattr__(self, key, value)


@cache
def _defaults(model: type[Model]) -> tuple[tuple[str, Any], ...]:
    """Return what columns hold of which nothing is said, or what makes it anew for each row."""
    found = list[tuple[str, Any]]()
    for name in model._meta.fields - model._meta.fetch_fields:
        field = model._meta.fields_map[name]
        default = field.default
        if default is None and field.has_db_default():
            default = field.get_db_default_value()
        elif isinstance(default, (list, dict)):
            default = partial(deepcopy, default)
        found.append((name, default))
    return tuple(found)


class RecordField(fields.JSONField[T]):
    """A column of JSON read as frozen records, whose defaults stand for what is not stored.

    Rows of before a field came are read as if it had its default; unknown keys are left alone.
    Of a record that is stored `whole` only what is None is left out.
    """

    def __init__(
        self,
        shape: type[T],
        *,
        default: Callable[[], T],
        db_default: SqlDefault | None = None,
        whole: bool = False,
    ) -> None:
        kept: dict[str, Any] = {} if db_default is None else {"db_default": db_default}
        adapter: TypeAdapter[Any] = TypeAdapter(shape)
        self._plain = fields.JSONField[Any](default=list if default is tuple else dict, **kept)

        def written(value: object) -> str:
            if isinstance(value, dict):  # what a condition asks for: a part of a record
                return json.dumps(value, ensure_ascii=False)
            return adapter.dump_json(
                value, exclude_defaults=not whole, exclude_none=whole
            ).decode()

        super().__init__(
            encoder=written,
            decoder=adapter.validate_json,
            default=default,
            **kept,
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Describe the column to migrations, which know nothing of ours: plain JSON."""
        return self._plain.deconstruct()

    def describe(self, serializable: bool) -> dict[str, Any]:
        """Describe the column to whoever compares the tables with the migrations."""
        return super().describe(serializable) | {"field_type": "JSONField"}


async def insert(*rows: Model) -> None:
    """Insert new rows of any tables in one statement, and so all of them or none.

    Keys between them hold, for they are checked at its end. Rows of one table either all have
    their id or all get one; the instances are not told which.
    """
    groups: dict[type[Model], list[Model]] = {}
    for row in rows:
        groups.setdefault(type(row), []).append(row)
    if not groups:
        return
    shapes = tuple((model, several[0].pk is not None) for model, several in groups.items())
    columns = (_columns(*shape) for shape in shapes)
    values = [
        _recordset(several, named) for named, several in zip(columns, groups.values(), strict=True)
    ]
    await Tortoise.get_connection("default").execute_query(_insertion(shapes), values)


async def insert_once(row: Model, unique: Sequence[str], *, leads_to: type[Model]) -> int | None:
    """Insert a row and return a free id of another table for what follows; None for a twin.

    Its twin is a row with equal `unique` columns; one that is being written is waited for. The
    instance is told its own id.
    """
    columns = _columns(type(row), False)
    values = [_recordset([row], columns)]
    statement = _once(type(row), tuple(unique), leads_to)
    connection = Tortoise.get_connection("default")
    found = await connection.execute_query_dict(statement, values)
    if not found:
        return None
    row.pk, following = found[0]["id"], int(found[0]["following"])
    return following


async def update(*rows: Model) -> None:
    """Write existing rows of one table as they are now, whole, in one statement."""
    if not rows:
        return
    model = type(rows[0])
    values = [_recordset(rows, _columns(model, True))]
    await Tortoise.get_connection("default").execute_query(_updating(model), values)


def _recordset(rows: Sequence[Model], columns: Sequence[tuple[str, str]]) -> str:
    """Return rows of one table as the JSON array that the database takes apart."""
    return json.dumps(
        [{column: getattr(row, name) for name, column in columns} for row in rows],
        default=_written,
        ensure_ascii=False,
        allow_nan=False,
    )


@cache
def _updating(model: type[Model]) -> str:
    table = model._meta.db_table
    key = model._meta.db_pk_column
    names = [column for _, column in _columns(model, True) if column != key]
    written = ", ".join(f'"{name}" = new."{name}"' for name in names)
    return (
        f'UPDATE "{table}" SET {written}'
        f' FROM jsonb_populate_recordset(NULL::"{table}", $1::jsonb) AS new'
        f' WHERE "{table}"."{key}" = new."{key}"'
    )


@cache
def _once(model: type[Model], unique: tuple[str, ...], leads_to: type[Model]) -> str:
    other = leads_to._meta
    return (
        f"{_insertion(((model, False),))} ON CONFLICT ({', '.join(unique)}) DO NOTHING"
        f' RETURNING "{model._meta.db_pk_column}" AS id,'
        f" nextval(pg_get_serial_sequence('{other.db_table}', '{other.db_pk_column}'))"
        " AS following"
    )


@cache
def _insertion(shapes: tuple[tuple[type[Model], bool], ...]) -> str:
    """Return the statement for these tables, each with or without ids; one JSON array each."""
    parts = []
    for number, (model, has_id) in enumerate(shapes, start=1):
        table = model._meta.db_table
        names = ", ".join(f'"{column}"' for _, column in _columns(model, has_id))
        parts.append(
            f'INSERT INTO "{table}" ({names}) SELECT {names}'
            f' FROM jsonb_populate_recordset(NULL::"{table}", ${number}::jsonb)'
        )
    first = [f"part{number} AS ({part})" for number, part in enumerate(parts[:-1], start=1)]
    return f"WITH {', '.join(first)} {parts[-1]}" if first else parts[-1]


@cache
def _columns(model: type[Model], has_id: bool) -> tuple[tuple[str, str], ...]:
    """Return field and column names of a table, without the id where the database gives it."""
    every = model._meta.fields_db_projection.items()
    return tuple((name, column) for name, column in every if has_id or name != model._meta.pk_attr)


def _written(value: object) -> object:
    """Write what JSON does not know as PostgreSQL reads it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        kept: object = _adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)
        return kept
    raise TypeError(f"no column holds a {type(value).__name__}")


async def migrate(url: str) -> None:
    """Bring the schema of a database up to date; safe when several do so at once.

    An empty one is laid whole, by what the migrations would do to it: that takes half a second
    and not ten, most of which the ORM spends on what each migration leads to.
    """
    there = resources.files("server.migrations")
    wanted = {Path(each.name).stem for each in there.iterdir() if each.name[:4].isdigit()}
    lock = await asyncpg.connect("postgresql://" + url.split("://", 1)[-1])
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        if await lock.fetchval(_IS_EMPTY):
            await lock.execute(there.joinpath("whole.sql").read_text("utf-8"))
        done = await lock.fetch(_MIGRATED) if await lock.fetchval(_KNOWS_MIGRATIONS) else []
        if wanted - {row["name"] for row in done}:
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
