"""The one interface of wake-ups, in a process or between several."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Protocol

from server.bus.local import LocalBus
from server.bus.pokes import Pokes
from server.bus.redis import RedisBus
from server.settings import Settings


class Bus(Protocol):
    """Carries "look again" from whoever wrote to whoever waits; it never carries the truth.

    A wake-up may be lost, so every listener also looks by itself every `poll_seconds`. Topics:
    `outbox` (something is owed), `inbox:<account>` (a message came), and what callers agree on.
    """

    async def publish(self, *topics: str) -> None:
        """Wake whoever listens to one of the topics, here and elsewhere; never fails."""

    def subscribed(self, *topics: str) -> AbstractContextManager[Pokes]:
        """Listen to the topics while the block runs."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Bus]:
    """Hold a bus open: Redis carries it between processes where `REDIS_URL` is set."""
    if not settings.redis_url:
        yield LocalBus()
        return
    bus = RedisBus(settings.redis_url)
    async with bus.opened():
        yield bus
