"""What stands in the way of a verb as a case stands, with whatever words it is done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise.expressions import Q

from server.cases.door.access import (
    everywhere,
    granted_verbs,
    may,
    may_answer,
    may_read,
    reaches,
)
from server.cases.door.briefing import moment
from server.cases.door.journal import Act
from server.cases.door.lineage import family
from server.cases.models.case import Case, Step
from server.cases.models.dispute import Conference, Return, Statement
from server.cases.models.report import Report
from server.cases.models.steering import Instruction, Request
from server.cases.models.task import Check, Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import AFTER_DISPATCH, TASK_GONE, Part, Stage, Verb, edge
from server.cases.rules.traits import Trait, verbs_with
from server.errors import (
    AlreadyDone,
    CaseNotReady,
    ConferenceRunning,
    InterestedParty,
    MomentPast,
    NoRequest,
    NoReturn,
    NoSelfHandling,
    NothingToAnswer,
    NoticeGiven,
    NotPermitted,
    PlaceSettled,
    Problem,
    RedoUsed,
    RequestOpen,
    RequestUsed,
    StatementsUsed,
    TooLate,
    WrongStage,
)
from server.people.actor import SYSTEM, Actor
from server.people.units import Units
from server.permissions import Permission
from server.responsibility.list.fields import EntryView

#: How often a case is suspended, and its deadline moved.
MOST_SUSPENSIONS: Final = 2
MOST_EXTENSIONS: Final = 2
#: How often a reporter may have a case handled again without anybody's consent.
REDOS_OF_ONES_OWN: Final = 1
#: How often a unit may state its case, beside the reason of its return.
MAX_STATEMENTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """Somebody about to do a verb to a case that stands at a stage."""

    verb: Verb
    by: Actor
    at: datetime
    case: Case
    stage: Stage
    basis: Basis


_Hindrances = dict[Verb, Callable[[_Attempt], Awaitable[None]]]


async def allowed_verbs(by: Actor, case: Case, *, at: datetime, basis: Basis) -> list[Verb]:
    """Return the verbs of the case's own that somebody can do now, with the right words."""
    found = await granted_verbs(by, case)
    return [each for each in found if await hindrance(each, by, case, at=at, basis=basis) is None]


async def hindrance(
    verb: Verb, by: Actor, case: Case, *, at: datetime, basis: Basis
) -> Problem | None:
    """Return what as the case stands hinders a verb that is granted; None where nothing does."""
    try:
        act = Act(verb=verb, by=by, at=at)
        await _try(_OF_CASE | _OF_ONE_ROW, act, case, Stage(case.stage), basis)
    except Problem as problem:
        return problem
    return None


async def require_unhindered(act: Act, case: Case, stage: Stage, basis: Basis) -> None:
    """Refuse an act for what of the case stands in its way; `stage` is where the case stood."""
    if act.by is not SYSTEM:
        await _try(_OF_CASE, act, case, stage, basis)


async def _try(known: _Hindrances, act: Act, case: Case, stage: Stage, basis: Basis) -> None:
    if asks := known.get(act.verb):
        by, at = act.by, act.at
        await asks(_Attempt(verb=act.verb, by=by, at=at, case=case, stage=stage, basis=basis))


async def decliners(case: Case) -> set[int]:
    """Return who declined a case, by their accounts."""
    found = Step.filter(case_id=case.id, verb=Verb.DECLINE.value, by_id__isnull=False)
    return {int(i) for (i,) in await found.values_list("by_id")}


async def parties(case: Case) -> list[int]:
    """Return the units that dispute who leads: who returned it, whom they named, who has it."""
    found = list[int]()
    disputed = Return.filter(case_id=case.id, part=Part.LEAD.value).order_by("id")
    for unit_id, proper_id in await disputed.values_list("unit_id", "proper_unit_id"):
        found += [int(unit_id), int(proper_id)]
    if case.lead_id is not None:
        found.append(case.lead_id)
    return list(dict.fromkeys(found))


async def stating(case: Case, by: Actor, units: Units) -> int:
    """Return for which unit in dispute somebody speaks; raises NotPermitted, StatementsUsed.

    What was said by a unit merged with it counts as its own.
    """
    concerned = by.unit_ids.intersection(await parties(case))
    if not concerned:
        raise NotPermitted(verb=Verb.STATE)
    unit_id = by.unit_id if by.unit_id in concerned else min(concerned)
    said = Statement.filter(case_id=case.id, unit_id__in=units.house(unit_id))
    if await said.count() >= MAX_STATEMENTS:
        raise StatementsUsed(most=MAX_STATEMENTS)
    return unit_id


async def require_disinterested(case: Case, given: Return, by: Actor) -> None:
    """Refuse with InterestedParty who is concerned by a return, or sent the case there."""
    concerned = {given.unit_id, given.proper_unit_id, case.lead_id}
    did = Step.filter(
        case_id=case.id, by_id__in=list(by.persons), verb__in=verbs_with(Trait.SENDS)
    )
    if concerned & by.unit_ids or case.dispatched_by_id in by.persons or await did.exists():
        raise InterestedParty()


