"""Saved views: a list as somebody narrowed it, kept under a name, shared with one's unit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from server.desk.models import SavedView
from server.errors import BadInput, Duplicate, NotFound
from server.people.actor import Actor

#: Of one person; more are lost among each other.
_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view; `mine` may be changed, of a colleague's one makes a copy."""

    id: int
    name: str
    query: str
    shared: bool
    mine: bool


async def views(of: Actor) -> list[View]:
    """Return one's own views and those that colleagues share with one's unit, by name."""
    wanted = Q(account_id=of.id)
    if of.unit_id is not None:
        wanted |= Q(unit_id=of.unit_id)
    rows = await SavedView.filter(wanted).order_by("name", "id").limit(10 * _MOST)
    return [_view(row, of) for row in rows]


async def view(view_id: int, of: Actor) -> View:
    """Return a view that one sees; raises NotFound."""
    row = await SavedView.get_or_none(id=view_id)
    if row is None or not (row.account_id == of.id or _among(row, of)):
        raise NotFound(kind="view", id=view_id)
    return _view(row, of)


async def save(name: str, query: str, *, shared: bool, by: Actor, at: datetime) -> View:
    """Keep a view under a name of one's own.

    Raises Duplicate for a name that one has, BadInput beyond fifty, or shared without a unit.
    """
    if await SavedView.filter(account_id=by.id).count() >= _MOST:
        raise BadInput([{"pointer": "/name", "reason": "too_many"}])
    row = SavedView(account_id=by.id, name=name, query=query, created_at=at)
    return await _saved(row, by, shared=shared)


async def change(view_id: int, name: str, query: str, *, shared: bool, by: Actor) -> View:
    """Change a view of one's own; raises NotFound, Duplicate, BadInput."""
    row = await SavedView.get_or_none(id=view_id, account_id=by.id)
    if row is None:
        raise NotFound(kind="view", id=view_id)
    row.name, row.query = name, query
    return await _saved(row, by, shared=shared)


async def remove(view_id: int, *, by: Actor) -> None:
    """Let go of a view of one's own; one that is gone already is gone."""
    await SavedView.filter(id=view_id, account_id=by.id).delete()


async def _saved(row: SavedView, by: Actor, *, shared: bool) -> View:
    if shared and by.unit_id is None:
        raise BadInput([{"pointer": "/shared", "reason": "no_unit"}])
    row.unit_id = by.unit_id if shared else None
    try:
        await row.save()
    except IntegrityError as error:
        raise Duplicate(value=row.name) from error
    return _view(row, by)


def _among(row: SavedView, of: Actor) -> bool:
    return row.unit_id is not None and row.unit_id == of.unit_id


def _view(row: SavedView, of: Actor) -> View:
    return View(
        id=row.id,
        name=row.name,
        query=row.query,
        shared=row.unit_id is not None,
        mine=row.account_id == of.id,
    )
