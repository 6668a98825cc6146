"""Cases counted as they stand: of a view, and of the whole county today."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise.functions import Count

from server.cases.door.access import alternatives, covered
from server.cases.models.case import Attachment, Case
from server.cases.reading.queries import Narrowing, conditions
from server.cases.reading.states import Clock, at_clock
from server.cases.rules.flow import OPEN, Stage
from server.people.actor import Actor
from server.permissions import Permission

_OPEN: Final = sorted(stage.value for stage in OPEN)
_OVER: Final = (Stage.CLOSED.value, Stage.ARCHIVED.value)
#: A county has some thousand grids.
_MOST_GRIDS: Final = 5_000
_LAST: Final = 5


@dataclass(frozen=True, slots=True)
class GridStanding:
    """Open cases of a grid, and how many of them are late; codes '' for no place."""

    township_code: str
    grid_code: str
    n_open: int
    n_overdue: int


@dataclass(frozen=True, slots=True)
class JustClosed:
    """A case closed just now, with the photo of what it looks like now where there is one."""

    case: Case
    photo_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The grids with open cases, what came and was closed since midnight, the last closed."""

    grids: tuple[GridStanding, ...]
    n_received: int
    n_closed: int
    closed: tuple[JustClosed, ...]


async def count(actor: Actor, narrowing: Narrowing, *, at: datetime, most: int) -> int:
    """Return how many cases are visible, counted up to `most`."""
    condition = covered(actor, Permission.CASE_READ)
    if condition is None:
        return 0
    wanted = conditions(narrowing, at)
    if narrowing.words is not None:
        wanted.append(narrowing.words.ever())
    ids = set[int]()
    for way in alternatives(condition):
        found = Case.filter(way, *wanted).order_by("-id").limit(most)
        ids.update([int(case_id) for (case_id,) in await found.values_list("id")])
    return min(len(ids), most)


async def today(actor: Actor, *, midnight: datetime, at: datetime) -> Today:
    """Return how the cases that the actor may see stand at an instant."""
    condition = covered(actor, Permission.CASE_READ)
    if condition is None:
        return Today(grids=(), n_received=0, n_closed=0, closed=())
    mine = Case.filter(condition)
    grids = (
        await mine.filter(stage__in=_OPEN)
        .annotate(n=Count("id"), late=Count("id", _filter=at_clock(Clock.LATE, at)))
        .group_by("township_code", "grid_code")
        .limit(_MOST_GRIDS)
        .values_list("township_code", "grid_code", "n", "late")
    )
    over = mine.filter(stage__in=_OVER, about_unit_id__isnull=True, closed_at__lte=at)
    return Today(
        grids=tuple(GridStanding(*row) for row in grids),
        n_received=await mine.filter(received_at__gte=midnight, received_at__lte=at).count(),
        n_closed=await mine.filter(closed_at__gte=midnight, closed_at__lte=at).count(),
        closed=await _with_photos(await over.order_by("-closed_at").limit(_LAST)),
    )


async def soonest(actor: Actor, *, at: datetime, limit: int) -> list[Case]:
    """Return the visible cases whose time is over within a day, the most urgent first."""
    condition = covered(actor, Permission.CASE_READ)
    if condition is None:
        return []
    found = Case.filter(condition, at_clock(Clock.SOON, at)).order_by("due_at", "id")
    return await found.limit(limit)


async def _with_photos(cases: list[Case]) -> tuple[JustClosed, ...]:
    """Return cases with the last photo that shows them settled."""
    rows = (
        await Attachment.filter(case_id__in=[case.id for case in cases], purpose="after")
        .order_by("step_version", "id")
        .values_list("case_id", "photo_id")
    )
    last = dict(rows)
    return tuple(JustClosed(case, last.get(case.id)) for case in cases)
