"""The receiver `live`: telling open sockets that their inbox has grown, or to look again."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from server import clock
from server.bus.bus import Bus
from server.cases.door.access import reaches
from server.desk.presence import onlookers
from server.events import CaseChanged, CaseWaits
from server.outbox.receivers import Owed
from server.people.actor import Actor
from server.people.queries import holders
from server.permissions import Permission, Reach, Role

#: What the desks listen to that read the cases of the whole county.
_EVERY_CASE: Final = "cases"


def topic(account_id: int) -> str:
    """Return what the sockets of one account listen to."""
    return f"inbox:{account_id}"


def waits(account_id: int) -> str:
    """Return what they listen to for what waits for one's office, of which no message is sent."""
    return f"waits:{account_id}"


def cases_of(actor: Actor) -> tuple[str, ...]:
    """Return what the open desk of somebody listens to: that a case within reach was changed."""
    found = reaches(actor, Permission.CASE_READ)
    if Reach.EVERYWHERE in found:
        return (_EVERY_CASE,)
    several = [_unit(each) for each in sorted(actor.unit_ids)] if found else []
    if Reach.OWN_TOWNSHIP in found and actor.township_code:
        several.append(_township(actor.township_code))
    return tuple(several)


def _unit(unit_id: int) -> str:
    return f"cases:unit:{unit_id}"


def _township(code: str) -> str:
    return f"cases:township:{code}"


def teller(bus: Bus) -> Callable[[Owed], Awaitable[None]]:
    """Return the receiver, over this bus."""

    async def tell(owed: Owed) -> None:
        if owed.kind == CaseWaits.kind:
            await bus.publish(*(waits(each) for each in await _concerned(owed.facts)))
        elif owed.kind == CaseChanged.kind:
            await bus.publish(*await _desks(owed.facts))
        else:
            await bus.publish(*(topic(account_id) for account_id in owed.facts["accounts"]))

    return tell


async def _concerned(facts: Mapping[str, Any]) -> set[int]:
    """Return who may have to act: the office, and whoever sits in the township now and then."""
    found = set(await holders(Role(facts["role"])))
    if facts["township"]:
        found |= set(await holders(Role.DUTY_LEADER, facts["township"]))
    return found


async def _desks(facts: Mapping[str, Any]) -> list[str]:
    """Return which desks look again: by reach, and whoever has the very case open."""
    found = [_EVERY_CASE, *(_unit(each) for each in facts["units"])]
    if facts["township"]:
        found.append(_township(facts["township"]))
    return found + [waits(each) for each in await onlookers(facts["case"], at=clock.now())]
