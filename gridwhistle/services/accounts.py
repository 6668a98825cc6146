"""Which account of the machine a private server runs as."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gridwhistle.services.refusal import ServiceRefusal

# PostgreSQL refuses to run as root; one of these exists on every distribution.
UNPRIVILEGED = ("postgres", "nobody")
Access = Literal["-r", "-x"]


@dataclass(frozen=True, slots=True)
class Account:
    """An account that a server can be started as."""

    name: str
    uid: int
    gid: int


def ourselves() -> Account:
    """Return the account of this process."""
    return _account(os.geteuid(), os.getegid())


def unprivileged() -> Account:
    """Return the account for a new server: ourselves, or an unprivileged one for root."""
    if os.geteuid() != 0:
        return ourselves()
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServiceRefusal(
        "postgres.no_account",
        f"PostgreSQL does not run as root, and there is no account {' or '.join(UNPRIVILEGED)}.",
        {"accounts": " / ".join(UNPRIVILEGED)},
    )


def owner(path: Path) -> Account:
    """Return the account that owns a file or folder."""
    found = path.stat()
    return _account(found.st_uid, found.st_gid)


def may(account: Account, access: Access, path: Path) -> bool:
    """Tell whether an account may read (-r) or enter or run (-x) a path; asks the system."""
    if account.uid == os.geteuid():
        return os.access(path, os.R_OK if access == "-r" else os.X_OK)
    asked = subprocess.run(
        ["/bin/sh", "-c", 'test "$1" "$2"', "sh", access, str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return asked.returncode == 0


def give(account: Account, path: Path) -> None:
    """Make an account the owner of a file or folder; only root needs to."""
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)


def _account(uid: int, gid: int) -> Account:
    try:
        return Account(pwd.getpwuid(uid).pw_name, uid, gid)
    except KeyError:
        return Account(str(uid), uid, gid)
