"""Responsibility lists: import, look-up, search by words, and publication to every process.

    python bench/lists.py

Import runs into a throw-away database; look-ups, searches and suggestions in this process. A
publication is taken up by another holder of the lists that a throw-away Redis wakes.
"""

import argparse
import asyncio
import csv
import io
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

from gridwhistle.demo import offline
from gridwhistle.demo.loading import demo_units
from gridwhistle.services import postgres, redis
from server import db
from server.bus.bus import opened as bus_opened
from server.cases.door.knowledge import CHANGED
from server.people.actor import SYSTEM
from server.people.commands import import_units
from server.people.queries import units_index
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.answering.in_memory import ListsInForce
from server.responsibility.answering.lookup import CompiledVersion, ListInForce
from server.responsibility.changing import commands
from server.responsibility.list import versions
from server.responsibility.list.entries import VersionView
from server.responsibility.list.fields import Cooperating
from server.responsibility.search import entries_by_words
from server.responsibility.search.entries_by_words import Wanted
from server.responsibility.search.suggest import Suggester
from server.settings import Settings

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
N_IMPORT, N_ENTRIES, N_PLACES, N_MATTERS = 5_000, 20_000, 3_000, 1_000
SENTENCES = Path(__file__).parents[1] / "tests/pure/lists/asking"
SETS = ("fresh", "hard", "typos", "last", "unseen")


def spreadsheet(n):
    header = ["序号", "事项编码", "领域", "事项名称", "事项说明", "牵头部门", "牵头部门职责"]
    header += ["配合单位", "镇街职责", "法律依据", "办理时限", "群众常用说法"]
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["某区责任清单"])
    sheet.append(header)
    source = offline.entries()[0]
    for number in range(n):
        like = source[number % len(source)]
        row = [number + 1, f"X-{number:05d}", like.domain, f"{like.name}{number}"]
        row += [like.description, "区公安分局", like.lead_duties, "区林业局、镇街"]
        row += [like.township_duties, like.legal_basis, "2个工作日", "、".join(like.words)]
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


async def imported(url, redis_url):
    data = spreadsheet(N_IMPORT)
    await db.migrate(url)
    async with db.opened(url):
        await import_units(demo_units({}))
        begun = time.perf_counter(), time.process_time()
        version = await commands.import_list(data, "a.xlsx", label="a", by=SYSTEM, at=NOON)
        took, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
        megabytes = len(data) / 1e6
        print(f"import of {N_IMPORT:,} entries ({megabytes:.1f} MB): {took:.2f} s, {cpu:.2f} here")
        await published(version.id, redis_url)
        for text in ("犬只", "噪声污染防治法", "犬只管理17"):
            times = []
            for _ in range(20):
                begun = time.perf_counter()
                wanted = Wanted(text=text)
                found = await entries_by_words.search(wanted, at=NOON, after=0, limit=50)
                times.append(time.perf_counter() - begun)
            took = statistics.median(times) * 1e3
            print(f"search for {text}: {took:.1f} ms, {len(found)} shown")


async def published(version_id, redis_url):
    """Print how long another holder of the lists needs from the publication to the new list."""
    settings = Settings.read().model_copy(update={"redis_url": redis_url})
    lists = ListsInForce(["main_and_cooperating"])
    await lists.refresh(await units_index(), since=NOON, at=NOON)
    await versions.submit(version_id, by=SYSTEM, at=NOON)
    async with bus_opened(settings) as one, bus_opened(settings) as other:
        with other.subscribed(CHANGED) as pokes:
            waiting = asyncio.ensure_future(pokes.wait(60))
            await asyncio.sleep(0.5)
            begun = time.perf_counter()
            await versions.publish(version_id, starts_at=NOON, by=SYSTEM, at=NOON)
            done = time.perf_counter()
            await one.publish(CHANGED)
            await waiting
            woken = time.perf_counter()
            reading = lists.refresh(await units_index(), since=NOON, at=NOON)
            taken = asyncio.ensure_future(reading)
            while lists.at(NOON).lookup("X-00001", "").off_list:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            read = time.perf_counter()
            await taken
            ready = time.perf_counter()
    print(
        f"publication of {N_IMPORT:,} entries: written in {(done - begun) * 1e3:.0f} ms, others"
        f" woken after {(woken - done) * 1e3:.0f} ms, in force there {read - woken:.2f} s later,"
        f" searched by words {ready - read:.2f} s after that"
    )


def looked_up():
    towns = [
        UnitView(id=n, code=f"T{n}", name=f"镇{n}", kind=UnitKind.TOWNSHIP, township_code=f"{n}")
        for n in range(1, N_PLACES + 1)
    ]
    units = Units([*towns, UnitView(id=9999, code="D", name="局", kind=UnitKind.DEPARTMENT)])
    like = replace(
        offline.entries()[0][0],
        lead_id=9999,
        cooperating=(Cooperating(None, "x"), Cooperating(1, "y")),
    )
    held = [
        replace(like, id=n, matter_code=f"M{n}", lead_id=None if n % 3 == 0 else 9999)
        for n in range(N_ENTRIES)
    ]
    view = ListInForce(
        [CompiledVersion(VersionView(1, "main_and_cooperating", "m", 1, "v"), held)], units
    )
    rng = random.Random(1)
    asked = [
        (f"M{rng.randrange(N_ENTRIES)}", f"{rng.randint(1, N_PLACES)}") for _ in range(50_000)
    ]
    for _ in range(2):
        begun = time.process_time()
        for code, town in asked:
            view.lookup(code, town)
        took = (time.process_time() - begun) / len(asked) * 1e6
    print(f"look-up, {N_ENTRIES:,} entries x {N_PLACES:,} places: {took:.1f} us of processor")


def sentences(name):
    file = SENTENCES / f"sentences_{name}.csv"
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def found():
    """Print how often the matter meant comes first, and within three, over the demo list."""
    suggester = Suggester(offline.entries()[0])
    for name in SETS:
        rows = sentences(name)
        places = [[each.code for each in suggester.suggest(row["text"], 3)] for row in rows]
        first = sum(place[:1] == [row["code"]] for place, row in zip(places, rows, strict=True))
        three = sum(row["code"] in place for place, row in zip(places, rows, strict=True))
        n = len(rows)
        print(f"{name}, {n} sentences: {first / n:.1%} first, {three / n:.1%} within three")


def suggested():
    source = offline.entries()[0]
    held = [replace(source[n % len(source)], matter_code=f"M{n}") for n in range(N_MATTERS)]
    begun = time.process_time()
    suggester = Suggester(held)
    print(f"index of {N_MATTERS:,} matters: {time.process_time() - begun:.2f} s of processor")
    texts = [row["text"] for row in sentences("fresh")]
    times = []
    for text in texts:
        begun = time.process_time()
        suggester.suggest(text)
        times.append((time.process_time() - begun) * 1e3)
    worst = max(times)
    print(f"suggestion: {statistics.median(times):.2f} ms of processor, at most {worst:.2f} ms")


def main():
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    looked_up()
    found()
    suggested()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        database = postgres.start(folder / "postgres", unsafe_for_tests=True)
        cache = redis.start(folder / "redis")
        try:
            asyncio.run(imported(database.url, cache.url))
        finally:
            cache.stop()
            database.stop()


if __name__ == "__main__":
    main()
