"""A listener in a process of its own: `python -m tests.faults.harness.one_listener TOPIC`."""

import asyncio
import sys

from server.bus.bus import opened
from server.settings import Settings


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(topic: str) -> None:
    async with opened(Settings.read()) as bus:
        with bus.subscribed(topic) as pokes:
            say("listening")
            while True:
                await pokes.wait()
                say("poked")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
