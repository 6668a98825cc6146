"""The store: whole or not at all, twice is once, and missing is said plainly."""

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from obstore.store import S3Store

from media.durable import PARTS, sweep
from media.errors import MediaError
from media.paths import display_key, original_key, thumbnail_key
from media.store import Store

BODY = os.urandom(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
KEY = original_key(SHA256)


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = f"file://{tmp_path}/照 片" if request.param == "file" else "memory://"
    made = Store.from_url(url)
    yield made
    made.close()


async def test_what_was_put_is_got_back(store: Store) -> None:
    assert not await store.exists(KEY)
    await store.put(KEY, BODY)
    assert await store.exists(KEY)
    assert await store.get(KEY) == BODY


async def test_a_file_is_put_as_its_bytes(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(BODY)
    await store.put(KEY, source)
    await store.put(KEY, source)
    assert await store.get(KEY) == BODY
    assert source.exists()


async def test_a_stream_gives_size_and_pieces(store: Store) -> None:
    await store.put(KEY, BODY)
    stream = await store.stream(KEY)
    assert stream.n_bytes == len(BODY)
    assert b"".join([piece async for piece in stream.chunks]) == BODY


async def test_missing_is_told_before_the_first_byte(store: Store) -> None:
    for call in (store.get, store.stream):
        with pytest.raises(MediaError) as refused:
            await call(KEY)
        assert refused.value.code == "store.missing"
        assert refused.value.facts == {"key": KEY}


async def test_deleting_twice_is_no_error(store: Store) -> None:
    await store.put(KEY, BODY)
    await store.delete(KEY)
    await store.delete(KEY)
    assert not await store.exists(KEY)


@pytest.mark.parametrize(
    "key", ["", "/up", "../up", "a/../b", "a//b", "a/", ".parts/x", "a b", "a\0b", "照片"]
)
async def test_a_key_is_a_plain_relative_path(store: Store, key: str) -> None:
    for attempt in (store.put(key, b"x"), store.get(key), store.exists(key), store.delete(key)):
        with pytest.raises(ValueError, match="not a key"):
            await attempt


async def test_many_writers_of_one_key_leave_one_whole_file(tmp_path: Path) -> None:
    store = Store.local(tmp_path)
    await asyncio.gather(*(store.put(KEY, BODY) for _ in range(20)))
    store.close()
    assert files_in(tmp_path) == [tmp_path / KEY]
    assert await Store.local(tmp_path).get(KEY) == BODY


async def test_a_file_damaged_by_a_crash_is_healed_by_the_next_put(tmp_path: Path) -> None:
    store = Store.local(tmp_path)
    await store.put(KEY, BODY)
    (tmp_path / KEY).write_bytes(bytes(len(BODY)))
    await store.put(KEY, BODY)
    assert await store.get(KEY) == BODY
    store.close()


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced, in that order, as paths below the test's folder."""
    paths: list[str] = []
    real = os.fsync

    def recorded(handle: int) -> None:
        paths.append(Path(f"/dev/fd/{handle}").resolve().relative_to(tmp_path).as_posix())
        real(handle)

    monkeypatch.setattr(os, "fsync", recorded)
    return paths


async def test_a_put_syncs_the_file_before_its_name_and_every_folder_after(
    tmp_path: Path, synced: list[str]
) -> None:
    store = Store.local(tmp_path)
    await store.put("original/ab/cd/x", BODY)
    await store.put("display/ab/x", BODY, durable=False)
    store.close()
    assert synced[0].startswith(f"{PARTS}/")
    assert synced[1:] == ["original/ab/cd", "original/ab", "original", "."]


async def test_a_folder_whose_name_is_on_the_disk_is_not_named_again_unless_it_was_taken_away(
    tmp_path: Path, synced: list[str]
) -> None:
    store = Store.local(tmp_path)
    said = []
    for key in ("original/ab/cd/x", "original/ab/cd/y", "original/ab/ef/z", "original/ab/cd/v"):
        if key.endswith("v"):
            shutil.rmtree(tmp_path / "original")
        synced.clear()
        await store.put(key, BODY)
        said.append(synced[1:])
    store.close()
    whole = ["original/ab/cd", "original/ab", "original", "."]
    assert said == [whole, ["original/ab/cd"], ["original/ab/ef", "original/ab"], whole]


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    store = Store.local(tmp_path, min_free_ratio=1.0)
    with pytest.raises(MediaError) as refused:
        await store.put(KEY, BODY)
    store.close()
    assert refused.value.code == "store.full"
    assert files_in(tmp_path) == []


async def test_a_place_that_fails_is_said_and_leaves_no_part(tmp_path: Path) -> None:
    store = Store.local(tmp_path)
    (tmp_path / "original").write_bytes(b"a file where a folder should be")
    with pytest.raises(MediaError) as refused:
        await store.put(KEY, BODY)
    store.close()
    assert refused.value.code == "store.unavailable"
    assert files_in(tmp_path) == [tmp_path / "original"]


async def test_a_source_that_is_gone_is_the_callers_error(tmp_path: Path) -> None:
    store = Store.local(tmp_path)
    with pytest.raises(FileNotFoundError):
        await store.put(KEY, tmp_path / "nothing")
    store.close()


def test_only_old_leftovers_are_swept(tmp_path: Path) -> None:
    Store.local(tmp_path).close()
    old, new = tmp_path / PARTS / "old", tmp_path / PARTS / "new"
    for part in (old, new):
        part.write_bytes(b"half")
    long_ago = time.time() - 2 * 86400
    os.utime(old, (long_ago, long_ago))
    assert sweep(tmp_path) == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_an_s3_store_is_made_from_a_url_without_a_network() -> None:
    options = {"access_key_id": "a", "secret_access_key": "b", "region": "cn-north-1"}
    store = Store.from_url("s3://bucket/prefix", options=options)
    kept_in = store._objects
    store.close()
    assert isinstance(kept_in, S3Store)
    assert (kept_in.config["bucket"], kept_in.prefix) == ("bucket", "prefix")
    assert kept_in.config["region"] == "cn-north-1"


def test_keys_are_made_of_the_originals_hash() -> None:
    tail = f"{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"
    assert original_key(SHA256) == f"original/{tail}"
    assert display_key(SHA256) == f"display/{tail}.jpg"
    assert thumbnail_key(SHA256) == f"thumbnail/{tail}.jpg"
    with pytest.raises(ValueError, match="SHA-256"):
        original_key("../up")
