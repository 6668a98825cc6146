"""The door: the only way by which an existing case changes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tortoise.transactions import in_transaction

from server.cases.door.access import (
    allowed_on_task,
    covered,
    require,
    require_task,
    sees_task,
)
from server.cases.door.briefing import lately
from server.cases.door.hindrances import allowed_verbs, require_unhindered
from server.cases.door.journal import Act, Entry, Journal
from server.cases.door.schedule import plan_task
from server.cases.models.case import Case, Step
from server.cases.models.task import Task
from server.cases.rules import flow
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, TaskStage, Verb
from server.cases.rules.shown import REPORTER
from server.cases.rules.traits import Trait, verbs_with
from server.errors import (
    AlreadyDone,
    CallLead,
    CaseNotReady,
    DecidedByConference,
    NoRequest,
    NoReturn,
    NotFound,
    NothingToAnswer,
    NoticeGiven,
    PlaceSettled,
    Problem,
    RedoUsed,
    Repeated,
    RequestOpen,
    RequestUsed,
    ReturnedBefore,
    StatementsUsed,
    WrongStage,
    WrongTaskStage,
)
from server.people.actor import SECOND_TAP, SYSTEM, Actor
from server.people.queries import names
from server.permissions import Permission
from server.texts.catalogue import has, text


@dataclass(slots=True)
class Open:
    """A locked case in the hands of one command, and the act for which it was opened."""

    case: Case
    journal: Journal
    entry: Entry

    def tell(self, **facts: object) -> None:
        """Add what is peculiar to the act to what those concerned are told."""
        self.entry.tell(**facts)

    def also_tell(self, *units: int) -> None:
        """Let units hear of it beside those at work."""
        self.journal.also_tell(*units)

    def call_attention(self, persons: Iterable[int], *, quiet: bool = False, **facts: str) -> None:
        """Owe certain persons (accounts) a message about the act: those who step in."""
        self.journal.call_attention(self.entry, persons, quiet=quiet, **facts)


@dataclass(slots=True)
class OpenTask(Open):
    """A locked case and one unit's locked task in it, which stood `before` at another stage."""

    task: Task
    before: TaskStage


@asynccontextmanager
async def moving(
    no: str, act: Act, basis: Basis, *, way: Callable[[Case], Awaitable[str]] | None = None
) -> AsyncIterator[Open]:
    """Lock a case, check that the act may be done to it, and on leaving save, journal, announce.

    `way` is asked, once the case is locked, which of the verb's edges it takes.
    Raises NotFound (also when the actor may not see it), NotPermitted, Repeated, WrongStage,
    ReasonMissing, and what `hindrances` has for the verb.
    """
    async with in_transaction():
        case = await Case.filter(no=no).select_for_update().get_or_none()
        if case is None:
            raise NotFound(no=no)
        await require(act.by, act.verb, case)
        await _require_first_tap(act.by, act.at, case)
        journal, before = Journal(case, basis), Stage(case.stage)
        async with _fitting(case, act.by, act.at, basis):
            if way is not None:
                act = replace(act, way=await way(case))
            entry = journal.add(act)
            await require_unhindered(act, case, before, basis)
            yield Open(case, journal, entry)
        await journal.write()


@asynccontextmanager
async def moving_both(
    no: str, other: str, verb: Verb, *, by: Actor, at: datetime, basis: Basis
) -> AsyncIterator[tuple[Journal, Journal]]:
    """Lock two cases in the order of their ids, check that a verb may be done to both.

    The acts are the command's to add; both journals are written on leaving. Who hears of the first
    is told nothing of the second.
    Raises NotFound (also when the actor may not see one of them), NotPermitted and Repeated.
    """
    async with in_transaction():
        rows = await Case.filter(no__in=[no, other]).order_by("id").select_for_update()
        cases = {case.no: case for case in rows}
        for each in (no, other):
            if each not in cases:
                raise NotFound(no=each)
            await require(by, verb, cases[each])
        for each in (no, other):
            await _require_first_tap(by, at, cases[each])
        one, two = (Journal(cases[each], basis) for each in (no, other))
        async with _fitting(cases[no], by, at, basis):
            yield one, two
        await two.case.save()  # by what words the first is found may rest on where the second is
        await two.write(await one.write())


