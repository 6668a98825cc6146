"""What the benches share: a durable PostgreSQL, a server as one process, people, a lean client."""

import asyncio
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from gridwhistle.demo import loading
from gridwhistle.services import postgres

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180
STOP_SECONDS = 40


@dataclass(frozen=True, slots=True)
class Process:
    """A process in a group of its own, on a loopback port."""

    port: int
    popen: subprocess.Popen

    def pause(self):
        """Stop it and its children, so that what it still owes takes no CPU from others."""
        os.killpg(self.popen.pid, signal.SIGSTOP)

    def resume(self):
        os.killpg(self.popen.pid, signal.SIGCONT)

    def cpu_seconds(self):
        """CPU that it has used so far, without that of its children."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kb(self):
        status = Path(f"/proc/{self.popen.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


@dataclass(frozen=True, slots=True)
class Bench:
    """A temporary folder and a PostgreSQL that really syncs, both on the same disk."""

    folder: Path
    database_url: str

    @property
    def data(self):
        return self.folder / "var"

    def sign_ins(self, role):
        """The demo's sign-ins of one role."""
        return [one for one in loading.sign_ins(self.data) if one.role == role]


@contextmanager
def bench_opened(where=None):
    """Hold up a private PostgreSQL with its default, durable settings; remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=where) as made:
        server = postgres.start(Path(made) / "postgres")
        try:
            yield Bench(Path(made), server.url)
        finally:
            server.stop()


@contextmanager
def serving(bench, *flags, demo=True):
    """Run `gridwhistle serve`, with the demo county unless not, until the block ends."""
    port = free_port()
    environment = dict(os.environ) | {
        "DATABASE_URL": bench.database_url,
        "PORT": str(port),
        "GRIDWHISTLE_DATA_FOLDER": str(bench.data),
    }
    flags = ("--demo", *flags) if demo else flags
    command = [sys.executable, "-m", "gridwhistle", "serve", *flags]
    # Without a county there are no places and no list, of which readiness is made.
    path = "/readyz" if demo else "/healthz"
    with _running(command, port, path, bench.folder / "serve.log", environment) as process:
        yield process


@contextmanager
def floor(bench):
    """Run the bare handler as one process until the block ends."""
    port = free_port()
    folder = bench.folder / "floor"
    folder.mkdir(exist_ok=True)
    script = str(Path(__file__).with_name("_floor.py"))
    command = [sys.executable, script, bench.database_url, str(folder), str(port)]
    log = bench.folder / "floor.log"
    with _running(command, port, "/ready", log, dict(os.environ)) as process:
        yield process


@contextmanager
def _running(command, port, path, log, environment) -> Iterator[Process]:
    with log.open("ab") as out:
        popen = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    process = Process(port, popen)
    try:
        _await_ready(process, path, log)
        yield process
    finally:
        if popen.poll() is None:
            process.resume()
        popen.terminate()
        try:
            popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(popen.pid, signal.SIGKILL)
            popen.wait()


def _await_ready(process, path, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.popen.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{process.port}{path}", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"did not start: {log.read_text()[-2000:]}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Refused(Exception):
    """An answer that the bench did not expect."""


class Client:
    """One kept-alive connection, as lean as can be: it shares the machine with the server."""

    def __init__(self, port, token=""):
        self.port, self.token = port, token
        self._reader = self._writer = None

    async def call(self, method, path, *body, kind="application/json"):
        """The status and body of the answer; `body` is sent piece by piece."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {sum(map(len, body))}\r\n\r\n"
        )
        for piece in (head.encode(), *body):
            self._writer.write(piece)
        await self._writer.drain()
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return int(answer[9:12]), await self._reader.readexactly(int(length or 0))

    async def json(self, method, path, form=None, expect=(200, 201, 204)):
        """The answer read as JSON; Refused when its status is another than expected."""
        body = [json.dumps(form).encode()] if form is not None else []
        status, answer = await self.call(method, path, *body)
        if status not in expect:
            raise Refused(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer) if answer else None

    async def sign_in(self, one):
        form = {"username": one.username, "password": one.password}
        self.token = (await self.json("POST", "/auth/password", form))["token"]
        return self

    def close(self):
        if self._writer is not None:
            self._writer.close()


def percentile(values, share):
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def machine():
    """What the figures were measured on, in a line."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    n_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    name = names[0] if names else platform.machine()
    memory = f"{n_bytes / 2**30:.0f} GiB"
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} x {name}, {memory}, {platform.release()}, {python}"
