"""A case whose part is not here is left out of the run, and the last lines say so."""

import pytest

from tests import parts

pytest_plugins = ("pytester",)

CASES = """
import pytest

@pytest.mark.needs("shared")
def test_with_the_material():
    raise AssertionError("must not run")

@pytest.mark.needs("linux")
def test_of_this_kernel():
    pass

def test_of_anywhere():
    pass
"""

SETTINGS = """
[pytest]
asyncio_default_fixture_loop_scope = function
markers = needs(part): a part that not every machine has
"""


@pytest.fixture
def only_linux(monkeypatch, pytester):
    pytester.makeini(SETTINGS)
    pytester.makepyfile(CASES)
    monkeypatch.setattr(parts, "present", lambda part: part == "linux")


def test_a_case_without_its_part_is_neither_run_nor_skipped(pytester, only_linux):
    result = pytester.runpytest_inprocess("-p", "tests.not_collected", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["not collected: 1 that need 'shared': *"])


def test_the_lines_are_kept_for_a_command_that_runs_more_than_one_tier(
    pytester, only_linux, monkeypatch
):
    kept = pytester.path / "kept"
    kept.write_text("an earlier line\n")
    monkeypatch.setenv("GRIDWHISTLE_NOT_COLLECTED", str(kept))
    pytester.runpytest_inprocess("-p", "tests.not_collected", "-p", "no:cacheprovider")
    earlier, line = kept.read_text().splitlines()
    assert earlier == "an earlier line"
    assert line.startswith("not collected: 1 that need 'shared'")


def test_every_part_says_why_it_is_absent():
    for part in parts.WHY_ABSENT:
        assert parts.present(part) in (True, False)
    with pytest.raises(ValueError, match="no such part"):
        parts.present("electricity")
