"""A case's process as those see it who work on it (一件事)."""

from datetime import datetime
from typing import Annotated

from server.cases.dispatch import processes
from server.cases.door.briefing import called
from server.cases.rules.basis import Basis
from server.cases.rules.views import CaseRow
from server.http.forms import Answer
from server.texts.catalogue import text
from server.texts.closed import one_of


class ProcessRow(Answer):
    """One step: which unit does what until when, and how it stands.

    `state` is waiting, open, done or waived; those of one position run side by side. A step that
    is `by_lead` is marked as done by the lead's progress.
    """

    position: int
    unit: str
    step: str
    state: Annotated[str, one_of("waiting", "open", "done", "waived")]
    state_text: str
    due_at: datetime | None
    by_lead: bool


async def process_of(case: CaseRow, basis: Basis) -> list[ProcessRow]:
    """Return the steps of a case's process in order; none without one."""
    found = []
    for each in await processes.standings(case):
        found.append(
            ProcessRow(
                position=each.position,
                unit=called(each.unit_id, basis.units),
                step=each.step,
                state=each.state,
                state_text=text(f"process_state.{each.state}"),
                due_at=each.due_at,
                by_lead=each.by_lead,
            )
        )
    return found
