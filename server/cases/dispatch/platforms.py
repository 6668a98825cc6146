"""The four platforms of a township: each of its own tasks belongs to one of them (四平台)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise import Tortoise

from server.cases.door.access import reaches
from server.cases.door.journal import Act
from server.cases.door.moving import moving_task
from server.cases.models.task import Task
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.errors import AlreadyDone, NoPlatform, NotPermitted
from server.people.actor import Actor
from server.people.units import UnitKind
from server.permissions import Permission, Reach
from server.texts.catalogue import names

_COUNTS: Final = """
SELECT platform, count(*) AS n_open, count(*) FILTER (WHERE due_at < $2 AND NOT EXISTS (
  SELECT FROM case_file c WHERE c.id = case_id AND c.paused_s > 0)) AS n_overdue
FROM case_task
WHERE unit_id = ANY($1::int[]) AND stage IN ('pending', 'accepted', 'arrived')
GROUP BY platform
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCount:
    """How many tasks of a platform are open, and how many of those are overdue."""

    platform: str
    n_open: int
    n_overdue: int


async def route(
    task_id: int, platform: str, *, by: Actor, at: datetime, basis: Basis, note: str = ""
) -> Task:
    """Give one of the township's own tasks to another of its platforms (分流).

    Raises NoPlatform, AlreadyDone where it is there already, NotPermitted for the task of a unit
    that is no township.
    """
    if platform not in names("platform"):
        raise NoPlatform(name=platform)
    act = Act(verb=Verb.ROUTE, by=by, at=at, note=note)
    async with moving_task(task_id, act, basis) as opened:
        unit = basis.units.by_id.get(opened.task.unit_id)
        if unit is None or unit.kind is not UnitKind.TOWNSHIP:
            raise NotPermitted(verb=Verb.ROUTE)
        if opened.task.platform == platform:
            raise AlreadyDone(verb=Verb.ROUTE)
        opened.tell(**{"from": opened.task.platform, "to": platform})
        opened.task.platform = platform
    return opened.task


async def counts(
    actor: Actor, *, township: str = "", at: datetime, basis: Basis
) -> list[PlatformCount]:
    """Count the open tasks of townships by platform: the four, and '' for those of none.

    The actor's own township's; for who reads everywhere those of all, or of the one named.
    """
    everywhere = Reach.EVERYWHERE in reaches(actor, Permission.TASK_READ)
    units = [
        unit.id
        for unit in basis.units.all()
        if unit.kind is UnitKind.TOWNSHIP
        and (everywhere or unit.id in actor.unit_ids)
        and township in ("", unit.township_code)
    ]
    rows = await Tortoise.get_connection("default").execute_query_dict(_COUNTS, [units, at])
    found = {row["platform"]: (row["n_open"], row["n_overdue"]) for row in rows}
    return [
        PlatformCount(platform=name, n_open=n_open, n_overdue=n_overdue)
        for name in (*names("platform"), *sorted(found.keys() - set(names("platform"))))
        for n_open, n_overdue in [found.get(name, (0, 0))]
    ]
