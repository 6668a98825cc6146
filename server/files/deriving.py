"""Making the display copies of an original after its phone has been answered."""

from datetime import datetime
from uuid import UUID

from media.derive import Decoder
from media.paths import display_key, original_key, thumbnail_key
from server.files.commands import Vault, derived
from server.files.queries import stored


async def make_copies(photo: UUID, *, vault: Vault, decoder: Decoder, at: datetime) -> None:
    """Decode an original in a process of its own and keep a display copy and a thumbnail of it.

    A photo that cannot be decoded is flagged, and that is the end of it; a store that fails
    raises, so that it is tried again.
    """
    row = await stored(photo)
    if row is None or row.derived_at is not None:
        return
    made = await decoder.derive(await vault.store.get(original_key(row.sha256)), vault.limits)
    if made.display:
        await vault.store.put(display_key(row.sha256), made.display, durable=False)
        await vault.store.put(thumbnail_key(row.sha256), made.thumbnail, durable=False)
    await derived(photo, tuple(str(flag) for flag in made.flags), at=at)
