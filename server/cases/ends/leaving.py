"""Leave against work in hand (请假): what waits for who goes away goes to who stands in."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from tortoise.transactions import in_transaction

from server.cases.door.briefing import moment
from server.cases.ends.staff_told import tell_end, tell_staff
from server.cases.ends.staffing import HandedOn, hand_on_work, said
from server.cases.rules.basis import Basis
from server.outbox.relay import stop_if_cancelled
from server.people.actor import Actor
from server.people.duty import leaves
from server.people.duty.leaves import LeaveView, NewLeave
from server.people.queries import account
from server.texts.catalogue import text

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A leave as it was entered, and what went to the substitute; None where it is to come."""

    leave: LeaveView
    handed_on: HandedOn | None


async def enter(new: NewLeave, *, by: Actor, at: datetime, basis: Basis) -> Entered:
    """Enter a leave, and let it begin if it is from now; raises what `leaves.enter` does.

    Whose leave another entered is told, for it gives another what that person may.
    """
    async with in_transaction():
        await end_over(at=at)
        made = await leaves.enter(new, by=by, at=at)
        done = await _begin(made.id, at=at, basis=basis) if made.since <= at else None
        if by.id not in (None, made.account.id):
            what = text(
                "staff.leave_entered",
                by=by.name,
                since=moment(made.since, basis.zone),
                until=moment(made.until, basis.zone),
                name=made.substitute.name,
            )
            await tell_staff([made.account.id], "leave_entered", {"what": what}, at=at)
    begun = at if done else None
    return Entered(leave=replace(made, begun_at=begun), handed_on=done)


async def end(leave_id: int, *, by: Actor, at: datetime) -> LeaveView:
    """Take a leave back, or end it; both hear of it but who did it. Raises as `leaves.end`."""
    async with in_transaction():
        ended = await leaves.end(leave_id, by=by, at=at)
        reason = text("staff.leave_ended", by=by.name)
        await tell_end(ended, reason, but=by.id, at=at)
        return ended


async def end_over(*, at: datetime) -> int:
    """End the leaves whose time is over, each once whoever else does; returns how many."""
    n_ended = 0
    for leave_id in await leaves.over(at=at):
        async with in_transaction():
            ended = await leaves.end_in_time(leave_id, at=at)
            if ended is not None:
                n_ended += 1
                await tell_end(ended, text("staff.leave_expired"), at=at)
    return n_ended


async def turn(*, at: datetime, basis: Basis) -> int:
    """End and begin the leaves whose time it is, each once whoever else does; returns how many."""
    n_done = await end_over(at=at)
    for leave_id in await leaves.to_begin(at=at):
        try:
            async with in_transaction():
                n_done += await _begin(leave_id, at=at, basis=basis) is not None
        except Exception:
            stop_if_cancelled()
            _log.exception("leave_failed", leave=leave_id)  # the others begin all the same
    return n_done


async def _begin(leave_id: int, *, at: datetime, basis: Basis) -> HandedOn | None:
    leave = await leaves.begin(leave_id, at=at)
    if leave is None:
        return None
    away = await account(leave.account.id)
    n_checks, n_verifications = await hand_on_work(
        away, at=at, basis=basis, to=leave.substitute.id
    )
    done = HandedOn(n_checks=n_checks, n_verifications=n_verifications, empty=())
    facts = {
        "what": leave.account.name,
        "until": moment(leave.until, basis.zone),
        "result": said(done) if n_checks or n_verifications else "",
    }
    await tell_staff([leave.substitute.id], "stands_in", facts, at=at)
    return done
