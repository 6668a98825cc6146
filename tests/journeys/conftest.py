"""The demo county served as a whole, for journeys over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tortoise import Tortoise

from gridwhistle import worker
from gridwhistle.assembly import make_app
from server.people.sign_in.passwords import hashed
from tests.journeys.serving import PASSWORD, write_sign_ins


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with the sign-ins of everybody, who all have one password."""
    write_sign_ins(tmp_path / "sign-ins.json", PASSWORD)
    return tmp_path


@pytest.fixture
async def url(county, aiohttp_server, folder) -> AsyncIterator[str]:
    """The demo county served with its worker; everybody may sign in."""
    sql = "UPDATE account SET password_hash = $1"
    await Tortoise.get_connection("default").execute_query(sql, [hashed(PASSWORD)])
    parts, stop = county.parts, asyncio.Event()
    server = await aiohttp_server(make_app(parts))
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(parts.settings, parts.bus, parts.store, stop))
        yield str(server.make_url("/"))
        stop.set()
        await parts.bus.publish("outbox")
