"""A case that goes on with another lead: whom the list names, or none yet."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from server.cases.dispatch.dispatching import by_list, create_tasks, settle
from server.cases.door.placing import listing_of
from server.cases.door.recusal_rules import no_lead
from server.cases.door.schedule import take_turn
from server.cases.models.case import Case
from server.cases.models.task import Check, Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Stage, TaskStage
from server.people.actor import SYSTEM


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


async def hand_on(case: Case, *, at: datetime, basis: Basis) -> None:
    """Begin another cycle by the list: tasks, deadline and turn of a case just sent that way."""
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
    await create_tasks(case, decision, at=at, basis=basis)


async def next_cycle(case: Case) -> None:
    """Forget the handling that did not hold; a check not made yet is asked of nobody any more."""
    await Check.filter(case_id=case.id, done_at__isnull=True).update(assignee_id=None)
    case.cycle += 1
    case.handled_at, case.handled_by_id, case.closed_at = None, None, None
