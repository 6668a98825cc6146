"""Loads the plugins that every test may use."""

import gc
import os
import signal

import pytest

pytest_plugins = ("tests.not_collected", "tests.services", "tests.county")

# Tests write little, and a developer's disk may be fuller than a server's should be.
os.environ.setdefault("GRIDWHISTLE_DISK_MIN_FREE_PERCENT", "0")

# Whom a shell starts in the background ignores SIGINT, and so does what it starts in turn: the
# programs that tests start and stop by that signal would not hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


gc.disable()  # until all is collected: what thousands of cases hold stays


#: A worker does a file whole: who begins with the longest leaves nobody waiting for it at the end.
_LONGEST = ("test_whole_life.py", "test_stories.py", "test_detours_of_lists.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files go first, the others in their order."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected is not looked through again with each garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()
