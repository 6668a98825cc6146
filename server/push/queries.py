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
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMark:
    """How far an inbox goes, how far it was read, and how many after that one by one."""

    last_seq: int = 0
    read_seq: int = 0
    n_apart: int = 0

    @property
    def unread(self) -> int:
        """How many messages were not read."""
        return self.last_seq - self.read_seq - self.n_apart


async def messages(account_id: int, *, after: int, limit: int) -> Sequence[InboxLine]:
    """Return the messages of one person with numbers above `after`, in order."""
    rows = Message.filter(account_id=account_id, seq__gt=after).order_by("seq").limit(limit)
    values = await rows.values("seq", "kind", "no", "stage", "text", "at", "read")
    return [
        InboxLine(
            seq=row["seq"],
            kind=row["kind"],
            no=row["no"],
            stage=row["stage"],
            text=row["text"],
            at=row["at"],
            read=row["read"],
        )
        for row in values
    ]


async def standing(account_id: int) -> InboxMark:
    """Tell how far one person's inbox goes; (0, 0) before the first message."""
    row = await Inbox.get_or_none(account_id=account_id)
    if row is None:
        return InboxMark()
    apart = Message.filter(account_id=account_id, seq__gt=row.read_seq, read=True)
    return InboxMark(last_seq=row.last_seq, read_seq=row.read_seq, n_apart=await apart.count())


async def last_seqs(account_ids: Collection[int], *, quiet: bool = False) -> Mapping[int, int]:
    """Tell how far the inboxes of these people go; without those who never had a message.

    In `quiet` hours only as far as people are told at any hour.
    """
    counter = "loud_seq" if quiet else "last_seq"
    rows = await Inbox.filter(account_id__in=account_ids).values_list("account_id", counter)
    return {int(account_id): int(last_seq) for account_id, last_seq in rows}