@asynccontextmanager
async def moving_task(task_id: int, act: Act, basis: Basis) -> AsyncIterator[OpenTask]:
    """Lock a task's case and the task, check, move both, and on leaving write both.

    Raises NotFound, NotPermitted, Repeated, WrongTaskStage, WrongStage, ReasonMissing.
    """
    async with in_transaction():
        found = await Task.get_or_none(id=task_id)
        if found is None:
            raise NotFound()
        case = await Case.filter(id=found.case_id).select_for_update().get()
        task = await Task.get(id=task_id)  # again, now that nobody else can change it
        if act.by is not SYSTEM:
            if not sees_task(act.by, case, task, act.verb):
                raise NotFound()
            require_task(act.by, act.verb, case, task)
            await _require_first_tap(act.by, act.at, case, task.id)
        before = TaskStage(task.stage)
        journal = Journal(case, basis)
        async with _fitting(case, act.by, act.at, basis, task=task):
            moved = flow.task_after(before, act.verb)
            entry = journal.add(replace(act, task=task))
        task.stage = moved.value
        yield OpenTask(case, journal, entry, task, before)
        plan_task(task)
        if case.stage == Stage.SUSPENDED:
            task.wake_at = None  # its clock stands with the case's
        await task.save()
        await journal.write()


async def was_last(by: Actor, case_id: int, task_id: int | None = None) -> bool:
    """Tell whether what somebody asks for now is what people last did there, by the same person.

    Of a case with a task it is looked at what was done to the task. What the clock did is nothing
    that anybody did since: a second tap of one finger finds the state that the first one left.
    What has a key of its own is known again whatever was done since.
    """
    return await _left(by, case_id, task_id) is not None


async def _left(by: Actor, case_id: int, task_id: int | None) -> Step | None:
    """Return what the same request of the same person did: if without a key, did last."""
    if not by.request:
        return None
    done = Step.filter(case_id=case_id, by_id__isnull=False)
    if task_id is not None:
        done = done.filter(task_id=task_id)
    if by.keyed:
        done = done.filter(by_id=by.id, content_hash=by.request)
    last = await done.order_by("-version").first()
    same = last is not None and (last.by_id, last.content_hash) == (by.id, by.request)
    return last if same else None


async def _require_first_tap(
    by: Actor, at: datetime, case: Case, task_id: int | None = None
) -> None:
    """Refuse with Repeated what is asked for twice, by one finger or since no answer arrived.

    The case is locked by now, so also of two taps that come at once one finds what the other left.
    """
    left = await _left(by, case.id, task_id)
    # What another was merged into only bore it; that other one tells.
    if left is None or left.way == "survive":
        return
    if by.keyed or at - left.at < SECOND_TAP:
        raise Repeated(verb=left.verb, no=case.no)


def _as_asked(refused: Problem) -> list[Verb]:
    """Return by which verbs a request is answered: refused, or granted by what it asks for."""
    what = refused.facts.get("what")
    return [Verb.REFUSE, Verb(str(what))] if what else [Verb.REFUSE]


#: Of these it is worth saying with whom the case is now.
_SENDING: Final = verbs_with(Trait.SENDS) | {Verb.ACCEPT}

#: What is refused since it is done, and by which verbs it may have been done.
_DONE_BEFORE: Final[dict[type[Problem], Callable[[Problem], Collection[Verb]]]] = {
    AlreadyDone: lambda refused: [Verb(str(refused.facts["verb"]))],
    CallLead: lambda _: verbs_with(Trait.GIVES),
    CaseNotReady: lambda refused: [Verb.CHECK] if refused.facts["missing"] == "check_open" else [],
    DecidedByConference: lambda _: [Verb.DECIDE],
    NoRequest: _as_asked,
    NoReturn: lambda _: [Verb.RULE],
    NothingToAnswer: lambda _: [Verb.REPLY],
    NoticeGiven: lambda _: [Verb.INQUIRE],
    PlaceSettled: lambda _: [Verb.CONFIRM_PLACE],
    RedoUsed: lambda _: [Verb.REDO],
    RequestOpen: lambda _: [Verb.ASK],
    RequestUsed: lambda _: [Verb.ASK],
    ReturnedBefore: lambda _: [Verb.RETURN],
    StatementsUsed: lambda _: [Verb.STATE],
}


