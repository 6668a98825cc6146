"""What is owed is paid, and what people find in their inboxes."""

from collections.abc import Mapping
from datetime import datetime

from server.outbox.receivers import Receiver
from server.outbox.relay import pay_to
from server.push.models import Message


async def messages(work, who, case, kind):
    """The words of somebody's messages of one kind about a case, the oldest first."""
    account = await work.actor(who)
    found = Message.filter(account_id=account.id, no=case.no, kind=kind).order_by("seq")
    return [each.text for each in await found]


async def pay(receivers: Mapping[str, Receiver], *, at: datetime, limit: int = 100) -> int:
    """Try what is due at `at`, up to `limit` per receiver; return how many were tried."""
    tried = [
        await pay_to(name, receiver, at=at, limit=limit) for name, receiver in receivers.items()
    ]
    return sum(tried)
