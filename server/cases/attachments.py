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
    await Attachment.bulk_create(attachments(case, photos, purpose), ignore_conflicts=True)


def attachments(case: Case, photos: Sequence[UUID], purpose: str) -> list[Attachment]:
    """Return the rows that add photos to a case whose owner has been checked already."""
    return [
        Attachment(case_id=case.id, photo_id=photo, purpose=purpose, step_version=case.version)
        for photo in dict.fromkeys(photos)
    ]


async def fresh(case: Case, photos: Sequence[UUID], *, purpose: str) -> bool:
    """Tell whether one of the photos is not the case's already, from an earlier cycle."""
    held = Attachment.filter(case_id=case.id, purpose=purpose, photo_id__in=list(photos))
    return len(set(photos)) > await held.count()