@asynccontextmanager
async def _fitting(
    case: Case, by: Actor, at: datetime, basis: Basis, *, task: Task | None = None
) -> AsyncIterator[None]:
    """Say of what is refused within who did what before, and only what the actor may do."""
    try:
        yield
    except tuple(_DONE_BEFORE) as refused:
        if by is SYSTEM:
            raise
        verbs = _DONE_BEFORE[type(refused)](refused)
        happened = await who_did(case, verbs, by=by, at=at, basis=basis) if verbs else ""
        facts = refused.facts | ({"happened": happened} if happened else {})
        raise type(refused)(**facts) from refused
    except (WrongStage, WrongTaskStage) as refused:
        if by is SYSTEM:
            raise
        if task is None:
            possible = await allowed_verbs(by, case, at=at, basis=basis)
        else:
            possible = allowed_on_task(by, case, task, basis)
        last = await _moved(case)
        if task is not None and isinstance(refused, WrongTaskStage):
            last = await _changed(task, last)
        happened = await _said(last, by, at, basis, lead=_lead(case, basis))
        facts = refused.facts | {"possible": possible, "happened": happened}
        raise type(refused)(**facts) from refused


async def _changed(task: Task, moved: Step | None) -> Step | None:
    """Return who last did something to a task; to one that went with its case, who moved that."""
    done = Step.filter(case_id=task.case_id, task_id=task.id, by_id__isnull=False)
    last = await done.order_by("-version").first()
    ended = task.stage not in flow.TASK_OPEN
    if last is None or (ended and last.verb not in flow.ENDING):
        return moved
    return last


def _lead(case: Case, basis: Basis) -> str:
    lead = basis.units.by_id.get(case.lead_id) if case.lead_id else None
    return lead.name if lead else ""


async def overtaken(
    case: Case, verb: Verb, *, by: Actor, at: datetime, basis: Basis, since: Iterable[Verb] = ()
) -> WrongStage:
    """Return the refusal of what nobody is asked for any more: who moved the case, or did `since`.

    For whoever was asked and may do no more to the case itself.
    """
    verbs = list(since)
    if verbs:
        happened = await who_did(case, verbs, by=by, at=at, basis=basis)
    else:
        happened = await who_ended(case, by=by, at=at, basis=basis)
    possible = await allowed_verbs(by, case, at=at, basis=basis)
    return WrongStage(stage=case.stage, verb=verb, possible=possible, happened=happened)


async def who_ended(case: Case, *, by: Actor, at: datetime, basis: Basis) -> str:
    """Return who last moved a case, as far as the actor may know; or ""."""
    return await _said(await _moved(case), by, at, basis)


async def _moved(case: Case) -> Step | None:
    done = Step.filter(case_id=case.id, by_id__isnull=False).order_by("-version")
    return next((s for s in await done.limit(50) if s.source != s.target), None)


async def who_did(
    case: Case, verbs: Iterable[Verb], *, by: Actor, at: datetime, basis: Basis
) -> str:
    """Return who did one of these verbs to a case last, as far as the actor may know; or ""."""
    done = Step.filter(case_id=case.id, by_id__isnull=False, verb__in=[v.value for v in verbs])
    return await _said(await done.order_by("-version").first(), by, at, basis)


async def _said(
    last: Step | None, by: Actor, at: datetime, basis: Basis, *, lead: str = ""
) -> str:
    if last is None:
        return ""
    return text(
        "refusal.happened",
        who=await _who(last, by, basis),
        at=lately(last.at, at, basis.zone),
        verb=text(
            asked if has(asked := f"refusal.{last.verb}_{last.way}") else f"verb.{last.verb}"
        ),
        lead=lead if last.verb in _SENDING else "",
    )


async def _who(step: Step, by: Actor, basis: Basis) -> str:
    """Return who made a step: role and unit; to staff the family name as well."""
    if step.by_id == by.id:
        return text("refusal.you")
    if step.by_role == REPORTER:
        return text("word.reporter")
    unit = basis.units.by_id.get(step.unit_id) if step.unit_id else None
    name = ""
    if covered(by, Permission.CASE_READ) is not None and step.by_id is not None:
        name = (await names([step.by_id])).get(step.by_id, "")[:1]
    role = text(f"role.{step.by_role}")
    return text("refusal.who", unit=unit.name if unit else "", role=role, name=name)
