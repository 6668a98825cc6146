"""The units that a process holds in memory."""

from server.people.queries import units_index
from server.people.units import Units


class LiveUnits:
    """Holds all units; `refresh` swaps them by one reference, and only when they changed."""

    def __init__(self) -> None:
        self.now = Units(())

    async def refresh(self) -> bool:
        """Read the units anew; tell whether anything changed."""
        fresh = await units_index()
        if fresh == self.now:
            return False
        self.now = fresh
        return True
