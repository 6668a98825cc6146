"""Photos that become part of a case."""

from collections.abc import Sequence
from uuid import UUID

from server.cases.models.case import Attachment, Case
from server.errors import UnknownPhoto
from server.files.queries import owned
from server.people.actor import Actor


async def attach(case: Case, photos: Sequence[UUID], *, purpose: str, by: Actor) -> None:
    """Add the actor's photos to a case: before, during, after or check.

    Raises UnknownPhoto for a photo that is not the actor's own.
    """
    if not photos:
        return
    mine = await owned(photos, owner_id=by.id)
    for photo in photos:
        if photo not in mine:
            raise UnknownPhoto(id=str(photo))
    await attach_owned(case, photos, purpose=purpose)


async def attach_owned(case: Case, photos: Sequence[UUID], *, purpose: str) -> None:
    """Add photos to a case whose owner has been checked already."""
    if not photos:
        return
    await Attachment.bulk_create(
        [
            Attachment(case_id=case.id, photo_id=photo, purpose=purpose, step_version=case.version)
            for photo in dict.fromkeys(photos)
        ],
        ignore_conflicts=True,
    )
