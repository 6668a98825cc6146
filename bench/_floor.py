"""The floor: a bare aiohttp handler that syncs the same bytes and makes one INSERT.

    python bench/_floor.py DATABASE_URL FOLDER PORT        started by intake.py

`POST /photo` reads the multipart body, writes it into a file, syncs file and folder, inserts one
row through an asyncpg pool, answers 201. `POST /report` inserts a JSON body as one row.
"""

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

import asyncpg
from aiohttp import web

from gridwhistle.process import run_loop


def keep(folder, name, data):
    part = folder / f"{name}.part"
    with part.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def photo(request):
    part = await (await request.multipart()).next()
    data = await part.read()
    name = uuid4().hex
    loop = asyncio.get_running_loop()
    work = partial(keep, request.app["folder"], name, data)
    await loop.run_in_executor(request.app["threads"], work)
    await request.app["pool"].execute(
        "INSERT INTO bench_floor (name, n_bytes) VALUES ($1, $2)", name, len(data)
    )
    return web.json_response({"id": name}, status=201)


async def report(request):
    body = await request.text()
    await request.app["pool"].execute("INSERT INTO bench_floor (name) VALUES ($1)", body)
    return web.json_response({}, status=201)


async def ready(request):
    return web.Response()


async def main(url, folder, port):
    app = web.Application(client_max_size=2**25)
    app["folder"] = Path(folder)
    app["threads"] = ThreadPoolExecutor(8)
    app["pool"] = pool = await asyncpg.create_pool(url, min_size=1, max_size=10)
    await pool.execute(
        "CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, name text,"
        " n_bytes integer, at timestamptz DEFAULT now())"
    )
    app.router.add_post("/photo", photo)
    app.router.add_post("/report", report)
    app.router.add_get("/ready", ready)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(port), backlog=1024).start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await runner.cleanup()
    await pool.close()


if __name__ == "__main__":
    run_loop(main(*sys.argv[1:4]))
