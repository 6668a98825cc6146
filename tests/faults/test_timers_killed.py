"""Workers are killed outright while they work off what is due: everything happens once."""

import asyncio
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from gridwhistle.assembly import Parts
from gridwhistle.services import redis as private_redis
from media.store import Store
from server import db as database
from server.bus.local import LocalBus
from server.cases.clocks import timing
from server.cases.door.knowledge import Knowledge
from server.clock import now
from server.settings import Settings
from server.texts.catalogue import names, text
from tests.casework import Casework
from tests.county import County
from tests.faults.conftest import DEMO
from tests.faults.harness import invariants
from tests.faults.harness.load import KILL_EVERY_SECONDS, keep_killing
from tests.faults.harness.serving import serving

pytestmark = pytest.mark.slow

KILLING_SECONDS = 20.0
DRAIN_SECONDS = 240.0
# Who was started again only just cannot be told to end in order yet.
STARTING_SECONDS = 8.0
N_EACH = 600
WORK = ("gridwhistle", "work")
#: What the clock owes a case that stood still for a month, in order: a verb, or what it says.
OWED = {
    "submitted": ["file_late", "file_by_clock"],  # received before the list held: no lead
    "filed": ["dispatch_late"],
    "dispatched": ["accept_by_clock", "urge", "warn", "supervise"],
    "handling": ["urge", "warn", "supervise"],
    # The act, and to leaders; whether urging comes before it hangs on the hour of the day.
    "disputed": ["convene", "convene", "urge", "warn", "supervise"],
    "closed": ["archive"],
}
_COPIED = ("case_file", "case_task", "case_return", "case_step", "case_follower", "report")
#: A copy's ids follow from the original's, so that rows of several tables go on together.
_CHANGED = {
    "case_file": {"id": "id * 10000 + n", "no": "no || '.' || n"},
    "case_task": {"id": "id * 10000 + n", "case_id": "case_id * 10000 + n"},
    "report": {
        "key": "gen_random_uuid()",
        "receipt": "jsonb_set(receipt, '{no}', to_jsonb((receipt ->> 'no') || '.' || n))",
    },
    "case_return": {"task_id": "task_id * 10000 + n"},
}
_MONTH = "interval '30 days'"
_A_MONTH_AGO = f"""
UPDATE case_file SET
  timers = (SELECT coalesce(jsonb_agg(jsonb_set(t, '{{at}}',
    to_jsonb((t->>'at')::timestamptz - {_MONTH}))), '[]') FROM jsonb_array_elements(timers) t),
  wake_at = wake_at - {_MONTH}, due_at = due_at - {_MONTH}, received_at = received_at - {_MONTH},
  stage_due_at = stage_due_at - {_MONTH}, dispatched_at = dispatched_at - {_MONTH}
"""
_TASKS_TOO = f"""
UPDATE case_task SET wake_at = wake_at - {_MONTH}, due_at = due_at - {_MONTH},
  accept_due_at = accept_due_at - {_MONTH}, dispatched_at = dispatched_at - {_MONTH}
"""
_ALARMS = """
SELECT no, t->>'name' AS name FROM case_file, jsonb_array_elements(timers) t
ORDER BY case_file.id, (t->>'at')::timestamptz
"""
_NUMBERS = "SELECT no, version FROM case_file ORDER BY id"
_STEPS = """
SELECT c.no, s.verb, s.version, s.facts->>'what' AS what, t.part
FROM case_step s JOIN case_file c ON c.id = s.case_id LEFT JOIN case_task t ON t.id = s.task_id
WHERE s.by_role = 'system' ORDER BY s.case_id, s.version
"""


@pytest.fixture
def url(durable_databases) -> Iterator[str]:
    made = durable_databases.clone(DEMO)
    yield made
    durable_databases.drop(made)


async def copy(table: str) -> None:
    """Put so many copies of every row of a table beside it."""
    columns = await invariants.rows(
        "SELECT column_name AS name FROM information_schema.columns"
        f" WHERE table_schema = 'public' AND table_name = '{table}'"
    )
    changed = _CHANGED.get(table, {}) | (
        {} if table == "case_file" else {"case_id": "case_id * 10000 + n"}
    )
    names = [row["name"] for row in columns if row["name"] != "id" or "id" in changed]
    quoted = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    await invariants.rows(
        f"INSERT INTO {table} ({quoted}) SELECT {values}"
        f" FROM {table}, generate_series(1, {N_EACH}) AS n"
    )


