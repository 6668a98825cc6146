"""Standard texts: words that the office keeps for reasons and notices, of a matter or of all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.desk.models import StandardText
from server.errors import BadInput, Duplicate, NotFound
from server.people.actor import Actor
from server.seen import mark_of, require_seen

#: More are found by nobody.
_MOST: Final = 1000


class TextKind(StrEnum):
    """For what a text is written."""

    DECLINE = "decline"
    INQUIRE = "inquire"
    RETURN = "return"
    REPLY = "reply"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A text as somebody wrote it; `matter` is a code, empty for whichever matter."""

    kind: TextKind
    text: str
    matter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText(NewText):
    """A text that is kept."""

    id: int

    @property
    def mark(self) -> str:
        """By what it is known whether somebody changed it since."""
        return mark_of(self.kind, self.matter, self.text)


async def texts(kind: TextKind | None = None, *, matter: str = "") -> list[KeptText]:
    """Return the texts of a kind, those of the matter before those of all; all without one."""
    found = StandardText.filter(kind=kind) if kind else StandardText.all()
    if matter:
        found = found.filter(matter_code__in=("", matter))
    rows = await found.order_by("kind", "-matter_code", "id").limit(_MOST)
    return [_kept(row) for row in rows]


async def add(new: NewText, *, by: Actor, at: datetime) -> KeptText:
    """Keep a text; raises Duplicate for one that there is, BadInput beyond a thousand."""
    if await StandardText.all().count() >= _MOST:
        raise BadInput([{"pointer": "/text", "reason": "too_many"}])
    return await _saved(StandardText(), new, by, at)


async def change(text_id: int, new: NewText, *, seen: str, by: Actor, at: datetime) -> KeptText:
    """Change a text that was `seen` as its mark says.

    Raises NotFound, Duplicate, and ChangedMeanwhile where another stands by now.
    """
    async with in_transaction():
        row = await StandardText.filter(id=text_id).select_for_update().get_or_none()
        if row is None:
            raise NotFound(kind="standard_text", id=text_id)
        wanted = mark_of(new.kind, new.matter, new.text)
        require_seen(seen, stands=_kept(row).mark, wanted=wanted)
        return await _saved(row, new, by, at)


async def remove(text_id: int) -> None:
    """Let go of a text; one that is gone already is gone."""
    await StandardText.filter(id=text_id).delete()


async def _saved(row: StandardText, new: NewText, by: Actor, at: datetime) -> KeptText:
    kept = {"kind": new.kind, "matter_code": new.matter, "text": new.text}
    row.update_from_dict({**kept, "account_id": by.id, "kept_at": at})
    try:
        async with in_transaction():
            await row.save()
    except IntegrityError as error:
        raise Duplicate(value=row.text[:40]) from error
    return _kept(row)


def _kept(row: StandardText) -> KeptText:
    return KeptText(id=row.id, kind=TextKind(row.kind), matter=row.matter_code, text=row.text)
