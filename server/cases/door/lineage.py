"""Which cases were merged into which: from a number to where its case goes on, and back."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from tortoise import Tortoise

from server.cases.rules.views import CaseRow

# Twenty mergings one into the other are more than anybody makes; a circle there cannot be.
_FAMILIES: Final = """
WITH RECURSIVE family AS (
  SELECT id AS root, id, 0 AS depth FROM unnest($1::bigint[]) AS id
  UNION ALL
  SELECT f.root, c.id, f.depth + 1 FROM case_file c JOIN family f ON c.merged_into_id = f.id
  WHERE f.depth < 20)
SELECT root, id FROM family LIMIT 500 * cardinality($1::bigint[])
"""
_SURVIVOR: Final = """
WITH RECURSIVE line AS (
  SELECT no, merged_into_id, 0 AS depth FROM case_file WHERE no = $1
  UNION ALL
  SELECT c.no, c.merged_into_id, l.depth + 1
  FROM case_file c JOIN line l ON c.id = l.merged_into_id
  WHERE l.depth < 20)
SELECT no FROM line ORDER BY depth DESC LIMIT 1
"""
_ENDS: Final = """
WITH RECURSIVE line AS (
  SELECT id AS root, id, merged_into_id, 0 AS depth FROM case_file WHERE id = ANY($1::bigint[])
  UNION ALL
  SELECT l.root, c.id, c.merged_into_id, l.depth + 1
  FROM case_file c JOIN line l ON c.id = l.merged_into_id
  WHERE l.depth < 20)
SELECT DISTINCT ON (root) root, id FROM line ORDER BY root, depth DESC
"""
_SURVIVORS: Final = """
WITH RECURSIVE line AS (
  SELECT merged_into_id AS id, 1 AS depth FROM case_file WHERE id = ANY($1::bigint[])
  UNION
  SELECT c.merged_into_id, l.depth + 1 FROM case_file c JOIN line l ON c.id = l.id
  WHERE l.depth < 20)
SELECT DISTINCT id FROM line WHERE id IS NOT NULL
"""


async def family(case: CaseRow) -> list[int]:
    """Return the ids of a case and of all that were merged into it, however often."""
    return (await families([case.id]))[case.id]


async def families(case_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the ids of some cases and of all that were merged into each, by the case's id."""
    found: dict[int, list[int]] = {case_id: [] for case_id in case_ids}
    for row in await _run(_FAMILIES, [list(found)]):
        found[row["root"]].append(row["id"])
    return found


async def survivor_no(no: str) -> str:
    """Return the number under which a case goes on: its own, or that of the last survivor."""
    found = await _run(_SURVIVOR, [no])
    return str(found[0]["no"]) if found else no


async def ends_of(case_ids: Collection[int]) -> dict[int, int]:
    """Return where each of some cases goes on at last, by ids: itself, or the last survivor."""
    return {row["root"]: row["id"] for row in await _run(_ENDS, [list(case_ids)])}


async def survivors(case_ids: Sequence[int]) -> list[int]:
    """Return the ids of the cases into which some were merged, however often."""
    return [row["id"] for row in await _run(_SURVIVORS, [list(case_ids)])]


async def _run(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    return await Tortoise.get_connection("default").execute_query_dict(sql, values)
