"""A case that the clock has woken, with all that its timers need; and how it speaks up."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.models import Model

from server.cases.door.escalation import StandIns
from server.cases.door.journal import Act, Entry, Journal
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Verb
from server.people.actor import SYSTEM
from server.permissions import Role
from server.texts.catalogue import text


@dataclass(slots=True, kw_only=True)
class Woken:
    """One locked case and its tasks in the hands of the clock, at the moment `at`.

    Tasks that a timer changed are named in `changed`, new rows of any table in `rows`; the clock
    writes case, tasks and rows with those of other cases. `unsolved`: a reporter's "not solved"
    waits for its answer.
    """

    case: Case
    tasks: list[Task]
    journal: Journal
    at: datetime
    basis: Basis
    stand_ins: StandIns
    callers: frozenset[tuple[int, int | None]] = frozenset()
    unsolved: bool = False
    changed: dict[int, Task] = field(default_factory=dict)
    rows: list[Model] = field(default_factory=list)

    def act(self, verb: Verb, *, task: Task | None = None, **facts: str) -> Entry:
        """Add an act of the clock's own, with what is peculiar to it."""
        return self.journal.add(Act(verb=verb, by=SYSTEM, at=self.at, task=task, facts=facts))

    def escalate(self, persons: Iterable[int], code: str, **facts: str) -> None:
        """Tell those who must step in what is late, as an act of its own."""
        self.tell(self.act(Verb.ESCALATE), persons, code, **facts)

    def tell(self, entry: Entry, persons: Iterable[int], code: str, **facts: str) -> None:
        """Tell certain persons of an act just added, and what is late."""
        told = list(persons)
        entry.tell(what=text(f"escalation.{code}", **facts))
        if told:
            self.journal.call_attention(entry, told)

    async def leaders(self) -> list[int]:
        """Return the leaders, who hear of what those below them left undone."""
        return await self.stand_ins.who_steps_in(self.case, Role.LEADER)

    def lead(self) -> Task | None:
        """Return the lead's present task."""
        own = [t for t in self.tasks if t.part == Part.LEAD and t.unit_id == self.case.lead_id]
        return own[-1] if own else None
