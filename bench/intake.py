"""Reports per second on one process, beside a bare handler that syncs the same bytes.

    python bench/intake.py [--seconds 5] [--rounds 3] [--concurrency 1,8,32] [--no-work]

It starts all it needs in a temporary folder: a PostgreSQL that really syncs, the demo county, one
`gridwhistle serve` and the floor (`_floor.py`) on the same PostgreSQL and disk; this process
drives both. A report is a photo of 300 kB, of bytes never sent before, and the report itself: at
a random place of the county, of a matter on the list, filed and dispatched when answered. `floor`
is one request: the same bytes synced and one INSERT. `floor x2` adds the second request with an
INSERT of its own.

The three take turns in every round. While a floor is measured the server is stopped (SIGSTOP), so
that the display copies which it still owes take nothing from the floor. Rates are medians of the
rounds, the ratio is the median of the rounds' ratios, times are over all rounds together; `cpu ms`
is what the process itself spends on one report, without its children and PostgreSQL.

At the end `N_WHOLE` reports are counted until all that they owe is done, display copies and
messages too: how many a second, and the CPU of the whole machine but for this process, so
nothing else may run beside it.
"""

import argparse
import asyncio
import csv
import json
import os
import random
import secrets
import statistics
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

import asyncpg
import shapely
from _serving import Client, Refused, bench_opened, floor, machine, percentile, serving

from gridwhistle.demo.geography import features
from media.sample import jpeg

N_BASES = 6
N_BYTES = 300_000
BOUNDARY = "gridwhistle-bench"
OPENING = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n'
    "Content-Type: image/jpeg\r\n\r\n"
).encode()
CLOSING = f"\r\n--{BOUNDARY}--\r\n".encode()
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
DRAIN_SECONDS = 1.5
N_WHOLE = 240