async def all_due(url: str, folder) -> dict[str, str]:
    """Make cases at several stages, each many times, all long due; return stages by number."""
    read = Settings.read().model_copy(update={"database_url": url, "data_folder": folder})
    knowledge = Knowledge(read, folder / "index")
    await knowledge.refresh()
    store = Store.local(folder / "photos")
    work = Casework(County(Parts(settings=read, knowledge=knowledge, bus=LocalBus(), store=store)))
    stages = {(await work.at(stage)).no: stage for stage in OWED}
    await work.county.deliver()
    store.close()
    for table in _COPIED:
        await copy(table)
    await invariants.rows(_A_MONTH_AGO)
    await invariants.rows(_TASKS_TOO)
    return stages


async def until_nothing_is_left() -> None:
    """Wait until nothing is due to a case and nothing owed to an inbox."""
    end = time.monotonic() + DRAIN_SECONDS
    owed = "SELECT count(*) AS n FROM outbox_delivery WHERE receiver = 'inbox'"
    while (left := (await timing.backlog(now())).n_due) or (await invariants.rows(owed))[0]["n"]:
        assert time.monotonic() < end, left
        await asyncio.sleep(0.5)


async def acts_of_clock(since: dict[str, int]) -> dict[str, list[str]]:
    """What the clock has done to every case after a version of its original, in order."""
    words = {text(f"escalation.{code}"): code for code in names("escalation")}
    done = {no: list[str]() for no in [row["no"] for row in await invariants.rows(_NUMBERS)]}
    for step in await invariants.rows(_STEPS):
        if step["version"] > since[original(step["no"])] and step["part"] != "cooperating":
            done[step["no"]].append(words.get(step["what"] or "", step["verb"]))
    return done


async def owed_acts(stages: dict[str, str]) -> set[tuple[str, ...]]:
    """What the clock owes a case of each stage, after it: in the order of its own alarms."""
    alarms = defaultdict[str, list[str]](list)
    for row in await invariants.rows(_ALARMS):
        if row["no"] in stages:
            alarms[stages[row["no"]]].append(row["name"])
    return {(stage, *_by_alarm(acts, alarms[stage])) for stage, acts in OWED.items()}


def _by_alarm(acts: list[str], alarms: list[str]) -> list[str]:
    """Put acts into the order of alarms, if there is an alarm for every one."""
    return sorted(acts, key=alarms.index) if set(acts) <= set(alarms) else acts


def original(no: str) -> str:
    return no.partition(".")[0]


async def messages() -> dict[str, Counter[tuple[int, str]]]:
    """Who has how many messages of each act of a case."""
    found = defaultdict[str, Counter[tuple[int, str]]](Counter)
    for row in await invariants.rows("SELECT no, account_id, event FROM inbox_message"):
        _, _, act = row["event"].partition(":")
        found[row["no"]][(row["account_id"], act)] += 1
    return found


async def test_workers_killed_again_and_again_do_what_is_due_exactly_once(
    url, durable_databases, service_folder
):
    seed = int(f"{now():%H%M%S}")
    sys.stderr.write(f"seed {seed}\n")
    folder = service_folder / "timers"
    folder.mkdir()
    async with database.opened(url):
        stages = await all_due(url, folder)
        owed = await owed_acts(stages)
        since = {r["no"]: r["version"] for r in await invariants.rows(_NUMBERS)}
        valkey = private_redis.start(service_folder / "timers_redis")
        try:
            with serving(
                2, database_url=url, redis_url=valkey.url, folder=folder / "site", command=WORK,
                poll_seconds=0.2,
            ) as site:  # fmt: skip
                until = time.monotonic() + KILLING_SECONDS
                n_kills = await keep_killing(site, random.Random(seed), until)
                left = (await timing.backlog(now())).n_due
                sys.stderr.write(f"{n_kills} kills, {left} still due after them\n")
                await until_nothing_is_left()
                await asyncio.sleep(STARTING_SECONDS)
        finally:
            valkey.stop()
        acts, heard = await acts_of_clock(since), await messages()
        broken = await invariants.broken()
    assert n_kills >= KILLING_SECONDS / KILL_EVERY_SECONDS - 2
    assert len(acts) == len(OWED) * (N_EACH + 1)
    done = {(stages[original(no)], *acts_of_one) for no, acts_of_one in acts.items()}
    assert done == owed
    assert [no for no, of_one in heard.items() if max(of_one.values()) > 1] == []
    # Of every copy the same people are told the same, once each; of archiving nobody.
    told = Counter((original(no), *sorted(of_one)) for no, of_one in heard.items() if "." in no)
    assert sorted(told.values()) == [N_EACH] * (len(OWED) - 1)
    assert broken == {}
    assert site.tracebacks() == []
    assert site.left_over() == []
