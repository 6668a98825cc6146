"""What the clock does before any unit is at work: filing, dispatching, verifying."""

from datetime import datetime
from typing import Final

from server.cases.dispatch.dispatching import by_list, countable, first_steps, settle, tasks
from server.cases.door.placing import listing_of, write_entry
from server.cases.door.recusal_rules import finding_of
from server.cases.door.schedule import take_turn, wait_again
from server.cases.door.waking import Woken
from server.cases.intake.screening import still_open
from server.cases.models.case import Case
from server.cases.models.task import Verification
from server.cases.rules.flow import Verb
from server.people.actor import SYSTEM
from server.permissions import Role
from server.responsibility.list.entries import Finding

#: Doubts about the place that the clock leaves to a person.
_ABOUT_PLACE: Final = frozenset(
    {"no_position", "outside_county", "no_grid", "border", "datum_unknown", "place_uncertain"}
)


async def file_late(woken: Woken, due: datetime) -> None:
    """K1 is over: who may file in the acceptor's place is told."""
    woken.escalate(await woken.stand_ins.who_steps_in(woken.case, Role.DISPATCHER), "file_late")


async def file_by_clock(woken: Woken, due: datetime) -> None:
    """Twice K1: filed with its best suggestion; dispatched where place and lead are certain."""
    case, at, basis = woken.case, woken.at, woken.basis
    doubts = [code for code in case.waits_for if code in _ABOUT_PLACE]
    filed = woken.act(Verb.FILE, lead="")  # whom the list names its dispatch tells
    woken.tell(filed, await woken.stand_ins.who_steps_in(case, Role.DISPATCHER), "file_by_clock")
    case.filed_at = at
    take_turn(case, at=at, basis=basis)
    matter = case.matter_code or _suggested(case)
    if not matter:
        case.waits_for = ["no_matter", *doubts]
        return
    listing = await listing_of(case, basis, matter=matter)
    write_entry(case, listing)
    case.waits_for = doubts or still_open(case, listing.finding, at=at, basis=basis)
    if not case.waits_for:
        _send(woken, listing.finding)


def _suggested(case: Case) -> str:
    """Return the matter that the reporter's words suggest most; empty for none."""
    return next((each.code for each in case.suggestion.matters), "")


def _send(woken: Woken, finding: Finding) -> None:
    case, at, basis = woken.case, woken.at, woken.basis
    decision = by_list(finding)
    entry = woken.act(Verb.DISPATCH)
    settle(case, decision, by=SYSTEM, at=at, basis=basis)
    # Of a process only those whose step is open have a task, and hear of it.
    given = tasks(case, decision, at=at, basis=basis)
    woken.rows += given
    woken.journal.also_tell(*(task.unit_id for task in given))
    entry.tell(steps=first_steps(case, basis))


async def dispatch_late(woken: Woken, due: datetime) -> None:
    """K2 is over: a leader is told, and again every K2.

    What waits for nothing but a calendar goes to its units as soon as that is there.
    """
    case, at, basis = woken.case, woken.at, woken.basis
    if case.waits_for == ["calendar"]:
        finding = finding_of(case, basis)
        if finding.lead_unit_id and countable(by_list(finding), at=at, basis=basis):
            _send(woken, finding)
            return
    woken.escalate(await woken.leaders(), "dispatch_late")
    wait_again(case, at=at, basis=basis)


async def verify_lapsed(woken: Woken, due: datetime) -> None:
    """Nobody looked: the case is the acceptor's again, who goes on without an answer."""
    unanswered = Verification.filter(case_id=woken.case.id, done_at__isnull=True)
    await unanswered.update(done_at=woken.at)
    woken.act(Verb.VERIFY)
    take_turn(woken.case, at=woken.at, basis=woken.basis)
    woken.escalate(await woken.stand_ins.who_steps_in(woken.case, Role.ACCEPTOR), "verify_lapsed")
