"""The folder that a private PostgreSQL keeps: its place, its lock, its password."""

import fcntl
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gridwhistle.services import accounts
from gridwhistle.services.accounts import Account
from gridwhistle.services.refusal import ServiceRefusal

ELSEWHERE = Path("/var/lib/gridwhistle")


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder: `home` is where it really lies, `account` whose server uses it."""

    home: Path
    account: Account
    elsewhere: bool

    @property
    def cluster(self) -> Path:
        """The files of PostgreSQL itself."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.home / "log"

    @property
    def password_file(self) -> Path:
        """The password of the server's only role, made for this folder alone."""
        return self.home / "password"

    @property
    def unsafe_mark(self) -> Path:
        """Present in a throw-away folder of the tests."""
        return self.home / "unsafe"

    def version(self) -> str | None:
        """Return the major version that made the cluster, None before there is one."""
        if not self.cluster.exists():
            return None
        try:
            return (self.cluster / "PG_VERSION").read_text("ascii").strip()
        except OSError as error:
            raise ServiceRefusal(
                "postgres.damaged",
                f"{self.cluster} holds no readable PG_VERSION: {error.strerror}.",
                {"folder": str(self.cluster)},
            ) from error

    def lock(self) -> IO[str]:
        """Lock the folder until closed; refused when another process holds it."""
        held = (self.home / "lock").open("a+")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            by = held.read().strip() or "?"
            held.close()
            raise ServiceRefusal(
                "postgres.in_use",
                f"{self.home} is in use by process {by}.",
                {"folder": str(self.home), "process": by},
            ) from None
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        return held


def opened(named: Path) -> Folder:
    """Return the folder behind the name that was asked for; made when it does not exist.

    When we are root and the account of the server cannot reach the place, the folder lies below
    /var/lib/gridwhistle and a note in the asked place remembers where.
    """
    named = named.resolve()
    note = named / "elsewhere"
    if note.is_file():
        home = Path(note.read_text("utf-8").strip())
        if not home.is_dir():
            raise ServiceRefusal(
                "postgres.data_missing",
                f"{note} says the database lies in {home}, which does not exist.",
                {"folder": str(home), "note": str(note)},
            )
        return Folder(home, _account_for(home), elsewhere=True)
    _refuse_foreign(named)
    named.mkdir(parents=True, exist_ok=True)
    account = _account_for(named)
    if accounts.may(account, "-x", named):
        return Folder(named, account, elsewhere=False)
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix=f"{named.parent.parent.name}-", dir=ELSEWHERE))
    home.chmod(0o755)
    note.write_text(f"{home}\n", "utf-8")
    return Folder(home, account, elsewhere=True)


def new_password(folder: Folder) -> None:
    """Write a random password that only the server's account (and root) can read."""
    folder.password_file.unlink(missing_ok=True)
    handle = os.open(folder.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{secrets.token_urlsafe(24)}\n")
    accounts.give(folder.account, folder.password_file)


def _account_for(home: Path) -> Account:
    """Return the owner of an existing cluster, else the account for a new one."""
    cluster = home / "cluster"
    if not cluster.exists():
        return accounts.unprivileged()
    _refuse_foreign(home)
    return accounts.owner(cluster)


def _refuse_foreign(home: Path) -> None:
    for path in (home / "cluster", home):
        if path.exists():
            holder = accounts.owner(path)
            if os.geteuid() in (0, holder.uid):
                return
            raise ServiceRefusal(
                "postgres.wrong_account",
                f"{path} belongs to {holder.name}; start as that account or as root.",
                {"folder": str(path), "account": holder.name},
            )
