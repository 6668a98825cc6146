"""What is asked of the cases, as the handlers ask it, and who asks; drawn afresh each time."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import _caseload as load
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from mobile_api import todo
from server.cases.dispatch import platforms, processes
from server.cases.door.hindrances import allowed_verbs
from server.cases.door.lineage import family
from server.cases.intake.place_choice import unconfirmed
from server.cases.models.case import Attachment, Case
from server.cases.reading import boards, briefs, queries
from server.cases.reading.boards import BoardFilter
from server.cases.reading.by_words import said_of
from server.cases.reading.queries import Narrowing
from server.cases.reading.states import Appraised, Clock, States, Trouble
from server.people.actors import actor_for
from server.people.queries import units_index

LIMIT = 51
SWEEP = """
SELECT id FROM case_file WHERE wake_at <= now() ORDER BY wake_at LIMIT 100
FOR UPDATE SKIP LOCKED
"""


async def rows_of(sql, values=()):
    return await Tortoise.get_connection("default").execute_query_dict(sql, list(values))


class People:
    """Draws who asks, and about what."""

    def __init__(self, n_cases, basis):
        self.n_cases, self.basis, self.at = n_cases, basis, datetime.now(UTC)
        self.draw = random.Random(7)
        self._actors = {}

    @classmethod
    async def of(cls, n_cases):
        return cls(n_cases, SimpleNamespace(units=await units_index()))

    async def actor(self, account_id):
        if account_id not in self._actors:
            self._actors[account_id] = await actor_for(account_id)
        return self._actors[account_id]

    async def handler(self):
        return await self.actor(100_000 + self.draw.randint(1, load.N_DEPARTMENTS))

    async def station(self):
        return await self.actor(100_200 + self.draw.randint(1, load.N_STATIONS))

    async def township(self):
        return await self.actor(100_100 + self.draw.randint(1, load.N_TOWNSHIPS))

    async def grid_worker(self):
        township = self.draw.randint(1, load.N_TOWNSHIPS)
        return await self.actor(200_000 + township * 1000 + self.draw.randint(1, load.N_GRIDS))

    async def resident(self):
        return await self.actor(self.draw.randint(1, load.N_RESIDENTS))

    async def acceptor(self):
        return await self.actor(300_001)

    async def dispatcher(self):
        return await self.actor(300_002)

    async def leader(self):
        return await self.actor(300_003)

    def number(self):
        return self.draw.randint(1, self.n_cases)

    def unit(self):
        return (self.draw.randint(1, load.N_DEPARTMENTS),)

    def township_code(self):
        return f"{self.draw.randint(1, load.N_TOWNSHIPS):09}"

    async def own_case(self, actor):
        """The number of a case of the actor's unit; None where there is none so late."""
        rows = await rows_of(
            "SELECT c.no FROM case_task t JOIN case_file c ON c.id = t.case_id"
            " WHERE t.unit_id = $1 AND t.case_id >= $2 LIMIT 1",
            [actor.unit_id, self.draw.randint(1, int(self.n_cases * 0.95))],
        )
        return rows[0]["no"] if rows else None


# Each of these returns what draws somebody and hands back the question to be timed.


def cards(people, who, **narrowing):
    async def prepare():
        actor = await who()
        drawn = {name: v() if callable(v) else v for name, v in narrowing.items()}
        chosen = Narrowing(**drawn)
        return lambda: queries.cards(actor, chosen, limit=LIMIT, before_id=None, at=people.at)

    return prepare


def searched(people, who, draw):
    """The cases that a question finds, drawn afresh from what stands in some case."""

    async def prepare():
        rows = await rows_of("SELECT words FROM case_words WHERE case_id = $1", [people.number()])
        question = draw(people.draw, rows[0]["words"].split(" "))
        return await cards(people, who, words=lambda: said_of(question, people.basis.units))()

    return prepare


def own_word(draw, words):
    """Two characters of what hardly anybody else says."""
    return draw.choice(words[-6:])[:2]


