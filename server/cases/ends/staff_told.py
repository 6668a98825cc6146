"""What persons are told of staff: leaves that end, units regrouped, places left empty."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import uuid4

from server.events import StaffLeft
from server.outbox.record import record
from server.people.duty.leaves import LeaveView
from server.people.queries import account, holders
from server.permissions import Role
from server.texts.catalogue import text


async def tell_staff(
    persons: Iterable[int], verb: str, facts: Mapping[str, str], *, at: datetime
) -> None:
    """Tell persons, within the transaction, what became of staff."""
    told = tuple(persons)
    if not told:
        return
    left = StaffLeft(
        stream="staff",
        at=at,
        no="",
        version=uuid4().hex[:12],
        verb=verb,
        stage="",
        followers=told,
        units=(),
        facts=facts,
    )
    await record(left)


async def tell_end(
    leave: LeaveView, reason: str, *, to_substitute: str = "", but: int | None = None, at: datetime
) -> None:
    """Tell who is at work again, and who stood in if it had begun, that a leave is over.

    Who did it (`but`) is told nothing, nor whose account is closed. The substitute may be given
    another reason.
    """
    begun = leave.begun_at is not None
    if leave.account.id != but and (await account(leave.account.id)).active:
        facts = {"what": leave.substitute.name, "reason": reason}
        verb = "leave_over" if begun else "leave_cancelled"
        await tell_staff([leave.account.id], verb, facts, at=at)
    if begun and leave.substitute.id != but and (await account(leave.substitute.id)).active:
        facts = {"what": leave.account.name, "reason": to_substitute or reason}
        await tell_staff([leave.substitute.id], "stood_in", facts, at=at)


async def let_go_in_words(gone: Collection[LeaveView], *, at: datetime) -> list[str]:
    """Tell both sides of leaves that were let go, as their persons will not do any more.

    Returns a sentence for each who has nobody to stand in any more.
    """
    alone = list[str]()
    for leave in gone:
        away = await account(leave.account.id)
        unfit = text("staff.unfit_substitute") if away.active else ""
        changed = text("staff.people_changed" if away.active else "staff.person_left")
        await tell_end(leave, unfit, to_substitute=changed, at=at)
        if away.active:
            code = "no_substitute" if leave.begun_at is not None else "leave_cancelled"
            alone.append(text(f"staff.{code}", name=leave.account.name))
    return alone


async def tell_of_empty(empty: Collection[str], *, at: datetime) -> None:
    """Tell dispatchers and administrators what is left without anybody; of neither, leaders."""
    if empty:
        told = dict.fromkeys([*await holders(Role.DISPATCHER), *await holders(Role.ADMIN)])
        told = told or dict.fromkeys(await holders(Role.LEADER))
        await tell_staff(told, "unstaffed", {"what": text("format.and").join(empty)}, at=at)
