"""Who steps in where a case needs somebody: persons by role, at night and on leave too."""

from datetime import datetime
from typing import Final

from server.cases.models.case import Case
from server.cases.rules.basis import Basis
from server.people.duty.roster import on_shift
from server.people.queries import holders, unit_and_below
from server.permissions import Role

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
