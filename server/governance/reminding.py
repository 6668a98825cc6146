"""Proposals and burdens that are over their time: whose turn it is hears of it, every day."""

from datetime import datetime, timedelta
from typing import Final

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from server.cases.rules.basis import Basis
from server.governance.journal import remind
from server.governance.models.burden import Burden
from server.governance.models.proposal import Proposal

_EVERY: Final = timedelta(days=1)
_AT_ONCE: Final = 200


async def remind_late(*, at: datetime, basis: Basis) -> int:
    """Remind, once a day, of what is over its time; return of how many."""
    late = Q(due_at__lte=at) & (Q(reminded_at__isnull=True) | Q(reminded_at__lte=at - _EVERY))
    n_told = 0
    for model in (Proposal, Burden):
        for (row_id,) in await model.filter(late).order_by("id").limit(_AT_ONCE).values_list("id"):
            async with in_transaction():
                # Again, locked: it may have moved, or another worker was here.
                row = await model.filter(late, id=row_id).select_for_update().get_or_none()
                if row is not None:
                    await remind(row, at=at, basis=basis)
                    n_told += 1
    return n_told
