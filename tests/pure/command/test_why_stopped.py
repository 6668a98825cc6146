"""Why a process ended, in one sentence, whatever broke beside it."""

import errno
from itertools import permutations

import pytest

from gridwhistle.cli.running import why_stopped
from server.errors import NotReady

CUT = ConnectionResetError("cut")
GONE = NotReady(part="database")


@pytest.mark.parametrize("order", list(permutations([CUT, GONE, BrokenPipeError()])))
def test_a_private_database_that_ended_is_named_whatever_was_asking_it(order):
    nested = ExceptionGroup("", [ExceptionGroup("", order[:1]), *order[1:]])
    assert "自带的数据库已停止运行" in why_stopped(nested, 8080)


def test_a_database_that_may_forget_is_told_from_one_that_ended():
    said = why_stopped(ExceptionGroup("", [CUT, NotReady(settings="fsync")]), 8080)
    assert "fsync" in said


def test_a_taken_port_and_any_other_failure_are_told_apart():
    taken = OSError(errno.EADDRINUSE, "in use")
    assert "8080" in why_stopped(ExceptionGroup("", [taken]), 8080)
    assert "cut" in why_stopped(ExceptionGroup("", [CUT]), 8080)
