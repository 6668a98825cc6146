"""A server with a bug planted: `python -m tests.faults.harness.planted BUG serve`.

`answers_early` answers before anything is written; `checks_first` looks for the key and then
inserts, which only a unique key would mend; `cuts_photos` keeps all but the last byte.
"""

import asyncio
import sys

from gridwhistle.__main__ import main
from media.store import Store
from mobile_api import reports
from server import db as database
from server.cases.intake.receipts import Receipt


def answers_early() -> None:
    take = reports.report
    late = set()

    async def report(new, *, by, at, basis):
        async def write() -> None:
            await asyncio.sleep(0.5)
            await take(new, by=by, at=at, basis=basis)

        writing = asyncio.create_task(write())
        late.add(writing)
        writing.add_done_callback(late.discard)
        return Receipt(body={"no": "early", "stage": "submitted"}, created=True)

    reports.report = report


def checks_first() -> None:
    once = database._once
    database._once = lambda *of: once(*of).replace(
        " ON CONFLICT (reporter_id, key) DO NOTHING", ""
    )


def cuts_photos() -> None:
    put = Store.put

    async def cut(self, key, source, *, durable=True) -> None:
        await put(self, key, source[:-1], durable=durable)

    Store.put = cut


if __name__ == "__main__":
    {bug.__name__: bug for bug in (answers_early, checks_first, cuts_photos)}[sys.argv.pop(1)]()
    main()
