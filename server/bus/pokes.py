"""One listener's wake-ups."""

import asyncio


class Pokes:
    """What one listener holds: a single bit, however many wake-ups come.

    A wake-up says only "look again": whoever lags reads the database once, and nothing piles up.
    """

    def __init__(self) -> None:
        self._poked = asyncio.Event()

    def poke(self) -> None:
        """Wake the listener, now or when it next waits."""
        self._poked.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait to be woken, at most `seconds`; tell whether it was."""
        try:
            async with asyncio.timeout(seconds):
                await self._poked.wait()
        except TimeoutError:
            return False
        self._poked.clear()
        return True
