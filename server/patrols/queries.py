"""A grid worker's own patrols."""

from server.patrols.models import Patrol
from server.people.actor import Actor


async def mine(by: Actor, *, limit: int, before_id: int | None = None) -> list[Patrol]:
    """Return one's own patrols, the latest first."""
    found = Patrol.filter(account_id=by.id)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return await found.order_by("-id").limit(limit)
