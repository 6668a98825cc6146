"""What becomes of a report that did not file itself: filed, declined, objected to."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tortoise.expressions import Q

from server.cases.dispatch.dispatching import by_list, countable, create_tasks, first_steps, settle
from server.cases.door.briefing import moment
from server.cases.door.expiry import lapse
from server.cases.door.hindrances import decliners
from server.cases.door.journal import Act
from server.cases.door.lineage import survivor_no
from server.cases.door.moving import Open, moving
from server.cases.door.placing import listing_of, place_by_code, write_entry
from server.cases.door.recusal_rules import no_lead
from server.cases.door.schedule import take_turn
from server.cases.models.case import Case, Step
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.cases.rules.views import CaseRow
from server.errors import CaseNotReady
from server.people.actor import SYSTEM, Actor
from server.people.queries import holders
from server.permissions import Role
from server.responsibility.list.entries import Finding
from server.texts.catalogue import text

#: Why a report is not taken on; each has a sentence in texts.
DECLINE_CODES = ("not_ours", "private_dispute", "duplicate", "no_facts", "in_court", "other")
_ABOUT_PLACE: Final = frozenset({"no_position", "outside_county", "no_grid", "datum_unknown"})


async def file(
    no: str,
    *,
    matter: str = "",
    place: str = "",
    by: Actor,
    at: datetime,
    basis: Basis,
    note: str = "",
) -> Case:
    """Take a case on (立案); it is dispatched at once when the list decides.

    `matter` and `place` (a grid, village or township) are codes, each optional when the case has
    one already. A matter on no list is filed as off_list and waits for the dispatcher. Raises
    UnknownMatter, CaseNotReady, BadInput.
    """
    act = Act(verb=Verb.FILE, by=by, at=at, note=note)
    async with moving(no, act, basis) as opened:
        case = opened.case
        if place:
            place_by_code(case, place, basis.places.at(case.received_at))
        matter = matter or case.matter_code
        if not matter:
            raise CaseNotReady(missing="matter")
        listing = await listing_of(case, basis, matter=matter)
        write_entry(case, listing)
        case.filed_at, case.filed_by_id = at, by.id
        case.first_unit_id = case.first_unit_id or by.unit_id
        await go_on(opened, listing.finding, at=at, basis=basis)
    return case


async def who_chose(case: CaseRow, zone: ZoneInfo) -> str:
    """Return in a sentence who said what matter a case is of; empty while nobody has."""
    if not case.matter_code:
        return ""
    filed = Q(verb=Verb.FILE.value)
    opened = Q(verb=Verb.CALL.value, source="")  # units were called before anybody had reported it
    found = Step.filter(filed | opened, case_id=case.id)
    last = await found.order_by("-version").first()
    if last is None or (last.by_id is None and last.at == case.received_at):
        return text("who_chose.reporter")
    if last.by_id is None:
        return text("who_chose.clock", at=moment(last.at, zone))
    role = text(f"role.{last.by_role}")
    return text(f"who_chose.{last.verb}", role=role, at=moment(last.at, zone))


async def go_on(opened: Open, finding: Finding, *, at: datetime, basis: Basis) -> None:
    """Dispatch a filed case by the list, or let it wait for what is still to be settled."""
    case = opened.case
    case.waits_for = still_open(case, finding, at=at, basis=basis)
    take_turn(case, at=at, basis=basis)
    if case.waits_for:
        return
    sent = opened.journal.add(Act(verb=Verb.DISPATCH, by=SYSTEM, at=at))
    decision = by_list(finding)
    settle(case, decision, by=SYSTEM, at=at, basis=basis)
    await create_tasks(case, decision, at=at, basis=basis)
    sent.tell(steps=first_steps(case, basis))


def still_open(case: Case, finding: Finding, *, at: datetime, basis: Basis) -> list[str]:
    """Return what is to be settled before the list decides; nothing when it does.

    All of it is the dispatcher's, but for a calendar that ends too early.
    """
    if finding.off_list:
        return ["off_list"]
    if not case.township_code:
        return [code for code in case.waits_for if code in _ABOUT_PLACE] or ["place_uncertain"]
    if finding.lead_unit_id is None:
        return [no_lead(case)]
    return [] if countable(by_list(finding), at=at, basis=basis) else ["calendar"]


async def decline(
    no: str,
    code: str,
    *,
    where_to_go: str,
    missing: tuple[str, ...] = (),
    note: str = "",
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Case:
    """Not take a case on (不予立案): one complete notice of why, what lacks and where to go.

    Raises InterestedParty for who declined it before, when its reporter objected to that.
    """
    about = {
        "reason": text(f"decline.{code}"),
        "instead": where_to_go,
        "lacking": text("format.and").join(missing),
        "until": moment(at + timedelta(days=basis.policy.object_days), basis.zone),
    }
    act = Act(verb=Verb.DECLINE, by=by, at=at, reason=code, note=note, facts=about)
    async with moving(no, act, basis) as opened:
        await lapse(opened.journal, at=at)
        take_turn(opened.case, at=at, basis=basis)
    return opened.case


async def object_to(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Object as the reporter to a case not being taken on; somebody else looks at it afresh.

    Raises AlreadyDone for the second time, TooLate some days after the declining.
    """
    act = Act(verb=Verb.OBJECT, by=by, at=at, reason=reason)
    async with moving(await survivor_no(no), act, basis) as opened:
        case = opened.case
        case.objected_at = at
        case.lead_id = None  # whom a conference had let go
        case.waits_for = [*case.waits_for, "objected"]
        take_turn(case, at=at, basis=basis)
        others = set(await holders(Role.ACCEPTOR)) - await decliners(case)
        answering = sorted(others) or await holders(Role.DISPATCHER)
        opened.call_attention(answering, due=moment(case.stage_due_at, basis.zone))
    return case
