"""Who steps in where a case needs somebody: persons by role, at night and on leave too."""

from datetime import datetime
from typing import Final

from server.cases.basis import Basis
from server.cases.models.case import Case
from server.people.queries import holders
from server.people.roster import on_shift
from server.permissions import Role

#: For whom the duty leader on shift stands in within the township (domain.md, section 2).
_STOOD_IN_FOR: Final = frozenset({Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_LEADER})
#: Who stands in everywhere when a role is vacant, and who when that one is.
_STAND_INS: Final = (Role.DISPATCHER, Role.LEADER)


async def who_steps_in(case: Case, *roles: Role, at: datetime, basis: Basis) -> list[int]:
    """Return the persons (accounts) to whom a case turns at a moment, each once.

    Holders of the roles, and for acceptors and dispatchers also the duty leader who sits in the
    case's township. Somebody steps in for every role: dispatchers everywhere, or else leaders.
    """
    found = dict[int, None]()
    for role in roles:
        persons = [] if role is Role.DUTY_LEADER else await holders(role)
        if role in _STOOD_IN_FOR and case.township_code:
            persons += await on_shift(case.township_code, at=at, rota=basis.rota)
        found |= dict.fromkeys(persons or await _stand_ins())
    return list(found)


async def _stand_ins() -> list[int]:
    for role in _STAND_INS:
        if persons := await holders(role):
            return persons
    return []
