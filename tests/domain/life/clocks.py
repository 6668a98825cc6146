"""What must hold at any time of whose turn a case is and of what the clock does to it."""

from collections import Counter

from server.cases.door.schedule import overrun
from server.cases.models.dispute import Conference, Return
from server.cases.models.task import Check, Verification
from server.cases.rules.deadlines import CLOCK_RUNS, OF_HANDLING, Timer
from server.cases.rules.flow import FINAL, OPEN, TASK_OPEN, Stage
from server.texts.catalogue import text

#: Acts after which the marks of the handling time begin anew.
NEW_MARKS = {"dispatch", "call", "self_handle", "rework", "redo", "merge", "unmerge", "recuse"}
TIMER_STAGES = {
    Timer.FILE_LATE: {"submitted", "verifying"},
    Timer.FILE_BY_CLOCK: {"submitted"},
    Timer.VERIFY_LAPSED: {"verifying"},
    Timer.DISPATCH_LATE: {"filed"},
    Timer.ACCEPT_BY_CLOCK: {"dispatched"},
    Timer.CONVENE: {"disputed"},
    Timer.DECIDE_LATE: {"in_conference"},
    Timer.RESUME: {"suspended"},
    Timer.CHECK_LATE: {"handled", "checking"},
    Timer.ARCHIVE: {"closed"},
    Timer.REPLY_LATE: {stage.value for stage in OPEN},
    Timer.RULE_LATE: {stage.value for stage in OPEN},
    **{name: {stage.value for stage in CLOCK_RUNS} for name in OF_HANDLING},
}
#: At which stages the clock may say what.
SAID_AT = {
    "file_late": {"submitted", "verifying"},
    "dispatch_late": {"filed"},
    "decide_late": {"in_conference"},
    "check_late": {"checking"},
    "warn": {stage.value for stage in CLOCK_RUNS},
    "convene": {"in_conference"},
    "verify_lapsed": {"submitted"},
}


def owned_and_timed(seen, at):
    """13: an owner who can act, a deadline, and what the clock does should the owner not act."""
    case, stage = seen.case, Stage(seen.case.stage)
    planned = case.timers
    assert case.wake_at == (planned[0].at if planned else None)
    assert not planned or planned[0].at > at
    names = [each.name for each in planned if each.name is not Timer.REPLY_LATE]
    assert len(set(names)) == len(names)
    assert all(case.stage in TIMER_STAGES[each.name] for each in planned)
    if stage in FINAL - {Stage.CLOSED}:
        assert (case.owner_role, case.stage_due_at, case.wake_at) == ("", None, None)
        return
    assert case.owner_role and case.stage_due_at  # noqa: PT018
    moves = [name for name in names if name not in OF_HANDLING]
    if stage is Stage.HANDLING:
        assert case.overruns or Timer.SUPERVISE in names
        assert case.stage_due_at == case.due_at
    else:
        assert moves
    if stage is Stage.VERIFYING:
        assert [row for row in seen.rows[Verification] if row.done_at is None]
    elif stage is Stage.CHECKING:
        [given] = [row for row in seen.rows[Check] if row.cycle == case.cycle]
        asked = given.assignee_id is not None and given.done_at is None
        assert case.owner_role == ("grid_worker" if asked else "acceptor")
    elif stage is Stage.IN_CONFERENCE:
        assert [row for row in seen.rows[Conference] if row.decided_at is None]
    elif stage is Stage.DISPUTED:
        assert [row for row in seen.rows[Return] if row.upheld is None and row.part == "lead"]


def task_clocks(seen, at):
    """13, of tasks: who has not signed or is not late yet is looked at again; nobody else is."""
    for task in seen.tasks:
        if task.stage not in TASK_OPEN:
            assert task.wake_at is None
            continue
        assert task.wake_at is None or task.wake_at > at
        if seen.case.stage == "suspended":
            continue
        if task.stage == "pending":
            assert task.wake_at is not None
        if task.due_at is not None:
            assert overrun(task) or task.wake_at is not None


def once_each(seen):
    """Every mark of the handling time comes once, and nothing is said when it is too late."""
    said = Counter[str]()
    words = {text(f"escalation.{code}"): code for code in SAID_AT}
    for step in seen.steps:
        said = Counter() if step.verb in NEW_MARKS else said
        if step.by_role != "system":
            continue
        code = words.get(step.facts.get("what", ""))
        if code is not None:
            assert step.target in SAID_AT[code], code
        if step.verb == "urge" or code == "warn":
            said[step.verb] += 1
            assert said[step.verb] == 1, step.version
