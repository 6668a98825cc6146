"""Who steps in where a case needs somebody: persons by role, at night and on leave too."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from server.cases.door.access import keeps_out, may
from server.cases.models.case import Case
from server.cases.models.steering import Request
from server.cases.rules.basis import Basis
from server.errors import NotFound
from server.people.actor import Actor
from server.people.actors import actor_for
from server.people.duty.roster import on_shift
from server.people.queries import grid_workers, holders, members, unit_and_below
from server.permissions import Permission, Role

#: For whom the duty leader on shift stands in within the township.
_STOOD_IN_FOR: Final = frozenset({Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_LEADER})
#: Who is turned to only while sitting in the command room.
_SITTING: Final = frozenset({Role.DUTY_LEADER})
#: Who stands in everywhere when a role is vacant, and who when that one is.
_STAND_INS: Final = (Role.DISPATCHER, Role.LEADER)


class StandIns:
    """Whom to tell that a case needs them, at one moment; each role is asked for once.

    One is made for all the cases that are looked at together.
    """

    def __init__(self, at: datetime, basis: Basis) -> None:
        self._at = at
        self._basis = basis
        self._held: dict[tuple[Role, str], list[int]] = {}

    async def who_steps_in(self, case: Case, *roles: Role) -> list[int]:
        """Return the persons (accounts) to whom a case turns, each once.

        Holders of the roles, and for acceptors and dispatchers also the duty leader who sits in
        the case's township. Somebody steps in for every role: dispatchers, or else leaders.
        """
        found = dict[int, None]()
        silent = (await unit_and_below(case.about_unit_id)).account_ids
        for role in roles:
            persons = [] if role in _SITTING else await self._holders(role)
            if role in _STOOD_IN_FOR and case.township_code:
                persons = persons + await self._on_shift(case.township_code)
            able = [person for person in persons if person not in silent]
            found |= dict.fromkeys(able or await self._any_stand_in(silent))
        return list(found)

    async def who_asked(
        self, case: Case, persons: Collection[int], able: Permission, role: Role
    ) -> list[int]:
        """Return who is told what certain persons asked for: those of them who may ask it still.

        Where none may, whoever steps in for the role by which it was asked.
        """
        still = [each for each in dict.fromkeys(persons) if await self._is_able(each, case, able)]
        return still or await self.who_steps_in(case, role)

    async def _is_able(self, person: int, case: Case, able: Permission) -> bool:
        actor = await _at_work(person)
        if actor is None or keeps_out(actor, case):
            return False
        return actor.covers_township(able, case.township_code)

    async def _any_stand_in(self, silent: frozenset[int]) -> list[int]:
        for role in _STAND_INS:
            able = [person for person in await self._holders(role) if person not in silent]
            if able:
                return able
        return []

    async def _holders(self, role: Role) -> list[int]:
        key = (role, "")
        if key not in self._held:
            self._held[key] = await holders(role)
        return self._held[key]

    async def _on_shift(self, township: str) -> list[int]:
        key = (Role.DUTY_LEADER, township)
        if key not in self._held:
            found = await on_shift(township, at=self._at, shift_hours=self._basis.shift_hours)
            self._held[key] = list(found)
        return self._held[key]


async def who_steps_in(case: Case, *roles: Role, at: datetime, basis: Basis) -> list[int]:
    """Return the persons (accounts) to whom a case turns at a moment, each once."""
    return await StandIns(at, basis).who_steps_in(case, *roles)


async def who_asked(
    case: Case,
    persons: Collection[int],
    able: Permission,
    role: Role,
    *,
    at: datetime,
    basis: Basis,
) -> list[int]:
    """Return who is told what certain persons asked for, as `StandIns.who_asked` does."""
    return await StandIns(at, basis).who_asked(case, persons, able, role)


async def who_requested(case: Case, request: Request) -> list[int]:
    """Return who is told what became of a request: who made it, or those who do that work now.

    A unit's goes on with the unit, a grid worker's with the grid, a reporter's is nobody else's.
    """
    if request.unit_id is not None:
        return await of_unit(case, request.by_id, request.unit_id)
    if request.what != "call":
        return [request.by_id]
    actor = await _at_work(request.by_id)
    if actor is not None and await may(actor, Permission.CASE_ASK_CALL, case):
        return [request.by_id]
    return (await grid_workers([case.grid_code])).get(case.grid_code, [])


async def of_unit(case: Case, person: int, unit_id: int) -> list[int]:
    """Return who is told what somebody did for a unit: that person, or who works there now."""
    actor = await _at_work(person)
    there = actor is not None and unit_id in actor.unit_ids and not keeps_out(actor, case)
    if there and actor is not None and Permission.TASK_ACCEPT in actor.permissions:
        return [person]
    return await members([unit_id])


async def _at_work(person: int) -> Actor | None:
    """Return the actor that an account is; None for one that is closed."""
    try:
        return await actor_for(person)
    except NotFound:
        return None
