"""What must hold of every case at any time, whatever was tried; numbered as in the domain."""

import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from server.cases.models.case import Attachment, Case, Follower, Step
from server.cases.models.dispute import Conference, Return
from server.cases.models.report import Report
from server.cases.models.steering import Request
from server.cases.models.task import Call, Check, Task, Verification
from server.cases.rules import flow
from server.cases.rules.flow import FINAL, TASK_OPEN, Move, Part, Stage, Verb
from server.cases.rules.shown import BRINGS, Purpose
from server.outbox.models import Delivery
from server.people.queries import members
from server.push.models import Message
from tests.domain.life.clocks import once_each, owned_and_timed, task_clocks
from tests.domain.life.told import GONE, keeps_out, messages_owed, told_once, whole_sentences

TOLD = ["case.moved", "work.assigned", "attention.needed"]
NO_UNITS_YET = {"submitted", "verifying", "filed"}
OVER = {"declined", "withdrawn", "merged"}
#: Ways by which a case begins anew with another lead.
ANEW = {"to_lead", "to_dispatcher"}
#: Acts that may give a case another deadline.
DUE_MOVERS = {
    "report", "dispatch", "call", "self_handle", "extend", "resume", "rework", "redo", "merge",
    "unmerge", "recuse",
}  # fmt: skip


@dataclass
class Seen:
    """One case with all its rows."""

    case: Case
    steps: list[Step] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    rows: dict[type, list] = field(default_factory=lambda: defaultdict(list))

    def open_tasks(self) -> list[Task]:
        return [task for task in self.tasks if task.stage in TASK_OPEN]

    def edge_of(self, step: Step) -> Move:
        """The row of the flow by which a step was made."""
        parts = {task.id: Part(task.part) for task in self.tasks}
        source = Stage(step.source) if step.source else None
        return flow.edge(source, Verb(step.verb), parts.get(step.task_id), step.way)


@dataclass
class Watcher:
    """Looks at cases again and again, and remembers what must not change unseen."""

    units: dict
    people: dict[int, int | None]
    before: dict[int, Case] = field(default_factory=dict)
    heard: list[dict] = field(default_factory=list)
    last_delivery: int = 0

    async def look(self, touched, at: datetime) -> None:
        """Assert every invariant of the cases that were touched or have changed."""
        told = await self._told()
        rows = await Case.all().values_list("id", "version")
        known = {id_: case.version for id_, case in self.before.items()}
        changed = {int(id_) for id_, version in rows if known.get(int(id_)) != version}
        for seen in (await load(changed | touched)).values():
            try:
                self._hold(seen, at, told)
            except AssertionError as error:
                raise AssertionError(f"{_where(error)}\n{story(seen)}") from error
            self.before[seen.case.id] = seen.case

    def _hold(self, seen: Seen, at: datetime, told: dict) -> None:
        one_lead(seen)
        different_people(seen)
        reasons(seen)
        fold(seen)
        off_list(seen, self.units)
        apart(seen, self.units)
        points(seen)
        photos_brought(seen)
        visible_failures(seen)
        owned_and_timed(seen, at)
        task_clocks(seen, at)
        once_each(seen)
        known = self.before.get(seen.case.id)
        since = known.version if known else 0
        if known:
            unmoved(seen, known)
        messages_owed(seen, since, told, self.units, self.people)

    async def _told(self) -> dict[tuple[str, int], list[dict]]:
        found, rows = defaultdict(list), list[dict]()
        fresh = Delivery.filter(id__gt=self.last_delivery, kind__in=TOLD).order_by("id")
        for row in await fresh:
            self.last_delivery = row.id
            whole_sentences(row)
            rows.append(row.facts)
            if row.kind == "case.moved":
                self.heard.append(row.facts)
                found[(row.facts["no"], row.facts["version"])].append(row.facts)
        told_once(rows)
        for facts in rows:  # beside their own message people may have another of that moment
            facts["at_once"] = [each for each in rows if each["at"] == facts["at"]]
        return found

    async def heard_once(self) -> None:
        """9: everybody to whom an act was told has exactly one message of it."""
        owed, held = Counter(), dict[tuple, set[int]]()
        for facts in self.heard:
            units = tuple(facts["units"])
            if units not in held:
                held[units] = set(await members(list(units))) if units else set()
            name = f"{facts['no']}:{facts['version']}:{facts['verb']}"
            people = set(facts["followers"]) | (held[units] - {facts["by"], *facts["besides"]})
            owed += Counter({(account, name): 1 for account in people})
        found = await Message.filter(kind__startswith="case.").values_list("account_id", "event")
        assert Counter(found) == owed


def _where(error: AssertionError) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]  # pytest explains those of tests alone
    return f"{last.name}:{last.lineno}: {last.line} {error}"


async def load(case_ids) -> dict[int, Seen]:
    """Read some cases with all that belongs to them."""
    ids = sorted(case_ids)
    found = {case.id: Seen(case) for case in await Case.filter(id__in=ids)}
    for step in await Step.filter(case_id__in=ids).order_by("case_id", "version"):
        found[step.case_id].steps.append(step)
    for task in await Task.filter(case_id__in=ids).order_by("id"):
        found[task.case_id].tasks.append(task)
    for model in (
        Check,
        Verification,
        Return,
        Conference,
        Request,
        Call,
        Follower,
        Report,
        Attachment,
    ):
        for row in await model.filter(case_id__in=ids).order_by("id"):
            found[row.case_id].rows[model].append(row)
    return found


