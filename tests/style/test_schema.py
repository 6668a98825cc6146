"""The migrations lead to the models, and the migrated database is the one that was agreed on.

After a change that is meant: `WRITE_SCHEMA=1 ./test tests/style/test_schema.py`, then read the
difference in tests/style/schema.txt before committing it.
"""

import ast
import os
import re
from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate
from tortoise.migrations.autodetector import MigrationAutodetector

from server import db, migrations
from tests.domain.migrations.planting import MOVES, moves_data
from tests.parts import ROOT

#: Small tables, or parents that are never deleted: nobody looks from that side.
NEVER_ASKED_FROM_THERE = {
    ("appraisal", "account_id"),
    ("list_entry", "matter_id"),
    ("list_adjustment", "precedent_id"),
    ("live_ticket", "account_id"),
    ("precedent", "lead_id"),
    ("team_member", "unit_id"),
    ("unit", "parent_id"),
}

AGREED = ROOT / "tests/style/schema.txt"
#: What the migrations do to an empty database, in one file.
WHOLE = Path(migrations.__path__[0]) / "whole.sql"
_DONE = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '{}', now())"

_COLUMNS = """
SELECT format('column %s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
    CASE WHEN d.adbin IS NULL THEN '' ELSE ' default ' || pg_get_expr(d.adbin, d.adrelid) END)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND a.attnum > 0 AND NOT a.attisdropped
"""
_INDEXES = "SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'"
# Since version 18 "not null" is a constraint as well; the columns say it already.
_CONSTRAINTS = """
SELECT format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
  AND conrelid <> 0
"""
_TRIGGERS = """
SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.mark.slow  # every migration is read into a state, seven seconds
async def test_a_migration_made_now_would_hold_nothing():
    """If it fails: `make migration`, and read what it wrote."""
    settings = db.config("postgres://unused@127.0.0.1/unused")
    context = await Tortoise.init(config=settings)
    try:
        changes = await MigrationAutodetector(Tortoise.apps, settings["apps"]).changes()
    finally:
        await context.close_connections()
    assert [repr(step) for change in changes for step in change.operations] == []


async def test_the_migrated_database_is_the_one_agreed_on(database_url, databases):
    if os.environ.get("WRITE_SCHEMA"):
        empty = databases.create_empty()
        WHOLE.write_text(await _done_by_migrations(empty), encoding="utf-8")
        databases.drop(empty)
    found = await _schema(database_url)
    if os.environ.get("WRITE_SCHEMA"):
        AGREED.write_text("".join(f"{line}\n" for line in found), encoding="utf-8")
    agreed = AGREED.read_text(encoding="utf-8").splitlines()
    assert {"gone": sorted(set(agreed) - set(found)), "new": sorted(set(found) - set(agreed))} == {
        "gone": [],
        "new": [],
    }


def test_an_empty_database_is_laid_by_what_these_very_migrations_do():
    """What they do, the slow test beside this one asks them."""
    assert WHOLE.read_text("utf-8").splitlines()[0] == _of_these_migrations()


@pytest.mark.slow  # step by step, ten seconds of a core
async def test_what_lays_an_empty_database_is_what_the_migrations_do(empty_database_url):
    assert WHOLE.read_text("utf-8") == await _done_by_migrations(empty_database_url)


async def test_every_foreign_key_between_tables_has_an_index_that_begins_with_it(database_url):
    """Without one, deleting or looking from the other side reads the whole table."""
    lines = await _schema(database_url)
    indexed = _indexed(lines)
    keys = {
        (found[1], found[2])
        for line in lines
        if (found := re.match(r"constraint (\w+)\.\S+ FOREIGN KEY \((\w+)\)", line))
    }
    assert keys
    assert keys - indexed == NEVER_ASKED_FROM_THERE


async def test_what_a_model_calls_indexed_is_also_where_its_column_came_later(database_url):
    """Of a column that is added the migrations' tool makes no index, and misses none."""
    context = await Tortoise.init(config=db.config(database_url))
    try:
        models = (Tortoise.apps or {})["models"].values()
        wanted = {
            (model._meta.db_table, model._meta.fields_db_projection[name])
            for model in models
            for name, field in model._meta.fields_map.items()
            if field.index and name in model._meta.fields_db_projection
        }
    finally:
        await context.close_connections()
    assert len(wanted) > 60
    assert wanted - _indexed(await _schema(database_url)) == set()


