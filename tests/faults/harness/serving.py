"""Server processes on one PostgreSQL and one Valkey: started, killed outright, started again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from gridwhistle.services import accounts, child
from gridwhistle.services.child import Child

ROOT = Path(__file__).resolve().parents[3]
READY_SECONDS = 30.0
# What a process may take to end in order once it is told to.
END_SECONDS = 25.0
SERVE = ("gridwhistle", "serve")


@dataclass(slots=True)
class Process:
    """One `gridwhistle serve` on a port of its own."""

    port: int
    log: Path
    environment: dict[str, str]
    command: tuple[str, ...]
    running: Child | None = None
    n_starts: int = 0
    ended: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; it ends with us, whatever happens. Call it in the main thread."""
        self.n_starts += 1
        self.running = child.launch(
            [sys.executable, "-m", *self.command],
            account=accounts.ourselves(),
            log=self.log,
            stop_signal=signal.SIGTERM,
            environment=self.environment,
        )

    def kill(self) -> None:
        """Kill it outright (`kill -9`) and wait until it is gone."""
        process = self._process()
        process.kill()
        process.wait(5)
        self.ended.append(process.pid)

    def alive(self) -> bool:
        return self.running is not None and self.running.alive()

    def tell_to_end(self) -> None:
        if self.alive():
            self._process().terminate()

    def wait_for_end(self) -> int:
        """Its exit status; it is killed when it takes too long, and that is an error."""
        process = self._process()
        self.ended.append(process.pid)
        try:
            return process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
            raise

    async def ready(self) -> None:
        """Wait until it listens, which it does when it can answer."""
        until = time.monotonic() + READY_SECONDS
        while not await self.listens():
            assert self.alive(), f"ended at its start: {self.log.read_text()[-2000:]}"
            assert time.monotonic() < until, self.log.read_text()[-2000:]
            await asyncio.sleep(0.05)

    async def listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.transport.abort()
        return True

    def left_over(self) -> list[int]:
        """Processes that it started and that outlive it."""
        return [pid for ended in self.ended for pid in _in_session(ended)]

    def _process(self) -> subprocess.Popen[bytes]:
        assert self.running is not None, "never started"
        return self.running.process


@dataclass(frozen=True, slots=True)
class Site:
    """Several server processes over the same database, Redis and data folder."""

    database_url: str
    redis_url: str
    data_folder: Path
    processes: tuple[Process, ...]

    @property
    def urls(self) -> list[str]:
        return [process.url for process in self.processes]

    async def ready(self) -> None:
        for process in self.processes:
            await process.ready()

    def left_over(self) -> list[int]:
        """Processes that outlive the ones that started them and were killed."""
        return [pid for process in self.processes for pid in process.left_over()]

    def tracebacks(self) -> list[str]:
        """What the processes logged of faults: the text around the word, one per place."""
        return [
            f"{before[-300:]}Traceback{after[:6000]}"
            for process in self.processes
            for before, after in pairwise(process.log.read_text().split("Traceback"))
        ]


@contextmanager
def serving(
    n_processes: int,
    *,
    database_url: str,
    redis_url: str,
    folder: Path,
    command: tuple[str, ...] = SERVE,
    poll_seconds: float = 3,
) -> Iterator[Site]:
    """Start so many server processes, each serving and working; end every one of them after."""
    folder.mkdir(parents=True, exist_ok=True)
    processes = tuple(
        Process(port, folder / f"log{number}", environment, command)
        for number, port in enumerate(_ports(n_processes), start=1)
        for environment in [_environment(database_url, redis_url, folder, port, poll_seconds)]
    )
    try:
        for process in processes:
            process.start()
        yield Site(database_url, redis_url, folder, processes)
        for process in processes:
            process.tell_to_end()
        statuses = [process.wait_for_end() for process in processes]
        assert statuses == [0] * n_processes, "a process told to end must end in order"
    finally:
        for process in processes:
            if process.alive():
                process.kill()
            for pid in process.left_over():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _ports(n: int) -> list[int]:
    ports = set[int]()
    while len(ports) < n:
        ports.add(child.free_port())
    return sorted(ports)


def _environment(
    database_url: str, redis_url: str, folder: Path, port: int, poll_seconds: float
) -> dict[str, str]:
    return dict(os.environ) | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "GRIDWHISTLE_DATA_FOLDER": str(folder),
        "GRIDWHISTLE_POLL_SECONDS": str(poll_seconds),
        "GRIDWHISTLE_DEMO": "false",
        "PYTHONPATH": str(ROOT),
    }


def _in_session(leader: int) -> list[int]:
    """Processes of the session of one that has ended (Linux; elsewhere none is found)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # "pid (name) state parent group session ..."; a name may hold anything.
            words = path.read_text().rpartition(")")[2].split()
            if words[3] == str(leader) and words[0] != "Z":
                found.append(int(path.parent.name))
    return found
