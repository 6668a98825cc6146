"""Leave against work in hand (请假): what waits for who goes away goes to who stands in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog
from tortoise.transactions import in_transaction

from server.cases.door.briefing import moment
from server.cases.ends.staffing import HandedOn, hand_on_work, said
from server.cases.rules.basis import Basis
from server.events import StaffLeft
from server.outbox.record import record
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
        await leaves.end_over(at=at)
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
            await _tell(made.account.id, "leave_entered", {"what": what}, at=at)
    begun = at if done else None
    return Entered(leave=replace(made, begun_at=begun), handed_on=done)


async def turn(*, at: datetime, basis: Basis) -> int:
    """End and begin the leaves whose time it is, each once whoever else does; returns how many."""
    n_done = await leaves.end_over(at=at)
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
    await _tell(leave.substitute.id, "stands_in", facts, at=at)
    return done


async def _tell(account_id: int, verb: str, facts: Mapping[str, str], *, at: datetime) -> None:
    await record(
        StaffLeft(
            stream="staff",
            at=at,
            no="",
            version=uuid4().hex[:12],
            verb=verb,
            stage="",
            followers=(account_id,),
            units=(),
            facts=facts,
        )
    )
