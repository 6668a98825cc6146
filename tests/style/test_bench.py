"""The measuring scripts start as they are documented: by name, from anywhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import ROOT

SCRIPTS = sorted(each.name for each in (ROOT / "bench").glob("[!_]*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_finds_the_packages_and_not_its_neighbours_of_the_same_name(script):
    """bench/geo.py lies beside the others and is called like the package `geo`."""
    path = ROOT / "bench" / script
    code = f"import runpy; import sys; sys.path[0] = {str(path.parent)!r}; " + (
        f"runpy.run_path({str(path)!r}, run_name='looked_at'); import geo; print(geo.__path__[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    assert Path(done.stdout.strip()) == ROOT / "geo"


@pytest.mark.slow
def test_every_question_of_the_big_databases_is_asked_of_a_small_one():
    """What is measured once in a while must not have ceased to work in between."""
    command = [sys.executable, str(ROOT / "bench" / "cases.py"), "300", "--asked", "6"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| clock: what is due |" in done.stdout