async def returns_to_rule(case: Case, stage: Stage, by: Actor) -> list[Return]:
    """Return the returns that somebody can rule on; raises NoReturn, InterestedParty for none."""
    ruled_on = {Part.LEAD.value} if stage is Stage.DISPUTED else set()
    if stage in AFTER_DISPATCH:
        ruled_on |= {Part.COOPERATING.value}
    waiting = Return.filter(case_id=case.id, upheld__isnull=True, part__in=sorted(ruled_on))
    found = await waiting.order_by("id")
    if not found:
        raise NoReturn()
    free = list[Return]()
    for each in found:
        try:
            await require_disinterested(case, each, by)
        except InterestedParty:
            continue
        free.append(each)
    if not free:
        raise InterestedParty()
    return free


async def can_be_ruled(by: Actor, case: Case) -> set[int]:
    """Return the returns of a case that somebody can rule on now, by their ids."""
    if Verb.RULE not in await granted_verbs(by, case):
        return set()
    try:
        return {each.id for each in await returns_to_rule(case, Stage(case.stage), by)}
    except (NoReturn, InterestedParty):
        return set()


async def request_to_answer(case: Case, what: str, by: Actor) -> Request:
    """Return the open request of a kind that the actor may answer.

    Raises NoRequest, NotPermitted, InterestedParty for who asked and for their unit.
    """
    request = await Request.get_or_none(case_id=case.id, what=what, granted__isnull=True)
    if not may_answer(by, what, case.township_code):
        raise NotPermitted(verb=Verb.REFUSE)
    if request is None:
        raise NoRequest(what=what)
    if request.by_id in by.persons or request.unit_id in by.unit_ids:
        raise InterestedParty()
    return request


def require_self_handling(entry: EntryView | None) -> None:
    """Refuse with NoSelfHandling unless the list lets the matter be handled on the spot."""
    if entry is None or not entry.self_handle:
        raise NoSelfHandling()


async def _call(attempt: _Attempt) -> None:
    """Who leads a complaint about a unit is not for a caller to say."""
    if attempt.stage is Stage.FILED and attempt.case.about_unit_id is not None:
        raise NotPermitted(verb=Verb.CALL)


async def _inquire(attempt: _Attempt) -> None:
    if attempt.case.notice:
        raise NoticeGiven()


async def _decline(attempt: _Attempt) -> None:
    objected = attempt.case.objected_at is not None
    if objected and attempt.by.persons & set(await decliners(attempt.case)):
        raise InterestedParty()


async def _object(attempt: _Attempt) -> None:
    case, at = attempt.case, attempt.at
    if case.objected_at is not None:
        raise AlreadyDone(verb=Verb.OBJECT)
    found = Step.filter(case_id=case.id, target=Stage.DECLINED.value).order_by("-version")
    declined = await found.first()
    since = declined.at if declined else at
    _in_time(since, attempt.basis.policy.object_days, attempt)


def _in_time(since: datetime, days: int, attempt: _Attempt) -> None:
    until = since + timedelta(days=days)
    if attempt.at > until:
        raise TooLate(until=moment(until, attempt.basis.zone))


async def _self_handle(attempt: _Attempt) -> None:
    case, basis, entry = attempt.case, attempt.basis, None
    if case.about_unit_id is None and case.matter_code and not case.off_list:
        listed = basis.lists.at(case.received_at)
        entry = listed.lookup(case.matter_code, case.township_code).entry
    require_self_handling(entry)


async def _rule(attempt: _Attempt) -> None:
    await returns_to_rule(attempt.case, attempt.stage, attempt.by)


async def _state(attempt: _Attempt) -> None:
    await stating(attempt.case, attempt.by, attempt.basis.units)


async def _decide(attempt: _Attempt) -> None:
    by, at = attempt.by, attempt.at
    conference = await Conference.get(case_id=attempt.case.id, decided_at__isnull=True)
    if by.unit_ids.intersection(conference.unit_ids):
        raise InterestedParty()
    if not reaches(by, Permission.CASE_DECIDE_EARLY) and at < conference.due_at:
        raise ConferenceRunning(until=moment(conference.due_at, attempt.basis.zone))


async def _refuse(attempt: _Attempt) -> None:
    case = attempt.case
    waiting = Request.filter(case_id=case.id, granted__isnull=True)
    for what in await waiting.values_list("what", flat=True):
        try:
            await request_to_answer(case, str(what), attempt.by)
        except Problem:
            continue
        return
    raise NoRequest()


async def _grant(attempt: _Attempt) -> None:
    case = attempt.case
    request = await request_to_answer(case, attempt.verb.value, attempt.by)
    if attempt.verb is Verb.SUSPEND:
        if request.terms.until is not None and request.terms.until <= attempt.at:
            raise MomentPast()
        if case.n_suspend >= MOST_SUSPENSIONS:
            raise RequestUsed(most=MOST_SUSPENSIONS)
    if attempt.verb is Verb.EXTEND and case.n_extend >= MOST_EXTENSIONS:
        raise RequestUsed(most=MOST_EXTENSIONS)


