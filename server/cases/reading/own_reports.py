"""What those who reported a case read of it beside its card: their own words, and plain ones."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from tortoise.expressions import Q

from server.cases.door.briefing import moment
from server.cases.door.lineage import ends_of, families, survivors
from server.cases.models.case import Case, Follower, Step
from server.cases.models.report import Report
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import K1_RUNS, URGENT
from server.cases.rules.flow import Stage, Verb
from server.cases.rules.records import WhyWaiting
from server.cases.rules.views import CaseRow
from server.people.actor import Actor
from server.texts.catalogue import has, text

#: Stages at which nobody has the case yet, and its reporter asks why.
_WAITS: Final = K1_RUNS | {Stage.FILED}
#: By which of five things a case has got where it stands; at any other stage, by the report.
_REACHED: Final = {
    **dict.fromkeys((Stage.DISPATCHED, Stage.DISPUTED, Stage.IN_CONFERENCE), Verb.DISPATCH),
    **dict.fromkeys((Stage.HANDLING, Stage.SUSPENDED), Verb.ACCEPT),
    **dict.fromkeys((Stage.HANDLED, Stage.CHECKING), Verb.RESOLVE),
    **dict.fromkeys((Stage.CLOSED, Stage.ARCHIVED), Verb.CLOSE),
}


def reached(case: CaseRow) -> Verb:
    """Return the last of report, dispatch, accept, resolve and close that holds in this round."""
    return _REACHED.get(Stage(case.stage), Verb.REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declining:
    """Why a case was not taken on, what lacks, where to go, and until when one may object."""

    reason: str
    lacking: str
    instead: str
    until: str


async def own_reports(actor: Actor, case: Case) -> list[Report]:
    """Return what the actor reported on a case, or had reported, earliest first."""
    return await Report.filter(_sent_by(actor), case_id=case.id).order_by("id").limit(100)


async def reported_by(actor: Actor, cases: Sequence[Case]) -> dict[int, Report]:
    """Return the actor's own first report on each of these cases, as far as there is one."""
    ids = [case.id for case in cases]
    rows = await Report.filter(_sent_by(actor), case_id__in=ids).order_by("-id")
    return {row.case_id: row for row in rows if row.case_id is not None}


async def followed_by(actor: Actor, cases: Sequence[Case]) -> set[int]:
    """Return which of these cases the actor follows without having reported them."""
    ids = [case.id for case in cases]
    found = Follower.filter(account_id=actor.id, case_id__in=ids, reporter=False)
    return {int(case_id) for (case_id,) in await found.values_list("case_id")}


async def brought_to(actor: Actor, merged: Sequence[int]) -> list[int]:
    """Return where merged cases go on, but for those that the actor reported as well."""
    there = await survivors(merged)
    return sorted(set(there) - await _reported_on(actor, there))


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """The case where a merged one goes on, and whether it `stands` for it among one's own."""

    case: Case
    stands: bool


async def going_on(actor: Actor, cases: Sequence[Case]) -> dict[int, GoingOn]:
    """Return where those of these cases go on that were merged.

    Of several of the actor's that were merged into one the earliest stands for it, and none where
    the actor reported it.
    """
    merged = [case.id for case in cases if case.merged_into_id is not None]
    if not merged:
        return {}
    ends = await ends_of(merged)
    there = {case.id: case for case in await Case.filter(id__in=set(ends.values()))}
    inside = await families(there)
    every = {each for several in inside.values() for each in several}
    followed = await Follower.filter(account_id=actor.id, case_id__in=every).values_list("case_id")
    own, reported = {int(i) for (i,) in followed}, await _reported_on(actor, there)
    first = {on: min(own & {*inside[on]} - {on}, default=None) for on in there}
    return {
        case_id: GoingOn(case=there[on], stands=first[on] == case_id and on not in reported)
        for case_id, on in ends.items()
    }


async def _reported_on(actor: Actor, case_ids: Collection[int]) -> set[int]:
    sent = Report.filter(_sent_by(actor), case_id__in=list(case_ids))
    return {int(str(i)) for i in await sent.values_list("case_id", flat=True)}


async def may_leave(actor: Actor, of_all: Sequence[int]) -> bool:
    """Tell whether the actor follows a case and may stop; a reporter after withdrawing."""
    followed = await Follower.filter(account_id=actor.id, case_id__in=list(of_all))
    if not any(each.reporter for each in followed):
        return bool(followed)
    sent = await Report.filter(_sent_by(actor), case_id__in=list(of_all))
    return bool(sent) and all(each.withdrawn_at for each in sent)


def _sent_by(actor: Actor) -> Q:
    return Q(reporter_id=actor.id) | Q(on_behalf_of_id=actor.id)


def why_waiting(case: Case, basis: Basis) -> list[WhyWaiting]:
    """Return why nobody has a case yet, each code with words for its reporter, not for staff."""
    if Stage(case.stage) not in _WAITS:
        return []
    policy, early = basis.policy, Stage(case.stage) in K1_RUNS
    minutes = policy.k1_urgent_minutes if case.urgency == URGENT else policy.k1_work_minutes
    usual = text(
        "waits_plainly.file" if early else "waits_plainly.dispatch",
        minutes=minutes,
        due=moment(case.stage_due_at, basis.zone),
    )
    keys = {code: f"waits_plainly.{code}" for code in case.waits_for}
    return [WhyWaiting(code, text(key) if has(key) else usual) for code, key in keys.items()]


async def declining(case: Case) -> Declining | None:
    """Return the last notice of why a case was not taken on; None for one that was."""
    if case.stage != Stage.DECLINED:
        return None
    last = await Step.filter(case_id=case.id, target=case.stage).order_by("-version").first()
    if last is None:
        return None
    facts = last.facts
    by_notice = last.verb == Verb.DECLINE
    return Declining(
        reason=str(facts.get("reason" if by_notice else "ruling") or ""),
        lacking=str(facts.get("lacking") or ""),
        instead=str(facts.get("instead") or ""),
        until="" if case.objected_at else str(facts.get("until") or ""),
    )


def result_cycle(case: CaseRow) -> int:
    """Return of which round a case's result is: while it is done again, of the one before."""
    return case.cycle if case.handled_at or case.cycle == 1 else case.cycle - 1
