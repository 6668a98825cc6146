"""Telling open sockets that their inbox has grown; the receiver `live`: to look again."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
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
_KINDS: Final = (CaseWaits.kind, CaseChanged.kind)


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


def waker(bus: Bus) -> Callable[[Collection[int]], Awaitable[None]]:
    """Return what tells sockets that the inboxes of these accounts have grown."""

    async def wake(accounts: Collection[int]) -> None:
        await bus.publish(*sorted(map(topic, accounts)))

    return wake


def teller(bus: Bus) -> Callable[[Sequence[Owed]], Awaitable[None]]:
    """Return the receiver, over this bus: of all that it gets at once, everybody is told once."""

    async def tell(batch: Sequence[Owed]) -> None:
        facts = {kind: [each.facts for each in batch if each.kind == kind] for kind in _KINDS}
        found = {waits(each) for each in await _concerned(facts[CaseWaits.kind])}
        found |= await _desks(facts[CaseChanged.kind])
        await bus.publish(*sorted(found))

    return tell


async def _concerned(facts: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return who may have to act: the office, and whoever sits in the township now and then."""
    found = set[int]()
    for role in {each["role"] for each in facts}:
        found.update(await holders(Role(role)))
    for township in {each["township"] for each in facts} - {""}:
        found.update(await holders(Role.DUTY_LEADER, township))
    return found


async def _desks(facts: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return which desks look again: by reach, and whoever has the very case open."""
    if not facts:
        return set()
    found = {_EVERY_CASE} | {_unit(unit) for each in facts for unit in each["units"]}
    found |= {_township(each["township"]) for each in facts if each["township"]}
    looking = await onlookers([each["case"] for each in facts], at=clock.now())
    return found | {waits(each) for each in looking}
