"""Writing down what happened to a case: stage, version, history and what is owed, at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from tortoise.models import Model

from server.cases.models.case import Case, Follower, Step
from server.cases.models.task import Call, Task
from server.cases.rules import flow
from server.cases.rules.deadlines import URGENT
from server.cases.rules.flow import Audience, Move, Stage, Verb
from server.cases.rules.masking import masked
from server.db import insert
from server.errors import ReasonMissing
from server.events import AttentionNeeded, CaseMoved, WorkAssigned
from server.outbox.record import deliveries
from server.people.actor import SYSTEM, Actor
from server.people.queries import unit_and_below
from server.permissions import GRANTS

Personal = TypeVar("Personal", AttentionNeeded, WorkAssigned)
#: Whatever is told of a case: to followers or persons, and to units.
Owed = CaseMoved | AttentionNeeded | WorkAssigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act on a case: who did which verb, when, why; `facts` are what a sentence needs."""

    verb: Verb
    by: Actor
    at: datetime
    task: Task | None = None
    reason: str = ""
    note: str = ""
    way: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    act: Act
    move: Move
    step: Step


class Journal:
    """Collects the acts of one transaction on one locked case and writes them together.

    `leaving` are units whose tasks these acts end: they hear of it like those that stay. `given`
    are tasks that follow from these acts, whose units hear of nothing that came before them. Who
    follows a case and which units are at work on it is asked for when it must be told, unless
    `followers` or `units` say so: those of a case that is not stored yet.
    """

    def __init__(self, case: Case, *, followers: list[int] | None = None) -> None:
        self.case = case
        self.events: list[Owed] = []
        self.leaving: set[int] = set()
        self.given: list[Task] = []
        self.units: set[int] | None = None
        self._followers = followers
        self._lines: list[_Line] = []

    def add(self, act: Act) -> None:
        """Move the case by an act, or refuse with WrongStage or ReasonMissing."""
        source = Stage(self.case.stage) if self.case.stage else None
        part = flow.Part(act.task.part) if act.task else None
        move = flow.edge(source, act.verb, part, act.way)
        if move.reason and not act.reason.strip():
            raise ReasonMissing(verb=act.verb)
        target = source if move.target is None else move.target
        self.case.stage = target or ""
        self.case.version += 1
        self._lines.append(_Line(act, move, self._step(act, source)))

    def call_attention(
        self, act: Act, persons: Iterable[int], *, quiet: bool = False, **facts: str
    ) -> None:
        """Owe certain persons (accounts) a message about an act just added: those who step in.

        A `quiet` one wakes nobody in quiet hours.
        """
        event = self._personal(AttentionNeeded, act, persons, facts)
        self.events.append(replace(event, quiet=quiet))

    def give_work(self, act: Act, person: int, **facts: str) -> None:
        """Owe somebody a message that an act just added gives them something to do."""
        self.events.append(self._personal(WorkAssigned, act, (person,), facts))

    def _personal(
        self, kind: type[Personal], act: Act, persons: Iterable[int], facts: dict[str, str]
    ) -> Personal:
        return kind(
            stream=f"case:{self.case.no}",
            at=act.at,
            no=self.case.no,
            version=self.case.version,
            verb=act.verb.value,
            stage=self.case.stage,
            followers=tuple(dict.fromkeys(persons)),
            units=(),
            facts={"title": self.case.title, "reason": masked(act.reason)} | act.facts | facts,
        )

    async def write(self) -> None:
        """Save the case, append the history, record what is owed; once, at the end."""
        await self.case.save()
        await insert(*await self.rows())

    async def rows(self) -> list[Model]:
        """Return what `write` appends, for who inserts it with other rows of a new case."""
        for line in self._lines:
            line.step.case_id = self.case.id
        told = [await self._told(line) for line in self._lines if line.move.told]
        steps = [line.step for line in self._lines]
        owed = await self._apart([*told, *self.events])
        return [*steps, *deliveries(*owed), *self.given]

    async def _apart(self, owed: list[Owed]) -> list[Owed]:
        """Return what is owed without those who keep out, but for whoever reported the case."""
        if self.case.about_unit_id is None:
            return owed
        house = await unit_and_below(self.case.about_unit_id)
        told = Follower.filter(case_id=self.case.id, reporter=True).values_list("account_id")
        silent = house.account_ids - {int(i) for (i,) in await told} - set(self._followers or ())
        return [
            replace(
                event,
                followers=tuple(i for i in event.followers if i not in silent),
                units=tuple(i for i in event.units if i not in house.unit_ids),
            )
            for event in owed
        ]

    def _step(self, act: Act, source: Stage | None) -> Step:
        return Step(
            case_id=self.case.id or 0,  # set when written: a new case has no id yet
            version=self.case.version,
            verb=act.verb.value,
            way=act.way,
            source=source or "",
            target=self.case.stage,
            by_id=act.by.id,
            by_role=_role(act),
            unit_id=act.by.unit_id,
            task_id=act.task.id if act.task else None,
            at=act.at,
            reason=act.reason,
            note=act.note,
            facts=act.facts,
        )

    async def _told(self, line: _Line) -> CaseMoved:
        followers: list[int] = []
        units: set[int] = set()
        told = line.move.told
        if Audience.FOLLOWERS in told:
            followers = await self._all_followers()
        if Audience.UNITS in told:
            units = await self._all_units() - {_acting(line.act)}
        about = {"title": self.case.title, "reason": masked(line.act.reason)}
        return CaseMoved(
            stream=f"case:{self.case.no}",
            at=line.act.at,
            no=self.case.no,
            version=line.step.version,
            verb=line.act.verb.value,
            stage=line.step.target,
            followers=tuple(followers),
            units=tuple(sorted(units)),
            facts=about | line.act.facts,
            urgent=self.case.urgency == URGENT,
        )

    async def _all_followers(self) -> list[int]:
        if self._followers is None:
            found = Follower.filter(case_id=self.case.id).order_by("id")
            self._followers = [int(i) for (i,) in await found.values_list("account_id")]
        return self._followers

    async def _all_units(self) -> set[int]:
        if self.units is not None:
            return self.units | self.leaving
        tasks = Task.filter(case_id=self.case.id).exclude(stage__in=["returned", "waived"])
        units = {int(i) for (i,) in await tasks.values_list("unit_id")} | self.leaving
        calls = Call.filter(case_id=self.case.id, caller_unit_id__isnull=False)
        return units | {int(i) for (i,) in await calls.values_list("caller_unit_id")}


def _acting(act: Act) -> int | None:
    """Return the unit that acts: the task's where it is the actor's, else the actor's own.

    A township that contests an arrival acts on another unit's task, and so does a lead that
    waives one, be it a station's of its own: that unit must hear.
    """
    if act.verb is Verb.WAIVE or act.task is None:
        return act.by.unit_id
    return act.task.unit_id if act.task.unit_id in act.by.unit_ids else act.by.unit_id


def _role(act: Act) -> str:
    """Return the role by which somebody acts: the first that grants the verb."""
    if act.by.id is None:
        return SYSTEM.name
    wanted = {f"case.{act.verb}", f"task.{act.verb}"}
    granting = [r for r in act.by.roles if any(p.value in wanted for p in GRANTS[r])]
    return min(granting or act.by.roles, default="")
