"""A worker in a process of its own, to be killed: `python -m tests.faults.harness.one_worker`."""

import asyncio
import sys

from gridwhistle import worker
from media.store import Store
from server import db
from server.bus.bus import opened
from server.settings import Settings


async def main() -> None:
    settings = Settings.read()
    async with db.opened(settings.database_url, n_connections=4), opened(settings) as bus:
        sys.stdout.write("working\n")
        sys.stdout.flush()
        await worker.run(settings, bus, Store.from_url("memory://"), asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
