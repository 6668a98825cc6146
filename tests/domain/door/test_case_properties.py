"""Random acts by random people over several connections: what must hold of cases whatever comes.

The numbers are those of the invariants in the domain's description.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from server.appraisal.commands import Opinion, appraise
from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.ends import closing
from server.cases.intake import screening
from server.cases.models.case import Case, Follower, Step
from server.cases.models.report import Report
from server.cases.models.task import Call, Check
from server.cases.rules import flow
from server.cases.rules.flow import FINAL, Audience, Part, Stage, Verb
from server.cases.work import checking, handling
from server.cases.work.handling import Spot
from server.clock import now
from server.errors import Problem
from server.people.queries import members
from server.push.models import Message
from tests.casework import STAIRS_BLOCKED, STREET_LAMP, WALL, Casework
from tests.domain.acts.door import acting

BEFORE_DISPATCH = {"submitted", "filed", "declined", "withdrawn"}
NEED_REASON = {"decline", "rework", "redo", "contest"}
HOUSING = "区住房和城乡建设局"
AT_ONCE = 5
SPOT = Spot(lon=WALL[0], lat=WALL[1])
ANYBODY = (
    "resident1",
    "resident2",
    "grid0202",
    "township02",
    "duty02",
    "handler_D08",
    "head_D08",
    "handler_U01",
    "acceptor1",
    "acceptor2",
    "dispatcher1",
    "leader1",
    "auditor1",
)
DOERS = {
    "file": ("acceptor1", "acceptor2", "duty02"),
    "decline": ("acceptor1",),
    "dispatch": ("dispatcher1", "duty02"),
    "call": ("township02", "duty02"),
    "close": ("acceptor1", "acceptor2"),
    "rework": ("acceptor1",),
    "redo": ("resident1", "leader1"),
    "withdraw": ("resident1",),
    "appraise": ("resident1", "township02"),
    "confirm": ("township02",),
    "contest": ("township02",),
}


@dataclass(frozen=True)
class Act:
    """One attempt: a verb on one of the cases and one of its tasks, by the right person or any."""

    verb: str
    which: int
    task: int
    somebody: str | None


ACTS = st.builds(
    Act,
    verb=st.sampled_from(
        ["accept"] * 3
        + ["done"] * 3
        + ["resolve"] * 3
        + ["check"] * 2
        + ["close"] * 3
        + ["check_in", "progress", "rework", "redo", "withdraw", "appraise", "file"]
        + ["decline", "dispatch", "call", "confirm", "contest"]
    ),
    which=st.integers(0, 3),
    task=st.integers(0, 3),
    somebody=st.one_of(st.none(), st.none(), st.none(), st.sampled_from(ANYBODY)),
)


class Play:
    """Four cases and the people around them."""

    def __init__(self, work: Casework, cases: list[Case]) -> None:
        self.work = work
        self.cases = cases
        self.refused = Counter[str]()

    async def attempt(self, act: Act) -> None:
        """Try an act; a refusal is an answer, anything else a fault."""
        case = self.cases[act.which % len(self.cases)]
        try:
            await getattr(self, f"_{act.verb}")(case, act)
        except Problem as problem:
            self.refused[problem.code] += 1
            if problem.status >= 500:
                raise

    async def _by(self, act: Act, default: str):
        doers = DOERS.get(act.verb, (default,))
        return await self.work.actor(act.somebody or doers[act.task % len(doers)])

    async def _accept(self, case, act):
        task, by = await self._task_or_refuse(case, act)
        await handling.accept(task.id, by=by, at=now(), basis=self.work.basis)

    async def _task_or_refuse(self, case, act):
        tasks = await self.work.tasks(case)
        if not tasks:
            raise NothingToDo
        task = tasks[act.task % len(tasks)]
        return task, await self._by(act, self.work.officer_of(task.unit_id))

    async def _check_in(self, case, act):
        task, by = await self._task_or_refuse(case, act)
        await handling.check_in(task.id, SPOT, by=by, at=now(), basis=self.work.basis)

    async def _progress(self, case, act):
        task, by = await self._task_or_refuse(case, act)
        await handling.progress(task.id, "在办", by=by, at=now(), basis=self.work.basis)

    async def _confirm(self, case, act):
        task, by = await self._task_or_refuse(case, act)
        await handling.confirm(task.id, by=by, at=now(), basis=self.work.basis)

    async def _contest(self, case, act):
        task, by = await self._task_or_refuse(case, act)
        await handling.contest(task.id, "没到", by=by, at=now(), basis=self.work.basis)

    async def _done(self, case, act):
        task, by = await self._task_or_refuse(case, act)
        await handling.done(task.id, "已配合", by=by, at=now(), basis=self.work.basis)

    async def _resolve(self, case, act):
        [task, *_] = await self.work.tasks(case, "lead") or [None]
        if task is None:
            raise NothingToDo
        username = act.somebody or self.work.officer_of(task.unit_id)
        photo, by = await self.work.photo(username), await self.work.actor(username)
        await handling.resolve(task.id, "办好了", (photo,), by=by, at=now(), basis=self.work.basis)

    async def _check(self, case, act):
        check = await Check.filter(case_id=case.id).order_by("-cycle").first()
        if check is None:
            raise NothingToDo
        by = await self.work.actor("acceptor2")
        if act.somebody:
            by = await self.work.actor(act.somebody)
        elif check.assignee_id:
            by = await self.work.actor_by_id(check.assignee_id)
        await checking.check(
            check.id, passed=act.task != 3, note="看过", by=by, at=now(), basis=self.work.basis
        )

    async def _file(self, case, act):
        by = await self._by(act, "")
        await screening.file(case.no, matter=STREET_LAMP, by=by, at=now(), basis=self.work.basis)

    async def _decline(self, case, act):
        by = await self._by(act, "")
        await screening.decline(
            case.no, "other", where_to_go="别处", by=by, at=now(), basis=self.work.basis
        )

    async def _dispatch(self, case, act):
        by = await self._by(act, "")
        choice = Choice(lead=HOUSING, cooperating=("区供电公司",), limit=2, urgency="work_day")
        await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=self.work.basis)

    async def _call(self, case, act):
        new = NewCall(
            reason="joint_enforcement",
            place_text="路口",
            asked_at=now(),
            no=case.no,
            choice=Choice(lead=HOUSING, limit=2, urgency="work_day"),
        )
        by = await self._by(act, "")
        await calling.call(new, by=by, at=now(), basis=self.work.basis)

    async def _close(self, case, act):
        by = await self._by(act, "")
        await closing.close(case.no, by=by, at=now(), basis=self.work.basis)

    async def _rework(self, case, act):
        by = await self._by(act, "")
        await checking.rework(case.no, "返工", by=by, at=now(), basis=self.work.basis)

    async def _redo(self, case, act):
        by = await self._by(act, "")
        await closing.redo(case.no, "又坏了", by=by, at=now(), basis=self.work.basis)

    async def _withdraw(self, case, act):
        by = await self._by(act, "")
        await closing.withdraw(case.no, "算了", by=by, at=now(), basis=self.work.basis)

    async def _appraise(self, case, act):
        by = await self._by(act, "")
        opinion = Opinion(responded=True, solved=act.task > 1, satisfaction=3)
        await appraise(case.no, opinion, by=by, at=now(), basis=self.work.basis)


class NothingToDo(Problem):
    """The case has nothing of that kind."""

    code, status = "nothing", 404


async def begin(work: Casework) -> Play:
    cases = [
        await work.report("resident1"),
        await work.submitted("resident1"),
        await work.report("resident1", matter=STAIRS_BLOCKED),
        await work.filed("resident1"),
    ]
    resident2 = await work.actor("resident2")
    await closing.follow(cases[0].no, by=resident2, at=now())
    return Play(work, cases)


@pytest.mark.slow
@settings(
    max_examples=4,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(ACTS, min_size=40, max_size=120))
async def test_whatever_anybody_tries_at_once_the_invariants_hold(county, acts):
    play = await begin(Casework(county))
    for n in range(0, len(acts), AT_ONCE):
        await asyncio.gather(*(play.attempt(act) for act in acts[n : n + AT_ONCE]))
    await county.deliver()
    for case in play.cases:
        found = await Case.get(id=case.id)
        event(f"ends {found.stage} in cycle {min(found.cycle, 3)}")
        await hold(found, play.work)


@pytest.mark.slow  # the way to the end is walked by test_whole_life.py as well
async def test_a_long_straight_way_with_everybody_pushing_closes_and_holds(county):
    """The random acts above refuse most: this one makes sure that the far end is reached too."""
    play = await begin(Casework(county))
    verbs = ("file", "dispatch", "accept", "check_in", "done", "resolve", "check", "close")
    for verb in (*verbs, "redo", "resolve", "check", "close", "appraise"):
        n = 3 if verb == "check" else 4  # the fourth checker is not content
        acts = [Act(verb, which, task, None) for which in range(4) for task in range(n)]
        await asyncio.gather(*(play.attempt(act) for act in acts))
    await county.deliver()
    stages = [(await Case.get(id=case.id)).stage for case in play.cases]
    assert set(stages) <= {"closed", "archived"}, (stages, play.refused)
    for case in play.cases:
        await hold(await Case.get(id=case.id), play.work)


async def hold(case: Case, work: Casework) -> None:
    """Assert every invariant of one case."""
    steps = await Step.filter(case_id=case.id).order_by("version")
    tasks = await work.tasks(case)
    one_lead(case, tasks)
    different_people(steps)
    actors_times_reasons(steps)
    fold(case, steps, tasks)
    in_time_and_owned(case)
    await visible_failures(case)
    await points(case)
    await messages(case, steps, tasks, work)


def one_lead(case, tasks):
    """1"""
    if case.stage in BEFORE_DISPATCH:
        assert case.stage in ("declined", "withdrawn") or not tasks
        return
    [lead] = [task for task in tasks if task.part == "lead"]
    assert lead.unit_id == case.lead_id
    assert len({task.unit_id for task in tasks}) == len(tasks)
    if case.stage in ("checking", "closed", "archived"):
        assert {task.stage for task in tasks} == {"done"}


def different_people(steps):
    """2"""
    handler = checker = None
    for step in steps:
        if step.verb == "resolve":
            handler, checker = step.by_id, None
        elif step.verb == "check" and step.by_id is not None:
            checker = step.by_id
            assert checker != handler
        elif step.verb == "close":
            assert checker is not None
            assert len({handler, checker, step.by_id}) == 3


def actors_times_reasons(steps):
    """3"""
    for step in steps:
        assert step.at is not None
        assert (step.by_id is None) == (step.by_role == "system")
        assert step.by_role
        assert step.reason.strip() or step.verb not in NEED_REASON


def fold(case, steps, tasks):
    """4"""
    parts = {task.id: Part(task.part) for task in tasks}
    assert [step.version for step in steps] == list(range(1, case.version + 1))
    assert all(one.target == other.source for one, other in pairwise(steps))
    stage = None
    for step in steps:
        assert (step.source or None) == stage
        part = parts.get(step.task_id)
        assert step.target == (flow.edge(stage, Verb(step.verb), part, step.way).target or stage)
        stage = Stage(step.target)
    assert stage == case.stage
    assert case.cycle == 1 + sum(step.verb in ("rework", "redo") for step in steps)


def in_time_and_owned(case):
    """13"""
    if Stage(case.stage) in FINAL - {Stage.CLOSED}:
        assert (case.owner_role, case.stage_due_at) == ("", None)
    else:
        assert case.owner_role
        assert case.stage_due_at is not None


async def visible_failures(case):
    """12"""
    if case.stage in ("submitted", "filed"):
        assert case.waits_for
        assert case.suggestion.matters or case.stage == "filed"
    elif case.stage not in ("declined", "withdrawn"):
        assert case.waits_for == []


async def points(case):
    """11"""
    for report in await Report.filter(case_id=case.id, lon__isnull=False):
        assert report.datum
        assert report.source
        assert report.accuracy is not None
        assert (report.wgs_lon, report.wgs_lat) == (case.lon, case.lat)


async def messages(case, steps, tasks, work):
    """9: of each told act exactly one to each follower and each member of each affected unit.

    Of several acts at one moment the last; who is given something to do is told that instead.
    """
    followers = await Follower.filter(case_id=case.id)
    callers = await Call.filter(case_id=case.id).values_list("caller_unit_id", flat=True)
    affected = {task.unit_id for task in tasks} | set(callers)
    owed = dict[tuple, str]()
    asked = Message.filter(no=case.no).exclude(kind__startswith="case.")
    besides = set(await asked.exclude(kind="attention.lapse").values_list("account_id", "at"))
    sent = False
    for step in steps:
        sent = sent or step.verb in ("dispatch", "call")
        part = next((Part(task.part) for task in tasks if task.id == step.task_id), None)
        source = Stage(step.source) if step.source else None
        told = flow.edge(source, Verb(step.verb), part, step.way).told
        people = set()
        if Audience.FOLLOWERS in told:
            people |= {each.account_id for each in followers if each.since <= step.at}
        # A withdrawal that the case survives is no matter of the units.
        goes_on = step.verb == "withdraw" and step.source == step.target
        if Audience.UNITS in told and sent and not goes_on:
            by = await work.actor_by_id(step.by_id) if step.by_id else None
            people |= set(await members(sorted(affected - {acting(step, by, tasks)})))
        owed |= {(one, step.at): f"{case.no}:{step.version}:{step.verb}" for one in people}
    heard = Message.filter(no=case.no, kind__startswith="case.")
    found = await heard.values_list("account_id", "event")
    told = [(one, event) for (one, at), event in owed.items() if (one, at) not in besides]
    assert Counter(found) == Counter(told)
    given = await Check.filter(case_id=case.id, assignee_id__isnull=False).count()
    assert await Message.filter(no=case.no, kind="work.check").count() <= case.cycle
    if case.cycle == 1:
        assert await Message.filter(no=case.no, kind="work.check").count() == given
