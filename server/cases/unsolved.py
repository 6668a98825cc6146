"""Whose word that nothing was solved still waits for an answer; such a case is not archived."""

from collections.abc import Collection
from typing import Any, Final

from tortoise import Tortoise

# A reporter's last word of the present cycle, and whether a leader has refused to do it again
# since; a leader asked for a second redo has not answered yet.
_UNSOLVED: Final = """
SELECT s.case_id FROM case_step s
WHERE s.case_id = ANY($1::bigint[]) AND s.verb = 'appraise'
  AND s.facts @> '{"solved": false}'
  AND EXISTS (SELECT FROM case_follower f
    WHERE f.case_id = s.case_id AND f.account_id = s.by_id AND f.reporter)
  AND NOT EXISTS (SELECT FROM case_step later
    WHERE later.case_id = s.case_id AND later.version > s.version
      AND (later.verb = 'redo' OR (later.verb = 'refuse' AND later.way = 'redo')))
UNION
SELECT case_id FROM case_request
WHERE case_id = ANY($1::bigint[]) AND what = 'redo' AND granted IS NULL
"""


async def unsolved_open(case_ids: Collection[int]) -> set[int]:
    """Return which of these cases a reporter calls unsolved without having been answered."""
    values: list[Any] = [list(case_ids)]
    rows = await Tortoise.get_connection("default").execute_query_dict(_UNSOLVED, values)
    return {int(row["case_id"]) for row in rows}