def story(seen: Seen) -> str:
    """What happened to a case, for who has to find out why."""
    case = seen.case
    lines = [f"{case.no} {case.stage} due={case.due_at} {case.timers} wake={case.wake_at}"]
    lines += [
        f"  {s.version} {s.at} {s.verb}/{s.way} {s.source}->{s.target} {s.by_role} {s.task_id}"
        for s in seen.steps[-40:]
    ]
    lines += [
        f"  task {t.id} {t.part} unit={t.unit_id} {t.stage} due={t.due_at} wake={t.wake_at}"
        f" accept_due={t.accept_due_at} overdue={t.overdue_at} position={t.position}"
        for t in seen.tasks
    ]
    return "\n".join(lines)


def one_lead(seen):
    """1: one lead from dispatch to the end; nobody works on what is over or not begun."""
    case, at_work = seen.case, seen.open_tasks()
    leads = [task for task in seen.tasks if task.part == "lead"]
    assert sum(task.stage not in GONE for task in leads) <= 1
    open_leads = [task for task in at_work if task.part == "lead"]
    if case.stage in NO_UNITS_YET | OVER:
        assert not at_work
    elif case.stage in ("dispatched", "handling", "suspended"):
        assert [task.unit_id for task in open_leads] == [case.lead_id]
    elif case.stage in ("disputed", "in_conference"):
        assert not open_leads
        assert any(task.stage == "returned" and task.unit_id == case.lead_id for task in leads)
    else:
        assert not at_work
        ended = [task for task in leads if task.stage == "done"]
        assert case.self_handled or [task.unit_id for task in ended] == [case.lead_id]
    whole = [task.unit_id for task in at_work if task.position is None]
    assert len(set(whole)) == len(whole)


def different_people(seen):
    """2: handler, checker and closer are three."""
    handler = checker = None
    for step in seen.steps:
        if step.verb in ("resolve", "self_handle"):
            handler, checker = step.by_id, None
        elif step.verb == "check" and step.by_id is not None:
            checker = step.by_id
            assert checker != handler
        elif step.verb == "close":
            assert checker is not None
            assert len({handler, checker, step.by_id}) == 3


def reasons(seen):
    """3: an actor, a time, and a reason where one is needed."""
    for step in seen.steps:
        assert (step.by_id is None) == (step.by_role == "system")
        assert step.by_role
        assert step.reason.strip() or not seen.edge_of(step).reason


def fold(seen):
    """4: the stage is the fold of the history, by the flow's edges alone."""
    case, steps = seen.case, seen.steps
    assert [step.version for step in steps] == list(range(1, case.version + 1))
    assert steps[0].source == ""
    assert all(one.target == other.source for one, other in pairwise(steps))
    for step in steps:
        target = seen.edge_of(step).target
        assert step.target == (target.value if target else step.source)
    assert steps[-1].target == case.stage
    assert case.cycle == 1 + sum(
        step.verb in ("rework", "redo") or step.way in ANEW for step in steps
    )


def off_list(seen, units):
    """7: what is on no list never reaches a township."""
    for task in seen.tasks if seen.case.off_list else ():
        assert units[task.unit_id].kind not in ("township", "village")


def apart(seen, units):
    """The unit complained of, and what belongs to it, has no part in the case."""
    if seen.case.stage in FINAL:
        return  # who had a part in it is history
    given = [seen.case.lead_id, seen.case.first_unit_id, *(t.unit_id for t in seen.open_tasks())]
    assert not any(keeps_out(seen, units, unit_id) for unit_id in given if unit_id)


def points(seen):
    """11: every point keeps what was said of it."""
    for report in seen.rows[Report]:
        if report.lon is not None:
            assert report.datum
            assert report.source
            assert report.accuracy is not None
            assert (report.wgs_lon, report.wgs_lat) == (seen.case.lon, seen.case.lat)


def photos_brought(seen):
    """12: every photo came by an act that brings such ones, so that its row says who sees it."""
    for held in seen.rows[Attachment]:
        verb = seen.steps[held.step_version - 1].verb
        assert verb in BRINGS[Purpose(held.purpose)], (held.purpose, verb, held.step_version)


def visible_failures(seen):
    """12: what could not be decided says so."""
    case = seen.case
    if case.stage in NO_UNITS_YET:
        assert case.waits_for
    elif case.stage not in OVER:
        assert case.waits_for == []


def unmoved(seen, known):
    """5, 6: deadlines, snapshots and turns change by acts that are there to change them."""
    case, verbs = seen.case, {s.verb for s in seen.steps if s.version > known.version}
    if case.due_at != known.due_at:
        assert verbs & DUE_MOVERS, (known.due_at, case.due_at, verbs)
    if not verbs - {"return", "rule", "convene", "decide", "state", "urge", "escalate"}:
        assert (case.limit, case.urgency) == (known.limit, known.urgency)
    fixed = ("no", "received_at", "lon", "lat", "no" if "rebind" in verbs else "generation_id")
    if known.stage not in NO_UNITS_YET | OVER:
        fixed += ("kind", "list_version_id", "entry_id", "matter_code", "off_list")
    if not verbs:
        fixed += ("stage", "due_at", "stage_due_at", "lead_id", "cycle", "limit")
    changed = {name for name in fixed if getattr(case, name) != getattr(known, name)}
    assert not changed or verbs & {"rework", "redo", "recuse"}, changed
    assert known.overdue_at is None or case.overdue_at == known.overdue_at
    assert case.overruns[: len(known.overruns)] == known.overruns
