"""A township or department calls units to a place at a time (乡呼县应, 吹哨报到)."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.cases.calls import joining
from server.cases.calls.joining import AT_WORK
from server.cases.dispatch.dispatching import (
    Choice,
    Dispatch,
    by_person,
    create_tasks,
    explain_choice,
    first_steps,
    settle,
)
from server.cases.door import placing
from server.cases.door.access import may_read, reaches
from server.cases.door.briefing import moment, office
from server.cases.door.escalation import who_requested
from server.cases.door.journal import Act, Entry, Journal
from server.cases.door.moving import Open, moving
from server.cases.door.placing import Placed, Position
from server.cases.door.recusal_rules import apart_of
from server.cases.models.case import Case, Follower
from server.cases.models.steering import Request
from server.cases.models.task import Call
from server.cases.rules import deadlines
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, Verb
from server.cases.rules.numbers import with_free_number
from server.errors import (
    BadInput,
    CallInPast,
    CallPlaceMissing,
    CallWithoutUnits,
    InterestedParty,
    KeyReused,
    NoLead,
    NoRequest,
    NotFound,
    NotPermitted,
)
from server.people.actor import Actor
from server.people.duty.teams import residents_of
from server.permissions import Permission, Reach
from server.texts.catalogue import text

#: The three legal reasons of a call (S2).
REASONS: Final = ("cannot_solve_alone", "joint_enforcement", "emergency")
_SLACK: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """Where, when, why and whom: `no` names a filed case or one at work, else one is opened.

    Without units the responsibility list decides who leads and who cooperates, at a case at work
    everybody there is called; `lead` and `cooperating` are names of units, `team` adds those that
    are resident in the township's team. `place_code` is a grid, village or township. Without
    `asked_at` units come the same day. `request` is a grid worker's that this call grants.
    """

    reason: str
    place_text: str
    asked_at: datetime | None = None
    key: UUID | None = None
    no: str = ""
    matter: str = ""
    text: str = ""
    position: Position | None = None
    place_code: str = ""
    choice: Choice
    team: bool = False
    request: int | None = None

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything but the key."""
        asked_at = self.asked_at.astimezone(UTC) if self.asked_at else None
        content = asdict(replace(self, key=None, asked_at=asked_at))
        written = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()

    def require_sense(self, at: datetime) -> None:
        """Refuse with CallPlaceMissing or CallInPast what nobody could follow."""
        if not self.place_text.strip():
            raise CallPlaceMissing()
        if self.asked_at is not None and self.asked_at < at - _SLACK:
            raise CallInPast()


