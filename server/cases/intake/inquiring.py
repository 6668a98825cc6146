"""What is asked of a reporter, once and completely, and what they add, asked or not (补充)."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from server.cases.door.briefing import moment
from server.cases.door.escalation import who_asked
from server.cases.door.evidence import attach
from server.cases.door.journal import Act
from server.cases.door.lineage import survivor_no
from server.cases.door.moving import moving
from server.cases.models.case import Case, Step
from server.cases.models.report import Report
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import K1_RUNS
from server.cases.rules.flow import GIVEN, Stage, Verb
from server.cases.rules.shown import Purpose
from server.errors import CaseNotReady, KeyReused
from server.people.actor import Actor
from server.people.queries import holders
from server.permissions import Permission, Role
from server.texts.catalogue import text

#: How what was sent later is told from a report of its own.
CHANNEL = "supplement"


async def inquire(
    no: str, lacking: Sequence[str], *, by: Actor, at: datetime, basis: Basis
) -> Case:
    """Tell the reporter everything that lacks, in one list; there is no second (NoticeGiven)."""
    items = [each.strip() for each in lacking if each.strip()]
    listed = text("format.and").join(items)
    act = Act(verb=Verb.INQUIRE, by=by, at=at, note=listed, facts={"lacking": listed})
    async with moving(no, act, basis) as opened:
        case = opened.case
        if not items:
            raise CaseNotReady(missing="notice")
        case.notice = items
    return case


async def supplement(
    no: str,
    words: str,
    photos: tuple[UUID, ...] = (),
    *,
    key: UUID,
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Case:
    """Add what the reporter was asked for or knows besides, as long as the case is open.

    Whose turn it is hears of it: who asked, dispatchers, or the units at work. `key` is the
    phone's own, so that the same sent again is added once. Raises CaseNotReady for nothing
    added, KeyReused, UnknownPhoto.
    """
    added = Report(
        key=key,
        reporter_id=by.id,
        text=words,
        anonymous=True,
        channel=CHANNEL,
        content_hash=_fingerprint(words, photos),
        captured_at=at,
        received_at=at,
    )
    if (earlier := await _earlier(added)) is not None:
        return earlier
    try:
        return await _add(await survivor_no(no), added, photos, by=by, at=at, basis=basis)
    except IntegrityError:  # its twin was faster
        earlier = await _earlier(added)
        if earlier is None:
            raise
        return earlier


async def _add(
    no: str, added: Report, photos: tuple[UUID, ...], *, by: Actor, at: datetime, basis: Basis
) -> Case:
    act = Act(verb=Verb.SUPPLEMENT, by=by, at=at)
    async with moving(no, act, basis) as opened:
        case = opened.case
        if not added.text.strip() and not photos:
            raise CaseNotReady(missing="supplement")
        await attach(opened, photos, purpose=Purpose.BEFORE)
        added.case_id, added.kind = case.id, case.kind
        await added.save()
        if case.stage in K1_RUNS:
            _count_in(case, photos)
        if case.stage not in GIVEN:
            until = moment(case.stage_due_at, basis.zone)
            opened.call_attention(await _waiting(case, at=at, basis=basis), due=until)
    return case


async def _earlier(added: Report) -> Case | None:
    """Return the case of the same sent before, told by its key; raises KeyReused."""
    row = await Report.get_or_none(reporter_id=added.reporter_id, key=added.key)
    if row is None:
        return None
    if (row.channel, row.content_hash) != (added.channel, added.content_hash):
        raise KeyReused()
    return await Case.get(id=row.case_id or 0)


def _fingerprint(words: str, photos: Sequence[UUID]) -> str:
    written = json.dumps([words, [str(photo) for photo in photos]], ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _count_in(case: Case, photos: Sequence[UUID]) -> None:
    """Take what was added off the reasons for waiting; the acceptor still has to look."""
    kept = [code for code in case.waits_for if code != "no_photo" or not photos]
    case.waits_for = kept or ["supplemented"]


async def _waiting(case: Case, *, at: datetime, basis: Basis) -> list[int]:
    """Return whose turn it is before the case is given: who gave the notice, if anybody did."""
    if case.stage == Stage.FILED:
        return await holders(Role.DISPATCHER)
    found = Step.filter(case_id=case.id, verb=Verb.INQUIRE.value, by_id__isnull=False)
    asked = [int(i) for (i,) in await found.values_list("by_id")]
    if not asked:
        return await holders(Role.ACCEPTOR)
    able = Permission.CASE_INQUIRE
    return await who_asked(case, asked, able, Role.ACCEPTOR, at=at, basis=basis)
