"""Asking for the tasks of one's units, page by page, on the phone and at a desk."""

from datetime import datetime

from server.cases.reading import boards
from server.cases.reading.boards import BoardFilter
from server.cases.rules.basis import Basis
from server.http.forms import PageQuery
from server.http.paging import cursor, uncursor
from server.people.actor import Actor
from server.shared_api.enumerations import AnyPlatform, AnyTaskStage
from server.shared_api.tasks import TaskCard


class TaskQuery(PageQuery):
    """Which stage, without one all that are open; of which of the township's platforms."""

    stage: AnyTaskStage = ""
    platform: AnyPlatform = ""


async def page(actor: Actor, query: TaskQuery, basis: Basis) -> tuple[list[TaskCard], str | None]:
    """Return a page of the actor's task board, and the cursor of the next."""
    rows = await boards.task_board(
        actor,
        BoardFilter(stage=query.stage, platform=query.platform),
        limit=query.limit + 1,
        after=_place(query.after),
    )
    shown = rows[: query.limit]
    cards = await TaskCard.each_of(shown, basis, actor)
    return cards, cursor(boards.place_of(shown[-1][0])) if len(rows) > query.limit else None


def _place(after: str | None) -> tuple[datetime, int] | None:
    match uncursor(after, datetime, int):
        case [datetime() as due, int() as task_id]:
            return due, task_id
    return None
