"""A report becomes a case: once per key for ever, filed and dispatched when all is certain."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.transactions import in_transaction

from server.cases import dispatching, filing, placing
from server.cases.attachments import attach_owned
from server.cases.basis import Basis
from server.cases.briefing import facts_of
from server.cases.evidence import Evidence, weigh
from server.cases.flow import Verb
from server.cases.journal import Act, Journal
from server.cases.models.case import Case, Follower
from server.cases.models.report import Report
from server.cases.numbers import with_free_number
from server.cases.placing import Placed, Position, Ruling
from server.cases.receipts import Receipt, receipt
from server.errors import KeyReused, NotPermitted, UnknownPhoto
from server.files.queries import PhotoFacts, owned
from server.people.actor import SYSTEM, Actor
from server.people.queries import is_resident
from server.permissions import Role
from server.texts.catalogue import text

_TITLE_CHARACTERS: Final = 30

_GATE: Final = """
    INSERT INTO report (key, reporter_id, on_behalf_of_id, content_hash, kind, text, matter_code,
                        anonymous, channel, lon, lat, datum, accuracy, source, wgs_lon, wgs_lat,
                        address, captured_at, received_at, evidence)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20::jsonb)
    ON CONFLICT (reporter_id, key) DO NOTHING
    RETURNING id
"""


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

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything but the key."""
        content = {k: v for k, v in asdict(self).items() if k != "key"}
        written = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """All that can be worked out before the transaction begins."""

    placed: Placed | None
    ruling: Ruling | None
    evidence: Evidence
    filing: filing.Filing
    suggestion: dict[str, Any]


async def report(new: NewReport, *, by: Actor, at: datetime, basis: Basis) -> Receipt:
    """Take a report on and answer with its stored receipt; the same key gives the same answer.

    Raises KeyReused for the key with another content, BadPosition, UnknownPhoto, UnknownMatter,
    NotPermitted. Nothing is written when anything is refused.
    """
    if new.on_behalf_of is not None:
        await _may_stand_in(by, new.on_behalf_of)
    earlier = await Report.get_or_none(reporter_id=by.id, key=new.key)
    if earlier is not None:
        return _again(earlier, new)
    photos = await _photos(new, by)
    prepared = await _prepare(new, photos, by=by, at=at, basis=basis)

    async def take(no: str) -> Receipt:
        return await _take(new, photos, prepared, no=no, by=by, at=at, basis=basis)

    return await with_free_number(take, at=at)


def _again(earlier: Report, new: NewReport) -> Receipt:
    if earlier.content_hash != new.fingerprint() or earlier.receipt is None:
        raise KeyReused()
    return Receipt(body=earlier.receipt, created=False)


async def _may_stand_in(by: Actor, resident: int) -> None:
    """Refuse unless a grid worker or village sends it for a resident (代办)."""
    if Role.GRID_WORKER not in by.roles or not await is_resident(resident):
        raise NotPermitted(verb="on_behalf_of")


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
    ruling = None
    if new.matter:
        ruling = await placing.find_entry(new.matter, township_code, at=at, basis=basis)
    evidence = weigh(photos, placed, captured_at=new.captured_at, received_at=at)
    known = _known(new, placed, ruling, evidence, by=by, basis=basis)
    decided = filing.decide(known, basis.policy)
    return _Prepared(
        placed=placed,
        ruling=ruling,
        evidence=evidence,
        filing=decided,
        suggestion={} if decided.dispatch else _suggest(new, township_code, at=at, basis=basis),
    )


def _known(
    new: NewReport,
    placed: Placed | None,
    ruling: Ruling | None,
    evidence: Evidence,
    *,
    by: Actor,
    basis: Basis,
) -> filing.Known:
    finding = ruling.finding if ruling else None
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
        roles=by.roles,
    )


