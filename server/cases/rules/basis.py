"""What decisions on cases rest on: boundaries, lists, calendar, units, shift_hours, policy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from server.calendar.working import WorkingCalendar
from server.people.shifts import ShiftHours
from server.people.units import Units
from server.places.in_memory import PlacesInForce
from server.responsibility.answering.in_memory import ListsInForce
from server.settings import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Everything a decision looks up; places and lists are asked as of a case's receipt."""

    places: PlacesInForce
    lists: ListsInForce
    calendar: WorkingCalendar
    units: Units
    policy: Policy
    shift_hours: ShiftHours
    zone: ZoneInfo

    def township_of(self, at: datetime) -> Callable[[str], str]:
        """Return who says in which township a place lies at a moment; empty for an unknown one."""
        boundaries = self.places.at(at)
        return boundaries.township_of if boundaries is not None else lambda _code: ""
