"""Who answers for a case while no unit has accepted it: whoever received it first (首问负责)."""

from typing import Final

from server.cases.flow import Stage
from server.cases.views import CaseRow

#: Stages at which the lead has accepted the case and has not given it back.
_ACCEPTED: Final = frozenset(
    {
        Stage.HANDLING,
        Stage.SUSPENDED,
        Stage.HANDLED,
        Stage.CHECKING,
        Stage.CLOSED,
        Stage.ARCHIVED,
    }
)


def answerable_id(case: CaseRow) -> int | None:
    """Return the unit that answers for a case; there is one from its dispatch on."""
    if case.lead_id is not None and Stage(case.stage) in _ACCEPTED:
        return case.lead_id
    return case.first_unit_id or case.lead_id
