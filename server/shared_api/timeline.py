"""A case's history as everybody who may see the case sees it: acts and units, no persons."""

from collections.abc import Sequence, Set
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from server.cases.reading import queries
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.cases.rules.masking import masked
from server.cases.rules.shown import REPORTER, Purpose, Reader, shown
from server.cases.rules.views import AttachmentRow, CaseRow, StepRow
from server.http.forms import Answer
from server.people.actor import SYSTEM
from server.texts.catalogue import has, plainly, text


def begun(at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the day of a moment began: all that is told of it to who merely follows."""
    day = at.astimezone(zone).date()
    return datetime.combine(day, time(), zone).astimezone(UTC)


class TimelineRow(Answer):
    """One act: what, by which unit or role, when, why."""

    version: int
    verb: Verb
    text: str
    unit: str
    at: datetime
    reason: str
    note: str


class PhotoRow(Answer):
    """A photo of the case: fetch it at /m/v1/photos/{id}; `cycle` is the round it came in."""

    id: str
    purpose: Purpose
    cycle: int


async def timeline(
    case: CaseRow, basis: Basis, hidden: Set[str], *, reader: Reader, own: int | None = None
) -> list[TimelineRow]:
    """Return the acts of a case in order, acts and words as far as they are the reader's.

    No words name those in `hidden`.
    What the account `own` said itself as a reporter of the case is its to read again. Who merely
    follows reads of moments at which a reporter did something, and whatever followed at once or by
    the clock, the day alone.
    """
    rows = []
    plain = reader >= Reader.REPORTER
    history = await queries.steps(case)
    afar = reader >= Reader.FOLLOWER
    told = (REPORTER, SYSTEM.name)
    close = {step.at for step in history if step.by_role in told} if afar else set[datetime]()
    for step in history:
        to = shown(step.verb)
        if to.act < reader:
            continue
        mine = own is not None and step.by_id == own and step.by_role == REPORTER
        did = plainly("verb", step.verb) if plain else text(f"verb.{step.verb}")
        rows.append(
            TimelineRow(
                version=step.version,
                verb=Verb(step.verb),
                text=marked(step, did) if mine or to.note >= reader else did,
                unit=unit_of(step, basis),
                at=begun(step.at, basis.zone) if step.at in close else step.at,
                reason=reason_of(step, hidden) if mine or to.reason >= reader else "",
                note=masked(step.note, hidden) if mine or to.note >= reader else "",
            )
        )
    return rows


def reason_of(step: StepRow, hidden: Set[str]) -> str:
    """Return an act's reason in words, also where a code was chosen; persons masked."""
    key = f"{'call_reason' if step.verb == 'call' else step.verb}.{step.reason}"
    return text(key) if has(key) else masked(step.reason, hidden)


def marked(step: StepRow, did: str) -> str:
    """Return what was done, of an appraisal with what it says: solved or not, and the stars."""
    solved, n = step.facts.get("solved"), step.facts.get("satisfaction")
    if step.verb != Verb.APPRAISE or n is None:
        return did
    said = text("word.solved" if solved else "word.unsolved")
    return text("format.appraised", verb=did, solved=said, n=n)


def unit_of(step: StepRow, basis: Basis) -> str:
    """Return the unit of whoever acted; a reporter has none: who it is is not to be guessed."""
    unit = basis.units.by_id.get(step.unit_id) if step.unit_id else None
    return unit.name if unit else ""


async def photos_of(
    case: CaseRow, *, reader: Reader, of_all: Sequence[int] = ()
) -> list[PhotoRow]:
    """Return the photos of a case as far as they are the reader's.

    Those of its family, `of_all`, are for staff alone: other reporters' are not a reporter's.
    """
    held = await queries.shown_to(reader, of_all or [case.id])
    begun = await queries.rounds(case)
    return [photo_row(each, begun) for each in held]


def photo_row(held: AttachmentRow, begun: Sequence[int]) -> PhotoRow:
    """Return a photo as a row with the round in which it came; rounds by where they began."""
    return PhotoRow(
        id=str(held.photo_id),
        purpose=Purpose(held.purpose),
        cycle=1 + sum(version <= held.step_version for version in begun),
    )
