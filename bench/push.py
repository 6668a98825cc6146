"""From an act on a case to the frame on a socket, and many sockets in one process.

    python bench/push.py [--accepts 200] [--sockets 5000] [--times 3]

It starts a PostgreSQL that really syncs, the demo county and one `gridwhistle serve` in a
temporary folder; this process is the phones. First a handler accepts task after task while the
reporter's socket is open: the frame's time is counted from sending the request, and from its
answer, before which the act is committed. Then so many residents, made by SQL, each open a socket;
a case that 100 of them follow is accepted, and one that all of them follow; the time runs from the
answer to the first, the median and the last frame. Memory is the server's before and after.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import resource
import secrets
import statistics
import struct
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

import asyncpg
from _serving import Client, Refused, bench_opened, machine, percentile, serving

from gridwhistle.demo.geography import landmarks
from media.sample import jpeg

REPORTER, HANDLER, MATTER, PLACE = "grid0202", "handler_D02", "CJ-002", "load_bearing_wall"
N_FEW = 100
AT_ONCE = 32
PATIENCE = 120
SPARE_FILES = 200
BOUNDARY = "gridwhistle-bench"
PEOPLE = """
WITH made AS (
  INSERT INTO account (name, password_hash, demo, active, created_at)
  SELECT 'bench', '', false, true, now() FROM generate_series(1, $1) RETURNING id),
granted AS (
  INSERT INTO account_grant (account_id, role, place_code) SELECT id, 'resident', '' FROM made),
signed_in AS (
  INSERT INTO token (account_id, hash, purpose, face, family, created_at, used_at, expires_at)
  SELECT id, 'bench-' || id, 'access', 'phone', gen_random_uuid(), now(), now(),
    now() + interval '2 hours' FROM made)
