"""A dispute that dispatch could not settle: docket, statements, a ruling that binds (联席会议)."""

from dataclasses import dataclass, field
from datetime import datetime

from server.cases.dispatch.dispatching import Choice
from server.cases.dispatch.reassigning import (
    change_lead,
    chosen,
    explain_who,
    hand_out,
    put_back,
    settle_return,
)
from server.cases.door.briefing import moment
from server.cases.door.expiry import lapse, waive_open
from server.cases.door.hindrances import parties, stating
from server.cases.door.journal import Act, Entry, Journal
from server.cases.door.moving import moving
from server.cases.door.recusal_rules import apart_of
from server.cases.door.schedule import take_turn
from server.cases.models.case import Case
from server.cases.models.dispute import Conference, Return, Statement
from server.cases.models.task import Task
from server.cases.reading.reporters import reporters_names
from server.cases.rules import flow
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, TaskStage, Verb
from server.cases.rules.masking import masked
from server.errors import (
    BadInput,
    NoLead,
)
from server.people.actor import Actor
from server.people.queries import holders
from server.people.units import UnitView
from server.permissions import Role
from server.responsibility.list import precedents
from server.texts.catalogue import text


async def convene(no: str, *, by: Actor, at: datetime, basis: Basis, note: str = "") -> Case:
    """Put a disputed case before a conference, instead of ruling on its return."""
    act = Act(verb=Verb.CONVENE, by=by, at=at, note=note)
    async with moving(no, act, basis) as opened:
        await _put_on_docket(opened.journal, opened.entry, at=at, basis=basis)
    return opened.case


async def convene_now(
    journal: Journal, *, by: Actor, at: datetime, basis: Basis, **why: str
) -> None:
    """Put a disputed case before a conference within an act that is under way, and say why."""
    entry = journal.add(Act(verb=Verb.CONVENE, by=by, at=at))
    entry.tell(**why)
    await _put_on_docket(journal, entry, at=at, basis=basis)


async def _put_on_docket(journal: Journal, entry: Entry, *, at: datetime, basis: Basis) -> None:
    case = journal.case
    take_turn(case, at=at, basis=basis)
    units = apart_of(await parties(case), case, basis)
    await Conference.create(
        case_id=case.id,
        unit_ids=units,
        convened_at=at,
        convened_by_id=entry.act.by.id,
        due_at=case.stage_due_at,
    )
    journal.also_tell(*units)
    entry.tell(until=moment(case.stage_due_at, basis.zone))
    deciding = await holders(Role.LIST_KEEPER) + await holders(Role.DISPATCHER)
    journal.call_attention(entry, deciding)


