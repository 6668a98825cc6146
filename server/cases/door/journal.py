"""Writing down what happened to a case: stage, version, history and what is owed, at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from tortoise.models import Model

from server.cases.door.briefing import (
    acting_unit,
    facts_of,
    keep_words,
    looks,
    new_words,
    own_words,
    role_of,
    without_persons,
    written,
)
from server.cases.models.case import Case, Follower, Step
from server.cases.models.report import Report
from server.cases.models.task import Call, Task
from server.cases.rules import flow
from server.cases.rules.basis import Basis
from server.cases.rules.deadlines import URGENT
from server.cases.rules.flow import TASK_GONE, Audience, Move, Stage, Verb
from server.cases.rules.masking import masked
from server.cases.rules.shown import REPORTER, as_reporter
from server.cases.rules.told import Owed, once
from server.cases.rules.traits import Trait, verbs_with
from server.db import insert
from server.errors import ReasonMissing
from server.events import AttentionNeeded, CaseMoved, WorkAssigned
from server.outbox.record import deliveries
from server.people.actor import Actor
from server.people.queries import holders, members_by_unit, names, substitutes, unit_and_below
from server.permissions import Role
from server.texts.catalogue import text

_GIVING: Final = verbs_with(Trait.GIVES)
_WORDING: Final = verbs_with(Trait.WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act on a case: who did which verb, when, why; `facts` are what its sentences need.

    What becomes known only while it is done is told to its entry in the journal.
    """

    verb: Verb
    by: Actor
    at: datetime
    task: Task | None = None
    reason: str = ""
    note: str = ""
    way: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the facts as they were given: nobody edits them afterwards."""
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as the journal holds it, until it is written."""

    act: Act
    move: Move
    step: Step
    said: dict[str, Any]

    def tell(self, **facts: object) -> None:
        """Add what is peculiar to the act: its history keeps it, and its sentences need it.

        Who leads, until when and where, and the unit of a task, the journal says by itself.
        """
        self.said.update(facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """What certain persons or units are owed of an act, as the case stood at that moment."""

    kind: Callable[..., AttentionNeeded | WorkAssigned]
    verb: Verb
    at: datetime
    version: int
    stage: str
    persons: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    entry: Entry | None = None
    facts: dict[str, str]


class Journal:
    """Collects the acts of one transaction on one locked case and writes them together.

    Every message says who leads the case, until when and where, as that stands when all is
    written. `given` are tasks that follow from these acts, whose units hear of nothing that came
    before them. Who follows a case, which units are at work on it and what was `reported` is asked
    for when needed, unless these say so: those of a case that is not stored yet, or that are known
    already. Of `followers` it is said whether each reported the case.
    """

    def __init__(
        self, case: Case, basis: Basis, *, followers: Mapping[int, bool] | None = None
    ) -> None:
        self.case = case
        self.given: list[Task] = []
        self.units: set[int] | None = None
        self.reported: tuple[str, ...] | None = None
        self._said = own_words(case), case.lead_id
        self._stood = case.stage, case.owner_role
        self._basis = basis
        self._followers = followers
        self._also: set[int] = set()
        self._senders: set[int] = set()
        self._hidden: set[str] = set()
        self._address = ""
        self._beginning = ""
        self._titles: dict[str, str] = {}
        self._entries: list[Entry] = []
        self._errands: list[_Errand] = []

    def add(self, act: Act) -> Entry:
        """Move the case by an act, or refuse with WrongStage or ReasonMissing."""
        source = Stage(self.case.stage) if self.case.stage else None
        part = flow.Part(act.task.part) if act.task else None
        move = flow.edge(source, act.verb, part, act.way)
        if move.reason and not act.reason.strip():
            raise ReasonMissing(verb=act.verb)
        target = source if move.target is None else move.target
        self.case.stage = target or ""
        self.case.version += 1
        entry = Entry(act, move, self._step(act, source), dict(act.facts))
        self._entries.append(entry)
        return entry

    def also_tell(self, *units: int) -> None:
        """Let units hear of these acts beside those at work: who had a task, or is named."""
        self._also.update(units)

    def call_attention(
        self, entry: Entry, persons: Iterable[int], *, quiet: bool = False, **facts: str
    ) -> None:
        """Owe certain persons (accounts) a message about an act just added: those who step in.

        A `quiet` one wakes nobody in quiet hours.
        """
        self._owe(partial(AttentionNeeded, quiet=quiet), entry, persons, facts)

    def give_work(self, entry: Entry, person: int, **facts: str) -> None:
        """Owe somebody a message that an act just added gives them something to do."""
        self._owe(WorkAssigned, entry, (person,), facts)

    def give_units_work(
        self, verb: Verb, units: Iterable[int], *, at: datetime, **facts: str
    ) -> None:
        """Owe units a message that it is their turn, worded as that of a verb."""
        self._errands.append(
            _Errand(
                kind=WorkAssigned,
                verb=verb,
                at=at,
                version=self.case.version,
                stage=self.case.stage,
                units=tuple(sorted(units)),
                facts=facts,
            )
        )

    def _owe(
        self,
        kind: Callable[..., AttentionNeeded | WorkAssigned],
        entry: Entry,
        persons: Iterable[int],
        facts: dict[str, str],
    ) -> None:
        self._errands.append(
            _Errand(
                kind=kind,
                verb=entry.act.verb,
                at=entry.act.at,
                version=self.case.version,
                stage=self.case.stage,
                persons=tuple(dict.fromkeys(persons)),
                entry=entry,
                facts=facts,
            )
        )

    async def write(self, heard: Sequence[Owed] = ()) -> list[Owed]:
        """Save the case, append the history, record what is owed and return it; once, at the end.

        Who has `heard` of another case in the same transaction is told nothing of this one.
        """
        await self.case.save()
        owed, rows = await self._owed_and_rows(heard)
        await insert(*rows)
        return owed

    async def rows(self) -> list[Model]:
        """Return what `write` appends, for who inserts it with other rows of a new case."""
        return (await self._owed_and_rows())[1]

    async def _owed_and_rows(self, heard: Sequence[Owed] = ()) -> tuple[list[Owed], list[Model]]:
        told = list[Owed]()
        await self._look_up_reports()
        await self._look_up_names()
        for entry in self._entries:
            entry.step.case_id = self.case.id
            await self._sign(entry)
            entry.step.facts = self._facts(entry) if entry.move.told else entry.said
            if entry.move.told:
                told.append(moved := await self._told(entry))
                if entry.act.verb in _GIVING:
                    await self._warn_of_empty(entry, moved.units)
        away = await substitutes({i for each in self._errands for i in each.persons})
        errands = [self._errand(each, away) for each in self._errands]
        owed = once(await self._apart([*told, *errands]), heard)
        steps = [entry.step for entry in self._entries]
        parts = (*self.given, *(each.act.task for each in self._entries if each.act.task))
        units = {part.unit_id for part in parts}.union(self._also, *(each.units for each in owed))
        paid = deliveries(*owed, *looks(self.case, self._stood, steps, units))
        return owed, [*steps, *paid, *self.given, *await self._words()]

    async def _words(self) -> list[Model]:
        """Keep the words by which the case is found from now; return the row of a new case."""
        case, lead = self.case, {self.case.lead_id} if self.case.lead_id else set()
        units = lead | {task.unit_id for task in self.given}
        acts = [entry.act for entry in self._entries]
        if self.reported is not None:
            units |= self.units or set()
            named = {act.by.id: act.by.name for act in acts if act.by.id is not None}
            senders = self._followers or ()
            return [await new_words(case, self.reported, senders, units, named=named)]
        changed = (own_words(case), case.lead_id) != self._said or bool(self.given)
        if changed or _WORDING.intersection(act.verb for act in acts):
            called = [act.note for act in acts if act.verb is Verb.CALL]
            await keep_words(case, called, units)
        return []

    async def _warn_of_empty(self, entry: Entry, units: Iterable[int]) -> None:
        """Let dispatchers hear of a case that goes to units in which nobody can sign in."""
        staffed = await members_by_unit(list(units))
        if empty := [each for each in units if each not in staffed]:
            named = text("format.and").join(self._basis.units.by_id[each].name for each in empty)
            what = text("escalation.nobody_there", unit=named)
            entry = replace(entry, act=replace(entry.act, verb=Verb.ESCALATE))
            self.call_attention(entry, await holders(Role.DISPATCHER), what=what)

    def _facts(self, entry: Entry | None) -> dict[str, Any]:
        """Return the standing facts, and over them what an act said."""
        found: dict[str, Any] = facts_of(self.case, self._basis) | {"address": self._address}
        if entry is None:
            return found
        task = entry.act.task
        unit = self._basis.units.by_id.get(task.unit_id) if task else None
        if unit is not None:
            found["unit"] = unit.name
        return found | entry.said

    def _errand(self, errand: _Errand, away: Mapping[int, int]) -> Owed:
        reason = errand.entry.act.reason if errand.entry else ""
        facts = {"reason": reason} | self._facts(errand.entry) | errand.facts
        told = {"title": self._beginning or self.case.title}
        # Whose own matter it is and who is on leave hears of it, and so does who stands in.
        standing_in = [away[each] for each in errand.persons if each in away]
        return errand.kind(
            stream=f"case:{self.case.no}",
            at=errand.at,
            no=self.case.no,
            version=errand.version,
            verb=errand.verb.value,
            stage=errand.stage,
            followers=tuple(dict.fromkeys([*errand.persons, *standing_in])),
            units=errand.units,
            facts=told | without_persons(facts, self._hidden),
        )

    async def _apart(self, owed: list[Owed]) -> list[Owed]:
        """Return what is owed without those who keep out, but for whoever reported the case."""
        if self.case.about_unit_id is None:
            return owed
        below = await unit_and_below(self.case.about_unit_id)
        silent = below.account_ids - await self._all_reporters()
        return [
            replace(
                event,
                followers=tuple(i for i in event.followers if i not in silent),
                units=tuple(i for i in event.units if i not in below.unit_ids),
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
            by_role=role_of(act.by, act.verb),
            unit_id=act.by.unit_id,
            task_id=act.task.id if act.task else None,
            at=act.at,
            reason=act.reason,
            note=act.note,
            content_hash=act.by.request,
        )

    async def _look_up_reports(self) -> None:
        """Ask what was reported, where somebody is to be told of it; of a new case it is known."""
        told = self._errands or any(entry.move.told for entry in self._entries)
        if self.reported is None and told:
            self.say_reported(await Report.filter(case_id=self.case.id).order_by("id").limit(20))

    def say_reported(self, reports: Sequence[Report]) -> None:
        """Let messages say the address, and as a title how one's own words begin, or the first."""
        self._address = next((each.address for each in reports if each.address), "")
        self._senders = {account for each in reports for account in each.senders}
        if not self.case.matter_code:
            begun = [each for each in reports if each.beginning]
            self._beginning = begun[0].beginning if begun else ""
            for each in reversed(begun):
                self._titles |= {str(i): each.beginning for i in each.senders}

    async def _look_up_names(self) -> None:
        """Ask by what the reporters are called, where messages say what somebody wrote."""
        acts = [each for each in self._entries if each.move.told or self._errands]
        said = [{"": each.act.reason} | each.said for each in acts]
        said += [each.facts for each in self._errands]
        if self._address or self._beginning or any(map(written, said)):
            reporters = self._senders | await self._all_reporters()
            own = {each.act.by.id: each.act.by.name for each in self._entries}
            known = {name for account, name in own.items() if account in reporters}
            self._hidden = known | set((await names(reporters - own.keys())).values())
            self._address = masked(self._address, self._hidden)
            self._beginning = masked(self._beginning, self._hidden)

    async def _sign(self, entry: Entry) -> None:
        """Write down by whom an act was done; of a reporter neither unit nor role is kept."""
        act = entry.act
        if as_reporter(act.verb, act.way, act.by.id, await self._all_reporters()):
            entry.step.by_role, entry.step.unit_id = REPORTER, None

    async def _told(self, entry: Entry) -> CaseMoved:
        """Return the message of an act to those concerned, but for who acts.

        Their unit hears of what one of its people does for others than itself, or as who
        reported the case; and a reporter has a receipt of what they did as such.
        """
        act, told = entry.act, entry.move.told
        followers = list(await self._all_followers()) if Audience.FOLLOWERS in told else []
        reported = entry.step.by_role == REPORTER
        if not reported:
            followers = [each for each in followers if each != act.by.id]
        units = await self._all_units() if Audience.UNITS in told else set()
        units -= set() if reported else {acting_unit(act.by, act.verb, act.task)}
        facts = without_persons({"reason": act.reason} | entry.step.facts, self._hidden)
        if self._beginning:
            facts |= {"titles": self._titles, "title_of_staff": self._beginning}
        return CaseMoved(
            stream=f"case:{self.case.no}",
            at=act.at,
            no=self.case.no,
            version=entry.step.version,
            verb=act.verb.value,
            stage=entry.step.target,
            followers=tuple(followers),
            units=tuple(sorted(units)),
            by=act.by.id,
            reporters=tuple(sorted(await self._all_reporters() & set(followers))),
            facts={"title": self.case.title} | facts,
            urgent=self.case.urgency == URGENT,
        )

    async def _all_reporters(self) -> set[int]:
        return {each for each, reporter in (await self._all_followers()).items() if reporter}

    async def _all_followers(self) -> Mapping[int, bool]:
        if self._followers is None:
            found = await Follower.filter(case_id=self.case.id).order_by("id")
            self._followers = {each.account_id: each.reporter for each in found}
        return self._followers

    async def _all_units(self) -> set[int]:
        if self.units is not None:
            return self.units | self._also
        tasks = Task.filter(case_id=self.case.id).exclude(stage__in=TASK_GONE)
        units = {int(i) for (i,) in await tasks.values_list("unit_id")} | self._also
        calls = Call.filter(case_id=self.case.id, caller_unit_id__isnull=False)
        return units | {int(i) for (i,) in await calls.values_list("caller_unit_id")}
