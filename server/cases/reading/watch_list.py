"""What leaders and units look at: the watched cases with their figures, and the instructions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tortoise import Tortoise
from tortoise.expressions import Q

from server.cases.door.access import everywhere, of_cases_apart, reaches
from server.cases.models.case import Case
from server.cases.models.steering import Instruction, Watch
from server.cases.rules.flow import OPEN, Stage
from server.cases.rules.traits import Trait, verbs_with
from server.cases.rules.views import CaseRow
from server.people.actor import Actor
from server.permissions import Permission, granting

_OPEN: Final = sorted(stage.value for stage in OPEN)
#: Where the handling time is over and done with: handled, and what comes after.
_DUE: Final = sorted(stage.value for stage in OPEN - {Stage.HANDLED, Stage.CHECKING})
#: By which a leader sees to a case that is late; what the clock does by itself is not counted.
_SEEN_TO: Final = sorted(verbs_with(Trait.STEERS))
_SEES_TO_IT: Final = [role.value for role in granting(Permission.CASE_SUPERVISE)]
_LATE: Final = """
SELECT id FROM case_file
WHERE stage = ANY($1::text[]) AND due_at < $2 AND coalesce(paused_s, 0) = 0
  AND (about_unit_id IS NULL OR about_unit_id <> ALL($3::int[]))
  AND NOT EXISTS (SELECT FROM case_step step WHERE step.case_id = case_file.id
    AND step.at >= case_file.due_at AND step.verb = ANY($4::text[])
    AND step.by_role = ANY($5::text[]))
ORDER BY due_at, id LIMIT $6
"""
_UNHEARD: Final = """
SELECT told.id FROM case_instruction told JOIN case_file ON case_file.id = told.case_id
WHERE told.by_id = $1 AND told.replied_at IS NULL AND told.reply_due_at < $2
  AND stage = ANY($3::text[]) AND (about_unit_id IS NULL OR about_unit_id <> ALL($4::int[]))
  AND NOT EXISTS (SELECT FROM case_step step WHERE step.case_id = told.case_id
    AND step.at > greatest(told.at, told.reply_due_at)
    AND step.verb = ANY($5::text[]) AND step.by_id = $1)
ORDER BY told.reply_due_at, told.id LIMIT $6
"""
_FIGURES: Final = """
SELECT case_file.township_code, case_file.lead_id, count(*) AS n_open,
  count(*) FILTER (WHERE runs AND due_at < $4) AS n_overdue,
  count(*) FILTER (WHERE runs AND due_at >= $4 AND due_at < $5) AS n_due_today
FROM case_watch JOIN case_file ON case_file.id = case_watch.case_id,
LATERAL (SELECT stage = ANY($3::text[]) AND coalesce(paused_s, 0) = 0 AS runs) clock
WHERE case_watch.account_id = $1 AND stage = ANY($2::text[])
GROUP BY case_file.township_code, case_file.lead_id
"""


@dataclass(slots=True)
class Figures:
    """How many of somebody's cases are open, overdue, due before the day is over."""

    n_open: int = 0
    n_overdue: int = 0
    n_due_today: int = 0

    def add(self, row: dict[str, Any]) -> None:
        """Count a row of figures in."""
        self.n_open += row["n_open"]
        self.n_overdue += row["n_overdue"]
        self.n_due_today += row["n_due_today"]


@dataclass(frozen=True, slots=True)
class Board:
    """Figures by township (its code) and by lead unit (None before there is one)."""

    by_township: dict[str, Figures] = field(default_factory=dict)
    by_lead: dict[int | None, Figures] = field(default_factory=dict)


async def watch_board(actor: Actor, *, at: datetime, zone: ZoneInfo) -> Board:
    """Return the figures of the open cases on the actor's own list."""
    local = at.astimezone(zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), zone)
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_FIGURES, [actor.id, _OPEN, _DUE, at, midnight])
    board = Board()
    for row in rows:
        board.by_township.setdefault(row["township_code"], Figures()).add(row)
        board.by_lead.setdefault(row["lead_id"], Figures()).add(row)
    return board


