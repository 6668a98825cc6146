"""A wheel of the project carries the pages and serves them."""

import json
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.parts import DESK, PAGE, ROOT

#: What a wheel is built from.
SOURCES = ("gridwhistle", "server", "mobile_api", "geo", "media")
FILES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "MANIFEST.in")
SERVE = """
import asyncio, json
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from mobile_api import page
from server.staff_api import page as desk
from server.http.routes import ROUTES

async def served():
    app = web.Application()
    app[ROUTES] = []
    page.routes.add_to(app)
    desk.routes.add_to(app)
    async with TestClient(TestServer(app)) as client:
        found = [await client.get(path) for path in ("/", "/console/")]
        return page.__file__, desk.__file__, *[await each.text() for each in found]

print(json.dumps(asyncio.run(served())))
"""


@pytest.mark.slow
@pytest.mark.needs("page")
def test_a_wheel_carries_the_pages_and_serves_them(tmp_path):
    source, unpacked = tmp_path / "source", tmp_path / "unpacked"
    skipped = shutil.ignore_patterns("__pycache__", "page")
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=skipped)
    for page in (PAGE, DESK):
        shutil.copytree(page, source / page.relative_to(ROOT))
    for name in FILES:
        shutil.copy(ROOT / name, source)
    made = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*made, "--wheel-dir", tmp_path, source], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert not [name for name in packed.namelist() if name.startswith("web/")]
        packed.extractall(unpacked)
    done = subprocess.run(
        [sys.executable, "-c", SERVE], cwd=unpacked, check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout) == [
        str(unpacked / "mobile_api" / "page.py"),
        str(unpacked / "server" / "staff_api" / "page.py"),
        (PAGE / "index.html").read_text(encoding="utf-8"),
        (DESK / "index.html").read_text(encoding="utf-8"),
    ]
