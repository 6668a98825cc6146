"""The units for systemd: they start what there is, are shut in, and systemd accepts them."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gridwhistle.__main__ import main

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
PROGRAM = "/opt/gridwhistle/.venv/bin/gridwhistle"
ASKED_FOR = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "User": "gridwhistle",
    "Restart": "always",
}


def read(unit: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(unit.read_text("utf-8"))
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is_and_is_shut_in(unit):
    service = read(unit)["Service"]
    program, *arguments = service["ExecStart"].split()
    assert program == PROGRAM
    assert CliRunner().invoke(main, [*arguments, "--help"]).exit_code == 0
    assert {name: service[name] for name in ASKED_FOR} == ASKED_FOR


def test_there_is_a_unit_for_all_in_one_and_one_for_the_work_alone():
    commands = {read(unit)["Service"]["ExecStart"].removeprefix(PROGRAM).strip() for unit in UNITS}
    assert commands == {"serve", "work"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_a_unit(unit, tmp_path):
    here = tmp_path / unit.name
    here.write_text(unit.read_text("utf-8").replace(PROGRAM, sys.executable), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(here)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
