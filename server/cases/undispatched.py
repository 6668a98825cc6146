"""Open cases that no unit has yet, by their matters."""

from collections.abc import Collection

from tortoise import Tortoise

from server.cases.flow import FINAL

_WAITING = """
SELECT matter_code, count(*) AS n FROM case_file
WHERE lead_id IS NULL AND stage <> ALL($1::text[]) AND matter_code = ANY($2::text[])
GROUP BY matter_code
"""


async def waiting(matter_codes: Collection[str]) -> dict[str, int]:
    """Return how many open cases of these matters wait for a unit, where there are any."""
    final = [stage.value for stage in FINAL if stage]
    rows = await Tortoise.get_connection("default").execute_query_dict(
        _WAITING, [final, list(matter_codes)]
    )
    return {row["matter_code"]: row["n"] for row in rows}
