"""Tasks that end because their case needs them no more: withdrawn, merged, handled on the spot."""

from typing import Final

from server.cases.flow import TASK_OPEN, TaskStage
from server.cases.journal import Journal
from server.cases.models.case import Case
from server.cases.models.task import Task

OPEN_STAGES: Final = sorted(stage.value for stage in TASK_OPEN)


async def waive_open(case: Case, journal: Journal) -> list[Task]:
    """Waive every open task of a case and let its units hear; return the tasks as they were."""
    found = await Task.filter(case_id=case.id, stage__in=OPEN_STAGES).order_by("id")
    journal.leaving.update(task.unit_id for task in found)
    ended = Task.filter(id__in=[task.id for task in found])
    await ended.update(stage=TaskStage.WAIVED.value, wake_at=None)
    return found
