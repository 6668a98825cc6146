"""Keeping and checking passwords: argon2id, a few at a time, off the event loop."""

import asyncio
import secrets
from functools import cache
from importlib import resources
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.errors import BadInput

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 128

# OWASP's argon2id profile: 19 MiB, two passes, one lane.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Checks passwords, at most `n_at_once` at a time: each takes 19 MiB and a core for 20 ms."""

    def __init__(self, *, n_at_once: int = 2) -> None:
        self._turns = asyncio.Semaphore(n_at_once)
        self._nobodys = nobodys()

    async def fits(self, password: str, kept: str) -> bool:
        """Tell whether the password is the one kept; where none is, no takes just as long."""
        async with self._turns:
            return await asyncio.to_thread(_fits, password, kept or self._nobodys)


def hashed(password: str) -> str:
    """Return what to keep of a password; takes 20 ms of a core."""
    return _HASHER.hash(password)


def require_fit(password: str, *, username: str) -> None:
    """Raise BadInput for a password that is too short, too long, the name, or a common one."""
    reason = ""
    lowered = password.casefold()
    if len(password) < MIN_LENGTH:
        reason = "string_too_short"
    elif len(password) > MAX_LENGTH:
        reason = "string_too_long"
    elif lowered == username.casefold() or lowered in _common() or len(set(lowered)) < 3:
        reason = "password_common"
    if reason:
        raise BadInput([{"pointer": "/password", "reason": reason}])


@cache
def nobodys() -> str:
    """Return what no password fits; one does for a process."""
    return hashed(secrets.token_urlsafe(16))


def _fits(password: str, kept: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _common() -> frozenset[str]:
    source = resources.files("server.people.sign_in").joinpath("common_passwords.csv")
    return frozenset(source.read_text(encoding="utf-8").split())