async def watched(actor: Actor, *, limit: int, before_id: int | None) -> list[tuple[Watch, Case]]:
    """Return the cases on the actor's own list, the last put there first."""
    found = Watch.filter(of_cases_apart(actor), account_id=actor.id)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    rows = await found.order_by("-id").limit(limit)
    cases = await _cases(row.case_id for row in rows)
    return [(row, cases[row.case_id]) for row in rows]


async def instructions(
    actor: Actor, *, limit: int, before_id: int | None
) -> list[tuple[Instruction, Case]]:
    """Return what the actor instructed, and what waits for an answer of the actor's units."""
    waiting = Q(unit_id__in=list(actor.unit_ids), replied_at__isnull=True)
    found = Instruction.filter(Q(by_id=actor.id) | waiting, of_cases_apart(actor))
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    rows = await found.order_by("-id").limit(limit)
    cases = await _cases(row.case_id for row in rows)
    return [(row, cases[row.case_id]) for row in rows]


async def unanswered(actor: Actor, *, limit: int) -> list[tuple[Instruction, Case]]:
    """Return the instructions that wait for the actor's units to answer, by deadline."""
    if not reaches(actor, Permission.CASE_REPLY):
        return []
    found = Instruction.filter(
        of_cases_apart(actor), unit_id__in=list(actor.unit_ids), replied_at__isnull=True
    )
    rows = await found.order_by("reply_due_at", "id").limit(limit)
    cases = await _cases(row.case_id for row in rows)
    return [(row, cases[row.case_id]) for row in rows]


async def late(actor: Actor, *, at: datetime, limit: int) -> list[Case]:
    """Return the cases over their time to which no leader has seen since, the latest first."""
    if not everywhere(actor, Permission.CASE_SUPERVISE):
        return []
    apart = sorted(actor.unit_and_above)
    found = await _ids(_LATE, _DUE, at, apart, _SEEN_TO, _SEES_TO_IT, limit)
    return await Case.filter(id__in=found).order_by("due_at", "id")


async def unheard(actor: Actor, *, at: datetime, limit: int) -> list[tuple[Instruction, Case]]:
    """Return the actor's instructions without an answer in time, of which they made no more."""
    if not reaches(actor, Permission.CASE_INSTRUCT):
        return []
    apart = sorted(actor.unit_and_above)
    found = await _ids(_UNHEARD, actor.id, at, _OPEN, apart, _SEEN_TO, limit)
    rows = await Instruction.filter(id__in=found).order_by("reply_due_at", "id")
    cases = await _cases(row.case_id for row in rows)
    return [(row, cases[row.case_id]) for row in rows]


async def _ids(sql: str, *values: object) -> list[int]:
    connection = Tortoise.get_connection("default")
    return [row["id"] for row in await connection.execute_query_dict(sql, list(values))]


async def instructions_on(case: CaseRow) -> list[Instruction]:
    """Return a case's instructions in order, for staff who read the case."""
    return await Instruction.filter(case_id=case.id).order_by("id").limit(100)


async def last_of(actor: Actor, case: CaseRow) -> Instruction | None:
    """Return the instruction on a case that somebody gave or answered last."""
    found = Instruction.filter(Q(by_id=actor.id) | Q(replied_by_id=actor.id), case_id=case.id)
    rows = await found
    return max(rows, key=lambda row: _touched(row, actor), default=None)


def _touched(row: Instruction, actor: Actor) -> datetime:
    """When somebody last gave or answered an instruction."""
    answered = row.replied_at if row.replied_by_id == actor.id else None
    return answered or row.at


async def _cases(ids: Iterable[int]) -> dict[int, Case]:
    return {case.id: case for case in await Case.filter(id__in=list(ids))}
