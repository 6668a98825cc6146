"""What people find in their inboxes."""

from server.push.models import Message


async def messages(work, who, case, kind):
    """The words of somebody's messages of one kind about a case, the oldest first."""
    account = await work.actor(who)
    found = Message.filter(account_id=account.id, no=case.no, kind=kind).order_by("seq")
    return [each.text for each in await found]
