"""What the clock does to cases by itself: what is due is claimed, done, and written together."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from server.cases.clocks import after_work, at_work, before_work
from server.cases.door.escalation import StandIns
from server.cases.door.journal import Journal
from server.cases.door.schedule import schedule
from server.cases.door.waking import Woken
from server.cases.models.case import Case, Follower
from server.cases.models.task import Call, Task
from server.cases.reading.open_cases import unsolved_open
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import Timer
from server.cases.rules.flow import FINAL, TASK_GONE, Stage
from server.db import insert, update
from server.outbox.relay import stop_if_cancelled

_log: Final = structlog.get_logger(__name__)

#: What each timer of a case does, at the moment it was due.
TIMERS: Final[Mapping[Timer, Callable[[Woken, datetime], Awaitable[None]]]] = {
    Timer.FILE_LATE: before_work.file_late,
    Timer.FILE_BY_CLOCK: before_work.file_by_clock,
    Timer.VERIFY_LAPSED: before_work.verify_lapsed,
    Timer.DISPATCH_LATE: before_work.dispatch_late,
    Timer.ACCEPT_BY_CLOCK: at_work.accept_by_clock,
    Timer.URGE: at_work.urge,
    Timer.WARN: at_work.warn,
    Timer.SUPERVISE: at_work.supervise,
    Timer.STILL_LATE: at_work.still_late,
    Timer.CONVENE: after_work.convene,
    Timer.RULE_LATE: after_work.rule_late,
    Timer.DECIDE_LATE: after_work.decide_late,
    Timer.RESUME: at_work.resume,
    Timer.CHECK_LATE: after_work.check_late,
    Timer.ARCHIVE: after_work.archive,
    Timer.REPLY_LATE: after_work.reply_late,
}
#: How a task's clock is called in figures.
TASK: Final = "task"

_BATCH: Final = 200
#: More happens to no case at one waking; what is left is done at the next.
_MOST_AT_ONCE: Final = 50
_LEAST_WAIT: Final = timedelta(minutes=5)
_MOST_WAIT: Final = timedelta(hours=6)
_DUE_TASKS: Final = """
SELECT c.id FROM case_task t JOIN case_file c ON c.id = t.case_id
WHERE t.wake_at <= $1 ORDER BY t.wake_at LIMIT $2 FOR UPDATE OF c SKIP LOCKED
"""
_BACKLOG: Final = """
SELECT count(*) AS n_due, min(wake_at) AS since FROM (
  SELECT wake_at FROM case_file WHERE wake_at <= $1
  UNION ALL SELECT wake_at FROM case_task WHERE wake_at <= $1) AS due
"""


@dataclass(slots=True, kw_only=True)
class Fired:
    """How many cases were looked at, how many failed, and how often each timer did something."""

    n_cases: int = 0
    n_failed: int = 0
    by_name: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many cases and tasks wait for the clock, and how long the first has waited."""

    n_due: int
    lag: timedelta


async def backlog(at: datetime) -> Backlog:
    """Return what the clock has not come to yet."""
    connection = Tortoise.get_connection("default")
    found = (await connection.execute_query_dict(_BACKLOG, [at]))[0]
    since = found["since"] or at
    return Backlog(n_due=found["n_due"], lag=at - since)


async def fire(*, at: datetime, basis: Basis, limit: int = _BATCH) -> Fired:
    """Do what is due at `at` to at most `limit` cases, in one transaction; return what was done.

    Cases in other hands are left to those. When one of them fails, each is done alone and the
    bad one waits; failures of the database are raised.
    """
    claimed: list[int] = []
    try:
        async with in_transaction():
            cases = await _claim(at, limit)
            claimed += [case.id for case in cases]
            done = await _wake(cases, at=at, basis=basis)
    except Exception as error:
        stop_if_cancelled()
        if not claimed:
            raise
        _log.warning("timers_failed", n_cases=len(claimed), error=repr(error))
        return await _one_by_one(claimed, at=at, basis=basis)
    return Fired(n_cases=len(claimed), by_name=done)


async def _one_by_one(case_ids: Sequence[int], *, at: datetime, basis: Basis) -> Fired:
    fired = Fired(n_cases=len(case_ids))
    for case_id in case_ids:
        try:
            async with in_transaction():
                free = Case.filter(id=case_id).select_for_update(skip_locked=True)
                fired.by_name += await _wake(await free, at=at, basis=basis)
        except Exception:
            stop_if_cancelled()
            _log.exception("timer_failed", case=case_id)
            fired.n_failed += 1
            await _postpone(case_id, at=at)
    return fired