def _indexed(lines: list[str]) -> set[tuple[str, str]]:
    """Return the columns that an index begins with, each with its table."""
    return {
        (found[1], found[2].split(",")[0].strip(' "'))
        for line in lines
        if (found := re.search(r" ON public\.(\w+) USING \w+ \((.+?)\)", line))
    }


def _of_these_migrations() -> str:
    found = sha256()
    for file in sorted(Path(migrations.__path__[0]).glob("[0-9]*.py")):
        found.update(file.name.encode() + file.read_bytes())
    return f"-- {found.hexdigest()}: by `WRITE_SCHEMA=1 ./test tests/style/test_schema.py`"


async def _done_by_migrations(url: str) -> str:
    """All that the migrations do to an empty database, step by step, as one script."""
    settings, done = db.config(url), list[str]()

    def noting(plain):
        async def noted(self, query, *values):
            if not query.lstrip().upper().startswith("SELECT"):
                one = query.strip().rstrip(";")
                recorded = "tortoise_migrations" in one and values
                done.append(_DONE.format(values[0][1]) if recorded else one)
            return await plain(self, query, *values)

        return noted

    with pytest.MonkeyPatch.context() as patched:
        for name in ("execute_query", "execute_script", "execute_insert"):
            patched.setattr(AsyncpgDBClient, name, noting(getattr(AsyncpgDBClient, name)))
        async with TortoiseContext():
            await migrate(config=settings)
    return "\n".join([_of_these_migrations(), *(f"{one};" for one in done), ""])


def test_migrations_are_numbered_without_gaps_and_say_what_they_do():
    files = sorted(Path(migrations.__path__[0]).glob("[0-9]*.py"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+", file.stem) for file in files)
    assert not [file.stem for file in files if "auto" in file.stem]


def test_a_migration_that_moves_data_is_tried_on_planted_rows():
    files = sorted(Path(migrations.__path__[0]).glob("[0-9]*.py"))
    moving = {file.stem for file in files if _moves_data(file.read_text("utf-8"))}
    assert moving - set(MOVES) == set(), "plant rows for it in tests/domain/migrations/planting.py"
    assert set(MOVES) - moving == set()


def _moves_data(source: str) -> bool:
    words = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return "RunPython" in source or any(moves_data(w) for w in words if isinstance(w, str))


@pytest.mark.parametrize(
    ("statement", "moves"),
    [
        ("UPDATE matter SET code = ''", True),
        ("ALTER TABLE matter ADD x integer; delete from matter", True),
        ("INSERT INTO unit_change SELECT 1", True),
        ("WITH old AS (SELECT 1) UPDATE matter SET code = ''", True),
        ("DO $$ BEGIN PERFORM 1; END $$", True),
        ("ALTER TABLE case_file ALTER n_redo TYPE bigint USING n_redo + 1", True),
        ("CREATE TRIGGER t BEFORE UPDATE OR DELETE ON case_step EXECUTE FUNCTION f()", False),
        ("CREATE INDEX i ON list_entry USING gin (tags)", False),
        ("case_update", False),
        ("call", False),
    ],
)
def test_a_statement_that_moves_data_is_told_from_one_that_changes_tables(statement, moves):
    assert moves_data(statement) is moves


def test_every_table_says_in_a_few_words_what_it_holds():
    """A model's docstring would otherwise become the table's comment, and editing it a change."""
    texts = [path.read_text("utf-8") for path in (ROOT / "server").rglob("models*/*.py")]
    texts += [path.read_text("utf-8") for path in (ROOT / "server").rglob("models.py")]
    tables = sum(len(re.findall(r"^        table = ", text, re.M)) for text in texts)
    described = sum(
        len(re.findall(r"^        table_description = ", text, re.M)) for text in texts
    )
    assert tables == described > 20


async def _schema(url: str) -> list[str]:
    connection = await asyncpg.connect("postgresql://" + url.split("://", 1)[-1])
    try:
        lines = [
            row[0]
            for query in (_COLUMNS, _INDEXES, _CONSTRAINTS, _TRIGGERS)
            for row in await connection.fetch(query)
        ]
    finally:
        await connection.close()
    ours = (line for line in lines if "tortoise_migrations" not in line)
    return sorted(ours)
