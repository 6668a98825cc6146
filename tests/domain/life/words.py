"""For every verb that is done to a case: ways to do it with words that may fit."""

from functools import partial
from random import Random
from uuid import uuid4

from server.appraisal.commands import Opinion, appraise
from server.cases.calls import call_requests, calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences, returns
from server.cases.disputes.conferences import Decision
from server.cases.disputes.returns import Ruling
from server.cases.ends import closing, merging, recusing
from server.cases.intake import inquiring, place_choice, screening, verifying
from server.cases.models.case import Case
from server.cases.models.dispute import Return
from server.cases.models.steering import Request
from server.cases.rules.flow import Verb
from server.cases.work import checking, on_the_spot, requests, steering
from server.cases.work.on_the_spot import Handled
from server.governance.boundaries.rebinding import rebind
from server.people.actor import Actor
from tests.casework import STREET_LAMP
from tests.domain.life.play import UNITS, Play, Turn

#: Off the list the dispatcher says how long.
LIMIT = {"limit": 1, "urgency": "work_day"}


def _plain(command, *args, **more):
    """A verb that needs no more than these words."""

    async def words(life: Play, case: Case, by: Actor, rng: Random):
        yield partial(command, case.no, *args, **more, **_now(life, by))

    return words


def _now(life: Play, by: Actor) -> dict:
    return {"by": by, "at": life.at, "basis": life.work.basis}


def _others(life: Play, by: Actor, case: Case) -> list[str]:
    """Departments that are not one's own, nor the lead."""
    known = life.work.basis.units
    away = by.unit_ids | {case.lead_id}
    return [name for name in UNITS if known.named(name).id not in away]


async def call(life, case, by, rng):
    new = partial(
        NewCall, no=case.no, key=uuid4(), reason="emergency", place_text="路口", asked_at=None
    )
    choices = [Choice(cooperating=(name,)) for name in _others(life, by, case)]
    choices += [Choice(), *(Choice(lead=name, **LIMIT) for name in _others(life, by, case))]
    for choice in choices:
        yield partial(calling.call, new(choice=choice), **_now(life, by))


async def supplement(life, case, by, rng):
    yield partial(inquiring.supplement, case.no, "在", key=uuid4(), **_now(life, by))


async def file(life, case, by, rng):
    for matter in (case.matter_code, STREET_LAMP):
        yield partial(screening.file, case.no, matter=matter, **_now(life, by))


async def self_handle(life, case, by, rng):
    photo = partial(Turn(play=life, case=case, at=life.at, rng=rng).photo, by)
    before, after = await photo(), await photo()
    handled = Handled(result="铲了", photos=(after,))
    yield partial(on_the_spot.self_handle, case.no, handled, (before,), **_now(life, by))


async def dispatch(life, case, by, rng):
    choices = [Choice(note="如此")]
    choices += [Choice(lead=name, note="如此", **LIMIT) for name in UNITS]
    for choice in choices:
        yield partial(dispatching.dispatch, case.no, choice, **_now(life, by))


async def rule(life, case, by, rng):
    for given in await Return.filter(case_id=case.id, upheld__isnull=True):
        ruling = Ruling(upheld=False, reason="查过", return_id=given.id)
        yield partial(returns.rule, case.no, ruling, **_now(life, by))
    yield partial(returns.rule, case.no, Ruling(upheld=False, reason="查过"), **_now(life, by))


async def refuse(life, case, by, rng):
    for asked in await Request.filter(case_id=case.id, granted__isnull=True):
        if asked.what == call_requests.WHAT:
            yield partial(call_requests.refuse, case.no, "不必", **_now(life, by))
        else:
            yield partial(requests.refuse, case.no, asked.what, "不必", **_now(life, by))
    yield partial(requests.refuse, case.no, "extend", "不必", **_now(life, by))


async def merge(life, case, by, rng):
    for other in life.on_stage():
        if other.id != case.id:
            yield partial(merging.merge, case.no, other.no, "同一件事", **_now(life, by))


async def instruct(life, case, by, rng):
    for unit in ("", *UNITS):
        yield partial(steering.instruct, case.no, "速办", unit=unit, **_now(life, by))


async def recuse(life, case, by, rng):
    for unit in ("", *UNITS):
        yield partial(recusing.recuse, case.no, unit, "说的是它", **_now(life, by))


async def confirm_place(life, case, by, rng):
    grids = [each.code for each in case.place.candidates] or [case.grid_code or "1"]
    for grid in grids:
        yield partial(place_choice.confirm_place, case.no, grid, **_now(life, by))


_DECIDED = Decision(minutes="不予", declined=True, where_to_go="法院")
_OPINION = Opinion(responded=True, solved=True, satisfaction=3)
#: Ways to do each, of which one is enough.
WORDS = {
    Verb.CALL: call,
    Verb.VERIFY: _plain(verifying.verify, "看看"),
    Verb.INQUIRE: _plain(inquiring.inquire, ["照片"]),
    Verb.SUPPLEMENT: supplement,
    Verb.FILE: file,
    Verb.DECLINE: _plain(screening.decline, "other", where_to_go="别处"),
    Verb.OBJECT: _plain(screening.object_to, "就是有"),
    Verb.SELF_HANDLE: self_handle,
    Verb.DISPATCH: dispatch,
    Verb.RULE: rule,
    Verb.CONVENE: _plain(conferences.convene),
    Verb.STATE: _plain(conferences.state, "我们认为"),
    Verb.DECIDE: _plain(conferences.decide, _DECIDED),
    Verb.REFUSE: refuse,
    Verb.SUSPEND: _plain(requests.suspend),
    Verb.EXTEND: _plain(requests.extend),
    Verb.EXEMPT: _plain(requests.exempt),
    Verb.RESUME: _plain(requests.resume),
    Verb.CLOSE: _plain(closing.close),
    Verb.REWORK: _plain(checking.rework, "返工"),
    Verb.APPRAISE: _plain(appraise, _OPINION),
    Verb.REDO: _plain(closing.redo, "又坏了"),
    Verb.MERGE: merge,
    Verb.UNMERGE: _plain(merging.unmerge, "不是一件事"),
    Verb.WITHDRAW: _plain(closing.withdraw, "算了"),
    Verb.URGE: _plain(steering.urge),
    Verb.SUPERVISE: _plain(steering.supervise),
    Verb.INSTRUCT: instruct,
    Verb.REPLY: _plain(steering.reply, "在办"),
    Verb.REBIND: _plain(rebind, "边界变了"),
    Verb.CONFIRM_PLACE: confirm_place,
    Verb.RECUSE: recuse,
}
