"""How conferences decided matters, and what they propose to change in the list."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tortoise import Tortoise

from server.errors import AlreadyDone, NotFound
from server.people.units import UnitView
from server.responsibility.list.entries import PrecedentView
from server.responsibility.list.models import Adjustment, Precedent
from server.texts.catalogue import text

#: How many of a matter are cited at once, the latest.
N_CITED: Final = 3

_LATEST: Final = """
SELECT id, matter_code, matter_name, case_no, lead_id, text, decided_at
FROM (SELECT *, row_number() OVER (PARTITION BY matter_code ORDER BY id DESC) AS place
      FROM precedent) AS ordered
WHERE place <= $1 ORDER BY id DESC
"""
_COLUMNS: Final = (
    "id",
    "matter_code",
    "matter_name",
    "case_no",
    "lead_id",
    "text",
    "decided_at",
)


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """A proposal to change the list; `case_no` is the case whose precedent is its ground."""

    id: int
    matter_code: str
    matter_name: str
    ground: str
    text: str
    state: str
    created_at: datetime
    precedent_id: int | None
    case_no: str | None


async def record(
    matter_code: str,
    matter_name: str,
    *,
    case_no: str,
    lead: UnitView | None,
    minutes: str,
    at: datetime,
) -> None:
    """Keep a conference's ruling as a precedent and propose to adjust the list by it.

    Joins the caller's transaction; without a lead the matter was declined.
    """
    precedent = await Precedent.create(
        matter_code=matter_code,
        matter_name=matter_name,
        case_no=case_no,
        lead_id=lead.id if lead else None,
        text=minutes,
        decided_at=at,
    )
    await Adjustment.create(
        matter_code=matter_code,
        matter_name=matter_name,
        ground="precedent",
        text=text(
            "adjustment.precedent" if lead else "adjustment.precedent_declined",
            matter=matter_name,
            no=case_no,
            lead=lead.name if lead else "",
        ),
        precedent_id=precedent.id,
        created_at=at,
    )


async def take_up(adjustment_id: int) -> None:
    """Mark that somebody proposes what a precedent suggests; raises NotFound, AlreadyDone.

    Joins the caller's transaction.
    """
    waiting = Adjustment.filter(id=adjustment_id, state="proposed")
    if not await waiting.update(state="taken_up"):
        if not await Adjustment.filter(id=adjustment_id).exists():
            raise NotFound(kind="adjustment", id=adjustment_id)
        raise AlreadyDone()


async def mark() -> tuple[int, int]:
    """Return what differs as soon as there is another precedent; costs next to nothing."""
    [row] = await _rows("SELECT count(*) AS n, coalesce(max(id), 0) AS last FROM precedent", [])
    return int(row["n"]), int(row["last"])


async def latest() -> Mapping[str, tuple[PrecedentView, ...]]:
    """Return the latest precedents of every matter that has any, the newest first."""
    found = defaultdict[str, list[PrecedentView]](list)
    for row in await _rows(_LATEST, [N_CITED]):
        found[row["matter_code"]].append(PrecedentView(**row))
    return {code: tuple(each) for code, each in found.items()}


async def page(
    *, limit: int, before_id: int | None = None, matter: str = ""
) -> list[PrecedentView]:
    """Return precedents, the newest first: those before an id, of one matter or of all."""
    found = Precedent.filter(matter_code=matter) if matter else Precedent.all()
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    rows = await found.order_by("-id").limit(limit).values(*_COLUMNS)
    return [PrecedentView(**row) for row in rows]


async def adjustments(
    *, limit: int, before_id: int | None = None, matter: str = ""
) -> list[AdjustmentRow]:
    """Return proposals to adjust the list, the newest first: before an id, of a matter or all."""
    found = Adjustment.filter(matter_code=matter) if matter else Adjustment.all()
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    rows = (
        await found.order_by("-id")
        .limit(limit)
        .values(
            *("id", "matter_code", "matter_name", "ground", "text", "state", "created_at"),
            "precedent_id",
            case_no="precedent__case_no",
        )
    )
    return [AdjustmentRow(**row) for row in rows]


async def _rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    return await Tortoise.get_connection("default").execute_query_dict(sql, values)