def _suggest(new: NewReport, township: str, *, at: datetime, basis: Basis) -> dict[str, Any]:
    """Prepare for the acceptor what the list would say to the citizen's words."""
    if not new.text.strip():
        return {}
    lists = basis.lists.at(at)
    matters = []
    for found in basis.lists.suggester(at).suggest(new.text):
        lead_id = lists.lookup(found.code, township).lead_unit_id
        lead = basis.units.by_id.get(lead_id) if lead_id else None
        matters.append(
            {
                "code": found.code,
                "name": found.name,
                "score": round(found.score, 3),
                "why": list(found.why),
                "lead": lead.name if lead else None,
            }
        )
    return {"matters": matters}


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
    async with in_transaction() as connection:
        report_id = await _pass_gate(connection, new, prepared, by=by, at=at)
        if report_id is None:
            return _again(await Report.get(reporter_id=by.id, key=new.key), new)
        case = _new_case(new, prepared, no=no, at=at)
        followers = list(dict.fromkeys(i for i in (by.id, new.on_behalf_of) if i is not None))
        journal = Journal(case, followers=followers)
        decision = _acts(case, journal, prepared, by=by, at=at, basis=basis)
        await case.save()  # gives it an id, before what points at it
        owner = new.on_behalf_of or by.id
        await Follower.bulk_create(
            Follower(case_id=case.id, account_id=i, since=at, reporter=i == owner)
            for i in followers
        )
        await attach_owned(case, [photo.id for photo in photos], purpose="before")
        if decision is not None:
            await dispatching.create_tasks(case, decision, at=at, basis=basis)
        await journal.write()
        answer = receipt(case, units=basis.units)
        await Report.filter(id=report_id).update(case_id=case.id, receipt=answer)
    return Receipt(body=answer, created=True)


async def _pass_gate(
    connection: BaseDBAsyncClient, new: NewReport, prepared: _Prepared, *, by: Actor, at: datetime
) -> int | None:
    """Insert the report unless its twin did; a twin still at work is waited for here."""
    point = new.position
    placed = prepared.placed
    evidence = {"flags": list(prepared.evidence.flags)} | prepared.evidence.figures
    values = [
        new.key,
        by.id,
        new.on_behalf_of,
        new.fingerprint(),
        new.kind,
        new.text,
        new.matter,
        new.anonymous,
        new.channel,
        point.lon if point else None,
        point.lat if point else None,
        point.datum if point else "",
        point.accuracy if point else None,
        point.source if point else "",
        placed.lon if placed else None,
        placed.lat if placed else None,
        new.address,
        new.captured_at,
        at,
        json.dumps(evidence),
    ]
    rows = await connection.execute_query_dict(_GATE, values)
    return int(rows[0]["id"]) if rows else None


def _new_case(new: NewReport, prepared: _Prepared, *, no: str, at: datetime) -> Case:
    case = Case(
        no=no,
        stage="",
        kind=new.kind,
        title=new.text.strip()[:_TITLE_CHARACTERS] or text("word.untitled"),
        place={},
        explanation={},
        suggestion=prepared.suggestion,
        waits_for=list(prepared.filing.waits_for),
        received_at=at,
    )
    placing.write_place(case, prepared.placed, sure=not prepared.filing.waits_for)
    if prepared.ruling is not None:
        placing.write_entry(case, prepared.ruling)
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
    about = facts_of(case, basis.units, basis.zone)
    journal.add(Act(verb=Verb.REPORT, by=by, at=at, facts=about))
    decision = None
    if prepared.filing.file:
        journal.add(Act(verb=Verb.FILE, by=SYSTEM, at=at))
        case.filed_at = at
    if prepared.filing.dispatch and prepared.ruling is not None:
        decision = dispatching.by_list(prepared.ruling.finding)
        sent = Act(verb=Verb.DISPATCH, by=SYSTEM, at=at)
        journal.add(sent)
        dispatching.settle(case, decision, by=SYSTEM, at=at, basis=basis)
        sent.facts.update(facts_of(case, basis.units, basis.zone))
    else:
        dispatching.take_turn(case, at=at, basis=basis)
    return decision
