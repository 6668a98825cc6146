"""`gridwhistle tour` as a user runs it: every story against a real server, and what it refuses."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from gridwhistle.services.serving_note import noting
from gridwhistle.tour.script import names
from media.sample import jpeg
from server.clock import now
from server.settings import Settings
from tests.journeys.serving import write_sign_ins
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DETOURS = "".join(name for name in names() if name.isdecimal())
OPENED = re.compile(r"编号 (\d{6}-\d{8})")


@dataclass(frozen=True)
class Ended:
    """How the command ended, and all it said."""

    code: int
    said: str


async def run_tour(url: str, folder: Path, *options: str) -> Ended:
    """Run it against that server, or against the one that the data folder tells of."""
    arguments = ["--sign-ins", str(folder / "sign-ins.json"), *options]
    arguments += ["--url", url] if url else []
    environment = {
        "GRIDWHISTLE_DATA_FOLDER": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gridwhistle", "tour", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | environment,
        cwd=folder,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, said.decode())


@pytest.mark.slow  # a minute of a core
async def test_all_stories_go_as_written(url, folder):
    first = await run_tour(url, folder)
    assert first.code == 0, first.said
    summaries = re.findall(r"(\w+)：(\d+)\D+(\d+)\D+[\d.]+", first.said.rpartition("\n\n")[2])
    assert "".join(name for name, *_ in summaries) == "ABCDEFGH" + DETOURS
    stories = summaries[:8]
    assert all(int(n_steps) > 15 and int(n_told) > 20 for _, n_steps, n_told in stories)
    redo_until = (now() + timedelta(days=7)).astimezone(Settings.read().zone)
    assert f"可以在{redo_until.month}月{redo_until.day}日" in first.said
    numbers = OPENED.findall(first.said)
    assert len(set(numbers)) == len(numbers) >= len(summaries)


@pytest.mark.slow  # two processes; one story of the wall is played by default, test_wall.py
async def test_the_running_server_is_found_by_the_data_folder_alone(url, folder):
    with noting(folder) as note:
        note(url)
        found = await run_tour("", folder, "--story", "2")
    assert found.code == 0, found.said
    none = await run_tour("", folder, "--story", "2")
    assert none.code == 1
    assert "--url" in none.said


@pytest.mark.slow  # the stories again, on a county in which they were played before
async def test_stories_go_again_with_photos_of_ones_own(url, folder):
    for number in range(3):
        picture = jpeg(320, 240, seed=number, position=(117.6, 34.7))
        (folder / f"{number}.JPG").write_bytes(picture)
    # A second conference on the same matter: its precedent is the one that is cited then. A second
    # change of the list, admission and exit: the list was left as it was found.
    stories = ("c", "6", "13", "14")
    options = [word for name in stories for word in ("--story", name)]
    opened = set()
    for _ in range(2):
        played = await run_tour(url, folder, *options, "--photos", str(folder))
        assert played.code == 0, played.said
        assert opened.isdisjoint(OPENED.findall(played.said))
        opened.update(OPENED.findall(played.said))


@pytest.fixture
def another_lead(databases, county_url, known) -> Iterator[None]:
    """The list names another lead for the matter of story C than the story does."""
    named = """
        UPDATE list_entry SET lead_id = (SELECT id FROM unit WHERE code = 'D05')
        WHERE matter_id = (SELECT id FROM matter WHERE code = 'HJ-006')
    """

    async def rename() -> None:
        connection = await asyncpg.connect(county_url)
        assert await connection.execute(named) == "UPDATE 1"
        await connection.close()

    databases.run(rename())
    known.clear()
    yield
    known.clear()


@pytest.mark.slow  # two processes of some seconds
async def test_what_differs_from_the_story_ends_it_with_one(another_lead, url, folder):
    ended = await run_tour(url, folder, "--story", "C")
    assert ended.code == 1, ended.said
    expected, got = ended.said.splitlines()[-2:]
    assert "综合行政执法局" in expected
    assert "应急管理局" in got

    write_sign_ins(folder / "sign-ins.json", "another password")
    barred = await run_tour(url, folder, "--story", "A")
    assert barred.code == 1, barred.said
    assert "401 auth.wrong_password" in barred.said.splitlines()[-1]


@pytest.mark.slow  # three processes of some seconds
async def test_without_sign_ins_or_without_a_server_it_says_what_to_do(folder):
    nobody = await run_tour("http://127.0.0.1:9", folder / "..")
    assert nobody.code == 1
    assert "sign-ins.json" in nobody.said
    nowhere = await run_tour(f"http://127.0.0.1:{free_port()}", folder)
    assert nowhere.code == 1
    assert "./run" in nowhere.said