SELECT id FROM made ORDER BY id
"""
TICKETS = """
INSERT INTO live_ticket (hash, account_id, expires_at)
SELECT hash, account, now() + interval '1 hour'
FROM unnest($1::text[], $2::int[]) AS t(hash, account)
"""
LEADS = """
SELECT c.no, t.id FROM case_task t JOIN case_file c ON c.id = t.case_id
WHERE t.part = 'lead' AND c.no = ANY($1::text[])
"""
FOLLOW = """
INSERT INTO case_follower (case_id, account_id, since, reporter)
SELECT c.id, account, now(), false FROM case_file c, unnest($2::int[]) AS account WHERE c.no = $1
"""


class Phone(asyncio.Protocol):
    """A live socket as lean as can be; `heard` is called with each frame and its time."""

    def __init__(self, port, ticket, heard):
        self.opened = asyncio.get_running_loop().create_future()
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self._request = (
            f"GET /m/v1/live?ticket={ticket} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n"
        )
        self._heard = heard
        self._rest = b""
        self._transport = None

    def connection_made(self, transport):
        self._transport = transport
        transport.write(self._request.encode())

    def connection_lost(self, error):
        if not self.opened.done():
            self.opened.set_exception(Refused("socket closed before it was open"))

    def data_received(self, data):
        at = time.perf_counter()
        self._rest += data
        if not self.opened.done():
            head, found, self._rest = self._rest.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(Refused(head.partition(b"\r\n")[0].decode()))
                return
            self.opened.set_result(None)
        while (whole := self._frame()) is not None:
            kind, payload = whole
            if kind == 1:
                self._heard(json.loads(payload), at)
            elif kind == 9:
                self._transport.write(b"\x8a" + bytes([0x80 | len(payload)]) + bytes(4) + payload)

    def _frame(self):
        if len(self._rest) < 2:
            return None
        length, start = self._rest[1] & 0x7F, 2
        if length == 126:
            if len(self._rest) < 4:
                return None
            length, start = struct.unpack(">H", self._rest[2:4])[0], 4
        if len(self._rest) < start + length:
            return None
        kind, payload = self._rest[0] & 15, self._rest[start : start + length]
        self._rest = self._rest[start + length :]
        return kind, payload

    def close(self):
        self._transport.abort()


async def open_phone(port, ticket, heard):
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_connection(lambda: Phone(port, ticket, heard), "127.0.0.1", port)
    await phone.opened
    return phone


class Ear:
    """Keeps when frames arrived, by case and verb; waits until there are enough."""

    def __init__(self):
        self._heard = defaultdict(list)
        self._waits = {}

    def expect(self, no, verb, n):
        done = asyncio.get_running_loop().create_future()
        self._waits[(no, verb)] = (n, done)
        self._look((no, verb))
        return done

    def hear(self, frame, at):
        key = (frame["no"], frame["kind"])
        self._heard[key].append(at)
        self._look(key)

    def _look(self, key):
        n, done = self._waits.get(key, (0, None))
        if done is not None and not done.done() and len(self._heard[key]) >= n:
            done.set_result(self._heard[key])


class Story:
    """A grid worker who reports and a handler who accepts, both signed in."""

    def __init__(self, bench, reporter, handler, photo):
        self.reporter, self.handler, self._photo = reporter, handler, photo
        self._bench, self._place = bench, landmarks()[PLACE]

    @classmethod
    async def begun(cls, bench, server):
        both = {one.username: one for role in ("grid_worker", "handler")
                for one in bench.sign_ins(role)}  # fmt: skip
        reporter = await Client(server.port).sign_in(both[REPORTER])
        handler = await Client(server.port).sign_in(both[HANDLER])
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="p"\r\n\r\n'
        )
        body = head.encode() + jpeg(400, 300) + f"\r\n--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        _, answer = await reporter.call("POST", "/m/v1/photos", body, kind=kind)
        return cls(bench, reporter, handler, json.loads(answer)["id"])

    async def cases(self, n, ear):
        """Report so many cases and wait until the reporter has heard of each dispatch."""
        numbers = []
        for _ in range(n):
            lon, lat = self._place
            form = {
                "key": str(uuid4()),
                "kind": "enforcement",
                "text": "承重墙开洞",
                "matter": MATTER,
                "photos": [self._photo],
                "position": {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy": 8.0},
                "captured_at": datetime.now(UTC).isoformat(),
                "anonymous": False,
                "channel": "patrol",
            }
            receipt = await self.reporter.json("POST", "/m/v1/reports", form)
            await asyncio.wait_for(ear.expect(receipt["no"], "case.dispatch", 1), PATIENCE)
            numbers.append(receipt["no"])
        connection = await asyncpg.connect(self._bench.database_url)
        rows = await connection.fetch(LEADS, numbers)
        await connection.close()
        return {row["no"]: row["id"] for row in rows}

    async def accept(self, task):
        """Accept a task; when the request went out and when its answer came."""
        sent = time.perf_counter()
        await self.handler.json("POST", f"/m/v1/tasks/{task}/accept", {})
        return sent, time.perf_counter()


async def one_by_one(story, ear, n):
    """Accept one task after the other; how long each frame took."""
    from_request, from_answer = [], []
    for no, task in (await story.cases(n, ear)).items():
        heard = ear.expect(no, "case.accept", 1)
        sent, answered = await story.accept(task)
        [arrived] = await asyncio.wait_for(heard, PATIENCE)
        from_request.append(1000 * (arrived - sent))
        from_answer.append(1000 * (arrived - answered))
    for name, times in (("request to frame", from_request), ("answer to frame", from_answer)):
        shown = "  ".join(
            f"p{round(100 * share)} {percentile(times, share):.1f} ms"
            for share in (0.5, 0.95, 0.99)
        )
        print(f"{name:18} {n} acts: {shown}")


async def residents(bench, n):
    """Make so many signed-in residents; their account ids and a ticket for each."""
    connection = await asyncpg.connect(bench.database_url)
    try:
        ids = [row["id"] for row in await connection.fetch(PEOPLE, n)]
        tickets = [secrets.token_urlsafe(32) for _ in ids]
        hashes = [hashlib.sha256(ticket.encode()).hexdigest() for ticket in tickets]
        await connection.execute(TICKETS, hashes, ids)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return ids, tickets


async def many(bench, server, story, ear, options):
    """Open all sockets, then accept cases that few and that all of them follow."""
    ids, tickets = await residents(bench, options.sockets)
    before = server.resident_kb()
    gate = asyncio.Semaphore(AT_ONCE)

    async def opened(ticket):
        async with gate:
            return await open_phone(server.port, ticket, ear.hear)

    started = time.perf_counter()
    phones = await asyncio.gather(*(opened(ticket) for ticket in tickets))
    spent = time.perf_counter() - started
    await asyncio.sleep(3)
    each = (server.resident_kb() - before) / len(phones)
    print(
        f"{len(phones)} sockets open in {spent:.1f} s, {len(phones) / spent:.0f}/s; "
        f"server {server.resident_kb() / 1024:.0f} MiB, {each:.1f} KiB each"
    )
    before = server.cpu_seconds()
    await asyncio.sleep(10)
    print(f"idle with them open: {10 * (server.cpu_seconds() - before):.1f} % of a core")
    for n in (min(N_FEW, len(ids)), len(ids)):
        await told(bench, story, ear, ids[:n], options.times)
    for phone in phones:
        phone.close()


async def told(bench, story, ear, ids, n_times):
    """Accept cases that all of these follow; when the first, median and last frame came."""
    firsts, medians, lasts = [], [], []
    connection = await asyncpg.connect(bench.database_url)
    for no, task in (await story.cases(n_times, ear)).items():
        await connection.execute(FOLLOW, no, ids)
        heard = ear.expect(no, "case.accept", len(ids) + 1)  # and the reporter
        _, answered = await story.accept(task)
        times = [at - answered for at in await asyncio.wait_for(heard, PATIENCE)]
        firsts.append(min(times))
        medians.append(statistics.median(times))
        lasts.append(max(times))
    await connection.close()
    first, median, last = (1000 * statistics.median(one) for one in (firsts, medians, lasts))
    print(
        f"a case with {len(ids)} followers, answer to frame: first {first:.0f} ms, "
        f"median {median:.0f} ms, last {last:.0f} ms; {1000 * len(ids) / last:.0f} frames/s"
    )


async def measure(bench, server, options):
    ear = Ear()
    story = await Story.begun(bench, server)
    ticket = (await story.reporter.json("POST", "/m/v1/live-ticket"))["ticket"]
    phone = await open_phone(server.port, ticket, ear.hear)
    await one_by_one(story, ear, options.accepts)
    if options.sockets:
        await many(bench, server, story, ear, options)
    phone.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--accepts", type=int, default=200)
    parser.add_argument("--sockets", type=int, default=5000)
    parser.add_argument("--times", type=int, default=3, help="cases per number of followers")
    parser.add_argument("--folder", help="where the temporary folder is made: the disk matters")
    options = parser.parse_args()
    wanted = options.sockets + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:  # the server inherits it
        most = max(hard, wanted) if hard != resource.RLIM_INFINITY else hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    print(machine())
    with ExitStack() as stack:
        bench = stack.enter_context(bench_opened(options.folder))
        server = stack.enter_context(serving(bench))
        asyncio.run(measure(bench, server, options))


if __name__ == "__main__":
    main()
