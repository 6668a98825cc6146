"""Who steps in where somebody is late or nobody is there."""

from datetime import datetime

from server.cases.models.case import Case
from server.people.queries import holders
from server.permissions import Role


class StandIns:
    """Whom to tell that a case needs them, at one moment; each role is asked for once.

    One is made for all the cases that are looked at together.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._held: dict[tuple[Role, str | None], list[int]] = {}

    async def who_steps_in(self, case: Case) -> list[int]:
        """Return who files and dispatches in the place of others.

        The dispatchers, and whoever leads the township's command room at that moment.
        """
        found = await self._holders(Role.DISPATCHER)
        if case.township_code:
            found = found + await self._holders(Role.DUTY_LEADER, case.township_code)
        return found

    async def leaders(self) -> list[int]:
        """Return the leaders, who hear of what those below them left undone."""
        return await self._holders(Role.LEADER)

    async def acceptors(self) -> list[int]:
        """Return the acceptors."""
        return await self._holders(Role.ACCEPTOR)

    async def _holders(self, role: Role, township: str | None = None) -> list[int]:
        key = (role, township)
        if key not in self._held:
            self._held[key] = await holders(role, township)
        return self._held[key]
