"""A township or department calls units to a place at a time (乡呼县应, 吹哨报到)."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.cases import placing
from server.cases.access import reaches
from server.cases.basis import Basis
from server.cases.briefing import moment
from server.cases.dispatching import (
    Choice,
    by_person,
    create_tasks,
    explain_choice,
    settle,
    told_of,
)
from server.cases.door import moving
from server.cases.flow import Verb
from server.cases.journal import Act, Journal
from server.cases.models.case import Case, Follower
from server.cases.models.task import Call
from server.cases.numbers import with_free_number
from server.cases.placing import Placed, Position
from server.errors import CallInPast, CallPlaceMissing, KeyReused, NotPermitted
from server.people.actor import Actor
from server.permissions import Permission, Reach
from server.texts.catalogue import text

#: The three legal reasons of a call (S2).
REASONS: Final = ("cannot_solve_alone", "joint_enforcement", "emergency")
_SLACK: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """Where, when, why and whom: `no` names a filed case, else a new case is opened.

    Without `units` the responsibility list decides who leads and who cooperates; `lead` and
    `cooperating` are names of units. `place_code` is a grid, village or township.
    """

    reason: str
    place_text: str
    asked_at: datetime
    key: UUID | None = None
    no: str = ""
    matter: str = ""
    text: str = ""
    position: Position | None = None
    place_code: str = ""
    choice: Choice

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything but the key."""
        content = asdict(replace(self, key=None, asked_at=self.asked_at.astimezone(UTC)))
        written = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()


async def call(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Call units: opens or dispatches a case, gives each unit its task and the time to come.

    The same key gives the same case, KeyReused with another content. Raises NotPermitted outside
    the caller's township, CallPlaceMissing, CallInPast and whatever a dispatch raises.
    """
    if (earlier := await _earlier(new, by)) is not None:
        return earlier
    if not new.place_text.strip():
        raise CallPlaceMissing()
    if new.asked_at < at - _SLACK:
        raise CallInPast()
    try:
        return await (_on_filed if new.no else _on_new)(new, by=by, at=at, basis=basis)
    except IntegrityError:  # its twin was faster
        earlier = await _earlier(new, by)
        if earlier is None:
            raise
        return earlier


async def _earlier(new: NewCall, by: Actor) -> Case | None:
    """Return the case of the same call sent before, told by its key; raises KeyReused."""
    if new.key is None:
        return None
    row = await Call.get_or_none(by_id=by.id, key=new.key)
    if row is None:
        return None
    if row.content_hash != new.fingerprint():
        raise KeyReused()
    return await Case.get(id=row.case_id)


async def _on_filed(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Case:
    act = Act(verb=Verb.CALL, by=by, at=at, reason=new.reason, note=new.text)
    async with moving(new.no, act) as opened:
        await _send(opened.case, new, act, by=by, at=at, basis=basis)
    return opened.case


async def _on_new(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Case:
    placed = placing.place(new.position, at=at, basis=basis) if new.position else None
    act = Act(verb=Verb.CALL, by=by, at=at, reason=new.reason, note=new.text)

    async def write(no: str) -> Case:
        case = await _new_case(new, placed, no=no, at=at, basis=basis)
        _require_reach(by, case)
        async with in_transaction():
            journal = Journal(case, followers=[] if by.id is None else [by.id])
            journal.add(act)
            await _send(case, new, act, by=by, at=at, basis=basis)
            await Follower.create(case_id=case.id, account_id=by.id, since=at, reporter=True)
            await journal.write()
        return case

    return await with_free_number(write, at=at.astimezone(basis.zone))


async def _new_case(
    new: NewCall, placed: Placed | None, *, no: str, at: datetime, basis: Basis
) -> Case:
    case = Case(
        no=no,
        stage="",
        kind="enforcement",
        title=text("word.call"),
        received_at=at,
        filed_at=at,
        place={},
        explanation={},
    )
    placing.write_place(case, placed, sure=True)
    if new.place_code:
        placing.place_by_code(case, new.place_code, basis.places.at(at))
    if not case.township_code:
        raise CallPlaceMissing()
    if new.matter:
        ruling = await placing.find_entry(new.matter, case.township_code, at=at, basis=basis)
        placing.write_entry(case, ruling)
    else:
        case.off_list = True
    return case


def _require_reach(by: Actor, case: Case) -> None:
    found = reaches(by, Permission.CASE_CALL)
    township = bool(by.township_code) and case.township_code == by.township_code
    if Reach.OWN_UNIT in found or (Reach.OWN_TOWNSHIP in found and township):
        return
    raise NotPermitted(verb=Verb.CALL)


async def _send(
    case: Case, new: NewCall, act: Act, *, by: Actor, at: datetime, basis: Basis
) -> None:
    decision = by_person(case, new.choice, basis)
    explain_choice(case, new.choice, decision, basis)
    settle(case, decision, by=by, at=at, basis=basis, called=True)
    if case.id is None:  # only now: a dispatched case has a lead from its first row on
        await case.save()
    row = await Call.create(
        case_id=case.id,
        caller_unit_id=by.unit_id,
        by_id=by.id,
        key=new.key,
        content_hash=new.fingerprint(),
        reason=new.reason,
        place_text=new.place_text,
        lon=case.lon,
        lat=case.lat,
        asked_at=new.asked_at,
        created_at=at,
    )
    emergency = new.reason == "emergency"
    await create_tasks(case, decision, at=at, basis=basis, call=row, emergency=emergency)
    caller = basis.units.by_id.get(by.unit_id) if by.unit_id else None
    act.facts.update(told_of(case, basis))
    act.facts.update(
        {
            "asked": moment(new.asked_at, basis.zone),
            "reason": text(f"call_reason.{new.reason}"),
            "place": new.place_text,
            "unit": caller.name if caller else by.name,
        }
    )
