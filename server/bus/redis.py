"""Wake-ups between processes, carried by Redis or Valkey."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.bus.local import LocalBus
from server.bus.pokes import Pokes

_log: Final = structlog.get_logger(__name__)

CHANNEL: Final = "gridwhistle"
# A request must not wait for a Redis that is away: one short try, then none for a while.
_PATIENCE_SECONDS: Final = 0.4
_QUIET_SECONDS: Final = 2.0
_RECONNECT_SECONDS: Final = 0.5
_LISTEN_SECONDS: Final = 2.0


class RedisBus:
    """Carries wake-ups to every process that listens on the same Redis.

    Wake-ups within the process take no detour. A Redis that is away costs nothing but time:
    failures are logged and passed over, because every listener also polls the database.
    """

    def __init__(self, url: str) -> None:
        self._local = LocalBus()
        self._self = secrets.token_hex(8)
        self._quiet_until = 0.0
        self._lost = False
        self._connected = asyncio.Event()
        self._redis = Redis.from_url(
            url,
            protocol=2,  # all that wake-ups need; servers before Redis 6 know no other
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Listen to the other processes while the block runs."""
        # A task of its own: listening goes on whatever the process is doing.
        listening = asyncio.create_task(self._listen(), name="bus")  # noqa: TID251
        try:
            # Not being heard by the others yet would only delay them; an absent Redis more so.
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._connected.wait()
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await self._redis.aclose()

    async def publish(self, *topics: str) -> None:
        """Wake whoever listens to one of the topics, here and elsewhere; never fails."""
        self._local.poke(topics)
        loop = asyncio.get_running_loop()
        if not topics or loop.time() < self._quiet_until:
            return
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._redis.publish(CHANNEL, json.dumps([self._self, *topics]))
        except (RedisError, OSError) as error:
            self._quiet_until = loop.time() + _QUIET_SECONDS
            _log.warning("bus_publish_failed", error=repr(error))

    def subscribed(self, *topics: str) -> AbstractContextManager[Pokes]:
        """Listen to the topics while the block runs."""
        return self._local.subscribed(*topics)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    await self._hear(pubsub)
            except (RedisError, OSError) as error:
                self._lose(repr(error))
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _hear(self, pubsub: PubSub) -> None:
        unanswered = 0
        while unanswered < 3:
            message = await pubsub.get_message(timeout=_LISTEN_SECONDS)
            if message is None:
                # Silence may be peace or a dead line: ask.
                unanswered += 1
                await pubsub.ping()
                continue
            unanswered = 0
            if message["type"] == "subscribe":
                _log.info("bus_connected")
                self._lost = False
                self._connected.set()
                self._quiet_until = 0.0
                self._local.poke_all()
            elif message["type"] == "message":
                sender, *topics = json.loads(message["data"])
                if sender != self._self:
                    self._local.poke(tuple(topics))
        self._lose("no answer")

    def _lose(self, why: str) -> None:
        if not self._lost:
            _log.warning("bus_lost", error=why)
        self._lost = True
        self._connected.clear()
