"""Which of several grid workers has least to look at."""

from collections.abc import Collection

from tortoise.functions import Count

from server.cases.models.task import Check, Verification


async def least_busy(workers: Collection[int]) -> int:
    """Return who of them has the fewest checks and verifications open, the first of equals."""
    load = dict.fromkeys(workers, 0)
    for table in (Check, Verification):
        open_ones = table.filter(assignee_id__in=list(workers), done_at__isnull=True)
        counted = open_ones.annotate(n=Count("id")).group_by("assignee_id")
        for row in await counted.values("assignee_id", "n"):
            load[row["assignee_id"]] += row["n"]
    return min(load, key=lambda worker: (load[worker], worker))
