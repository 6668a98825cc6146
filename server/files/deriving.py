"""Making the display copies of an original after its phone has been answered."""

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

from media.derive import derive_async
from media.paths import display_key, original_key, thumbnail_key
from server.files.commands import Vault, derived
from server.files.queries import stored


async def make_copies(photo: UUID, *, vault: Vault, at: datetime) -> None:
    """Decode an original in a child process and keep a display copy and a thumbnail of it.

    A photo that cannot be decoded is flagged, and that is the end of it; a store that fails
    raises, so that it is tried again.
    """
    row = await stored(photo)
    if row is None or row.derived_at is not None:
        return
    data = await vault.store.get(original_key(row.sha256))
    with tempfile.TemporaryDirectory(prefix="copies-") as folder:
        flags = await _copy(data, row.sha256, Path(folder), vault)
    await derived(photo, flags, at=at)


async def _copy(data: bytes, sha256: str, folder: Path, vault: Vault) -> tuple[str, ...]:
    source, display, thumbnail = folder / "original", folder / "display", folder / "thumbnail"
    await asyncio.to_thread(source.write_bytes, data)
    flags = await derive_async(source, display, thumbnail, limits=vault.limits)
    for key, path in ((display_key(sha256), display), (thumbnail_key(sha256), thumbnail)):
        if path.exists():
            await vault.store.put(key, path, durable=False)
    return tuple(str(flag) for flag in flags)
