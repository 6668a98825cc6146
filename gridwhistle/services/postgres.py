"""A private PostgreSQL: a child of this process on a loopback port, with a folder of its own."""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gridwhistle.services import accounts, child, folder
from gridwhistle.services.binaries import Binaries, Origin, binaries, reachable
from gridwhistle.services.child import Child
from gridwhistle.services.folder import Folder
from gridwhistle.services.refusal import ServiceRefusal

NAME = "gridwhistle"  # of the role and of the database
# Recovery after a power cut may take minutes; the process is watched meanwhile.
START_SECONDS = 300.0
STOP_SECONDS = 30.0
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "timezone=UTC",
    "log_timezone=UTC",
    "max_connections=100",
)
UNSAFE_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)
LOG_LIMIT = 5_000_000


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL: `url` reaches it, `folder` is where its data really lie."""

    url: str
    folder: Path
    elsewhere: bool
    version: str
    origin: Origin
    port: int
    child: Child
    lock: IO[str]

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self.child.process.pid

    def alive(self) -> bool:
        """Tell whether the server still runs."""
        return self.child.alive()

    def stop(self) -> None:
        """End the server in order and wait for it; again is harmless."""
        if os.getpid() == self.child.parent:
            self.child.stop(STOP_SECONDS)
            self.lock.close()
            atexit.unregister(self.stop)

    def url_of(self, database: str) -> str:
        """Return the URL of another database of this server."""
        return f"{self.url.rpartition('/')[0]}/{database}"


def start(
    data_folder: Path,
    *,
    unsafe_for_tests: bool = False,
    among: Iterable[Binaries] | None = None,
    port: int | None = None,
) -> Server:
    """Return a running server over `data_folder`, whose cluster is made the first time.

    `unsafe_for_tests` gives durability and passwords up, for throw-away folders only. `among`
    narrows the choice of programs. Call it in the main thread. Raises ServiceRefusal.
    """
    kept = folder.opened(data_folder)
    lock = kept.lock()
    try:
        _refuse_mixing(kept, unsafe_for_tests)
        candidates = list(binaries() if among is None else among)
        if kept.version() is None:
            chosen = _create(kept, candidates, unsafe_for_tests)
        else:
            chosen = _matching(kept, candidates)
        _end_orphan(kept)
        running, port = _run(kept, chosen, port, unsafe_for_tests)
    except BaseException:
        lock.close()
        raise
    server = Server(
        _url(kept, port, unsafe_for_tests),
        kept.home,
        kept.elsewhere,
        chosen.version,
        chosen.origin,
        port,
        running,
        lock,
    )
    atexit.register(server.stop)
    return server


def running_url(data_folder: Path) -> str | None:
    """Return how to reach the server that runs over `data_folder`, None without one."""
    if not data_folder.is_dir():
        return None
    kept = folder.opened(data_folder)
    if _running_pid(kept) is None:
        return None
    lines = (kept.cluster / "postmaster.pid").read_text("ascii").splitlines()
    return _url(kept, int(lines[3]), kept.unsafe_mark.exists()) if len(lines) >= 8 else None


def _url(kept: Folder, port: int, unsafe: bool) -> str:
    password = "" if unsafe else f":{kept.password_file.read_text('ascii').strip()}"
    return f"postgres://{NAME}{password}@127.0.0.1:{port}/{NAME}"


def _refuse_mixing(kept: Folder, unsafe: bool) -> None:
    if kept.cluster.exists() and kept.unsafe_mark.exists() != unsafe:
        raise ServiceRefusal(
            "postgres.unsafe_folder",
            f"{kept.home} was {'not ' if unsafe else ''}made for throw-away tests.",
            {"folder": str(kept.home)},
        )


def _matching(kept: Folder, candidates: Sequence[Binaries]) -> Binaries:
    needed = kept.version()
    for found in candidates:
        if found.major == needed:
            return reachable(found, kept.account, kept.home / "programs")
    here = ", ".join(found.version for found in candidates) or "none"
    raise ServiceRefusal(
        "postgres.version_mismatch",
        f"The data in {kept.home} were made by PostgreSQL {needed}; here there is {here}. "
        f"Install PostgreSQL {needed}, or name the folder of its programs in PG_BIN.",
        {"folder": str(kept.home), "needed": needed or "", "found": here},
    )


def _create(kept: Folder, candidates: Sequence[Binaries], unsafe: bool) -> Binaries:
    """Make the cluster with the first programs that can; it appears whole or not at all."""
    errors = list[str]()
    for found in candidates:
        unfinished = kept.home / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        accounts.give(kept.account, unfinished)
        try:
            chosen = reachable(found, kept.account, kept.home / "programs")
            _initdb(kept, chosen, unfinished, unsafe)
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", None) or str(error)
            errors.append(f"{found.folder}: {said.strip()[-300:]}")
            continue
        if unsafe:
            kept.unsafe_mark.touch()
        unfinished.rename(kept.cluster)
        return chosen
    said = "\n".join(errors)
    raise ServiceRefusal(
        "postgres.cannot_create" if said else "postgres.none_found",
        said or "There is no PostgreSQL on this machine, nor the wheel of one.",
        {"folder": str(kept.home), "said": said},
    )


def _initdb(kept: Folder, chosen: Binaries, cluster: Path, unsafe: bool) -> None:
    folder.new_password(kept)
    how = ["-A", "trust", "-N"] if unsafe else ["-A", "scram-sha-256"]
    options = [*how, "-U", NAME, "-E", "UTF8", "--no-locale", f"--pwfile={kept.password_file}"]
    _as_account(kept, [str(chosen.folder / "initdb"), "-D", str(cluster), *options])
    # Without a network: the cluster is not in its place yet and nothing may reach it.
    single = [str(chosen.folder / "postgres"), "--single", "-D", str(cluster), "postgres"]
    made = _as_account(kept, single, said=f"CREATE DATABASE {NAME};\n")
    if "ERROR" in made.stderr:
        raise subprocess.CalledProcessError(1, single, stderr=made.stderr)


def _as_account(
    kept: Folder, command: Sequence[str], said: str = ""
) -> subprocess.CompletedProcess[str]:
    change = os.geteuid() == 0
    return subprocess.run(
        command,
        input=said,
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env=_environment(),
        user=kept.account.uid if change else None,
        group=kept.account.gid if change else None,
        extra_groups=[] if change else None,
    )


def _environment() -> dict[str, str]:
    """Ours without what would make PostgreSQL look elsewhere."""
    inherited = os.environ.items()  # noqa: TID251 - what a child inherits, not a setting
    ours = {name: value for name, value in inherited if not name.startswith("PG")}
    return ours | {"LC_ALL": "C", "TZ": "UTC"}


def _run(
    kept: Folder, chosen: Binaries, wanted_port: int | None, unsafe: bool
) -> tuple[Child, int]:
    settings = SETTINGS + (UNSAFE_SETTINGS if unsafe else ())
    if kept.log.exists() and kept.log.stat().st_size > LOG_LIMIT:
        kept.log.replace(kept.log.with_name("log.old"))
    for attempts_left in reversed(range(20)):
        port = wanted_port or child.free_port()
        command = [str(chosen.folder / "postgres"), "-D", str(kept.cluster), "-p", str(port)]
        command += [word for setting in settings for word in ("-c", setting)]
        logged = kept.log.stat().st_size if kept.log.exists() else 0
        started = child.launch(
            command,
            account=kept.account,
            log=kept.log,
            stop_signal=signal.SIGINT,
            environment=_environment(),
        )
        if _ready(kept, started):
            return started, port
        started.stop(STOP_SECONDS)
        said = kept.log.read_bytes()[logged:].decode(errors="replace")
        # Both pass: a port taken in between, backends of a killed server that still end.
        if attempts_left == 0 or not ("could not bind" in said or "still in use" in said):
            break
        time.sleep(0.25)
    raise ServiceRefusal(
        "postgres.did_not_start",
        f"PostgreSQL did not start; {kept.log} ends:\n{said.strip()[-600:]}",
        {"folder": str(kept.home), "log": str(kept.log), "said": said.strip()[-600:]},
    )


def _ready(kept: Folder, started: Child) -> bool:
    deadline = time.monotonic() + START_SECONDS
    status = kept.cluster / "postmaster.pid"
    while started.alive() and time.monotonic() < deadline:
        with contextlib.suppress(OSError, IndexError):
            lines = status.read_text("ascii").splitlines()
            # The file of a killed predecessor says ready as well: its first line tells.
            ours = lines[0].strip() == str(started.process.pid)
            if ours and len(lines) >= 8 and lines[7].strip() == "ready":
                return True
        time.sleep(0.02)
    return False


def _running_pid(kept: Folder) -> int | None:
    """Return the server over this cluster; a number that is another program's is none."""
    try:
        pid = abs(int((kept.cluster / "postmaster.pid").read_text("ascii").split("\n")[0]))
    except (OSError, ValueError):
        return None
    return pid if str(kept.cluster) in child.command_of(pid) else None


def _end_orphan(kept: Folder) -> None:
    """End a server whose parent was killed; we hold the lock, so no one else owns it."""
    deadline = time.monotonic() + STOP_SECONDS
    while (pid := _running_pid(kept)) is not None and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.1)
    (kept.cluster / "postmaster.pid").unlink(missing_ok=True)
