"""A report becomes a case: once per key for ever, filed and dispatched when all is certain."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from tortoise.transactions import in_transaction

from server.cases.dispatch import dispatching
from server.cases.door import placing
from server.cases.door.access import keeps_out, reaches
from server.cases.door.evidence import attachments, weigh
from server.cases.door.hindrances import require_self_handling
from server.cases.door.journal import Act, Entry, Journal
from server.cases.door.placing import Listing, Placed, Position
from server.cases.door.recusal_rules import complained_of
from server.cases.door.schedule import take_turn
from server.cases.intake.receipts import Receipt, receipt
from server.cases.models.case import Case, Follower
from server.cases.models.report import Report
from server.cases.models.task import Check
from server.cases.rules import filing
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.cases.rules.numbers import with_free_number
from server.cases.rules.records import Evidence, Suggested, SuggestedMatter
from server.cases.rules.shown import Purpose
from server.cases.work import on_the_spot
from server.cases.work.checking import new_check
from server.cases.work.on_the_spot import Handled
from server.db import insert, insert_once
from server.errors import BadInput, KeyReused, NotPermitted, Problem, UnknownPhoto
from server.files.queries import PhotoFacts, owned
from server.people.actor import SYSTEM, Actor
from server.people.queries import is_resident
from server.people.units import UnitView
from server.permissions import Permission
from server.responsibility.search.suggest import Circumstances, band_of
from server.texts.catalogue import text

#: Ways of coming in that an office vouches for: nobody else may say that a report came so.
_OF_OFFICES: Final = frozenset({"patrol", "hotline", "leader"})
#: The version of a report, the first of whatever happens to a case.
_FIRST: Final = 1
_BIND: Final = "UPDATE report SET case_id = $2 WHERE id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What a phone sends; `key` is its own UUID and makes the report unique for ever."""

    key: UUID
    kind: str
    text: str
    matter: str = ""
    photos: tuple[UUID, ...] = ()
    position: Position | None = None
    address: str = ""
    captured_at: datetime
    anonymous: bool = True
    channel: str
    on_behalf_of: int | None = None
    handled: Handled | None = None
    about_unit: str = ""

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything but the key."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        del content["key"]
        content["captured_at"] = self.captured_at.astimezone(UTC)
        content["position"] = asdict(self.position) if self.position else None
        content["handled"] = asdict(self.handled) if self.handled else None
        for name in ("handled", "about_unit"):
            if not content[name]:
                del content[name]  # as when nothing could be said of it
        written = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """All that can be worked out before the transaction begins."""

    placed: Placed | None
    listing: Listing | None
    evidence: Evidence
    filing: filing.Filing
    suggestion: Suggested
    about: UnitView | None


async def report(new: NewReport, *, by: Actor, at: datetime, basis: Basis) -> Receipt:
    """Take a report on and answer with its stored receipt; the same key gives the same answer.

    Raises BadInput where it says nothing, KeyReused for the key with another content,
    BadPosition, UnknownPhoto, UnknownMatter, UnknownUnit, NotPermitted, and for what was handled
    already whatever handling it on the spot raises. Nothing is written when anything is refused.
    """
    try:
        await _may_send(new, by)
        photos = await _photos(new, by)
        prepared = await _prepare(new, photos, by=by, at=at, basis=basis)
        if new.handled is not None:
            await _may_have_handled(new, new.handled, prepared, by=by)
    except Problem:  # what was once taken on is answered as then, whatever holds by now
        earlier = await Report.get_or_none(reporter_id=by.id, key=new.key)
        if earlier is None:
            raise
        return _again(earlier, new)

    async def take(no: str) -> Receipt:
        return await _take(new, photos, prepared, no=no, by=by, at=at, basis=basis)

    return await with_free_number(take, at=at.astimezone(basis.zone))


def _again(earlier: Report, new: NewReport) -> Receipt:
    if earlier.content_hash != new.fingerprint() or earlier.receipt is None:
        raise KeyReused()
    return Receipt(body=earlier.receipt, created=False)


async def _may_send(new: NewReport, by: Actor) -> None:
    if not (new.text.strip() or new.photos or new.matter):
        raise BadInput([{"pointer": "/text", "reason": "missing"}])
    if new.on_behalf_of is not None:
        await _may_stand_in(by, new.on_behalf_of)
    if new.channel in _OF_OFFICES and not reaches(by, Permission.CASE_REPORT_UNSCREENED):
        raise NotPermitted(verb="channel")


