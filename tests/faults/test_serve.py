"""`gridwhistle serve` as a user starts it: first, again, ended, killed, without its database."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from gridwhistle.services.postgres import running_url
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """One started server and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.said = folder / f"said-{time.monotonic_ns()}.log"
        environment = os.environ | {
            "GRIDWHISTLE_DATA_FOLDER": str(folder / "var"),
            "PORT": str(self.port),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "PYTHONPATH": str(ROOT),
        }
        with self.said.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gridwhistle", "serve", "--demo", "--embedded"],
                env=environment,
                cwd=folder,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as got:
                return got.status, got.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def wait_ready(self, seconds: float = 180) -> None:
        until = time.monotonic() + seconds
        while self.get("/readyz")[0] != 200:
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < until, self.said.read_text()
            time.sleep(0.1)

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def home(service_folder: Path) -> Path:
    folder = service_folder / "installation"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def processes_of(folder: Path) -> list[str]:
    """The command lines of live processes that name the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.mark.slow  # several starts with their loading
@pytest.mark.needs("linux")
def test_an_installation_starts_keeps_its_data_and_ends_without_a_trace(home: Path) -> None:
    first = Running(home)
    first.wait_ready()
    said = first.said.read_text()
    assert f"http://127.0.0.1:{first.port}" in said
    sign_ins = json.loads((home / "var" / "sign-ins.json").read_text("utf-8"))
    shown = [one for one in sign_ins if one["shown"]]
    assert len({one["role"] for one in shown}) == len(shown) == 12
    assert all(one["password"] in said for one in shown)
    assert (home / "var" / "sign-ins.json").stat().st_mode & 0o077 == 0
    assert first.get("/")[0] == 200
    assert first.end(signal.SIGTERM) == 0
    assert processes_of(home) == []

    again = Running(home)
    again.wait_ready(seconds=30)
    assert shown[0]["password"] in again.said.read_text()
    assert again.end(signal.SIGINT) == 0
    assert processes_of(home) == []


@pytest.mark.slow  # two whole starts; test_embedded_postgres.py kills the database by itself
@pytest.mark.needs("linux")
def test_after_a_kill_the_next_start_finds_everything(home: Path) -> None:
    first = Running(home)
    first.wait_ready()
    first.process.kill()
    first.process.wait(10)
    again = Running(home)
    again.wait_ready(seconds=30)
    status, body = again.get("/m/v1/public/matters?limit=100")
    assert status == 200
    assert len(json.loads(body)["items"]) == 100
    again.end(signal.SIGTERM)
    assert processes_of(home) == []


@pytest.mark.slow  # a whole first start, with migrations and loading
@pytest.mark.needs("linux")
def test_a_server_whose_private_database_dies_ends_and_says_so(home: Path) -> None:
    running = Running(home)
    running.wait_ready()
    assert running_url(home / "var" / "postgres") is not None
    [database] = [line for line in processes_of(home) if "postgres -D" in line]
    pid = next(
        int(entry.parent.name)
        for entry in Path("/proc").glob("[0-9]*/cmdline")
        if entry.read_bytes().replace(b"\0", b" ").decode() == database
    )
    os.kill(pid, signal.SIGKILL)
    assert running.process.wait(30) == 1
    assert "./run" in running.said.read_text().splitlines()[-1]