class Material:
    """What reports are made of: photos, points of the county's grids, matters on the list."""

    def __init__(self):
        taken = datetime.now(UTC).strftime("%Y:%m:%d %H:%M:%S")
        self._rests = [
            jpeg(taken_local=taken, offset="+00:00", approx_bytes=N_BYTES, seed=seed)[2:]
            for seed in range(N_BASES)
        ]
        self._points = [
            shapely.geometry.shape(feature["geometry"]).representative_point().coords[0]
            for feature in features()["features"]
            if feature["properties"]["level"] == "grid"
        ]
        source = resources.files("gridwhistle.demo").joinpath("data/matters.csv")
        rows = csv.DictReader(source.read_text("utf-8-sig").splitlines())
        self._matters = [row["code"] for row in rows if row["code"]]

    def photo(self):
        """The pieces of a multipart body; a comment in the JPEG makes its bytes unique."""
        unique = b"\xff\xd8\xff\xfe\x00\x12" + secrets.token_bytes(16)
        return OPENING, unique, random.choice(self._rests), CLOSING

    def report(self, photo):
        lon, lat = random.choice(self._points)
        return {
            "key": str(uuid4()),
            "kind": "livelihood",
            "text": "路面破损,请尽快处理",
            "matter": random.choice(self._matters),
            "photos": [photo],
            "position": {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy": 8.0},
            "captured_at": datetime.now(UTC).isoformat(),
            "anonymous": False,
            "channel": "patrol",
        }


class Target:
    """One way to be measured: how a report is sent to it, and what came of it."""

    def __init__(self, name, process, material, people=()):
        self.name, self.process, self._material = name, process, material
        self._people = list(people)
        self.times = {}
        self.rates = {}
        self.cpu_ms = {}
        self.stages = Counter()

    def client(self, number):
        if not self._people:
            return Client(self.process.port)
        return Client(self.process.port, self._people[number % len(self._people)])

    async def send(self, client):
        if self.name == "gridwhistle":
            await self._full(client)
            return
        await self._expect(client, "/photo", *self._material.photo(), kind=MULTIPART)
        if self.name == "floor x2":
            body = json.dumps(self._material.report(str(uuid4()))).encode()
            await self._expect(client, "/report", body)

    async def _full(self, client):
        photo = await self._expect(client, "/m/v1/photos", *self._material.photo(), kind=MULTIPART)
        body = json.dumps(self._material.report(json.loads(photo)["id"])).encode()
        receipt = json.loads(await self._expect(client, "/m/v1/reports", body))
        self.stages[receipt["stage"]] += 1

    async def _expect(self, client, path, *body, kind="application/json"):
        status, answer = await client.call("POST", path, *body, kind=kind)
        if status != 201:
            raise Refused(f"{path}: {status} {answer[:300]!r}")
        return answer

    async def measure(self, concurrency, seconds):
        """Keep so many reports in flight for so long; note the rate and each report's time."""
        times = self.times.setdefault(concurrency, [])
        clients = [self.client(number) for number in range(concurrency)]
        busy = self.process.cpu_seconds()
        started = time.perf_counter()
        until = started + seconds

        async def keep_sending(client):
            n_sent = 0
            while (before := time.perf_counter()) < until:
                await self.send(client)
                times.append(time.perf_counter() - before)
                n_sent += 1
            return n_sent

        async with asyncio.TaskGroup() as group:
            sent = [group.create_task(keep_sending(client)) for client in clients]
        spent = time.perf_counter() - started
        n_sent = sum(task.result() for task in sent)
        busy = self.process.cpu_seconds() - busy
        self.rates.setdefault(concurrency, []).append(n_sent / spent)
        self.cpu_ms.setdefault(concurrency, []).append(1000 * busy / n_sent)
        for client in clients:
            client.close()


async def measure_all(targets, server, options):
    for round_ in range(-1, options.rounds):
        for concurrency in options.concurrency:
            for target in targets:
                paused = target.process is not server
                if paused:
                    server.pause()
                if round_ < 0:  # warming up: not counted
                    await target.measure(concurrency, 1.0)
                    target.times.clear()
                    target.rates.clear()
                    target.cpu_ms.clear()
                else:
                    await target.measure(concurrency, options.seconds)
                if paused:
                    server.resume()
                await asyncio.sleep(DRAIN_SECONDS if round_ >= 0 else 0.2)


def show(targets, options):
    full, floors = targets[0], targets[1:]
    print(
        "concurrency  what         reports/s   p50 ms   p95 ms   p99 ms  p99/p50   cpu ms    ratio"
    )
    for concurrency in options.concurrency:
        for target in targets:
            times = [1000 * one for one in target.times[concurrency]]
            p50, p95, p99 = (percentile(times, share) for share in (0.5, 0.95, 0.99))
            rate = statistics.median(target.rates[concurrency])
            cpu_ms = statistics.median(target.cpu_ms[concurrency])
            pairs = zip(full.rates[concurrency], target.rates[concurrency], strict=True)
            ratio = statistics.median(ours / theirs for ours, theirs in pairs)
            shown = f"{ratio:8.3f}" if target in floors else "       -"
            print(
                f"{concurrency:>11}  {target.name:<12} {rate:9.1f} {p50:8.2f} {p95:8.2f} "
                f"{p99:8.2f} {p99 / p50:8.1f} {cpu_ms:8.2f} {shown}"
            )
    stages = ", ".join(f"{stage} {n}" for stage, n in full.stages.most_common())
    print(f"reports by stage when answered: {stages}")


def machine_seconds():
    """CPU that all processes of the machine have used so far, but for this one."""
    with Path("/proc/stat").open(encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq, *_ = map(int, file.readline().split()[1:])
    ticks = user + nice + system + irq + softirq
    return ticks / os.sysconf("SC_CLK_TCK") - time.process_time()


async def settled(bench):
    """Wait until the outbox owes nothing any more."""
    database = await asyncpg.connect(bench.database_url)
    try:
        while True:
            if not await database.fetchval("SELECT EXISTS (SELECT FROM outbox_delivery)"):
                return
            await asyncio.sleep(0.2)
    finally:
        await database.close()


async def measure_whole(target, bench, concurrency):
    """Send so many reports, wait for all that they owe, and say what it took."""
    await settled(bench)
    clients = [target.client(number) for number in range(concurrency)]
    left = iter(range(N_WHOLE))
    busy, started = machine_seconds(), time.perf_counter()

    async def keep_sending(client):
        for _ in left:
            await target.send(client)

    await asyncio.gather(*map(keep_sending, clients))
    answered = time.perf_counter() - started
    await settled(bench)
    spent, busy = time.perf_counter() - started, machine_seconds() - busy
    for client in clients:
        client.close()
    print(
        f"{N_WHOLE} reports at {concurrency}, whole: {N_WHOLE / spent:.1f}/s "
        f"({N_WHOLE / answered:.1f}/s until answered), {1000 * busy / N_WHOLE:.1f} ms of CPU each"
    )


async def tokens(server, bench, wanted):
    """Sign grid workers in, as many as there are connections, one after the other."""
    found = []
    for one in bench.sign_ins("grid_worker")[:wanted]:
        client = await Client(server.port).sign_in(one)
        found.append(client.token)
        client.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", default="1,8,32")
    parser.add_argument("--no-work", action="store_true", help="leave the outbox unpaid")
    parser.add_argument("--folder", help="where the temporary folder is made: the disk matters")
    options = parser.parse_args()
    options.concurrency = [int(n) for n in options.concurrency.split(",")]
    print(machine())
    material = Material()
    with ExitStack() as stack:
        bench = stack.enter_context(bench_opened(options.folder))
        server = stack.enter_context(serving(bench, *["--no-work"] * options.no_work))
        bare = stack.enter_context(floor(bench))
        people = asyncio.run(tokens(server, bench, max(options.concurrency)))
        targets = [
            Target("gridwhistle", server, material, people),
            Target("floor", bare, material),
            Target("floor x2", bare, material),
        ]
        asyncio.run(measure_all(targets, server, options))
        show(targets, options)
        for concurrency in options.concurrency if not options.no_work else ():
            asyncio.run(measure_whole(targets[0], bench, concurrency))


if __name__ == "__main__":
    main()
