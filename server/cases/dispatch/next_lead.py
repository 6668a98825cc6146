"""A case that goes on with another lead: whom the list names, or none yet."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from server.cases.dispatch.dispatching import by_list, settle, tasks
from server.cases.door.moving import Open
from server.cases.door.placing import listing_of
from server.cases.door.recusal_rules import no_lead
from server.cases.door.schedule import take_turn
from server.cases.models.case import Case
from server.cases.models.task import Check, Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Stage, TaskStage
from server.db import insert
from server.people.actor import SYSTEM
from server.people.queries import names, workers
from server.texts.catalogue import text


def way_on(basis: Basis) -> Callable[[Case], Awaitable[str]]:
    """Return what tells where a case goes on: with its own lead, the list's, or none yet."""

    async def way(case: Case) -> str:
        if not goes_on_elsewhere(case, basis):
            return ""
        finding = (await listing_of(case, basis)).finding
        return "to_dispatcher" if finding.lead_unit_id is None else "to_lead"

    return way


def goes_on_elsewhere(case: Case, basis: Basis) -> bool:
    """Tell whether a case has no lead to go on with: settled on the spot, or about its lead."""
    about, lead = case.about_unit_id, case.lead_id
    theirs = about is not None and lead is not None and basis.units.within(lead, about)
    return case.self_handled or theirs


async def hand_on(opened: Open, *, at: datetime, basis: Basis) -> None:
    """Begin another cycle by the list: tasks, deadline and turn of a case just sent that way."""
    case = opened.case
    await next_cycle(case)
    led = Task.filter(case_id=case.id, part=Part.LEAD.value, stage=TaskStage.DONE.value)
    await led.update(stage=TaskStage.WAIVED.value)
    # The day of who handled it on the spot is no limit for others.
    case.self_handled, case.lead_id, case.due_at, case.due_why = False, None, None, ""
    if case.stage == Stage.FILED:
        case.waits_for = [no_lead(case)]
        take_turn(case, at=at, basis=basis)
        return
    decision = by_list((await listing_of(case, basis)).finding)
    settle(case, decision, by=SYSTEM, at=at, basis=basis)
    case.explanation = replace(case.explanation, dispatched_by="list")
    given = tasks(case, decision, at=at, basis=basis)
    lead = next(each for each in given if each.part == Part.LEAD)
    before = Task.filter(case_id=case.id, unit_id=lead.unit_id, part=Part.LEAD.value)
    if held := await before.order_by("-id").first():
        lead.assignee_id = held.assignee_id
        await keep_handler(opened, lead)
    await insert(*given)


async def keep_handler(opened: Open, lead: Task) -> None:
    """Let who handled a lead's task handle it again, if that person still may; the unit hears."""
    person = lead.assignee_id
    if person is None:
        return
    if await workers(lead.unit_id, [person]):
        word = "handled_again"
        if person != opened.entry.act.by.id:
            opened.journal.give_work(opened.entry, person)
    else:
        word, lead.assignee_id = "handled_no_more", None
    name = (await names([person])).get(person, "")
    opened.tell(what=text(f"word.{word}", name=name))


async def next_cycle(case: Case) -> None:
    """Forget the handling that did not hold; a check not made yet is asked of nobody any more."""
    await Check.filter(case_id=case.id, done_at__isnull=True).update(assignee_id=None)
    case.cycle += 1
    case.handled_at, case.handled_by_id, case.closed_at = None, None, None