def own_words(draw, words):
    """What somebody says often, and a word of their own."""
    return f"{words[-7][:2]} {draw.choice(words[-6:])}"


def character(draw, words):
    return draw.choice(words[-7])


def phrase(_draw, words):
    return words[-7]


def tail(_draw, words):
    return words[0][-6:]


def board(who, pages=1, **which):
    chosen = BoardFilter(**which)

    async def prepare():
        actor, after = await who(), None
        for _ in range(pages - 1):
            rows = await boards.task_board(actor, chosen, limit=LIMIT, after=after)
            after = boards.place_of(rows[-1][0]) if rows else after
        return lambda: boards.task_board(actor, chosen, limit=LIMIT, after=after)

    return prepare


async def read_whole(people, actor, no):
    case = await queries.case_for(actor, no)
    await queries.steps(case)
    await queries.tasks_of(case)
    of_all = await family(case)
    await queries.reports_of(of_all)
    await queries.attachments(of_all)
    await queries.checks_of(case)
    await processes.standings(case)
    await allowed_verbs(actor, case, at=people.at, basis=people.basis)


def whole(people, who, *, own):
    async def prepare():
        actor = await who()
        if own:
            no = await people.own_case(actor)
        else:
            no = (await Case.get(id=people.number())).no
        return (lambda: read_whole(people, actor, no)) if no else None

    return prepare


def photo(people, who):
    async def prepare():
        actor = await who()
        held = await Attachment.filter(case_id=people.number()).first()
        return lambda: queries.may_see_photo(actor, held.photo_id, -1)

    return prepare


def asked_by(who, ask):
    async def prepare():
        actor = await who()
        return lambda: ask(actor)

    return prepare


async def waiting(by, p):
    """What `GET /m/v1/todo` reads."""
    return await todo.all_of(by, p.basis, at=p.at)


async def on_foot(by):
    """What `GET /m/v1/tasks` reads beside the board."""
    checks = await queries.open_checks(by, limit=100)
    looks = await queries.open_verifications(by, limit=100)
    cases = {case.id: case for _, case in (*checks, *looks)}
    await briefs.briefs(list(cases.values()), queries.reader(by))


async def select_one():
    return lambda: rows_of("SELECT 1")


async def sweep():
    async def look():
        async with in_transaction():
            await rows_of(SWEEP)

    return look


def of_words(p):
    """Every search by words, by its name."""
    return {
        "acceptor: a frequent phrase": searched(p, p.acceptor, phrase),
        "acceptor: one character": searched(p, p.acceptor, character),
        "acceptor: two rare characters": searched(p, p.acceptor, own_word),
        "acceptor: two words": searched(p, p.acceptor, own_words),
        "acceptor: six digits of a number": searched(p, p.acceptor, tail),
        "handler: a phrase among own cases": searched(p, p.handler, phrase),
        "handler: two words among own cases": searched(p, p.handler, own_words),
        "township: a phrase among own cases": searched(p, p.township, phrase),
    }


def of_filters(p):
    """The filters of a desk's list of cases, beside place and unit, by their names."""
    states = {
        "by a rare channel": States(channels=("mailbox",)),
        "by the usual channel": States(channels=("wechat",)),
        "on a platform": States(platform="综治"),
        "unsolved": States(appraisal=Appraised.UNSOLVED),
        "solved": States(appraisal=Appraised.SOLVED),
        "not appraised": States(appraisal=Appraised.NOTHING),
        **{f"clock {clock.value}": States(clock=clock) for clock in Clock},
        **{each.value: States(trouble=each) for each in Trouble},
    }
    narrowed = {name: {"states": each} for name, each in states.items()} | {
        "of a kind": {"kind": "enforcement"},
        "of a village": {"village": lambda: f"{p.township_code()}003"},
        "of a grid": {"grid": lambda: f"{p.township_code()}003014"},
        "of a domain's matters": {"matters": tuple(f"M-{n:03}" for n in range(90, 110))},
        "of a month": {
            "received_from": p.at - timedelta(days=500),
            "received_to": p.at - timedelta(days=470),
        },
        "in a box": {"bbox": (117.05, 34.02, 117.06, 34.03)},
    }
    return {
        f"{who}: cases {name}": cards(p, draw, **narrowing)
        for name, narrowing in narrowed.items()
        for who, draw in (("acceptor", p.acceptor), ("handler", p.handler))
    }


