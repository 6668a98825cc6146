"""Open cases counted: by place, by matter, and those on which a reporter waits for an answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tortoise import Tortoise

from server.cases.door.access import covered
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.rules.flow import FINAL, OPEN, TASK_OPEN
from server.people.actor import Actor
from server.permissions import Permission

_OPEN: Final = sorted(stage.value for stage in OPEN)
_TASK_OPEN: Final = sorted(stage.value for stage in TASK_OPEN)
Codes = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where an open case lies: position, codes of county to grid, and who said so.

    `named` tells that a person named the place, so that the position does not decide it.
    """

    id: int
    no: str
    stage: str
    title: str
    lon: float | None
    lat: float | None
    generation_id: int
    codes: Codes
    text: str
    named: bool

    @property
    def code(self) -> str:
        """The code of the smallest place known; '' for none."""
        return next((code for code in reversed(self.codes) if code), "")


async def open_positions(limit: int) -> list[tuple[float, float]]:
    """Return the WGS-84 positions (lon, lat) of open cases, the newest first."""
    found = Case.filter(stage__in=_OPEN, lon__isnull=False, lat__isnull=False)
    rows = await found.order_by("-id").limit(limit).values_list("lon", "lat")
    return [(float(lon), float(lat)) for lon, lat in rows]


async def bound_otherwise(
    generation_id: int, *, by: Actor, after_id: int, limit: int
) -> list[Whereabouts]:
    """Return open cases placed by another generation, by id; those that the actor may rebind."""
    condition = covered(by, Permission.CASE_REBIND)
    if condition is None:
        return []
    found = Case.filter(condition, stage__in=_OPEN, id__gt=after_id, generation_id__isnull=False)
    rows = await found.exclude(generation_id=generation_id).order_by("id").limit(limit)
    return [whereabouts(case) for case in rows]


def whereabouts(case: Case) -> Whereabouts:
    """Return where a case lies."""
    return Whereabouts(
        id=case.id,
        no=case.no,
        stage=case.stage,
        title=case.title,
        lon=case.lon,
        lat=case.lat,
        generation_id=case.generation_id or 0,
        codes=(case.county_code, case.township_code, case.village_code, case.grid_code),
        text=case.place.text,
        named=bool(case.place.by),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """What units have in hand: how many open cases they lead, and the numbers of their tasks."""

    n_led: int
    task_nos: tuple[str, ...]


async def in_hand(unit_ids: Collection[int]) -> InHand:
    """Return what these units have to do in open cases, the earliest first."""
    tasks = Task.filter(unit_id__in=list(unit_ids), stage__in=_TASK_OPEN, case__stage__in=_OPEN)
    nos = await tasks.order_by("id").values_list("case__no", flat=True)
    led = Case.filter(lead_id__in=list(unit_ids), stage__in=_OPEN)
    return InHand(n_led=await led.count(), task_nos=tuple(dict.fromkeys(map(str, nos))))


async def given_since(unit_id: int, since: datetime) -> tuple[str, ...]:
    """Return the numbers of open cases in which a unit was given a task since, the earliest first.

    That is by a list, a ruling or a call.
    """
    tasks = Task.filter(
        unit_id=unit_id,
        dispatched_at__gt=since,
        stage__in=_TASK_OPEN,
        case__stage__in=_OPEN,
    )
    nos = await tasks.order_by("id").values_list("case__no", flat=True)
    return tuple(dict.fromkeys(map(str, nos)))


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
