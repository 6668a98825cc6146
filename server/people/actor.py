"""The person on whose behalf a command runs."""

from dataclasses import dataclass
from typing import Final

from server.permissions import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role that an account holds; `place_code` is the township or grid it reaches, if any."""

    role: Role
    place_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A signed-in account, reduced to what decisions need; `id` is None for the system.

    `unit_ids` are the own unit and its stations; `township_code` is the own unit's, if any.
    """

    id: int | None
    name: str
    held: tuple[Held, ...] = ()
    unit_id: int | None = None
    unit_ids: frozenset[int] = frozenset()
    township_code: str = ""
    face: str = "phone"

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held."""
        return frozenset(held.role for held in self.held)

    @property
    def grid_codes(self) -> frozenset[str]:
        """The grids this person is responsible for."""
        return frozenset(h.place_code for h in self.held if h.role is Role.GRID_WORKER)


SYSTEM: Final = Actor(id=None, name="system")