async def _postpone(case_id: int, *, at: datetime) -> None:
    """Look at a bad case again only when as much time has passed as it is late already."""
    async with in_transaction():
        case = await Case.filter(id=case_id).select_for_update().get()
        late = at - min((alarm.at for alarm in case.timers), default=at)
        again = at + min(max(late, _LEAST_WAIT), _MOST_WAIT)
        await Case.filter(id=case_id, wake_at__lte=at).update(wake_at=again)
        await Task.filter(case_id=case_id, wake_at__lte=at).update(wake_at=again)


async def _claim(at: datetime, limit: int) -> list[Case]:
    """Lock the cases that are due, and those of which a task is, longest overdue first."""
    due = Case.filter(wake_at__lte=at).order_by("wake_at").limit(limit)
    cases = await due.select_for_update(skip_locked=True)
    if len(cases) < limit:
        values = [at, limit - len(cases)]
        rows = await Tortoise.get_connection("default").execute_query_dict(_DUE_TASKS, values)
        more = {row["id"] for row in rows} - {case.id for case in cases}
        cases += await Case.filter(id__in=sorted(more))
    return cases


async def _wake(cases: Sequence[Case], *, at: datetime, basis: Basis) -> Counter[str]:
    """Do to locked cases what is due, and write all of it in few statements."""
    fired = Counter[str]()
    woken = await _gather(cases, at=at, basis=basis)
    for each in woken:
        await _fire_due(each, fired)
    await update(*(each.case for each in woken))
    await update(*(task for each in woken for task in each.changed.values()))
    await insert(*[row for each in woken for row in (*each.rows, *await each.journal.rows())])
    return fired


async def _gather(cases: Sequence[Case], *, at: datetime, basis: Basis) -> list[Woken]:
    """Read once for all of them what the timers of these cases may need."""
    ids = [case.id for case in cases]
    tasks, callers = defaultdict[int, list[Task]](list), defaultdict[int, list[Call]](list)
    followers = defaultdict[int, dict[int, bool]](dict)
    if ids:
        for task in await Task.filter(case_id__in=ids).order_by("id"):
            tasks[task.case_id].append(task)
        for call in await Call.filter(case_id__in=ids):
            callers[call.case_id].append(call)
        found = Follower.filter(case_id__in=ids).order_by("id")
        for case_id, one, reporter in await found.values_list("case_id", "account_id", "reporter"):
            followers[int(case_id)][int(one)] = bool(reporter)
    closed = [case.id for case in cases if case.stage == Stage.CLOSED]
    unsolved = await unsolved_open(closed) if closed else set()
    stand_ins = StandIns(at, basis)
    woken = []
    for case in cases:
        journal = Journal(case, basis, followers=followers[case.id])
        journal.units = {t.unit_id for t in tasks[case.id] if t.stage not in TASK_GONE}
        called = callers[case.id]
        journal.units |= {call.caller_unit_id for call in called if call.caller_unit_id}
        each = Woken(
            case=case,
            tasks=tasks[case.id],
            journal=journal,
            at=at,
            basis=basis,
            stand_ins=stand_ins,
            callers=frozenset((call.by_id, call.caller_unit_id) for call in called),
            unsolved=case.id in unsolved,
        )
        woken.append(each)
    return woken


async def _fire_due(woken: Woken, fired: Counter[str]) -> None:
    """Do what is due to one case and its tasks, in the order in which it was due."""
    for _ in range(_MOST_AT_ONCE):
        planned = woken.case.timers
        task = _first_due(woken)
        until = task.wake_at if task and task.wake_at else woken.at
        if planned and planned[0].at <= until:
            first, *rest = planned
            schedule(woken.case, rest)
            await TIMERS[first.name](woken, first.at)
            fired[first.name.value] += 1
        elif task is not None:
            await _task_due(woken, task)
            fired[TASK] += 1
        else:
            # What failed before waited longer than its timers say.
            schedule(woken.case, planned)
            return


def _first_due(woken: Woken) -> Task | None:
    due = [(task.wake_at, task.id, task) for task in woken.tasks if task.wake_at]
    first = min(due, default=None, key=lambda each: each[:2])
    return first[2] if first and first[0] <= woken.at else None


async def _task_due(woken: Woken, task: Task) -> None:
    if Stage(woken.case.stage) in FINAL:
        task.wake_at = None
        woken.changed[task.id] = task
        return
    await at_work.task_due(woken, task)
