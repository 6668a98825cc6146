"""Keep originals and derivatives: a local folder that is synced to disk, S3, or memory."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from media.durable import PARTS, check_free, sweep, write_file
from media.errors import MediaError

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_N_THREADS = 8
"""Writers waiting for the disk at once; more of them share one sync."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An object's size and its bytes in pieces: `async for chunk in stream.chunks`."""

    n_bytes: int
    chunks: AsyncIterator[bytes]


class Store:
    """Objects by key.

    Every method raises MediaError `store.unavailable` when the place fails, and ValueError for
    a key that is no plain relative path.
    """

    def __init__(self, objects: ObjectStore, folder: Path | None, min_free_ratio: float) -> None:
        self._objects = objects
        self._folder = folder
        self._min_free_ratio = min_free_ratio
        self._named = set[Path]()
        self._threads = ThreadPoolExecutor(_N_THREADS, "media-store") if folder else None

    @classmethod
    def local(cls, folder: Path, *, min_free_ratio: float = 0.0) -> Self:
        """A folder, made if need be; writes are refused when less than this share is free."""
        folder = folder.resolve()
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        sweep(folder)
        return cls(LocalStore(folder), folder, min_free_ratio)

    @classmethod
    def from_url(
        cls, url: str, *, options: Mapping[str, str] | None = None, min_free_ratio: float = 0.0
    ) -> Self:
        """The store at `file:///folder`, `memory://` or `s3://bucket/prefix`.

        `options` are obstore's for S3: `access_key_id`, `secret_access_key`, `endpoint` …
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            return cls.local(Path(unquote(parts.path)), min_free_ratio=min_free_ratio)
        if parts.scheme == "memory":
            return cls(MemoryStore(), None, 0.0)
        return cls(from_url(url, config=dict(options or {})), None, 0.0)  # type: ignore[call-overload]

    def close(self) -> None:
        """Let the writers finish; the store takes nothing afterwards."""
        if self._threads is not None:
            self._threads.shutdown()

    async def put(self, key: str, source: bytes | Path, *, durable: bool = True) -> None:
        """Keep these bytes under the key, whole or not at all; twice is the same as once.

        On return they survive a power cut, unless `durable` is off (for what can be made
        again). Raises MediaError `store.full`.
        """
        _check(key)
        if self._threads is None or self._folder is None:
            with _translated(key):
                await self._objects.put_async(key, source)
            return
        loop = asyncio.get_running_loop()
        work = partial(self._write, self._folder, key, source, durable=durable)
        await loop.run_in_executor(self._threads, work)

    async def get(self, key: str) -> bytes:
        """The bytes under the key. Raises MediaError `store.missing`."""
        _check(key)
        with _translated(key):
            found = await self._objects.get_async(key)
            return bytes(await found.bytes_async())

    async def stream(self, key: str) -> Stream:
        """The bytes under the key in pieces. Raises MediaError `store.missing` at once."""
        _check(key)
        with _translated(key):
            found = await self._objects.get_async(key)

        async def pieces() -> AsyncIterator[bytes]:
            with _translated(key):
                async for piece in found.stream():
                    yield bytes(piece)

        return Stream(found.meta["size"], pieces())

    async def exists(self, key: str) -> bool:
        """Whether something is kept under the key."""
        _check(key)
        try:
            with _translated(key):
                await self._objects.head_async(key)
        except MediaError as error:
            if error.code == "store.missing":
                return False
            raise
        return True

    async def delete(self, key: str) -> None:
        """Remove what is under the key; nothing there is no error."""
        _check(key)
        try:
            with _translated(key):
                await self._objects.delete_async(key)
        except MediaError as error:
            if error.code != "store.missing":
                raise

    def _write(self, folder: Path, key: str, source: bytes | Path, *, durable: bool) -> None:
        check_free(folder, self._min_free_ratio)
        write_file(folder, key, source, durable=durable, named=self._named)


def _check(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise MediaError("store.missing", {"key": key}) from error
    except (BaseError, OSError) as error:
        raise MediaError("store.unavailable", {"reason": type(error).__name__}) from error
