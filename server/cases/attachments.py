"""Photos that become part of a case."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from server.cases.evidence import BROKEN
from server.cases.models.case import Attachment, Case
from server.errors import PhotoNotReady, UnknownPhoto
from server.files.queries import owned
from server.people.actor import Actor

#: What a photo is evidence of; one that cannot be read is none.
_EVIDENCE: Final = frozenset({"after", "check", "verify"})


async def attach(case: Case, photos: Sequence[UUID], *, purpose: str, by: Actor) -> None:
    """Add the actor's photos to a case: before, during, after, check or verify.

    Raises UnknownPhoto for a photo that is not the actor's own, PhotoNotReady for one that is to
    be evidence and cannot be read.
    """
    if not photos:
        return
    await require_own(photos, by=by, readable=purpose in _EVIDENCE)
    await Attachment.bulk_create(attachments(case, photos, purpose), ignore_conflicts=True)


async def require_own(photos: Sequence[UUID], *, by: Actor, readable: bool) -> None:
    """Refuse with UnknownPhoto what is not the actor's own, with PhotoNotReady what is broken."""
    mine = await owned(photos, owner_id=by.id)
    for photo in photos:
        if photo not in mine:
            raise UnknownPhoto(id=str(photo))
        if readable and BROKEN.intersection(mine[photo].flags):
            raise PhotoNotReady(id=str(photo))


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
