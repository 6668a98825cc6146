"""Cases for tests: made by the domain's own commands, brought to any stage, looked at in rows."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from tortoise import Tortoise

from gridwhistle.assembly import vault_of
from gridwhistle.demo.geography import landmarks
from media.sample import jpeg
from server.appraisal.commands import Opinion, appraise
from server.cases.clocks import timing
from server.cases.dispatch import processes
from server.cases.disputes import conferences, returns
from server.cases.disputes.returns import Claim
from server.cases.door.placing import Position
from server.cases.ends import closing, merging
from server.cases.intake import reporting, screening, verifying
from server.cases.intake.reporting import NewReport
from server.cases.models.case import Case
from server.cases.models.task import Check, Task
from server.cases.rules.basis import Basis
from server.cases.work import checking, handling, requests
from server.cases.work.requests import Wish
from server.clock import now
from server.files.commands import receive
from server.governance import regrouping
from server.people import reorganising, unit_plans
from server.people.actor import Actor
from server.people.unit_plans import PlanView
from server.responsibility.list.models import Matter

PLACES = landmarks()
WALL = PLACES["load_bearing_wall"]
#: Matters of the demo list, by what about them matters to a test.
STREET_LAMP = "CJ-012"  # livelihood, two natural days; a department leads, two units cooperate
ROAD_DAMAGE = "CJ-010"  # livelihood, seven work days; a department leads, three units cooperate
ILLEGAL_BUILDING = "CJ-001"  # enforcement, not urgent
WALL_HOLE = "CJ-002"  # enforcement, urgent
STAIRS_BLOCKED = "CJ-023"  # livelihood, the township leads
OFF_LIST = "XX-001"  # put into the catalogue by `Casework.off_list`, on no list

_SEEDS = count()


def position(point: tuple[float, float] = WALL, **changes: Any) -> Position:
    """A good position, or one with changes."""
    given = {"datum": "wgs84", "accuracy": 8.0, "source": "device"} | changes
    return Position(lon=point[0], lat=point[1], **given)


def new_report(**changes: Any) -> NewReport:
    """A complete report about a street lamp, or one with changes."""
    given: dict[str, Any] = {
        "key": uuid4(),
        "kind": "livelihood",
        "text": "路灯不亮",
        "matter": STREET_LAMP,
        "position": position(),
        "captured_at": now(),
        "channel": "wechat",
    }
    return NewReport(**given | changes)


@dataclass
class Casework:
    """Does things to cases as whoever may, by their usernames."""

    county: Any
    _actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def basis(self):
        return self.county.basis

    async def actor(self, username: str) -> Actor:
        """The actor of an account."""
        if username not in self._actors:
            self._actors[username] = await self.county.actor(username)
        return self._actors[username]

    async def actor_by_id(self, account_id: int) -> Actor:
        """The actor of an account, by its id."""
        rows = await rows_of("SELECT username FROM account WHERE id = $1", account_id)
        return await self.actor(rows[0]["username"])

    async def photo(self, username: str, data: bytes | None = None) -> UUID:
        """A new photo of somebody's own."""
        picture = data or jpeg(48, 36, seed=next(_SEEDS))
        vault = vault_of(self.county.parts.settings, self.county.parts.store)
        by = await self.actor(username)
        return (await receive(picture, by=by, at=now(), vault=vault)).id

    async def off_list(self) -> str:
        """A matter in the catalogue that no list names."""
        await Matter.get_or_create(
            defaults={"name": "清单上没有的事", "domain": "其他"}, code=OFF_LIST
        )
        return OFF_LIST

    async def report(self, username: str = "resident1", **changes: Any) -> Case:
        """The case of a new report; with a photo unless `photos` says otherwise."""
        if "photos" not in changes:
            changes["photos"] = (await self.photo(username),)
        by = await self.actor(username)
        taken = await reporting.report(new_report(**changes), by=by, at=now(), basis=self.basis)
        return await Case.get(no=taken.body["no"])

    def officer_of(self, unit_id: int) -> str:
        """The username of who does a unit's work."""
        unit = self.basis.units.by_id[unit_id]
        return f"township{unit.code[1:]}" if unit.kind == "township" else f"handler_{unit.code}"

    async def tasks(self, case: Case, part: str = "") -> list[Task]:
        """The tasks of a case, or those of a part."""
        found = Task.filter(case_id=case.id).order_by("id")
        return await (found.filter(part=part) if part else found)

    async def lead(self, case: Case) -> tuple[Task, Actor]:
        """The lead's task and who does it; not one that was taken away or given back before."""
        [*_, task] = [each for each in await self.tasks(case, "lead") if each.stage != "waived"]
        return task, await self.actor(self.officer_of(task.unit_id))

    async def file(self, case: Case) -> Case:
        """The case taken on by an acceptor, unless it filed itself."""
        if case.stage == "submitted":
            by = await self.actor("acceptor1")
            await screening.file(case.no, by=by, at=now(), basis=self.basis)
        return await Case.get(id=case.id)

    async def filed(self, username: str = "resident1") -> Case:
        """A case that waits for the dispatcher: its matter is on no list."""
        return await self.report(username, matter=await self.off_list())

    async def submitted(self, username: str = "resident1") -> Case:
        """A case that waits for the acceptor: a resident's enforcement matter."""
        return await self.report(username, matter=ILLEGAL_BUILDING)

    async def handling(self, case: Case | None = None) -> Case:
        """A case whose lead has signed for it."""
        case = case or await self.report()
        task, by = await self.lead(case)
        await handling.accept(task.id, by=by, at=now(), basis=self.basis)
        return await Case.get(id=case.id)

    async def helped(self, case: Case) -> None:
        """Let every cooperating unit finish its part, and the lead its steps, in their order."""
        await self._helped_now(case)
        while mine := [
            s for s in await processes.standings(await Case.get(id=case.id)) if _mine(s)
        ]:
            task, by = await self.lead(case)
            at, position = now(), mine[0].position
            await processes.complete(task.id, position, "已办", by=by, at=at, basis=self.basis)
            await self._helped_now(case)

    async def _helped_now(self, case: Case) -> None:
        tasks = await self.tasks(case, "cooperating")
        for task in tasks:
            by = await self.actor(self.officer_of(task.unit_id))
            if task.stage == "pending":
                await handling.accept(task.id, by=by, at=now(), basis=self.basis)
            if task.stage not in ("done", "waived"):
                await handling.done(task.id, "已配合", by=by, at=now(), basis=self.basis)
        if len(await self.tasks(case, "cooperating")) > len(tasks):
            await self._helped_now(case)  # another step has begun

    async def resolve(self, case: Case, result: str = "已修好") -> Case:
        """Let the lead of a case in handling declare it handled."""
        task, by = await self.lead(case)
        photo = await self.photo(self.officer_of(task.unit_id))
        await handling.resolve(task.id, result, (photo,), by=by, at=now(), basis=self.basis)
        return await Case.get(id=case.id)

    async def checking(self, case: Case | None = None) -> Case:
        """A case that was handled and given to a checker."""
        case = await self.handling(case)
        await self.helped(case)
        return await self.resolve(case)

    async def check(self, case: Case, *, passed: bool = True) -> Check:
        """Let whoever was given the check of the present cycle make it."""
        check = await Check.get(case_id=case.id, cycle=case.cycle)
        by = await (
            self.actor_by_id(check.assignee_id) if check.assignee_id else self.actor("acceptor2")
        )
        await checking.check(
            check.id, passed=passed, note="看过了", by=by, at=now(), basis=self.basis
        )
        return await Check.get(id=check.id)

    async def closed(self, case: Case | None = None) -> Case:
        """A case that was checked and closed."""
        case = await self.checking(case)
        await self.check(case)
        by = await self.actor("acceptor1")
        await closing.close(case.no, by=by, at=now(), basis=self.basis)
        return await Case.get(id=case.id)

    async def verifying(self) -> Case:
        """A case at which the grid worker of the place is asked to look."""
        case, by = await self.submitted(), await self.actor("acceptor1")
        return await verifying.verify(case.no, "在吗？", by=by, at=now(), basis=self.basis)

    async def declined(self) -> Case:
        """A case that was not taken on."""
        case, by = await self.submitted(), await self.actor("acceptor2")
        return await screening.decline(
            case.no, "other", where_to_go="别处", by=by, at=now(), basis=self.basis
        )

    async def disputed(self) -> Case:
        """A case whose lead has returned it."""
        case = await self.report()
        task, by = await self.lead(case)
        claim = Claim(ground="not_on_list", reason="是供电设施", proper_unit="区供电公司")
        await returns.give_back(task.id, claim, by=by, at=now(), basis=self.basis)
        return await Case.get(id=case.id)

    async def in_conference(self) -> Case:
        """A case that is before a conference."""
        case, by = await self.disputed(), await self.actor("dispatcher1")
        return await conferences.convene(case.no, by=by, at=now(), basis=self.basis)

    async def ask(self, case: Case, what: str = "extend", at: datetime | None = None) -> Case:
        """Let the head of the unit that leads ask for something."""
        at = at or now()
        by = await self.actor(f"head_{self.basis.units.by_id[case.lead_id].code}")
        until = at + timedelta(days=30)
        wish = Wish(what=what, reason="材料未到", until=until, ground="season", limit=1)
        return await requests.ask(case.no, wish, by=by, at=at, basis=self.basis)

    async def suspended(self) -> Case:
        """A case whose clock stands."""
        case = await self.ask(await self.handling(), "suspend")
        by = await self.actor("dispatcher1")
        return await requests.suspend(case.no, by=by, at=now(), basis=self.basis)

    async def merged(self) -> Case:
        """A case that goes on in another."""
        case, into = await self.report(), await self.report()
        by = await self.actor("acceptor1")
        return await merging.merge(case.no, into.no, "同", by=by, at=now(), basis=self.basis)

    async def merge_units(self, unit: str | int, into: str) -> tuple[int, int]:
        """Merge a unit into another; the ids of both."""
        old = unit if isinstance(unit, int) else self.basis.units.named(unit).id
        heir = self.basis.units.named(into).id
        by = await self.actor("keeper1")
        await reorganising.merge(old, heir, "榴编〔2026〕12号", by=by, at=now())
        await self.county.parts.knowledge.refresh()
        return old, heir

    async def take_back(self, plan_id: int, *, at: datetime | None = None) -> PlanView:
        """Let one propose to take a plan for a unit back and another confirm it; the undoing."""
        at = at or now()
        proposer, other = await self.actor("keeper1"), await self.actor("admin1")
        made = await unit_plans.propose_undoing(plan_id, by=proposer, at=at)
        return await regrouping.confirm(made.id, by=other, at=at, basis=self.basis)

    async def archived(self) -> Case:
        """A case that its reporter calls solved."""
        case, by = await self.closed(), await self.actor("resident1")
        opinion = Opinion(responded=True, solved=True, satisfaction=5)
        await appraise(case.no, opinion, by=by, at=now(), basis=self.basis)
        return await Case.get(id=case.id)

    async def until(self, at: datetime, basis: Basis | None = None) -> Counter[str]:
        """Let the clock do all that is due by a moment, at that moment; return what it did."""
        fired: Counter[str] = Counter()
        for _ in range(100):
            done = await timing.fire(at=at, basis=basis or self.basis)
            assert not done.n_failed
            fired += done.by_name
            if not done.n_cases:
                return fired
        raise AssertionError("there is always more due")

    async def at(self, stage: str) -> Case:
        """A new case of resident1's at a stage."""
        make: dict[str, Callable] = {
            "submitted": self.submitted,
            "filed": self.filed,
            "dispatched": self.report,
            "handling": self.handling,
            "checking": self.checking,
            "closed": self.closed,
            "verifying": self.verifying,
            "declined": self.declined,
            "disputed": self.disputed,
            "in_conference": self.in_conference,
            "suspended": self.suspended,
            "merged": self.merged,
            "archived": self.archived,
        }
        case = await make[stage]()
        assert case.stage == stage
        return case


def _mine(step: processes.StepState) -> bool:
    """Whether it is the lead's turn at a step of its own."""
    return step.by_lead and step.state == "open"


async def rows_of(sql: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of a query."""
    return await Tortoise.get_connection("default").execute_query_dict(sql, list(values))


_TABLES = """
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
      AND table_name NOT IN ('place', 'token', 'tap')  -- large and never written; touched by use
    ORDER BY table_name
"""


async def everything() -> dict[str, str]:
    """What every table holds, as a digest per table: the same before and after a refusal.

    A row is told by where it lies and by who wrote it last: written anew it is another one, also
    where it says the same.
    """
    names = [row["name"] for row in await rows_of(_TABLES)]
    each = " UNION ALL ".join(
        f"SELECT '{name}' AS name, md5(coalesce(string_agg(concat(ctid, xmin), '|'"
        f" ORDER BY ctid), '')) AS digest FROM {name}"
        for name in names
    )
    return {row["name"]: row["digest"] for row in await rows_of(each)}
