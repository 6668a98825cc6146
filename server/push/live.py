"""The receiver `live`: telling open sockets that their inbox has grown."""

from collections.abc import Awaitable, Callable

from server.bus.bus import Bus
from server.outbox.receivers import Owed


def topic(account_id: int) -> str:
    """Return what the sockets of one account listen to."""
    return f"inbox:{account_id}"


def teller(bus: Bus) -> Callable[[Owed], Awaitable[None]]:
    """Return the receiver, over this bus."""

    async def tell(owed: Owed) -> None:
        await bus.publish(*(topic(account_id) for account_id in owed.facts["accounts"]))

    return tell
