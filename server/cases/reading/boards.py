"""The task boards of units: by deadline, at a cost that finished tasks do not add to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tortoise import Tortoise

from server.cases.door.access import reaches
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.rules.flow import TASK_OPEN
from server.people.actor import Actor
from server.permissions import Permission

#: Where a task without a deadline stands among the others: behind them.
NO_DEADLINE: Final = datetime(2099, 12, 31, tzinfo=UTC)

# The first few of every unit and stage, each read off the index `case_task_board`, then the first
# of these: the database never sorts a whole board. A unit that took tasks over by a merger may
# hold a complaint about itself ($7): that is not for its eyes.
_BOARD: Final = """
SELECT first.id FROM unnest($1::int[]) AS u(unit_id), unnest($2::text[]) AS s(stage),
LATERAL (
  SELECT t.id, coalesce(t.due_at, '2099-12-31T00:00:00Z'::timestamptz) AS due FROM case_task t
  WHERE t.unit_id = u.unit_id AND t.stage = s.stage AND ($5 = '' OR t.platform = $5)
    AND (coalesce(t.due_at, '2099-12-31T00:00:00Z'::timestamptz), t.id) > ($3, $4)
    AND NOT EXISTS (SELECT FROM case_file c WHERE c.id = t.case_id AND c.about_unit_id = ANY($7))
  ORDER BY coalesce(t.due_at, '2099-12-31T00:00:00Z'::timestamptz), t.id LIMIT $6) AS first
ORDER BY first.due, first.id LIMIT $6
"""
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """Which tasks: of a stage, else all that are open; of one of a township's platforms."""

    stage: str = ""
    platform: str = ""


def place_of(task: Task) -> tuple[datetime, int]:
    """Return where a task stands on a board; the next page begins after it."""
    return task.due_at or NO_DEADLINE, task.id


async def task_board(
    actor: Actor,
    which: BoardFilter,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
) -> list[tuple[Task, Case]]:
    """Return the tasks of the actor's units by deadline, each with its case, after a place."""
    if not reaches(actor, Permission.TASK_READ):
        return []
    stages = [which.stage] if which.stage else [stage.value for stage in sorted(TASK_OPEN)]
    due, last = after or (_START, 0)
    rows = await Tortoise.get_connection("default").execute_query_dict(
        _BOARD,
        [
            sorted(actor.unit_ids),
            stages,
            due,
            last,
            which.platform,
            limit,
            sorted(actor.unit_and_above),
        ],
    )
    found = await Task.filter(id__in=[row["id"] for row in rows])
    return await _with_cases(sorted(found, key=place_of))


async def _with_cases(tasks: Sequence[Task]) -> list[tuple[Task, Case]]:
    found = await Case.filter(id__in=[task.case_id for task in tasks])
    by_id = {case.id: case for case in found}
    return [(task, by_id[task.case_id]) for task in tasks]