async def _may_stand_in(by: Actor, resident: int) -> None:
    """Refuse unless a grid worker or village sends it for a resident (代办)."""
    if not reaches(by, Permission.CASE_REPORT_FOR) or not await is_resident(resident):
        raise NotPermitted(verb="on_behalf_of")


async def _may_have_handled(
    new: NewReport, handled: Handled, prepared: _Prepared, *, by: Actor
) -> None:
    placed, listing = prepared.placed, prepared.listing
    township = placed.location.found.township if placed else None
    code = township.code if township else ""
    await on_the_spot.require_handled(handled, new.photos, by=by, township=code)
    entry = listing.finding.entry if listing else None
    require_self_handling(entry if prepared.about is None else None)


async def _photos(new: NewReport, by: Actor) -> list[PhotoFacts]:
    mine = await owned(new.photos, owner_id=by.id)
    for photo in new.photos:
        if photo not in mine:
            raise UnknownPhoto(id=str(photo))
    return [mine[photo] for photo in dict.fromkeys(new.photos)]


async def _prepare(
    new: NewReport, photos: Sequence[PhotoFacts], *, by: Actor, at: datetime, basis: Basis
) -> _Prepared:
    placed = placing.place(new.position, at=at, basis=basis) if new.position else None
    township = placed.location.found.township if placed else None
    township_code = township.code if township else ""
    about = complained_of(new.about_unit, basis) if new.about_unit else None
    listing = None
    if new.matter:
        listing = await placing.find_entry(
            new.matter,
            township_code,
            at=at,
            basis=basis,
            about_id=about.id if about else None,
        )
    evidence = weigh(photos, placed, captured_at=new.captured_at, received_at=at)
    known = _known(new, placed, listing, evidence, by=by, basis=basis)
    decided = filing.decide(known, basis.policy)
    if decided.dispatch and listing is not None:
        sent = dispatching.by_list(listing.finding)
        if not dispatching.countable(sent, at=at, basis=basis):
            # Taken on all the same; the clock sends it on when the year is there.
            decided = filing.Filing(file=True, dispatch=False, waits_for=("calendar",))
    return _Prepared(
        placed=placed,
        listing=listing,
        evidence=evidence,
        filing=decided,
        suggestion=Suggested()
        if decided.dispatch
        else _suggest(new, township_code, at=at, basis=basis),
        about=about,
    )


def _known(
    new: NewReport,
    placed: Placed | None,
    listing: Listing | None,
    evidence: Evidence,
    *,
    by: Actor,
    basis: Basis,
) -> filing.Known:
    finding = listing.finding if listing else None
    has_township = placed is not None and placed.location.found.township is not None
    return filing.Known(
        matter=finding is not None,
        off_list=finding is not None and finding.off_list,
        urgency=finding.urgency if finding else "",
        kind=finding.entry.kind if finding and finding.entry else new.kind,
        place_certain=placed is not None and placing.certain(placed, basis=basis),
        doubts=placed.doubts if placed else ("no_position",),
        has_photo=bool(new.photos),
        photo_broken=evidence.broken,
        lead=finding is not None and finding.lead_unit_id is not None and has_township,
        complaint=bool(new.about_unit),
        trusted=bool(reaches(by, Permission.CASE_REPORT_UNSCREENED)),
    )


def _suggest(new: NewReport, township: str, *, at: datetime, basis: Basis) -> Suggested:
    """Prepare for the acceptor what the list would say to the citizen's words."""
    if not new.text.strip():
        return Suggested()
    lists = basis.lists.at(at)
    matters = []
    around = Circumstances(band=band_of(at.astimezone(basis.zone)), township=township)
    for found in basis.lists.suggester(at).suggest(new.text, circumstances=around):
        lead_id = lists.lookup(found.code, township).lead_unit_id
        lead = basis.units.by_id.get(lead_id) if lead_id else None
        matters.append(
            SuggestedMatter(
                code=found.code,
                name=found.name,
                score=round(found.score, 3),
                why=tuple(found.why),
                lead=lead.name if lead else None,
            )
        )
    return Suggested(tuple(matters))