async def _resume(attempt: _Attempt) -> None:
    by = attempt.by
    if not everywhere(by, Permission.CASE_RESUME) and attempt.case.lead_id not in by.unit_ids:
        raise NotPermitted(verb=Verb.RESUME)


async def _close(attempt: _Attempt) -> None:
    """Handler, checker and closer are three people."""
    case = attempt.case
    found = await Check.get_or_none(case_id=case.id, cycle=case.cycle)
    if found is None or found.done_at is None:
        raise CaseNotReady(missing="check")
    if not found.passed:
        raise CaseNotReady(missing="check_passed")
    if found.done_by_id in attempt.by.persons:
        raise InterestedParty()
    await _rework(attempt)


async def _rework(attempt: _Attempt) -> None:
    case, by = attempt.case, attempt.by
    if case.handled_by_id in by.persons or case.lead_id in by.unit_ids:
        raise InterestedParty()


async def _appraise(attempt: _Attempt) -> None:
    """Each closing is appraised once by the same person."""
    steps = Step.filter(case_id=attempt.case.id)
    own = Q(verb=Verb.APPRAISE.value, by_id=attempt.by.id)
    last = await steps.filter(own | Q(verb=Verb.CLOSE.value)).order_by("-version").first()
    if last is not None and last.verb == Verb.APPRAISE:
        raise AlreadyDone(verb=Verb.APPRAISE)


async def _redo(attempt: _Attempt) -> None:
    """A reporter's second time is asked of a leader, once a closing."""
    case, at, policy = attempt.case, attempt.at, attempt.basis.policy
    since = case.closed_at or at
    if everywhere(attempt.by, Permission.CASE_REDO):
        return _in_time(since, policy.redo_leader_days, attempt)
    _in_time(since, policy.redo_reporter_days, attempt)
    if case.n_redo >= REDOS_OF_ONES_OWN:
        asked = Request.filter(case_id=case.id, what=Verb.REDO.value)
        if await asked.filter(granted__isnull=True).exists():
            raise RequestOpen(what=Verb.REDO)
        if await asked.filter(granted=False, at__gte=since).exists():
            raise RedoUsed()
    return None


async def _unmerge(attempt: _Attempt) -> None:
    """What goes on may be over, but is not merged itself, and is the actor's as well."""
    by, survivor = attempt.by, await Case.get_or_none(id=attempt.case.merged_into_id)
    if survivor is None:
        raise WrongStage(stage=attempt.stage, verb=Verb.UNMERGE, possible=[])
    if not await may_read(by, survivor) or not await may(by, Permission.CASE_UNMERGE, survivor):
        raise NotPermitted(verb=Verb.UNMERGE)
    edge(Stage(survivor.stage), Verb.UNMERGE, way="survive")


async def _withdraw(attempt: _Attempt) -> None:
    own = Q(reporter_id=attempt.by.id) | Q(on_behalf_of_id=attempt.by.id)
    open_ones = Report.filter(own, withdrawn_at__isnull=True)
    if await open_ones.filter(case_id=attempt.case.id).exists():
        return
    if not await open_ones.filter(case_id__in=await family(attempt.case)).exists():
        raise AlreadyDone(verb=Verb.WITHDRAW)


async def _instruct(attempt: _Attempt) -> None:
    case = attempt.case
    parts = Task.filter(case_id=case.id).exclude(stage__in=TASK_GONE)
    if case.lead_id is None and not await parts.exists():
        raise CaseNotReady(missing="lead")


async def _reply(attempt: _Attempt) -> None:
    own = Instruction.filter(case_id=attempt.case.id, unit_id__in=sorted(attempt.by.unit_ids))
    replied = await own.values_list("replied_at", flat=True)
    if not replied:
        raise NothingToAnswer()
    if None not in replied:
        raise AlreadyDone(verb=Verb.REPLY)


async def _confirm_place(attempt: _Attempt) -> None:
    place = attempt.case.place
    if not (place.confirm and place.candidates):
        raise PlaceSettled(no=attempt.case.no)


#: Done to one of a case's returns, requests or instructions: the command asks about that one.
_OF_ONE_ROW: Final[_Hindrances] = {Verb.RULE: _rule, Verb.REFUSE: _refuse, Verb.REPLY: _reply}
_OF_CASE: Final[_Hindrances] = {
    Verb.CALL: _call,
    Verb.INQUIRE: _inquire,
    Verb.DECLINE: _decline,
    Verb.OBJECT: _object,
    Verb.SELF_HANDLE: _self_handle,
    Verb.STATE: _state,
    Verb.DECIDE: _decide,
    Verb.SUSPEND: _grant,
    Verb.EXTEND: _grant,
    Verb.EXEMPT: _grant,
    Verb.RESUME: _resume,
    Verb.CLOSE: _close,
    Verb.REWORK: _rework,
    Verb.APPRAISE: _appraise,
    Verb.REDO: _redo,
    Verb.UNMERGE: _unmerge,
    Verb.WITHDRAW: _withdraw,
    Verb.INSTRUCT: _instruct,
    Verb.CONFIRM_PLACE: _confirm_place,
}
