"""A play: several cases, everybody around them, a moving clock, many acts at once by chance."""

import asyncio
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from server.cases.clocks import timing
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.rules import flow
from server.cases.rules.flow import Stage, TaskStage
from server.errors import Problem
from server.people.actor import Actor
from tests.casework import Casework, rows_of

#: A Monday morning with months of calendar before it.
OPENING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOSING = OPENING + timedelta(days=200)
AT_ONCE = 6
#: The matter that the list lets be settled on the spot.
SMALL_ADS = "CJ-006"
#: Those that are named by hand.
UNITS = ("区住房和城乡建设局", "区供电公司", "区城乡水务局", "区公安分局", "区综合行政执法局")
ON_STAGE = 8
ANYBODY = (
    "resident1",
    "resident2",
    "resident3",
    "grid0202",
    "grid0101",
    "township02",
    "township01",
    "duty02",
    "handler_D02",
    "handler_D08",
    "head_D08",
    "handler_U01",
    "acceptor1",
    "acceptor2",
    "dispatcher1",
    "dispatcher2",
    "leader1",
    "keeper1",
    "auditor1",
    "admin1",
)
#: How far the clock moves before the next acts, and how often.
STEPS = (
    (timedelta(seconds=20), 40),
    (timedelta(minutes=7), 25),
    (timedelta(minutes=40), 15),
    (timedelta(hours=3), 10),
    (timedelta(hours=20), 3),
    (timedelta(days=4), 1),
)
#: How much likelier than others a verb is tried where it applies.
WEIGHTS = Counter(
    accept=14, done=12, resolve=14, check=12, close=12, file=9, dispatch=10, call=5, rule=8,
    decide=10, suspend=10, extend=15, exempt=9, progress=8, ask=8, reply=6, redo=5, appraise=5,
    verify=9, resume=6, rework=8, unmerge=5, object=5, confirm=5, contest=4, check_in=6, waive=3,
    withdraw=1, merge=2, self_handle=6, urge=1, supervise=1, decline=3, convene=6, refuse=3,
    inquire=9, supplement=6, rebind=1, confirm_place=3, route=4, state=8, recuse=1, assign=4,
)  # fmt: skip


def _weight(verb: str, case: Case, missing: Set[str]) -> int:
    """How likely a verb is tried; where it seldom applies, or was never done, far more."""
    rare = {
        "confirm_place": case.place.confirm,
        "self_handle": case.matter_code == SMALL_ADS,
    }
    return (WEIGHTS[verb] or 2) * (10 if rare.get(verb) or verb in missing else 1)


class NothingToDo(Problem):
    """The case has nothing of that kind."""

    code, status = "nothing", 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One attempt: on which case, when, and the chances it takes."""

    play: "Play"
    case: Case
    at: datetime
    rng: Random

    @property
    def work(self) -> Casework:
        return self.play.work

    @property
    def basis(self):
        return self.play.work.basis

    async def who(self, *usual: str) -> Actor:
        """Whoever usually does it, or now and then anybody."""
        name = self.rng.choice(usual if usual and self.rng.random() < 0.88 else ANYBODY)
        by = await self.work.actor(name)
        sits = name.startswith("duty") and self.rng.random() < 0.7
        return replace(by, on_shift=sits)

    def people_of(self, unit_id: int | None) -> tuple[str, ...]:
        """Who works for a unit."""
        unit = self.basis.units.by_id.get(unit_id or 0)
        if unit is None:
            raise NothingToDo
        officer = self.work.officer_of(unit.id)
        return (officer, f"head_{unit.code}") if unit.kind == "department" else (officer,)

    async def task(self, *stages: TaskStage, part: str = "", kind: str = "") -> Task:
        """One of the case's tasks, mostly one at these stages and of a unit of this kind."""
        tasks, units = await self.work.tasks(self.case, part), self.basis.units.by_id
        fitting = [task for task in tasks if task.stage in stages]
        fitting = [task for task in fitting if kind in ("", units[task.unit_id].kind)]
        if not tasks:
            raise NothingToDo
        return self.rng.choice(fitting if fitting and self.rng.random() < 0.9 else tasks)

    async def photo(self, by: Actor) -> UUID:
        """One of a few photos of somebody's own."""
        held = self.play.photos.setdefault(by.id or 0, [])
        if len(held) < 6:
            rows = await rows_of("SELECT username FROM account WHERE id = $1", by.id)
            held.append(await self.work.photo(rows[0]["username"]))
        return self.rng.choice(held)

    def other(self) -> Case:
        """Another case on the stage, or now and then the same."""
        return self.rng.choice(self.play.on_stage())


