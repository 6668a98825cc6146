"""What a migration moves has arrived, as it was, and nothing besides has changed."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate

from server import db
from tests.domain.migrations.planting import MOVES

pytestmark = pytest.mark.slow  # every migration one by one, half a minute

Found = dict[str, dict[str, dict[int, Any]]]


@pytest.fixture(scope="module")
def found(databases) -> Found:
    """What stood in a database after each move, migrated once from the first step to the last."""
    url = databases.create_empty()
    after: Found = {}

    def progress(event: str, _app: str, name: str) -> None:
        if name in MOVES:
            databases.run(_at_the_move(url, event, name, after))

    async def through() -> None:
        async with TortoiseContext():
            await migrate(config=db.config(url), progress=progress)

    with asyncio.Runner() as runner:
        runner.run(through())
    databases.drop(url)
    return after


async def _at_the_move(url: str, event: str, name: str, after: Found) -> None:
    connection = await asyncpg.connect(url)
    try:
        if event == "apply_start":
            await MOVES[name].plant(connection)
        elif event == "apply_done":
            after[name] = {
                what: dict(await connection.fetch(sql)) for what, sql in MOVES[name].ask.items()
            }
    finally:
        await connection.close()


@pytest.mark.parametrize("of", ["cases", "tasks"])
def test_what_was_overdue_once_has_overrun_once_since_then(found, of):
    rows = {number: json.loads(each) for number, each in found["0009_overruns"][of].items()}
    assert rows[2] == []
    assert [datetime.fromisoformat(each) for each in rows[1]] == [
        datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    ]


def test_the_term_of_an_admission_is_that_of_each_version_of_it(found):
    term = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert found["0011_terms_of_entries"]["entries"] == {1: term, 2: term, 3: None}


def test_of_what_was_done_as_a_reporter_neither_unit_nor_role_is_left(found):
    reporter, asked = ("reporter", None, ""), ("reporter", None, "redo")
    handler = ("handler", 7, "")
    steps = found["0012_reporters"]["steps"]
    assert [tuple(steps[version]) for version in sorted(steps)] == [
        reporter,
        reporter,
        handler,
        asked,
        handler,
        handler,
    ]


def test_old_cases_are_found_by_their_words_and_nobody_in_them(found):
    moved = found["0015_words_of_cases"]
    assert moved["words"] == {
        91: "<26030212345678 >87654321203062 #5 #6 待确认事项 荣华里社区"
        " ab小区楼下烧烤摊 我是 电话 微信 油烟呛人",
        92: "<26030287654321 >12345678203062 油烟呛人",
    }
    assert moved["found"] == {1: [91], 2: [91], 3: [91, 92], 4: [91], 5: [91]}


def test_old_entries_are_found_by_one_character_too(found):
    kept = found["0016_single_characters"]["entries"][91]
    assert sorted(kept) == sorted(["养犬", "犬只", "养", "犬", "只", "狗"])


def test_who_took_a_merger_back_alone_stands_beside_who_had_confirmed_it(found):
    after = found["0031_undoing"]
    assert after["plans"] == {91: ("undone", 1, 2, 3), 92: ("done", 1, 2, 3)}
    assert after["undoings"] == {91: ("done", 3, 3, "甲局", "甲局")}
