"""How townships fare with the matters that they lead: what handing one back is decided by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise import Tortoise

_MOST_ROWS: Final = 50_000
# A case counts for every township that led it, also where another unit ended it. What was settled
# on the spot has no task: it was its lead's, or whose the list says it is.
_FIGURES: Final = """
WITH led AS (
  SELECT case_file.id, case_file.matter_code, unit.township_code, unit.id AS unit_id,
    case_file.cycle > 1 AS redone,
    bool_or(task.overdue_at IS NOT NULL AND task.exempted_at IS NULL) AS overdue,
    case_file.lead_id IS DISTINCT FROM unit.id AND NOT case_file.self_handled AS given_away
  FROM case_file
  LEFT JOIN case_task task ON task.case_id = case_file.id AND task.part = 'lead'
  JOIN unit ON unit.kind = 'township' AND unit.id = coalesce(
    task.unit_id, case_file.lead_id, (case_file.explanation ->> 'lead_unit_id')::int)
  WHERE closed_at >= $1 AND closed_at < $2 AND case_file.stage IN ('closed', 'archived')
    AND case_file.matter_code <> '' AND case_file.about_unit_id IS NULL
  GROUP BY case_file.id, unit.id
), told AS (
  SELECT led.*,
    EXISTS (SELECT FROM case_return back
      WHERE back.case_id = led.id AND back.unit_id = led.unit_id) AS returned,
    EXISTS (SELECT FROM case_call
      WHERE case_call.case_id = led.id AND caller_unit_id = led.unit_id) AS called
  FROM led
)
SELECT matter_code, township_code, count(*) AS n_cases,
  count(*) FILTER (WHERE returned) AS n_returned,
  count(*) FILTER (WHERE redone) AS n_redone,
  count(*) FILTER (WHERE overdue) AS n_overdue,
  count(*) FILTER (WHERE called OR given_away) AS n_helped
FROM told
GROUP BY GROUPING SETS ((matter_code), (matter_code, township_code))
ORDER BY matter_code, township_code NULLS FIRST
LIMIT $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Closed cases of a matter that townships led, all of them or one's.

    `n_returned` were given back, rightly or not; `n_redone` went through more than one cycle;
    `n_overdue` without those exempted; `n_helped` were settled only after the township had called
    other units, or by another lead.
    """

    n_cases: int = 0
    n_returned: int = 0
    n_redone: int = 0
    n_overdue: int = 0
    n_helped: int = 0


async def figures(since: datetime, until: datetime) -> dict[str, dict[str | None, Figures]]:
    """Return the figures of the cases closed in a time, by matter and township.

    Under None are those of all townships together.
    """
    rows = await Tortoise.get_connection("default").execute_query_dict(
        _FIGURES, [since, until, _MOST_ROWS]
    )
    found = dict[str, dict[str | None, Figures]]()
    for row in rows:
        matter_code, township_code = row.pop("matter_code"), row.pop("township_code")
        found.setdefault(matter_code, {})[township_code] = Figures(**row)
    return found
