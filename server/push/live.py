"""The receiver `live`: telling open sockets that their inbox has grown, or to look again."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from server.bus.bus import Bus
from server.events import CaseWaits
from server.outbox.receivers import Owed
from server.people.queries import holders
from server.permissions import Role


def topic(account_id: int) -> str:
    """Return what the sockets of one account listen to."""
    return f"inbox:{account_id}"


def waits(account_id: int) -> str:
    """Return what they listen to for what waits for one's office, of which no message is sent."""
    return f"waits:{account_id}"


def teller(bus: Bus) -> Callable[[Owed], Awaitable[None]]:
    """Return the receiver, over this bus."""

    async def tell(owed: Owed) -> None:
        if owed.kind == CaseWaits.kind:
            await bus.publish(*(waits(each) for each in await _concerned(owed.facts)))
        else:
            await bus.publish(*(topic(account_id) for account_id in owed.facts["accounts"]))

    return tell


async def _concerned(facts: Mapping[str, Any]) -> set[int]:
    """Return who may have to act: the office, and whoever sits in the township now and then."""
    found = set(await holders(Role(facts["role"])))
    if facts["township"]:
        found |= set(await holders(Role.DUTY_LEADER, facts["township"]))
    return found