async def call(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Call units: opens, dispatches or joins a case, gives each unit its task and time to come.

    The same key gives the same case, KeyReused with another content. Raises NotPermitted outside
    the caller's township, CallPlaceMissing, CallInPast, CallWithoutUnits, CallLead, NoRequest,
    InterestedParty for the own unit at a case at work, and whatever a dispatch raises.
    """
    if not reaches(by, Permission.CASE_CALL):
        raise NotPermitted(verb=Verb.CALL)
    if (earlier := await _earlier(new, by)) is not None:
        return earlier
    new.require_sense(at)
    try:
        return await (_on_case if new.no else _on_new)(new, by=by, at=at, basis=basis)
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
    case = await Case.get(id=row.case_id)
    if not await may_read(by, case):
        raise NotFound(no=case.no)
    return case


async def _on_case(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Case:
    stages = []

    async def joins(case: Case) -> str:
        stages.append(Stage(case.stage))
        return "join" if case.stage in AT_WORK else ""

    act = Act(verb=Verb.CALL, by=by, at=at, reason=new.reason, note=new.text)
    async with moving(new.no, act, basis, way=joins) as opened:
        if stages[0] in AT_WORK:
            await _join(opened.case, new, opened.entry, basis)
        else:
            await _send(opened.case, new, opened.entry, basis)
        if new.request is not None:
            await _grant(opened, new.request)
    return opened.case


async def _on_new(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Case:
    if new.request is not None:
        raise NoRequest()
    placed = placing.place(new.position, at=at, basis=basis) if new.position else None
    act = Act(verb=Verb.CALL, by=by, at=at, reason=new.reason, note=new.text)

    async def write(no: str) -> Case:
        case = await _new_case(new, placed, no=no, at=at, basis=basis)
        case.first_unit_id = by.unit_id
        _require_reach(by, case)
        async with in_transaction():
            journal = Journal(case, basis, followers={} if by.id is None else {by.id: True})
            await _send(case, new, journal.add(act), basis)
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
    if Reach.OWN_UNIT in reaches(by, Permission.CASE_CALL) or _at_home(by, case):
        return
    raise NotPermitted(verb=Verb.CALL)


def _at_home(by: Actor, case: Case) -> bool:
    """Tell whether somebody calls for the township in which the case lies."""
    found = reaches(by, Permission.CASE_CALL)
    own = bool(by.township_code) and case.township_code == by.township_code
    return Reach.OWN_TOWNSHIP in found and own


async def _send(case: Case, new: NewCall, entry: Entry, basis: Basis) -> None:
    """Call at a case that nobody works on yet: the call is its dispatch.

    Who leads a complaint about a unit is not for a caller to say.
    """
    act = entry.act
    decision = await _decide(case, new, act.by, basis)
    explain_choice(case, new.choice, decision, basis)
    settle(case, decision, by=act.by, at=act.at, basis=basis, called=True)
    if case.id is None:  # only now: a dispatched case has a lead from its first row on
        await case.save()
    row = await _record(case, new, act, basis)
    await create_tasks(case, decision, at=act.at, basis=basis, call=row)
    _tell(case, row, entry, basis)


async def _decide(case: Case, new: NewCall, by: Actor, basis: Basis) -> Dispatch:
    team = await _team(case, by, basis) if new.team else []
    if case.limit is not None and not case.off_list and new.choice.limit is not None:
        raise BadInput([{"pointer": "/limit", "reason": "none_required"}])
    try:
        decision = by_person(case, new.choice, basis)
    except NoLead as error:
        if new.choice.lead or new.choice.cooperating or team:
            raise
        raise CallWithoutUnits() from error
    added = {unit_id: "" for unit_id in team if unit_id not in decision.duties}
    return replace(decision, duties={**decision.duties, **added})


async def _team(case: Case, by: Actor, basis: Basis) -> list[int]:
    """Return the resident units of the township's team, whom it alone may call as such.

    Whom the case complains of stays away; for who was merged comes whoever took it over.
    """
    if not _at_home(by, case):
        raise NotPermitted(verb=Verb.CALL)
    team = apart_of(await residents_of(case.township_code), case, basis)
    heirs = [basis.units.acting(unit_id) for unit_id in team]
    return list(dict.fromkeys(unit.id for unit in heirs if unit is not None))


async def _join(case: Case, new: NewCall, entry: Entry, basis: Basis) -> None:
    """Call at a case at work: its lead stays, named units come, those without a part get one."""
    act = entry.act
    team = await _team(case, act.by, basis) if new.team else []
    named = joining.named(case, new.choice, team, basis)
    if act.by.unit_ids.intersection(named):
        raise InterestedParty()  # whoever comes late would set the time for it
    if not named and not new.team:
        at_work = await joining.at_work(case)
        named = [unit_id for unit_id in at_work if unit_id not in act.by.unit_ids]
    if not named:
        raise CallWithoutUnits()
    row = await _record(case, new, act, basis)
    await joining.join(case, named, row, at=act.at, basis=basis)
    _tell(case, row, entry, basis)
    called = (basis.units.by_id[unit_id].name for unit_id in named)
    entry.tell(called=text("format.and").join(called))


async def _record(case: Case, new: NewCall, act: Act, basis: Basis) -> Call:
    lon, lat = case.lon, case.lat
    if new.no and new.position is not None:  # they meet elsewhere than the case lies
        placed = placing.place(new.position, at=act.at, basis=basis)
        if placed is None or placed.location.found.township is None:
            raise CallPlaceMissing()
        lon, lat = placed.lon, placed.lat
    elif new.no and new.place_code:
        boundaries = basis.places.at(act.at)
        if boundaries is None or boundaries.chain(new.place_code).township is None:
            raise BadInput([{"pointer": "/place_code", "reason": "unknown"}])
        lon, lat = None, None  # a name says of nobody how far from there they report in
    same_day = deadlines.coming_due(act.at, zone=basis.zone, policy=basis.policy)
    return await Call.create(
        case_id=case.id,
        caller_unit_id=act.by.unit_id,
        by_id=act.by.id,
        key=new.key,
        content_hash=new.fingerprint(),
        reason=new.reason,
        place_text=new.place_text,
        lon=lon,
        lat=lat,
        asked_at=new.asked_at or same_day,
        created_at=act.at,
    )


def _tell(case: Case, row: Call, entry: Entry, basis: Basis) -> None:
    act = entry.act
    entry.tell(
        steps=first_steps(case, basis),
        asked=moment(row.asked_at, basis.zone),
        reason=text(f"call_reason.{row.reason}"),
        place=row.place_text,
        unit=office(act.by.unit_id, act.by, act.verb, basis.units),
    )


async def _grant(opened: Open, request_id: int) -> None:
    """Answer a grid worker's request by this call; who asked hears of it."""
    case, act = opened.case, opened.entry.act
    open_ones = Request.filter(id=request_id, case_id=case.id, what="call", granted__isnull=True)
    request = await open_ones.first()
    if request is None or not _at_home(act.by, case):
        raise NoRequest()
    request.granted = True
    request.answered_at, request.answered_by_id = act.at, act.by.id
    await request.save()
    # Who follows the case hears of the call anyway.
    told = await who_requested(case, request)
    known = await Follower.filter(case_id=case.id, account_id__in=told).values_list("account_id")
    opened.call_attention(set(told) - {int(i) for (i,) in known})
