"""Nothing is answered before it would survive a power cut."""

import errno
import os
from pathlib import Path

import asyncpg
import pytest
from aiohttp import FormData

from media.paths import original_key
from media.sample import jpeg
from server.clock import now
from tests.faults.harness.phones import WALL


@pytest.fixture
async def beside(county, county_url):
    """A connection that sees only what is committed."""
    connection = await asyncpg.connect(county_url)
    yield connection
    await connection.close()


@pytest.fixture
def synced(monkeypatch) -> list[int]:
    """The inodes that were synced, in order; the real sync is done."""
    inodes = list[int]()
    sync = os.fsync

    def spy(handle: int) -> None:
        sync(handle)
        inodes.append(os.fstat(handle).st_ino)

    monkeypatch.setattr(os, "fsync", spy)
    return inodes


async def upload(person, data: bytes):
    form = FormData()
    form.add_field("photo", data, filename="p.jpg", content_type="image/jpeg")
    return await person.call("POST", "/m/v1/photos", data=form)


def folders(root: Path, path: Path) -> list[Path]:
    return [folder for folder in path.parents if folder.is_relative_to(root)]


async def test_a_photo_is_answered_when_bytes_and_folders_are_synced_and_its_row_is_committed(
    someone, beside, synced, tmp_path
):
    worker = await someone("grid0202")
    for status in (201, 200):
        synced.clear()
        answered, photo = await upload(worker, jpeg(320, 240, seed=1))
        assert answered == status
        original = tmp_path / "photos" / original_key(photo["sha256"])
        if status == 201:
            wanted = [original, *folders(tmp_path / "photos", original)]
            assert {path.stat().st_ino for path in wanted} <= set(synced)
            # A name that points to bytes which are not there yet would be worse than none.
            assert synced[0] == original.stat().st_ino
        assert await beside.fetchval("SELECT count(*) FROM photo WHERE id = $1", photo["id"]) == 1


async def test_a_report_is_answered_when_case_history_and_messages_are_committed(someone, beside):
    worker = await someone("grid0202")
    report = {
        "key": "5b3d5a52-6d53-4c3f-9f0e-1d8f5ad0a001",
        "kind": "enforcement",
        "text": "a hole in the wall",
        "position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "accuracy": 8.0},
        "captured_at": now().isoformat(),
    }
    receipt = await worker.post("/m/v1/reports", report, expect=201)
    found = await beside.fetchrow(
        "SELECT c.version, (SELECT count(*) FROM case_step s WHERE s.case_id = c.id) AS n_steps,"
        " (SELECT count(*) FROM outbox_delivery d WHERE d.stream = 'case:' || c.no) AS n_owed"
        " FROM case_file c WHERE c.no = $1",
        receipt["no"],
    )
    assert found["n_steps"] == found["version"] >= 1
    assert found["n_owed"] >= 1


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
async def test_a_disk_that_cannot_sync_is_answered_with_a_refusal_and_no_photo(
    someone, beside, monkeypatch, number
):
    worker = await someone("grid0202")

    def fail(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    data = jpeg(320, 240, seed=2)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        status, answer = await upload(worker, data)
    assert status == 507, answer
    assert await beside.fetchval("SELECT count(*) FROM photo") == 0
    status, photo = await upload(worker, data)
    assert status == 201
    assert await beside.fetchval("SELECT count(*) FROM photo WHERE id = $1", photo["id"]) == 1
