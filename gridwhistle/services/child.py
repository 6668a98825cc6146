"""A server process that belongs to this one: it ends with us, and Ctrl-C does not reach it."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gridwhistle.services.accounts import Account

SHIM = Path(__file__).with_name("become.py")
# Below the range that systems hand out to outgoing connections.
PORTS = range(20000, 32768)


@dataclass(frozen=True, slots=True)
class Child:
    """A running server process and the process that started it."""

    process: subprocess.Popen[bytes]
    parent: int
    stop_signal: signal.Signals

    def alive(self) -> bool:
        """Tell whether the server still runs."""
        return self.process.poll() is None

    def stop(self, patience: float) -> None:
        """End the server in order, by force after `patience` seconds; again is harmless."""
        if os.getpid() != self.parent or not self.alive():
            return
        for signal_, seconds in (
            (self.stop_signal, patience),
            (signal.SIGQUIT, 5.0),
            (signal.SIGKILL, 5.0),
        ):
            self.process.send_signal(signal_)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            return


def launch(
    command: Sequence[str],
    *,
    account: Account,
    log: Path,
    stop_signal: signal.Signals,
    environment: Mapping[str, str] | None = None,
    config: bytes = b"",
) -> Child:
    """Return a started server; must be called in the main thread.

    The system signals a child when the *thread* that started it ends. `config` is what the
    server reads from its standard input.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a server started outside the main thread would end with that thread")
    who = [str(account.uid), str(account.gid), str(os.getpid()), str(int(stop_signal))]
    # A statement that failed stands in the log with what it was about.
    log.touch(mode=0o600)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(SHIM), *who, *command],
            cwd="/",
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as given:
            given.write(config)
    return Child(process, os.getpid(), stop_signal)


def command_of(pid: int) -> str:
    """Return the command line of a process, empty when there is no such process."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""
    asked = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free loopback port")
