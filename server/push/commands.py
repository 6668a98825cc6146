"""What people do with their inboxes."""

from typing import Final

from tortoise import Tortoise

from server.push.models import Message

# Two screens of one person may answer in any order: the mark only goes forward, and not past
# what was written.
_MARK: Final = """
UPDATE inbox SET read_seq = greatest(read_seq, least($2, last_seq)) WHERE account_id = $1
"""


async def mark_read(account_id: int, *, seq: int) -> None:
    """Mark the messages up to `seq` as read."""
    await Tortoise.get_connection("default").execute_query(_MARK, [account_id, seq])


async def mark_one_read(account_id: int, *, seq: int) -> None:
    """Mark one message as read, and none before it."""
    await Message.filter(account_id=account_id, seq=seq).update(read=True)
