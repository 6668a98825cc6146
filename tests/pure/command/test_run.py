"""`./run` with a word is that command of gridwhistle, as both READMEs write it."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.parts import ROOT

WITHOUT_A_SERVER = ("suggest", "places")


@pytest.fixture
def checkout(tmp_path):
    """The script as it is, with a set-up that has nothing to install."""
    shutil.copy(ROOT / "run", tmp_path)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/setup.sh").write_text(f"set_up() {{ VENV_PYTHON={sys.executable}; }}\n")
    return tmp_path


def shown(readme: str) -> list[str]:
    """The lines of a README that run a command which needs no server."""
    written = re.findall(r"^\./run \w+ .*$", (ROOT / readme).read_text("utf-8"), re.M)
    assert {*WITHOUT_A_SERVER, "tour"} <= {line.split()[1] for line in written}
    return [line for line in written if line.split()[1] in WITHOUT_A_SERVER]


@pytest.mark.slow  # some twenty programs, one after the other
def test_what_either_readme_writes_runs_as_it_is_written(checkout):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DATABASE_URL": ""}
    for line in {*shown("README.md"), *shown("README.zh-CN.md")}:
        ran = subprocess.run(
            ["sh", "-c", line], cwd=checkout, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)


@pytest.mark.slow  # a copy of the checkout and a whole program
def test_a_tour_without_a_server_says_what_to_do(checkout):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DATABASE_URL": ""}
    environment.pop("GRIDWHISTLE_DATA_FOLDER", None)
    ran = subprocess.run(
        ["sh", "./run", "tour"], cwd=checkout, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert "没有找到正在运行的网格哨" in ran.stderr
