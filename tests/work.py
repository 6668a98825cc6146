"""How much is done, whatever else the machine does: calls are counted, no clock is read."""

import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def counted(work: Callable[[], T]) -> tuple[T, int]:
    """What a piece of work gives, and how many functions it called, those written in C among them.

    What one call does in C is one call: it shows loops in Python, which is where input is walked.
    """
    n_calls = 0

    def seen(_frame: object, event: str, _about: object) -> None:
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        given = work()
    finally:
        sys.setprofile(before)
    return given, n_calls
