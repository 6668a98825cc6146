"""A grid worker asks the township to call units to a case of its own grids."""

from datetime import datetime
from typing import Final, Literal

from server.cases.calls import joining
from server.cases.calls.calling import NewCall
from server.cases.door.access import may, reaches
from server.cases.door.briefing import office
from server.cases.door.escalation import who_requested
from server.cases.door.hindrances import request_to_answer
from server.cases.door.journal import Act
from server.cases.door.moving import moving
from server.cases.door.recusal_rules import require_apart
from server.cases.models.case import Case
from server.cases.models.steering import Request
from server.cases.rules import flow
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, Verb
from server.cases.rules.records import Terms
from server.errors import (
    CallNeedsReport,
    CallPlaceMissing,
    KeyReused,
    NotPermitted,
    Problem,
    Repeated,
    RequestOpen,
)
from server.people.actor import Actor
from server.people.queries import members
from server.people.units import UnitView
from server.permissions import Permission
from server.texts.catalogue import text

WHAT: Final = "call"


def through_township(actor: Actor) -> bool:
    """Tell whether somebody does not call but asks the township to: a grid worker."""
    return bool(reaches(actor, Permission.CASE_ASK_CALL)) and not reaches(
        actor, Permission.CASE_CALL
    )


async def may_ask(actor: Actor, case: Case, basis: Basis) -> list[Literal["call"]]:
    """Return whether the actor can ask for a call on a case now."""
    if not through_township(actor):
        return []
    try:
        _require_callable_stage(case)
        await _room_to_ask(actor, case, basis)
    except Problem:
        return []
    return ["call"] if await may(actor, Permission.CASE_ASK, case) else []


async def ask(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Request:
    """Ask the case's township to call; its people are told, and call naming this request.

    The same key gives the same request, KeyReused with another content. Raises CallNeedsReport
    without a case, NotPermitted for who is no grid worker, RequestOpen while one is waiting, and
    what the call itself would raise: CallPlaceMissing, CallInPast, UnknownUnit, CallLead,
    UnitRecused.
    """
    if not through_township(by):
        raise NotPermitted(verb=Verb.CALL)
    if (earlier := await _earlier(new, by)) is not None:
        return earlier
    if not new.no:
        raise CallNeedsReport()
    new.require_sense(at)
    try:
        return await _ask(new, by=by, at=at, basis=basis)
    except (RequestOpen, Repeated):
        earlier = await _earlier(new, by)  # its twin was faster
        if earlier is None:
            raise
        return earlier


async def _earlier(new: NewCall, by: Actor) -> Request | None:
    if new.key is None:
        return None
    asked = Request.filter(what=WHAT, by_id=by.id, terms__contains={"key": str(new.key)})
    found = await asked.first()
    if found is not None and found.terms.content != new.fingerprint():
        raise KeyReused()
    return found


async def _ask(new: NewCall, *, by: Actor, at: datetime, basis: Basis) -> Request:
    why = text(f"call_reason.{new.reason}")
    act = Act(verb=Verb.ASK, by=by, at=at, reason=why, note=new.text)
    async with moving(new.no, act, basis) as opened:
        case = opened.case
        if _require_callable_stage(case):
            joining.named(case, new.choice, (), basis)
        room = await _room_to_ask(by, case, basis)
        request = await Request.create(
            case_id=case.id,
            what=WHAT,
            by_id=by.id,
            at=at,
            reason=why,
            terms=_terms(new),
        )
        opened.tell(unit=office(None, by, act.verb, basis.units), request=text("request.call"))
        opened.call_attention(await members([room.id], Permission.CASE_CALL))
    return request


async def refuse(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Refuse as the township the call that a grid worker asks for; who asked hears why.

    Raises NoRequest, NotPermitted for whoever is not of the case's township.
    """
    act = Act(verb=Verb.REFUSE, by=by, at=at, reason=reason)
    async with moving(no, act, basis) as opened:
        case = opened.case
        request = await request_to_answer(case, WHAT, by)
        request.granted, request.answer = False, reason
        request.answered_at, request.answered_by_id = at, by.id
        await request.save()
        opened.tell(request=text("request.call"))
        opened.journal.units = set()  # the units never heard of it
        opened.call_attention(await who_requested(case, request))
    return case


def _require_callable_stage(case: Case) -> bool:
    """Refuse what the township could not grant, as it is not filed yet or over.

    Tells whether units are at work on it.
    """
    stage = Stage(case.stage)
    at_work = stage in joining.AT_WORK
    flow.edge(stage, Verb.CALL, way="join" if at_work else "")
    return at_work


async def _room_to_ask(by: Actor, case: Case, basis: Basis) -> UnitView:
    """Return the township's command room, which somebody asks to call.

    Raises CallPlaceMissing, UnitRecused, NotPermitted, RequestOpen.
    """
    room = basis.units.township_unit(case.township_code)
    if room is None:
        raise CallPlaceMissing()
    require_apart([room.id], case, basis)
    if not await may(by, Permission.CASE_ASK_CALL, case):
        raise NotPermitted(verb=Verb.CALL)
    if await Request.filter(case_id=case.id, what=WHAT, granted__isnull=True).exists():
        raise RequestOpen()
    return room


def _terms(new: NewCall) -> Terms:
    """Return the call as it is wished for, to be read by people and by who grants it."""
    return Terms(
        key=str(new.key) if new.key else "",
        content=new.fingerprint(),
        wished_at=new.asked_at,
        reason=new.reason,
        place=new.place_text,
        text=new.text,
        lead=new.choice.lead,
        cooperating=new.choice.cooperating,
        team=new.team,
    )
