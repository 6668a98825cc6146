"""Closed cases of a period as they were settled: where, of what matter, and by whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise import Tortoise

#: Read at once; a page is decoded in a few milliseconds.
_PAGE: Final = 2_000
# Complaints about a unit stay out: who is complained of is told to nobody by such a list.
_CLOSED: Final = """
SELECT id, no, matter_code, title, township_code, grid_code, lon, lat,
  place ->> 'by' <> '' AS named, lead_id, closed_at
FROM case_file
WHERE closed_at >= $1 AND (closed_at, id) < ($2, $3) AND stage IN ('closed', 'archived')
  AND matter_code <> '' AND about_unit_id IS NULL
ORDER BY closed_at DESC, id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class ClosedCase:
    """A closed case; where a person `named` its place, the point does not decide."""

    id: int
    no: str
    matter_code: str
    title: str
    township_code: str
    grid_code: str
    lon: float | None
    lat: float | None
    named: bool
    lead_id: int | None
    closed_at: datetime


async def closed_between(since: datetime, until: datetime, *, limit: int) -> list[ClosedCase]:
    """Return cases closed from one instant to before another, the latest first, no complaints."""
    connection = Tortoise.get_connection("default")
    found, before, last = list[ClosedCase](), until, -1
    while len(found) < limit:
        page = min(_PAGE, limit - len(found))
        rows = await connection.execute_query_dict(_CLOSED, [since, before, last, page])
        found.extend(ClosedCase(**row) for row in rows)
        if len(rows) < page:
            break
        before, last = found[-1].closed_at, found[-1].id
    return found