def of_waiting(p):
    """All that waits for somebody, by role; what a grid worker has to do on foot."""
    roles = {
        "resident": p.resident,
        "handler": p.handler,
        "township": p.township,
        "grid worker": p.grid_worker,
        "acceptor": p.acceptor,
        "dispatcher": p.dispatcher,
        "leader": p.leader,
    }
    return {
        **{
            f"{name}: all that waits": asked_by(who, lambda by: waiting(by, p))
            for name, who in roles.items()
        },
        "grid worker: checks with words and photos": asked_by(p.grid_worker, on_foot),
    }


def asking(p):
    """Every question by its name."""

    async def by_key():
        number = p.number()
        return lambda: Case.get(id=number)

    return {
        "floor: SELECT 1": select_one,
        "floor: a case by its key": by_key,
        "handler: open tasks": board(p.handler),
        "handler: open tasks, page 5": board(p.handler, 5),
        "handler: finished tasks": board(p.handler, stage="done"),
        "township: open tasks": board(p.township),
        "township: open tasks of a platform": board(p.township, platform="综治"),
        "township: counts by platform": asked_by(
            p.township, lambda actor: platforms.counts(actor, at=p.at, basis=p.basis)
        ),
        "handler: own cases": cards(p, p.handler),
        "handler: own cases at work": cards(p, p.handler, stage="handling"),
        "handler: own cases disputed": cards(p, p.handler, stage="disputed"),
        "handler: own cases overdue": cards(p, p.handler, overdue=True),
        "station: own cases at work": cards(p, p.station, stage="handling"),
        "township: own cases": cards(p, p.township),
        "township: own cases at work": cards(p, p.township, stage="handling"),
        "township: own cases overdue": cards(p, p.township, overdue=True),
        "grid worker: cases of the grid": cards(p, p.grid_worker),
        "grid worker: checks to make": asked_by(
            p.grid_worker, lambda actor: queries.open_checks(actor, limit=100)
        ),
        "grid worker: places to confirm": asked_by(
            p.grid_worker, lambda actor: unconfirmed(actor, limit=100)
        ),
        "acceptor: all cases": cards(p, p.acceptor),
        "acceptor: a stage": cards(p, p.acceptor, stage="submitted"),
        "acceptor: a unit's cases": cards(p, p.acceptor, unit_ids=p.unit),
        "acceptor: a unit's cases at work": cards(
            p, p.acceptor, unit_ids=p.unit, stage="handling"
        ),
        "acceptor: a unit's cases overdue": cards(p, p.acceptor, unit_ids=p.unit, overdue=True),
        "leader: a township's cases": cards(p, p.leader, township=p.township_code),
        "leader: a township's cases overdue": cards(
            p, p.leader, township=p.township_code, overdue=True
        ),
        "leader: all overdue": cards(p, p.leader, overdue=True),
        "leader: one matter": cards(p, p.leader, matters=("M-100",)),
        **of_words(p),
        **of_filters(p),
        **of_waiting(p),
        "resident: reported or followed": asked_by(
            p.resident, lambda actor: queries.mine(actor, limit=LIMIT, before_id=None)
        ),
        "handler: a case whole": whole(p, p.handler, own=True),
        "township: a case whole": whole(p, p.township, own=True),
        "acceptor: a case whole": whole(p, p.acceptor, own=False),
        "handler: may see a photo": photo(p, p.handler),
        "resident: may see a photo": photo(p, p.resident),
        "clock: what is due": sweep,
    }
