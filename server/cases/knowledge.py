"""What a process knows and refreshes: boundaries, lists, calendar and units in memory."""

from pathlib import Path
from typing import Final

from server.calendar.live import CalendarInForce
from server.cases.basis import Basis
from server.cases.policy import Policy
from server.people.queries import units_index
from server.people.shifts import rota_of
from server.places.live import PlacesInForce
from server.responsibility.live import ListsInForce
from server.settings import Settings

#: The bus topic on which a publication is announced.
CHANGED: Final = "knowledge"


class Knowledge:
    """Holds what decisions rest on; `refresh` reads what changed and swaps it."""

    def __init__(self, settings: Settings, index_folder: Path | None = None) -> None:
        self._settings = settings
        self._policy = Policy.of(settings)
        self._rota = rota_of(settings)
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
        await self._lists.refresh(units)
        await self._calendar.refresh()
        self._basis = Basis(
            places=self._places,
            lists=self._lists,
            calendar=self._calendar.current,
            units=units,
            policy=self._policy,
            rota=self._rota,
            zone=self._settings.zone,
        )
