"""Reading inboxes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.push.models import Inbox, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLine:
    """One message as its reader sees it."""

    seq: int
    kind: str
    no: str
    stage: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMark:
    """How far an inbox goes, and how far it was read."""

    last_seq: int = 0
    read_seq: int = 0


async def messages(account_id: int, *, after: int, limit: int) -> Sequence[InboxLine]:
    """Return the messages of one person with numbers above `after`, in order."""
    rows = Message.filter(account_id=account_id, seq__gt=after).order_by("seq").limit(limit)
    values = await rows.values("seq", "kind", "no", "stage", "text", "at")
    return [
        InboxLine(
            seq=row["seq"],
            kind=row["kind"],
            no=row["no"],
            stage=row["stage"],
            text=row["text"],
            at=row["at"],
        )
        for row in values
    ]


async def standing(account_id: int) -> InboxMark:
    """Tell how far one person's inbox goes; (0, 0) before the first message."""
    row = await Inbox.get_or_none(account_id=account_id)
    return InboxMark(last_seq=row.last_seq, read_seq=row.read_seq) if row else InboxMark()


async def last_seqs(account_ids: Collection[int], *, quiet: bool = False) -> Mapping[int, int]:
    """Tell how far the inboxes of these people go; without those who never had a message.

    In `quiet` hours only as far as people are told at any hour.
    """
    counter = "loud_seq" if quiet else "last_seq"
    rows = await Inbox.filter(account_id__in=account_ids).values_list("account_id", counter)
    return {int(account_id): int(last_seq) for account_id, last_seq in rows}
