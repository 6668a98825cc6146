"""What ends the open tasks of a case, and who has least to look at."""

from collections.abc import Collection
from typing import Final

from tortoise.functions import Count

from server.cases.door.journal import Journal
from server.cases.models.task import Check, Task, Verification
from server.cases.rules.flow import TASK_OPEN, TaskStage

OPEN_STAGES: Final = sorted(stage.value for stage in TASK_OPEN)


async def waive_open(journal: Journal) -> list[Task]:
    """Waive every open task of a case and let its units hear; return the tasks as they were."""
    found = await Task.filter(case_id=journal.case.id, stage__in=OPEN_STAGES).order_by("id")
    journal.also_tell(*(task.unit_id for task in found))
    ended = Task.filter(id__in=[task.id for task in found])
    await ended.update(stage=TaskStage.WAIVED.value, wake_at=None)
    return found


async def least_busy(workers: Collection[int]) -> int:
    """Return who of them has the fewest checks and verifications open, the first of equals."""
    load = dict.fromkeys(workers, 0)
    for table in (Check, Verification):
        open_ones = table.filter(assignee_id__in=list(workers), done_at__isnull=True)
        counted = open_ones.annotate(n=Count("id")).group_by("assignee_id")
        for row in await counted.values("assignee_id", "n"):
            load[row["assignee_id"]] += row["n"]
    return min(load, key=lambda worker: (load[worker], worker))
