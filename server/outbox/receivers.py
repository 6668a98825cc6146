"""What a receiver is: who takes a delivery, and whether inside our database or outside of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One delivery as its receiver sees it."""

    id: int
    kind: str
    stream: str
    facts: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A receiver whose effect is rows of ours: effect and acknowledgement are one transaction.

    `take` gets up to `batch` deliveries at once, each of another stream, oldest first. It
    never leaves half an effect behind, so nothing reaches it twice. What may be told twice and
    takes no time, as a wake-up, is taken so as well. `then` is given what `take` returned once
    the transaction holds: for what may be lost.
    """

    take: Callable[[Sequence[Owed]], Awaitable[Any]]
    batch: int = 20
    then: Callable[[Any], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A receiver whose effect lies elsewhere: leased, carried out, then acknowledged.

    `take` may see a delivery again after a crash, and is cut off after `within`.
    """

    take: Callable[[Owed], Awaitable[None]]
    within: timedelta = timedelta(seconds=20)
    at_once: int = 1


Receiver = Inside | Outside
