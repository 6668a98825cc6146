"""Replay (沙盘): closed cases answered once more by a draft list and by draft boundaries.

    python bench/replay.py 10000 100000

The floor is reading the same cases from the database and doing nothing with them.
"""

import argparse
import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

from _serving import bench_opened, machine
from tortoise import Tortoise

from gridwhistle.demo import loading
from gridwhistle.demo.geography import features
from gridwhistle.demo.spreadsheet import workbook
from server import db
from server.cases.door.knowledge import Knowledge
from server.cases.figures.closed_cases import closed_between
from server.cases.models.case import Case
from server.governance.replay.replaying import replay
from server.people.actor import SYSTEM
from server.places import commands as places
from server.responsibility.changing import commands
from server.settings import Settings

# Spread over the county's box, its grids, its matters and the last year.
FILL = """
INSERT INTO case_file
SELECT (jsonb_populate_record(made, jsonb_build_object(
  'id', made.id + n, 'no', 'B' || n,
  'matter_code', codes[1 + n % cardinality(codes)],
  'township_code', left(grids[1 + n % cardinality(grids)], 9) || '000',
  'grid_code', grids[1 + n % cardinality(grids)],
  'lon', $2::float + random() * ($4::float - $2::float),
  'lat', $3::float + random() * ($5::float - $3::float),
  'closed_at', now() - random() * interval '364 days'))).*
FROM case_file made, generate_series(1, $1::int) n,
  (SELECT array_agg(code ORDER BY code) AS codes FROM matter) m,
  (SELECT array_agg(code ORDER BY code) AS grids FROM place WHERE level = 'grid') g
WHERE made.no = 'MADE'
"""


async def fill(n, box):
    """Put so many closed cases into the county, of one that is made like them."""
    at = datetime.now(UTC) - timedelta(days=400)
    made = {"kind": "livelihood", "title": "路灯不亮", "matter_code": "CJ-012"}
    await Case.create(no="MADE", stage="archived", received_at=at, closed_at=at, **made)
    await Tortoise.get_connection("default").execute_query(FILL, [n, *box])
    await Tortoise.get_connection("default").execute_query("ANALYZE case_file")


async def measured(url, folder, n):
    async with db.opened(url):
        at = datetime.now(UTC)
        await loading.load(None, at=at)
        known = Knowledge(Settings.read().model_copy(update={"database_url": url}), folder)
        await known.refresh()
        box = known.basis.places.at(datetime.now(UTC)).box
        await fill(n, box)
        kind = "main_and_cooperating"
        told = {"list_type": kind, "label": "试", "by": SYSTEM, "at": at}
        draft = await commands.import_list(workbook(), "again.xlsx", **told)
        drawn = json.dumps(features(2)).encode()
        bounds = await places.load(drawn, label="试", datum="wgs84", by=SYSTEM, at=at)
        until = datetime.now(UTC)
        period = {"since": until - timedelta(days=365), "until": until}
        asked = {"at": until, "basis": known.basis} | period
        floor = await taken(lambda: closed_between(**period, limit=n))
        for name, tried in {
            "a list": {"version_id": draft.id},
            "boundaries": {"generation_id": bounds.id},
            "both": {"version_id": draft.id, "generation_id": bounds.id},
        }.items():
            await replay(**tried, **asked)  # boundaries are indexed once
            seconds = await taken(lambda tried=tried: replay(**tried, **asked))
            print(f"| {n:,} | {name} | {seconds:.2f} | {seconds / floor:.1f} |", flush=True)


async def taken(ask):
    """The quickest of three."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        await ask()
        found.append(time.perf_counter() - start)
    return min(found)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    given = parser.parse_args()
    print(machine())
    print("\n| closed cases | by | s | times the reading alone |\n|---:|---|---:|---:|")
    for n in given.sizes:
        with bench_opened() as bench:
            asyncio.run(db.migrate(bench.database_url))
            asyncio.run(measured(bench.database_url, bench.folder, n))


if __name__ == "__main__":
    main()
