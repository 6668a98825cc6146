"""Commands broken at each of their statements; people by what they are to a case."""

from collections.abc import Awaitable, Callable

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper

from server.cases.models.case import Follower
from server.cases.models.dispute import Conference, Return
from server.cases.models.task import Check, Verification
from server.permissions import Permission, Reach, Role
from tests.casework import everything

ONE_OF_EACH = {
    Role.RESIDENT: "resident1",
    Role.GRID_WORKER: "grid0202",
    Role.TOWNSHIP: "township02",
    Role.DUTY_LEADER: "duty02",
    Role.HANDLER: "handler_D08",
    Role.UNIT_HEAD: "head_D08",
    Role.ACCEPTOR: "acceptor1",
    Role.DISPATCHER: "dispatcher1",
    Role.LEADER: "leader1",
    Role.LIST_KEEPER: "keeper1",
    Role.AUDITOR: "auditor1",
    Role.ADMIN: "admin1",
}
OF_REPORTERS = (
    Permission.CASE_WITHDRAW,
    Permission.CASE_APPRAISE,
    Permission.CASE_REDO,
    Permission.CASE_CONFIRM_PLACE,
    Permission.CASE_OBJECT,
    Permission.CASE_SUPPLEMENT,
    Permission.CASE_ASK,
)


async def relations(work, actor, case):
    """Which reaches cover a case for an actor, told from the rows alone."""
    found = {Reach.EVERYWHERE} | ({Reach.COMPLAINTS} if case.about_unit_id else set())
    units = {task.unit_id for task in await work.tasks(case)}
    named = await Return.filter(case_id=case.id).values_list("proper_unit_id", flat=True)
    if (units | set(named)) & actor.unit_ids:
        found |= {Reach.OWN_UNIT, Reach.OWN_TOWNSHIP}
    if await Conference.exists(case_id=case.id):
        found.add(Reach.CONFERENCES)
    if actor.township_code and actor.township_code == case.township_code:
        found.add(Reach.OWN_TOWNSHIP)
    in_grids = bool({case.grid_code, *_asked_about(case)} & actor.grid_codes)
    looks = Verification.filter(case_id=case.id, assignee_id=actor.id)
    given = await Check.filter(case_id=case.id, assignee_id=actor.id).exists()
    if in_grids or given or await looks.exists():
        found.add(Reach.OWN_GRIDS)
    if case.stage == "verifying" and await looks.filter(done_at__isnull=True).exists():
        found.add(Reach.OWN_VERIFICATIONS)
    following = await Follower.get_or_none(case_id=case.id, account_id=actor.id)
    if following is not None and following.reporter:
        found.add(Reach.OWN_REPORTS)
    if case.about_unit_id in actor.unit_and_above:  # nobody but its reporter has to do with it
        found &= {Reach.OWN_REPORTS}
    if found and (in_grids or Reach.OWN_REPORTS in found):
        found.add(Reach.OWN_REPORTS_AND_GRIDS)
    return found, following is not None


def _asked_about(case):
    """The grids whose workers are asked where a case lies, until somebody has signed for it."""
    if case.stage in ("submitted", "filed", "dispatched") and case.place.confirm:
        return {each.code for each in case.place.candidates}
    return set()


class Broken(Exception):
    """The database connection, as a test breaks it."""


class Breaker:
    """Lets so many statements pass and breaks the next one, before or after it took effect."""

    METHODS = ("execute_insert", "execute_query", "execute_query_dict", "execute_many")

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.after = False
        self._inside = False
        for kind in (AsyncpgDBClient, TransactionWrapper):
            for name in set(self.METHODS) & set(vars(kind)):
                monkeypatch.setattr(kind, name, self._breaking(getattr(kind, name)))

    def _breaking(self, original):
        async def statement(client, *args, **named):
            if self.left is None or self._inside:
                return await original(client, *args, **named)
            self.left -= 1
            last = self.left < 0
            if last and not self.after:
                raise Broken
            self._inside = True  # a statement may be made of others
            try:
                found = await original(client, *args, **named)
            finally:
                self._inside = False
            if last:
                raise Broken
            return found

        return statement


async def break_everywhere(breaker: Breaker, command: Callable[[], Awaitable[object]]) -> int:
    """Break a command at its every statement; each time all must be as before."""
    before = await everything()
    for n in range(200):
        for after in (False, True):
            breaker.left, breaker.after = n, after
            try:
                await command()
            except Broken:
                breaker.left = None
                assert await everything() == before, (n, after)
            else:
                breaker.left = None
                assert await everything() != before
                return n
    raise AssertionError("it never ended")


def acting(step, by, tasks):
    """The unit that need not be told, for it acted: that of the task, or else one's own."""
    of_task = next((task.unit_id for task in tasks if task.id == step.task_id), None)
    if by is None:
        return None
    return of_task if of_task in by.unit_ids else by.unit_id
