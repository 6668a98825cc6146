"""Wake-ups within one process."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from server.bus.pokes import Pokes


class LocalBus:
    """Carries wake-ups between the parts of one process."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Pokes]] = defaultdict(set)

    async def publish(self, *topics: str) -> None:
        """Wake whoever listens to one of the topics."""
        self.poke(topics)

    @contextmanager
    def subscribed(self, *topics: str) -> Iterator[Pokes]:
        """Listen to the topics while the block runs."""
        pokes = Pokes()
        for topic in topics:
            self._listeners[topic].add(pokes)
        try:
            yield pokes
        finally:
            for topic in topics:
                self._listeners[topic].discard(pokes)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    def poke(self, topics: tuple[str, ...]) -> None:
        """Wake whoever in this process listens to one of the topics."""
        for topic in topics:
            for pokes in self._listeners.get(topic, ()):
                pokes.poke()

    def poke_all(self) -> None:
        """Wake everyone in this process: something may have been missed."""
        self.poke(tuple(self._listeners))