async def state(no: str, words: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Say as one of the units in dispute how it sees the matter (陈述).

    Raises NotPermitted for other units, StatementsUsed for the sixth of one unit.
    """
    act = Act(verb=Verb.STATE, by=by, at=at, reason=words)
    async with moving(no, act, basis) as opened:
        unit_id = await stating(opened.case, by, basis.units)
        await Statement.create(
            case_id=opened.case.id, unit_id=unit_id, by_id=by.id, at=at, text=words
        )
    return opened.case


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a conference decides: who leads, or that the case is declined and where to go.

    The choice's limit is the lead's own; the case's deadline stays.
    """

    minutes: str
    choice: Choice = field(default_factory=Choice)
    declined: bool = False
    where_to_go: str = ""


async def decide(no: str, decision: Decision, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Decide for the conference (裁定): binding, a precedent, and a proposal for the list.

    Raises ConferenceRunning for a leader before K9 is over, InterestedParty for the units in
    dispute, NoLead, UnknownUnit, OffListTownship, BadInput.
    """
    way = "decline" if decision.declined else ""
    act = Act(verb=Verb.DECIDE, by=by, at=at, way=way, reason=decision.minutes)
    async with moving(no, act, basis) as opened:
        case = opened.case
        conference = await Conference.get(case_id=case.id, decided_at__isnull=True)
        _require_whole(decision)
        lead = None if decision.declined else basis.units.to_act(decision.choice.lead)
        opened.journal.also_tell(*conference.unit_ids)
        if lead is None:
            await _decline(case, opened.journal, decision, by=by, at=at, basis=basis)
            ruling = text("ruling.decline", instead=decision.where_to_go)
            opened.tell(ruling=ruling, lead="", due="", why="")  # nobody here is to do it
        else:
            await _dispatch(opened.journal, lead, decision, by=by, at=at, basis=basis)
        conference.decided_at, conference.decided_by_id = at, by.id
        conference.lead_id = lead.id if lead else None
        conference.minutes = decision.minutes
        await conference.save()
        await _set_precedent(case, lead, decision, at=at)
    return case


def _require_whole(decision: Decision) -> None:
    """Refuse what names both a lead and declines, or neither."""
    choice = decision.choice
    if decision.declined:
        named = {"/lead": choice.lead, "/cooperating": choice.cooperating, "/limit": choice.limit}
        wrong = [{"pointer": at, "reason": "not_here"} for at, given in named.items() if given]
        if not decision.where_to_go.strip():
            wrong.append({"pointer": "/where_to_go", "reason": "missing"})
        if wrong:
            raise BadInput(wrong)
    elif not choice.lead.strip():
        raise NoLead(n_leads=0)


async def _dispatch(
    journal: Journal, lead: UnitView, decision: Decision, *, by: Actor, at: datetime, basis: Basis
) -> None:
    """Give the case to whom the conference chose; who returned it wrongly goes on as before."""
    case = journal.case
    last = await _last_lead_task(case)
    stays = lead.id in basis.units.house(last.unit_id)
    call_id = None if stays else last.call_id
    assignments = await chosen(case, lead.id, decision.choice, call_id=call_id, at=at, basis=basis)
    await _settle_returns(case, upheld=not stays, decision=decision, by=by, at=at)
    if stays:
        stage = flow.task_after(TaskStage(last.stage), Verb.DECIDE)
        await put_back(case, last, stage, at=at, basis=basis)
        case.accepted_at = None
        take_turn(case, at=at, basis=basis, called=last.call_id is not None)
        await hand_out(case, assignments[1:], at=at, basis=basis)
    else:
        old_id = last.unit_id
        await change_lead(journal, assignments, old_id=old_id, by=by, at=at, basis=basis)
    explain_who(case, assignments, how="conference", reason=decision.minutes, basis=basis)


async def _decline(
    case: Case, journal: Journal, decision: Decision, *, by: Actor, at: datetime, basis: Basis
) -> None:
    """End every unit's part: nobody here is to do it."""
    await _settle_returns(case, upheld=True, decision=decision, by=by, at=at)
    await waive_open(journal)
    await lapse(journal, at=at)
    take_turn(case, at=at, basis=basis)


async def _last_lead_task(case: Case) -> Task:
    """Return the lead's task that was returned last."""
    found = Task.filter(
        case_id=case.id, part=Part.LEAD.value, stage=TaskStage.RETURNED.value, unit_id=case.lead_id
    )
    return await found.order_by("-id").limit(1).get()


async def _settle_returns(
    case: Case, *, upheld: bool, decision: Decision, by: Actor, at: datetime
) -> None:
    """Write down what becomes of the lead's return that was not ruled on."""
    for given in await Return.filter(case_id=case.id, part=Part.LEAD.value, upheld__isnull=True):
        await settle_return(given, upheld=upheld, ruling=decision.minutes, by=by, at=at)


async def _set_precedent(
    case: Case, lead: UnitView | None, decision: Decision, *, at: datetime
) -> None:
    """Keep the ruling for the look-up; without a matter nothing could cite it.

    Who leads a complaint about a unit is no precedent, and nothing for everybody to read.
    """
    if case.matter_code and case.about_unit_id is None:
        await precedents.record(
            case.matter_code,
            case.matter_name,
            case_no=case.no,
            lead=lead,
            minutes=masked(decision.minutes, await reporters_names(case), offices=True),
            at=at,
        )
