"""Numbers of cases: short enough to read out, and no count of anything."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar

from tortoise.exceptions import IntegrityError

#: How often another number is drawn when the drawn one is taken.
_DRAWS: Final = 5
_DIGITS: Final = 8
_TAKEN: Final = "case_file_no_key"

T = TypeVar("T")


def draw(at: datetime) -> str:
    """Return a case's number: the local day and random digits, so that it counts nothing."""
    return f"{at:%y%m%d}-{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


async def with_free_number(write: Callable[[str], Awaitable[T]], *, at: datetime) -> T:
    """Return what `write` makes of a drawn number, with another where that one is taken.

    `write` is one transaction, so that a number taken leaves nothing behind.
    """
    for _ in range(_DRAWS - 1):
        try:
            return await write(draw(at))
        except IntegrityError as error:
            if _TAKEN not in str(error):
                raise
    return await write(draw(at))
