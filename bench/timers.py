"""Timers per second on one worker, with many cases due at once.

    python bench/timers.py [--cases 100000] [--batch 200]

It starts a PostgreSQL that really syncs in a temporary folder, loads the demo county, makes cases
by copying a few real ones with their tasks and followers, and then drains what is due in this
process, as the worker's job `timers` does: one batch, one transaction, history and messages owed
included. The messages are not delivered here; `push.py` measures that. `CPU ms` is what this
process spends on a case, without PostgreSQL.

`mixed` is an eighth each of: K1 over (dispatchers told), twice K1 (filed and dispatched), K2 over
(leaders told), K3 over (signed for by the clock, with its cooperating tasks), half, four fifths
and all of the handling time, and seven days after closing. Each kind is measured alone as well.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

from _serving import bench_opened, machine
from tortoise import Tortoise

from gridwhistle.demo import loading
from gridwhistle.demo.geography import landmarks
from server import db
from server.cases.clocks import timing
from server.cases.door.knowledge import Knowledge
from server.cases.door.placing import Position
from server.cases.intake import reporting, screening
from server.cases.intake.reporting import NewReport
from server.cases.models.case import Case
from server.people.actors import actor_for
from server.people.queries import account_id_of
from server.settings import Settings

#: Kind: the timers that are due, the stage, and whether the copied case is the dispatched one.
KINDS = {
    "file_late": ("submitted", False),
    "file_by_clock": ("submitted", False),
    "dispatch_late": ("filed", False),
    "accept_by_clock": ("dispatched", True),
    "urge": ("handling", True),
    "warn": ("handling", True),
    "supervise": ("handling", True),
    "archive": ("closed", True),
}
#: In whose case the lead's task stands where.
TASKS = {"dispatched": "pending", "handling": "accepted", "closed": "done"}
COPY = """
INSERT INTO case_file ({columns})
SELECT {values} FROM case_file c, generate_series(1, $2) AS n WHERE c.id = $1
"""
COPY_TASKS = """
INSERT INTO case_task ({columns})
SELECT {values} FROM case_task t, case_file c WHERE t.case_id = $1 AND c.no LIKE $2
"""
COPY_FOLLOWERS = """
INSERT INTO case_follower (case_id, account_id, since, reporter)
SELECT c.id, f.account_id, f.since, f.reporter
FROM case_follower f, case_file c WHERE f.case_id = $1 AND c.no LIKE $2
"""


async def run(sql, *values):
    return await Tortoise.get_connection("default").execute_query_dict(sql, list(values))


async def columns_of(table):
    rows = await run(
        "SELECT column_name AS name FROM information_schema.columns"
        " WHERE table_name = $1 AND column_name <> 'id' ORDER BY ordinal_position",
        table,
    )
    return [row["name"] for row in rows]


async def originals(basis):
    """A case that waits for the acceptor, and one that the list has dispatched."""
    by = await actor_for(await account_id_of("grid0101"))
    lon, lat = landmarks()["load_bearing_wall"]
    found = []
    for matter in ("", "CJ-012"):
        new = NewReport(
            key=uuid4(),
            kind="livelihood",
            text="路灯不亮",
            matter=matter,
            photos=(),
            position=Position(lon=lon, lat=lat, datum="wgs84", accuracy=8.0, source="device"),
            captured_at=datetime.now(UTC),
            channel="patrol",
        )
        taken = await reporting.report(new, by=by, at=datetime.now(UTC), basis=basis)
        found.append(taken.body["no"])
    if (await Case.get(no=found[1])).stage != "dispatched":
        boss = await actor_for(await account_id_of("acceptor1"))
        await screening.file(found[1], by=boss, at=datetime.now(UTC), basis=basis)
    return [await Case.get(no=no) for no in found]


async def make(kind, n, cases, at):
    """Copy a case so often that its timer is due."""
    stage, dispatched = KINDS[kind]
    original = cases[int(dispatched)]
    mark = f"{kind[:12]}-"
    changed = {
        "no": f"'{mark}' || n",
        "stage": f"'{stage}'",
        "wake_at": "$3::timestamptz - n * interval '1 millisecond'",
        "timers": "jsonb_build_array(jsonb_build_object('name', $4::text, 'at', $3::timestamptz))",
    }
    names = await columns_of("case_file")
    sql = COPY.format(
        columns=", ".join(f'"{name}"' for name in names),
        values=", ".join(changed.get(name, f'c."{name}"') for name in names),
    )
    await run(sql, original.id, n, at, kind)
    if dispatched:
        task_stage = TASKS[stage]
        due = "$3::timestamptz" if stage == "dispatched" else "NULL::timestamptz"
        given = {"case_id": "c.id", "stage": f"'{task_stage}'", "wake_at": due}
        if stage == "dispatched":
            given["accept_due_at"] = "$3::timestamptz"
        names = await columns_of("case_task")
        sql = COPY_TASKS.format(
            columns=", ".join(f'"{name}"' for name in names),
            values=", ".join(given.get(name, f't."{name}"') for name in names),
        )
        values = [original.id, f"{mark}%"] + ([at] if stage == "dispatched" else [])
        await run(sql, *values)
    await run(COPY_FOLLOWERS, original.id, f"{mark}%")


async def drain(basis, at, batch):
    """Fire until nothing is due; return seconds, CPU, cases, timers, and the longest batch."""
    began, n_cases, fired, longest = time.perf_counter(), 0, 0, 0.0
    worked = time.process_time()
    while True:
        start = time.perf_counter()
        done = await timing.fire(at=at, basis=basis, limit=batch)
        longest = max(longest, time.perf_counter() - start)
        assert not done.n_failed
        if not done.n_cases:
            spent = time.process_time() - worked
            return time.perf_counter() - began, spent, n_cases, fired, longest
        n_cases += done.n_cases
        fired += sum(done.by_name.values())


async def measure(arguments, url, folder):
    settings = Settings.read().model_copy(update={"database_url": url, "data_folder": folder})
    async with db.opened(url, n_connections=4):
        await loading.load(None, at=datetime.now(UTC))
        await run("SELECT set_config('statement_timeout', '0', false)")
        knowledge = Knowledge(settings)
        await knowledge.refresh()
        basis = knowledge.basis
        cases = await originals(basis)
        await run("UPDATE case_file SET wake_at = NULL")
        await run("UPDATE case_task SET wake_at = NULL")
        at = datetime.now(UTC) + timedelta(hours=1)
        header = f"{'kind':16} {'cases':>7} {'timers':>7} {'seconds':>8} {'cases/s':>8}"
        print(f"{header} {'timers/s':>9} {'CPU ms':>7} {'longest batch':>14}")
        for kind in KINDS:
            await make(kind, max(arguments.cases // 50, 200), cases, at)
            await run("ANALYZE")
            show(kind, await drain(basis, at, arguments.batch))
            await run("UPDATE case_file SET no = 'x' || id, wake_at = NULL")
            await run("UPDATE case_task SET wake_at = NULL")
        for kind in KINDS:
            await make(kind, arguments.cases // len(KINDS), cases, at)
        await run("ANALYZE")
        show("mixed", await drain(basis, at, arguments.batch))
        steps = (await run("SELECT count(*) AS n FROM case_step"))[0]["n"]
        owed = (await run("SELECT count(*) AS n FROM outbox_delivery"))[0]["n"]
        print(f"written: {steps} lines of history, {owed} messages owed")


def show(kind, result):
    seconds, spent, n_cases, n_fired, longest = result
    print(
        f"{kind:16} {n_cases:7} {n_fired:7} {seconds:8.1f} {n_cases / seconds:8.0f}"
        f" {n_fired / seconds:9.0f} {spent / n_cases * 1000:7.2f} {longest * 1000:11.0f} ms",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=200)
    arguments = parser.parse_args()
    print(machine())
    with bench_opened() as bench, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_migrated(bench.database_url))
        asyncio.run(measure(arguments, bench.database_url, Path(folder)))


async def _migrated(url):
    await db.migrate(url)


if __name__ == "__main__":
    main()