async def _take(
    new: NewReport,
    photos: Sequence[PhotoFacts],
    prepared: _Prepared,
    *,
    no: str,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Receipt:
    """Write everything in one transaction; the report's row is the gate for its twins."""
    case = _new_case(new, prepared, no=no, at=at)
    # Who receives it first from a resident answers until another has accepted; of which unit
    # somebody is who reports something of their own, nobody is to read.
    received = new.on_behalf_of is not None and not keeps_out(by, case)
    case.first_unit_id = by.unit_id if received else None
    owner = new.on_behalf_of or by.id
    followers = {i: i == owner for i in (by.id, new.on_behalf_of) if i is not None}
    journal = Journal(case, basis, followers=followers)
    check, settled, decision = None, None, None
    if new.handled is None:
        decision = _acts(case, journal, prepared, by=by, at=at, basis=basis)
    else:
        settled, check = await _done_already(case, journal, new.handled, by=by, at=at, basis=basis)
    answer = receipt(case, basis)
    report = _report(new, prepared, answer, by=by, at=at)
    journal.say_reported([report])
    async with in_transaction() as connection:
        # A twin still at work is waited for here; no id means that it was first.
        case_id = await insert_once(report, ("reporter_id", "key"), leads_to=Case)
        if case_id is None:
            return _again(await Report.get(reporter_id=by.id, key=new.key), new)
        case.id = case_id
        following = [
            Follower(case_id=case.id, account_id=i, since=at, reporter=reporter)
            for i, reporter in followers.items()
        ]
        given = dispatching.tasks(case, decision, at=at, basis=basis) if decision else []
        journal.units = {task.unit_id for task in given}
        journal.reported = (new.address, new.text)
        kept = attachments(case, [photo.id for photo in photos], Purpose.BEFORE, version=_FIRST)
        if check is not None and settled is not None and new.handled is not None:
            check.case_id, version = case.id, settled.step.version
            kept += attachments(case, new.handled.photos, Purpose.AFTER, version=version)
        checks = [] if check is None else [check]
        await insert(case, *following, *kept, *given, *checks, *await journal.rows())
        await connection.execute_query(_BIND, [report.id, case.id])
    return Receipt(body=answer, created=True)


def _report(
    new: NewReport, prepared: _Prepared, answer: dict[str, Any], *, by: Actor, at: datetime
) -> Report:
    point, placed = new.position, prepared.placed
    return Report(
        key=new.key,
        reporter_id=by.id,
        on_behalf_of_id=new.on_behalf_of,
        content_hash=new.fingerprint(),
        kind=new.kind,
        text=new.text,
        matter_code=new.matter,
        anonymous=new.anonymous,
        channel=new.channel,
        lon=point.lon if point else None,
        lat=point.lat if point else None,
        datum=point.datum if point else "",
        accuracy=point.accuracy if point else None,
        source=point.source if point else "",
        wgs_lon=placed.lon if placed else None,
        wgs_lat=placed.lat if placed else None,
        address=new.address,
        captured_at=new.captured_at,
        received_at=at,
        evidence=prepared.evidence,
        receipt=answer,
    )


def _new_case(new: NewReport, prepared: _Prepared, *, no: str, at: datetime) -> Case:
    case = Case(
        no=no,
        stage="",
        kind=new.kind,
        title=text("word.untitled"),  # never the reporter's words: others read it
        suggestion=prepared.suggestion,
        waits_for=list(prepared.filing.waits_for),
        received_at=at,
        about_unit_id=prepared.about.id if prepared.about else None,
    )
    placing.write_place(case, prepared.placed, sure=not prepared.filing.waits_for)
    if prepared.listing is not None:
        placing.write_entry(case, prepared.listing)
    return case


def _acts(
    case: Case,
    journal: Journal,
    prepared: _Prepared,
    *,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> dispatching.Dispatch | None:
    """Do to the new case what the filing policy says; return the dispatch, if any."""
    journal.add(Act(verb=Verb.REPORT, by=by, at=at))
    decision = None
    if prepared.filing.file:
        journal.add(Act(verb=Verb.FILE, by=SYSTEM, at=at))
        case.filed_at = at
    if prepared.filing.dispatch and prepared.listing is not None:
        decision = dispatching.by_list(prepared.listing.finding)
        sent = journal.add(Act(verb=Verb.DISPATCH, by=SYSTEM, at=at))
        dispatching.settle(case, decision, by=SYSTEM, at=at, basis=basis)
        sent.tell(steps=dispatching.first_steps(case, basis))
    else:
        take_turn(case, at=at, basis=basis)
    return decision


async def _done_already(
    case: Case, journal: Journal, handled: Handled, *, by: Actor, at: datetime, basis: Basis
) -> tuple[Entry, Check]:
    """Do to the new case what its reporter did on the spot; return that and the check owed."""
    journal.add(Act(verb=Verb.REPORT, by=by, at=at))
    done = journal.add(Act(verb=Verb.SELF_HANDLE, by=by, at=at, note=handled.result))
    on_the_spot.conclude(case, done, at=at, basis=basis)
    await on_the_spot.tell_room(journal, done, basis)
    return done, await new_check(case, journal, at=at, basis=basis)