@dataclass
class Play:
    """The cases so far, the moment, and what was done and refused."""

    work: Casework
    seed: int
    acts: dict
    borders: tuple = ()
    at: datetime = OPENING
    cases: list[Case] = field(default_factory=list)
    photos: dict[int, list[UUID]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    touched: set[int] = field(default_factory=set)
    tried: int = 0
    #: What is to be done before it is over, and was not yet.
    missing: Set[str] = frozenset()

    def on_stage(self) -> Sequence[Case]:
        return self.cases[-ON_STAGE:]

    async def batch(self) -> None:
        """Move the clock, and let several act at once, the clock among them."""
        rng = Random(f"{self.seed}:{self.tried}")
        lengths, weights = zip(*STEPS, strict=True)
        self.at += rng.choices(lengths, weights)[0]
        await self._casting(rng)
        if rng.random() < 0.05:
            attempts = self._same_two(rng)
        else:
            attempts = [self._turn(rng, n) for n in range(AT_ONCE)]
        await asyncio.gather(*attempts, *(self._clock(rng, n) for n in range(rng.randint(0, 2))))

    async def until_nothing_is_due(self) -> None:
        """Let the clock catch up with the moment."""
        self.at += timedelta(seconds=1)
        self.done += await self.work.until(self.at)

    async def _casting(self, rng: Random) -> None:
        """Bring new cases on while too few of those on the stage are open."""
        held = await Case.filter(id__in=[case.id for case in self.on_stage()])
        current = {case.id: case for case in held}
        self.cases = [current.get(case.id, case) for case in self.cases]
        n_open = sum(Stage(case.stage) in flow.OPEN for case in held)
        for n in range(max(0, ON_STAGE // 2 + 2 - n_open)):
            verb = "report" if rng.random() < 0.85 else "call_new"
            nobody = Case(no="", stage="", id=0)
            await self._attempt(verb, nobody, Random(rng.random()), 500 + n)

    def _turn(self, rng: Random, n: int):
        recent = rng.random() < 0.9
        case = rng.choice(self.on_stage() if recent else self.cases)
        # What was never done is sought where it can be: a dispute, say, is soon over.
        ready = [each for each in self.on_stage() if self._lets(each)] if self.missing else []
        if ready and rng.random() < 0.3:
            case = rng.choice(ready)
        verb = rng.choice(list(self.acts))
        possible = [each for each in flow.possible(Stage(case.stage)) if each in self.acts]
        if possible and rng.random() < 0.85:
            weights = [_weight(each, case, self.missing) for each in possible]
            verb = rng.choices(possible, weights)[0]
        return self._attempt(verb, case, Random(rng.random()), n)

    def _lets(self, case: Case) -> bool:
        """Whether something that was never done may be done at the case's stage."""
        return not self.missing.isdisjoint(flow.possible(Stage(case.stage)))

    def _same_two(self, rng: Random):
        """Everybody merges the same two, and takes them apart, and works on them."""
        pair = rng.sample(self.on_stage(), 2)
        verbs = ["merge", "merge", "unmerge", "accept", "withdraw", "follow", "merge", "done"]
        return [
            self._attempt(verb, pair[n % 2], Random(rng.random()), n)
            for n, verb in enumerate(verbs)
        ]

    async def _attempt(self, verb: str, case: Case, rng: Random, n: int) -> None:
        """Try an act; a refusal is an answer, anything else a fault."""
        self.tried += 1
        self.touched.add(case.id)
        at = self.at + timedelta(microseconds=n)
        try:
            await self.acts[verb](Turn(play=self, case=case, at=at, rng=rng))
        except Problem as problem:
            if problem.status >= 500:
                raise AssertionError(self.where(verb, case, problem)) from problem
            self.refused[f"{verb} {problem.code}"] += 1
        except Exception as error:
            raise AssertionError(self.where(verb, case, error)) from error
        else:
            self.done[verb] += 1

    async def _clock(self, rng: Random, n: int) -> None:
        at = self.at + timedelta(microseconds=100 + n)
        fired = await timing.fire(at=at, basis=self.work.basis, limit=rng.choice((1, 3, 200)))
        assert not fired.n_failed, self.where("clock", None, None)
        self.done += fired.by_name

    def where(self, verb: str, case: Case | None, error: object) -> str:
        """Say what is needed to see it again."""
        no = case.no if case else ""
        return f"seed {self.seed}, after {self.tried} acts, {verb} on {no}: {error!r}"
