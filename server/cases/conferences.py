"""A dispute that dispatch could not settle: docket, statements, a ruling that binds (联席会议)."""

from datetime import datetime

from server.cases.basis import Basis
from server.cases.briefing import facts_of, moment
from server.cases.flow import Part, Verb
from server.cases.journal import Act, Journal
from server.cases.models.case import Case
from server.cases.models.dispute import Conference, Return
from server.cases.turns import take_turn
from server.people.actor import Actor


async def convene_now(
    case: Case, journal: Journal, *, by: Actor, at: datetime, basis: Basis
) -> None:
    """Put a disputed case before a conference within an act that is under way."""
    act = Act(verb=Verb.CONVENE, by=by, at=at)
    journal.add(act)
    take_turn(case, at=at, basis=basis)
    disputed = Return.filter(case_id=case.id, part=Part.LEAD.value).order_by("id")
    pairs = await disputed.values_list("unit_id", "proper_unit_id")
    units = list(dict.fromkeys(int(unit_id) for pair in pairs for unit_id in pair))
    await Conference.create(
        case_id=case.id,
        unit_ids=units,
        convened_at=at,
        convened_by_id=by.id,
        due_at=case.stage_due_at,
    )
    journal.leaving.update(units)
    until = moment(case.stage_due_at, basis.zone)
    act.facts.update(facts_of(case, basis.units, basis.zone) | {"until": until})
