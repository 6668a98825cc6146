"""Loads the plugins that every test may use."""

import gc
import signal

import pytest

pytest_plugins = ("tests.not_collected", "tests.services", "tests.county")

# Whom a shell starts in the background ignores SIGINT, and so does what it starts in turn: the
# programs that tests start and stop by that signal would not hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What thousands of collected cases hold stays: not looked through again with each garbage."""
    gc.collect()
    gc.freeze()
