"""What a process knows and refreshes: boundaries, lists, calendar and units in memory."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tortoise import Tortoise

from server.calendar.in_memory import CalendarInForce
from server.cases.rules.basis import Basis
from server.cases.rules.flow import FINAL
from server.clock import now
from server.people.queries import units_index
from server.people.shifts import shift_hours_of
from server.places.in_memory import PlacesInForce
from server.responsibility.answering.in_memory import ListsInForce
from server.settings import Policy, Settings

#: The bus topic on which a publication is announced.
CHANGED: Final = "knowledge"

_BEING_TAKEN_IN: Final = timedelta(days=1)
#: Cases get their ids in the order of receipt; the stages are written out, as the index has them.
_OLDEST: Final = f"""
SELECT received_at FROM case_file
WHERE stage NOT IN ({", ".join(f"'{stage}'" for stage in sorted(filter(None, FINAL)))})
ORDER BY id LIMIT 1
"""


class Knowledge:
    """Holds what decisions rest on; `refresh` reads what changed and swaps it."""

    def __init__(self, settings: Settings, index_folder: Path | None = None) -> None:
        self._settings = settings
        self._policy: Policy = settings
        self._shift_hours = shift_hours_of(settings)
        self._places = PlacesInForce(index_folder)
        self._lists = ListsInForce(tuple(settings.list_order.split(",")), settings.zone)
        self._calendar = CalendarInForce(settings.zone, settings.work_spans)
        self._basis: Basis | None = None

    @property
    def basis(self) -> Basis:
        """The basis as last read; call `refresh` once before."""
        if self._basis is None:
            raise RuntimeError("refresh() was never awaited")
        return self._basis

    async def refresh(self) -> None:
        """Read what has been published, edited or added since the last time."""
        units = await units_index()
        await self._places.refresh()
        at = now()
        await self._lists.refresh(units, since=await _oldest_receipt(at), at=at)
        await self._calendar.refresh()
        self._basis = Basis(
            places=self._places,
            lists=self._lists,
            calendar=self._calendar.current,
            units=units,
            policy=self._policy,
            shift_hours=self._shift_hours,
            zone=self._settings.zone,
        )


async def _oldest_receipt(at: datetime) -> datetime:
    """Return when the oldest open case was received: its look-ups are as of then.

    At least a day ago: what is being taken in is not stored yet.
    """
    rows = await Tortoise.get_connection("default").execute_query_dict(_OLDEST)
    received: list[datetime] = [row["received_at"] for row in rows]
    return min([at - _BEING_TAKEN_IN, *received])
