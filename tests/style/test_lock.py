"""What is installed is locked: exact versions with hashes that fit pyproject.toml."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.parts import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: What each lock is made from; `make lock` writes them anew.
LOCKS = {
    "run": ("build",),
    "test": ("test", "dev", "build"),
    "node": ("node",),
    "heic": ("heic",),
    "gis": ("gis",),
    "osm": ("osm",),
}
PIN = re.compile(r"^(\S+==[^\\]+?) \\\n((?:    [^\n]*\n)+)", re.M)


def _asked_for(lock: str) -> list[Requirement]:
    """What pyproject.toml wants of that lock."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    lines = [] if lock in ("node", "heic", "gis", "osm") else list(project["dependencies"])
    for name in LOCKS[lock]:
        lines += groups[name] if name in groups else project["optional-dependencies"][name]
    return [Requirement(line) for line in lines]


def _pins(lock: str) -> list[tuple[Requirement, str]]:
    """Every locked requirement with what stands below it: hashes, and by whom it is wanted."""
    written = (ROOT / f"deploy/lock/{lock}.txt").read_text(encoding="utf-8")
    return [(Requirement(pin), below) for pin, below in PIN.findall(written)]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_what_pyproject_asks_for_and_nothing_that_nobody_wants(lock):
    pins = _pins(lock)
    ours = {canonicalize_name(pin.name) for pin, below in pins if "gridwhistle (py" in below}
    assert ours == {canonicalize_name(each.name) for each in _asked_for(lock)}, "run `make lock`"
    assert all("# via" in below for _, below in pins)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_is_one_that_pyproject_allows(lock):
    allowed = {canonicalize_name(each.name): each for each in _asked_for(lock)}
    for pin, _ in _pins(lock):
        (version,) = (each.version for each in pin.specifier)
        wanted = allowed.get(canonicalize_name(pin.name))
        assert wanted is None or wanted.specifier.contains(version), f"{pin}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_the_lock_has_hashes_and_no_address(lock):
    written = (ROOT / f"deploy/lock/{lock}.txt").read_text(encoding="utf-8")
    pins = _pins(lock)
    assert len(pins) == len(re.findall(r"^\S.*==", written, re.M)) > 0
    assert all("--hash=sha256:" in below for _, below in pins)
    assert "://" not in written
    assert not re.search(r"^-", written, re.M)


def test_what_runs_is_locked_to_the_versions_that_were_tested():
    tested = {f"{pin.name}{pin.specifier}" for pin, _ in _pins("test")}
    assert {f"{pin.name}{pin.specifier}" for pin, _ in _pins("run")} <= tested


def test_every_dependency_and_tool_has_an_upper_bound():
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    named = [*project["optional-dependencies"].values(), *groups.values()]
    lines = [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    lines += [line for group in named for line in group]
    bounded = {"<", "<=", "==", "~="}
    assert [
        line
        for line in lines
        if not bounded & {each.operator for each in Requirement(line).specifier}
    ] == []
