"""Boards, lists and one case whole, in databases of ever more closed cases.

    python bench/cases.py [N ...] [--only PART] [--asked N] [--explain]

Without an N: 10000 100000 1000000.

Each N is a database of its own with N cases, five steps each, a tenth of them open; a million take
some minutes and 5 GB in the system's folder for temporary files, both given back afterwards. Then
each question is asked as the handlers ask it, by people drawn afresh: p50 and p95 in milliseconds
by the clock, and p95 of the CPU time that this process and its database session used for it, which
tells the same on a busy machine. The floor (SELECT 1, and one case by its key) is of the same run.
`--only` asks those whose names contain a part; `--explain` shows the plans of those over the aim.
"""

import argparse
import asyncio
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

import _caseload as load
from _questions import People, asking, rows_of
from _serving import bench_opened, machine, percentile
from tortoise import Tortoise

from server import db as database

SIZES = (10_000, 100_000, 1_000_000)
AIM_MS = 50
N_ASKED = 150
ENOUGH_MS = 15_000


class Session:
    """The one database session of the bench, and the CPU time that it and we have used."""

    def __init__(self, pid):
        self._stat = Path(f"/proc/{pid}/schedstat")

    @classmethod
    async def of(cls):
        return cls((await rows_of("SELECT pg_backend_pid() AS pid"))[0]["pid"])

    def cpu_ms(self):
        theirs = int(self._stat.read_text().split()[0]) / 1e6
        return theirs + time.process_time() * 1000


async def timed(prepare, session, n_asked):
    """Milliseconds of each asking, by the clock and of the CPU; the drawing is not counted."""
    times = []
    for _ in range(n_asked):
        ask = await prepare()
        if ask is None:
            continue
        start, cpu = time.perf_counter(), session.cpu_ms()
        await ask()
        times.append(((time.perf_counter() - start) * 1000, session.cpu_ms() - cpu))
        if len(times) > 5 and sum(clock for clock, _ in times) > ENOUGH_MS:
            break
    return [clock for clock, _ in times], [cpu for _, cpu in times]


async def measured(url, n_cases, only=(), n_asked=N_ASKED, *, explain=False):
    """p50, p95 and p95 of the CPU time of every question that is asked."""
    found = {}
    async with database.opened(url, n_connections=1):
        people, session = await People.of(n_cases), await Session.of()
        for name, prepare in asking(people).items():
            if only and not any(part in name for part in (*only, "floor")):
                continue
            await timed(prepare, session, 5)
            clock, cpu = await timed(prepare, session, n_asked)
            p50, p95 = percentile(clock, 0.5), percentile(clock, 0.95)
            found[name] = p50, p95, percentile(cpu, 0.95)
            row = " ".join(f"{value:8.2f}" for value in found[name])
            print(f"  {n_cases:>9,} {name:40} {row}", flush=True)
            if explain and p95 > AIM_MS:
                await explained(await prepare())
    return found


@contextmanager
def noted(seen):
    """Note every statement that the ORM sends."""
    kind = type(Tortoise.get_connection("default"))
    originals = {name: getattr(kind, name) for name in ("execute_query", "execute_query_dict")}

    def noting(original):
        async def noted(self, query, values=None):
            seen.append((query, values))
            return await original(self, query, values)

        return noted

    for name, original in originals.items():
        setattr(kind, name, noting(original))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(kind, name, original)


async def explained(ask):
    """Print the plans of the statements of one asking."""
    seen = []
    with noted(seen):
        await ask()
    for query, values in seen:
        plan = await rows_of(f"EXPLAIN (ANALYZE, BUFFERS) {query}", values or [])
        print(query[:600], *(f"    {row['QUERY PLAN']}" for row in plan), sep="\n")


def table(results):
    """One table in Markdown: the three figures of every question for each size."""
    sizes = list(results)
    head = " | ".join(f"{n:,}: p50 | p95 | CPU p95" for n in sizes)
    print(f"\n| ms | {head} |\n|---|{'---:|' * 3 * len(sizes)}")
    for name in results[sizes[0]]:
        cells = [f"{value:.1f}" for n in sizes for value in results[n][name]]
        print(f"| {name} | {' | '.join(cells)} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--asked", type=int, default=N_ASKED)
    parser.add_argument("--explain", action="store_true")
    given = parser.parse_args()
    print(machine())
    results = {}
    for n_cases in given.sizes:
        with bench_opened() as bench:
            start = time.perf_counter()
            asyncio.run(database.migrate(bench.database_url))
            asyncio.run(load.fill(bench.database_url, n_cases))
            sizes = asyncio.run(load.size_of(bench.database_url))
            print(f"{sizes}, filled in {time.perf_counter() - start:.0f} s", flush=True)
            asked = measured(
                bench.database_url, n_cases, given.only, given.asked, explain=given.explain
            )
            results[n_cases] = asyncio.run(asked)
    table(results)
    late = [name for name, (_, p95, _) in results[max(results)].items() if p95 > AIM_MS]
    print(f"\np95 over {AIM_MS} ms at {max(results):,}: {', '.join(late) or 'none'}")


if __name__ == "__main__":
    main()
