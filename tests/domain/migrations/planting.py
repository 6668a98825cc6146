"""What is planted before a migration that moves data, and what is asked after it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg

#: A statement that writes rows, or whose writing cannot be seen from outside.
_WRITES = re.compile(
    r"(?:^|;)\s*(?:UPDATE|INSERT|DELETE|MERGE|TRUNCATE|COPY|DO|WITH|CALL)\s"
    r"|^\s*ALTER TABLE\b.*\bUSING\b",
    re.I | re.M | re.S,
)
_NEEDED = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef AND NOT attisdropped
"""
_EMPTY = {
    "integer": "0",
    "bigint": "0",
    "smallint": "0",
    "boolean": "false",
    "jsonb": "'{}'",
    "timestamp with time zone": "'2026-01-01T00:00:00Z'",
}


@dataclass(frozen=True)
class Move:
    """What is planted just before a migration, and what is asked just after it."""

    plant: Callable[[asyncpg.Connection], Awaitable[None]]
    ask: Mapping[str, str]


def moves_data(text: str) -> bool:
    """Tell whether a statement moves data."""
    return bool(_WRITES.search(text))


async def plant(connection: asyncpg.Connection, table: str, **values: Any) -> None:
    """Insert a row as the table is now: what else it needs is empty, its parents are not asked."""
    await connection.execute("SET session_replication_role = replica")
    needed = dict(await connection.fetch(_NEEDED, table))
    row = {name: _EMPTY.get(kind, "''") for name, kind in needed.items()}
    row |= {name: f"'{value}'" for name, value in values.items()}
    names = ", ".join(f'"{name}"' for name in row)
    await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(row.values())})")


async def _overdue(connection: asyncpg.Connection) -> None:
    for table, own in (("case_file", {"no": "{}"}), ("case_task", {"case_id": "{}"})):
        for number, more in ((1, {"overdue_at": "2026-03-02T01:30:00Z"}), (2, {})):
            named = {name: value.format(number) for name, value in own.items()}
            await plant(connection, table, id=number, **named, **more)


async def _admitted(connection: asyncpg.Connection) -> None:
    await plant(connection, "matter", id=1, code="A", admitted_until="2026-12-31T16:00:00Z")
    await plant(connection, "matter", id=2, code="B")
    for number, matter in ((1, 1), (2, 1), (3, 2)):
        await plant(
            connection, "list_entry", id=number, matter_id=matter, version_id=number, row=number
        )


async def _reported(connection: asyncpg.Connection) -> None:
    """The first case of those above: 1 reported it and did this and that, 2 follows it."""
    for account, reporter in ((1, "true"), (2, "false")):
        await plant(connection, "case_follower", case_id=1, account_id=account, reporter=reporter)
    asked = "2026-03-02T01:30:00Z"
    await plant(connection, "case_request", case_id=1, by_id=1, what="redo", at=asked)
    acts = (("report", 1), ("redo", 1), ("redo", 2), ("ask", 1), ("ask", 1), ("accept", 1))
    for version, (verb, by) in enumerate(acts, 1):
        at = {"at": asked} if version == 4 else {}
        named = {"version": version, "verb": verb, "by_id": by, "by_role": "handler", "unit_id": 7}
        await plant(connection, "case_step", id=version, case_id=1, **named, **at)


async def _words(connection: asyncpg.Connection) -> None:
    await plant(connection, "account", id=91, name="王小明", username="u91")
    place = '{"village": "荣华里社区"}'
    waiting = {"title": "待确认事项", "place": place, "lead_id": 5}
    await plant(connection, "case_file", id=91, no="260302-12345678", **waiting)
    await plant(connection, "case_file", id=92, no="260302-87654321", merged_into_id=91)
    text = "ＡＢ小区楼下烧烤摊，我是王小明，电话 138 0000 1234，微信 ming_1988"
    for number, words in ((91, text), (92, "油烟呛人")):
        own = {"id": number, "case_id": number, "reporter_id": 91, "text": words}
        await plant(connection, "report", key=uuid4(), **own)
    await plant(connection, "case_task", id=91, case_id=91, unit_id=6)


_FOUND = """
SELECT asked.n, array_agg(case_id ORDER BY case_id) FROM case_words, (VALUES
  (1, '"烧":*'), (2, '"烧烤" & "烤摊"'), (3, '"呛":*'), (4, '">87654321":*'), (5, '"#6"')
) AS asked(n, query)
WHERE lexemes @@ replace(query, '"', $quote$'$quote$)::tsquery GROUP BY asked.n
"""


async def _characters(connection: asyncpg.Connection) -> None:
    kept = {"found_by": "{养犬,犬只}", "words": '["狗", "毛孩"]', "tags": '["犬"]'}
    await plant(connection, "list_entry", id=91, matter_id=1, version_id=91, row=91, **kept)


async def _taken_back(connection: asyncpg.Connection) -> None:
    """A merger confirmed by 2 and taken back by 3; one confirmed by 2 that stands."""
    change, plan_ = {"kind": "merged", "by_id": 2}, {"into_id": 91, "was": "甲局", "by_id": 1}
    for number, stage, decided_by in ((91, "undone", 3), (92, "done", 2)):
        day = "2026-03-04" if stage == "undone" else "2026-03-03"
        facts = {"stage": stage, "decided_by_id": decided_by, "decided_at": f"{day}T00:00:00Z"}
        at = "2026-03-02T00:00:00Z"
        await plant(connection, "unit", id=number, code=f"M{number}", name=f"撤并{number}")
        await plant(connection, "unit_plan", id=number, unit_id=number, at=at, **plan_, **facts)
        at = "2026-03-03T00:00:00Z"
        await plant(connection, "unit_change", id=number, unit_id=number, at=at, **change)


#: A migration that moves data has its row here; tests/style/test_schema.py refuses one without.
MOVES = {
    "0009_overruns": Move(
        _overdue,
        {
            "cases": "SELECT id, overruns FROM case_file ORDER BY id",
            "tasks": "SELECT id, overruns FROM case_task ORDER BY id",
        },
    ),
    "0011_terms_of_entries": Move(
        _admitted,
        {"entries": "SELECT id, township_until FROM list_entry ORDER BY id"},
    ),
    "0012_reporters": Move(
        _reported,
        {"steps": "SELECT version, (by_role, unit_id, way) FROM case_step ORDER BY version"},
    ),
    "0015_words_of_cases": Move(
        _words,
        {"words": "SELECT case_id, words FROM case_words WHERE case_id > 90", "found": _FOUND},
    ),
    "0016_single_characters": Move(
        _characters,
        {"entries": "SELECT id, found_by FROM list_entry WHERE id = 91"},
    ),
    "0031_undoing": Move(
        _taken_back,
        {
            "plans": "SELECT id, (stage, by_id, decided_by_id, extract(day FROM decided_at)::int) "
            "FROM unit_plan WHERE id > 90",
            "undoings": "SELECT undoes_id, (stage, by_id, decided_by_id, name, was) "
            "FROM unit_plan WHERE undoes_id IS NOT NULL",
        },
    ),
}
