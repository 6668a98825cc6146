"""The person on whose behalf a command runs."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from server.permissions import FOR_GRIDS, FOR_TOWNSHIPS, GRANTS, Permission, Reach, Role

#: Within this time the same again, by the same person, is the same tap.
SECOND_TAP: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role that an account holds; `place_code` is the township or grid it reaches, if any."""

    role: Role
    place_code: str = ""

    @property
    def of_grid(self) -> bool:
        """Whether the role is held for a certain grid, and reaches nothing without one."""
        return self.role in FOR_GRIDS

    @property
    def of_township(self) -> bool:
        """Whether the role reaches the township in which the unit is, and nothing without one."""
        return self.role in FOR_TOWNSHIPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A signed-in account, reduced to what decisions need; `id` is None for the system.

    `stands_in_for` names who is on leave and whose work this person does: the roles, units and
    shift of those are held meanwhile beside the own. `persons` are these, oneself and who stands
    in for oneself: of what two persons must do, none of them does a second part for another.
    `unit_ids` are the own unit and its stations; `township_code` is the own unit's, if any.
    `unit_and_above` are these units, those above and those merged into them: a complaint about
    one of them this person neither reads nor handles (回避).
    `request` is the hash of what this person asks for now; empty where nobody asks. It is `keyed`
    where the asking has a key of its own (`Idempotency-Key`), by which it is known at any time.
    `on_shift` tells that by the roster this person sits in that township's command room now.
    """

    id: int | None
    name: str
    held: tuple[Held, ...] = ()
    unit_id: int | None = None
    unit_ids: frozenset[int] = frozenset()
    unit_and_above: frozenset[int] = frozenset()
    township_code: str = ""
    on_shift: bool = False
    stands_in_for: tuple[str, ...] = ()
    persons: frozenset[int] = frozenset()
    face: str = "phone"
    request: str = ""
    keyed: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held."""
        return frozenset(held.role for held in self.held)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Whatever some role held grants, however far it reaches."""
        return frozenset[Permission]().union(*(GRANTS[role] for role in self.roles))

    @property
    def grid_codes(self) -> frozenset[str]:
        """The grids this person is responsible for."""
        return frozenset(h.place_code for h in self.held if h.of_grid)

    def role_granting(self, permissions: Set[Permission]) -> Role | None:
        """The role by which somebody does what one of these permissions is for; None for none.

        The first that grants one; of who acts without, the first held.
        """
        granting = [role for role in self.roles if permissions & GRANTS[role].keys()]
        return min(granting or self.roles, default=None)

    def covers_township(self, permission: Permission, township_code: str) -> bool:
        """Tell whether some role held carries a permission to a township as a whole."""
        found = {GRANTS[role].get(permission) for role in self.roles}
        own = bool(township_code) and self.township_code == township_code
        return Reach.EVERYWHERE in found or (Reach.OWN_TOWNSHIP in found and own)

    def covers_unit(self, permission: Permission, unit_id: int | None) -> bool:
        """Tell whether some role held carries a permission to a unit (None for no unit)."""
        found = {GRANTS[role].get(permission) for role in self.roles}
        return Reach.EVERYWHERE in found or (Reach.OWN_UNIT in found and unit_id in self.unit_ids)


SYSTEM: Final = Actor(id=None, name="system")
