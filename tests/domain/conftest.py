"""Fixtures of the domain's tests."""

import pytest

from tests.casework import Casework


@pytest.fixture
def work(county) -> Casework:
    """Does things to the cases of this test's county."""
    return Casework(county)
