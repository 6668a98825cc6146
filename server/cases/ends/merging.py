"""One matter reported twice becomes one case, and can be taken apart again (并案)."""

from dataclasses import replace
from datetime import datetime

from server.cases.door import shared_deadline
from server.cases.door.briefing import moment
from server.cases.door.expiry import lapse, reopen, waive_open
from server.cases.door.journal import Act
from server.cases.door.moving import moving_both, who_ended
from server.cases.door.schedule import schedule, take_turn
from server.cases.models.case import Case, Follower
from server.cases.models.steering import Merge
from server.cases.models.task import Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage, TaskStage, Verb, possible
from server.cases.rules.records import BeforeMerging, StoppedTask
from server.errors import ComplaintApart, MergeSame, NotFound, WrongStage
from server.people.actor import Actor
from server.texts.catalogue import text


async def merge(no: str, into: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Put a case into another that says the same; the earliest deadline and all followers stay.

    The merged case's units stop; its number leads to the survivor from now on. Raises MergeSame
    for a case and itself, or one that is over; ComplaintApart for complaints about other units.
    """
    if no == into:
        raise MergeSame()
    async with moving_both(into, no, Verb.MERGE, by=by, at=at, basis=basis) as (kept, gone):
        if gone.case.about_unit_id != kept.case.about_unit_id:
            raise ComplaintApart()
        before = _kept_aside(gone.case)
        # Its own deadline is nobody's any more.
        facts = {"survivor": into, "due": ""}
        ends = Act(verb=Verb.MERGE, by=by, at=at, reason=reason, facts=facts)
        joins = Act(
            verb=Verb.MERGE, way="survive", by=by, at=at, reason=reason, facts={"merged": no}
        )
        over = gone.case
        try:
            gone.add(ends)
            over = kept.case
            joined = kept.add(joins)
        except WrongStage as error:
            happened = await who_ended(over, by=by, at=at, basis=basis)
            raise MergeSame(stage=error.facts["stage"], happened=happened) from error
        ended = await waive_open(gone)
        due = await shared_deadline.take_over(
            kept.case, gone.case, before.stage, at=at, basis=basis
        )
        followers, reporters = await _bring_followers(gone.case, kept.case, at)
        before = replace(
            before,
            tasks=tuple(
                StoppedTask(task.id, TaskStage(task.stage), task.wake_at) for task in ended
            ),
            due=due,
            followers=followers,
            reporters=reporters,
            requests=tuple(await lapse(gone, at=at)),
        )
        gone.case.merged_into_id = kept.case.id
        take_turn(gone.case, at=at, basis=basis)
        await Merge.create(
            case_id=gone.case.id, into_id=kept.case.id, by_id=by.id, at=at, before=before
        )
        joined.tell(due=_due(kept.case, basis))
    return gone.case


async def unmerge(no: str, reason: str, *, by: Actor, at: datetime, basis: Basis) -> Case:
    """Take a merged case out again: both go on as if it had never been merged.

    What the clock had planned for it goes on where it was; the survivor may be over by now, but
    not merged itself. Raises NotFound, WrongStage.
    """
    held = await Case.get_or_none(no=no)
    survivor = await Case.get_or_none(id=held.merged_into_id) if held else None
    if held is None:
        raise NotFound(no=no)
    other = survivor.no if survivor else no
    async with moving_both(no, other, Verb.UNMERGE, by=by, at=at, basis=basis) as (back, kept):
        merged = await Merge.filter(case_id=back.case.id, undone_at__isnull=True).first()
        if merged is None or merged.into_id != kept.case.id:
            stage = Stage(back.case.stage)
            raise WrongStage(stage=stage, verb=Verb.UNMERGE, possible=possible(stage))
        way = merged.before.stage.value
        alone = {"result": text("word.alone_again")}
        leaves = Act(verb=Verb.UNMERGE, way=way, by=by, at=at, reason=reason, facts=alone)
        stays = Act(
            verb=Verb.UNMERGE, way="survive", by=by, at=at, reason=reason, facts={"merged": no}
        )
        back.add(leaves)
        kept.add(stays)
        await _put_back(back.case, merged.before)
        await reopen(merged.before.requests)
        others = await _active(kept.case, but=merged)
        await shared_deadline.restore(kept.case, merged, others, basis=basis)
        await _take_followers(kept.case, merged, others)
        for each in others:
            await each.save()
        merged.undone_at, merged.undone_by_id = at, by.id
        await merged.save()
    return back.case


async def follows_itself(case: Case, account_id: int) -> None:
    """Note that somebody whom a merging brought follows a case of their own will by now."""
    for each in await Merge.filter(into_id=case.id, undone_at__isnull=True):
        brought = dict(each.before.followers)
        if account_id not in brought:
            continue
        reported = (account_id,) if brought.pop(account_id) else ()
        reporters = (*each.before.reporters, *reported)
        each.before = replace(each.before, followers=brought, reporters=reporters)
        await each.save()


def _kept_aside(case: Case) -> BeforeMerging:
    return BeforeMerging(
        stage=Stage(case.stage),
        owner_role=case.owner_role,
        stage_due_at=case.stage_due_at,
        timers=case.timers,
        about_unit_id=case.about_unit_id,
    )


async def _put_back(case: Case, before: BeforeMerging) -> None:
    case.merged_into_id = None
    case.owner_role = before.owner_role
    case.stage_due_at = before.stage_due_at
    # Of whom the survivor came to complain meanwhile is no matter of this one.
    case.about_unit_id = before.about_unit_id
    schedule(case, before.timers)
    for task in before.tasks:
        waived = Task.filter(id=task.id, stage=TaskStage.WAIVED.value)
        await waived.update(stage=task.stage.value, wake_at=task.wake_at)


async def _bring_followers(
    gone: Case, kept: Case, at: datetime
) -> tuple[dict[int, bool], tuple[int, ...]]:
    """Let everybody who hears of one case hear of the other; return whom that concerned.

    The first are new there, by account and whether they reported; the others followed it before
    and count as its reporters from now on.
    """
    there = {each.account_id: each for each in await Follower.filter(case_id=kept.id)}
    brought, raised = dict[int, bool](), list[int]()
    for each in await Follower.filter(case_id=gone.id).order_by("id"):
        known = there.get(each.account_id)
        if known is None:
            brought[each.account_id] = each.reporter
            await Follower.create(
                case_id=kept.id, account_id=each.account_id, since=at, reporter=each.reporter
            )
        elif each.reporter and not known.reporter:
            raised.append(each.account_id)
            known.reporter = True
            await known.save()
    return brought, tuple(raised)


async def _take_followers(kept: Case, merged: Merge, others: list[Merge]) -> None:
    """Undo what a merging did to the survivor's followers, but for what others explain."""
    brought = merged.before.followers
    for account in (*brought, *merged.before.reporters):
        came_by_it = account in brought
        claims = await _claims(account, others)
        there = Follower.filter(case_id=kept.id, account_id=account)
        if came_by_it and not claims:
            await there.delete()
            continue
        # Whoever else brought them, preferably as a reporter, answers for them from now on.
        heir, reporter = max(claims, key=lambda claim: claim[1], default=(None, False))
        await there.update(reporter=reporter)
        if heir is not None and came_by_it:
            followers = {**heir.before.followers, account: reporter}
            heir.before = replace(heir.before, followers=followers)
        elif heir is not None and reporter:
            reporters = (*heir.before.reporters, account)
            heir.before = replace(heir.before, reporters=reporters)


async def _claims(account: int, others: list[Merge]) -> list[tuple[Merge, bool]]:
    """Return the other mergings that bring somebody too, and whether as a reporter."""
    cases = [other.case_id for other in others]
    rows = await Follower.filter(case_id__in=cases, account_id=account)
    known = {row.case_id: row.reporter for row in rows}
    return [(other, known[other.case_id]) for other in others if other.case_id in known]


async def _active(kept: Case, *, but: Merge) -> list[Merge]:
    found = Merge.filter(into_id=kept.id, undone_at__isnull=True)
    return await found.exclude(id=but.id).order_by("id")


def _due(case: Case, basis: Basis) -> str:
    return moment(case.due_at, basis.zone)
