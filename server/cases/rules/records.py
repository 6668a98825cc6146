"""What a case and its tasks keep as one value: a place, a suggestion, an earlier call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from server.texts.closed import one_of


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A grid in which a case may lie: how likely, and how far away in metres."""

    code: str
    name: str
    township: str = ""
    p: float = 0.0
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class NearestPlace:
    """The grid nearest to a position that lies in none, and how far it is in metres."""

    code: str
    name: str
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class CasePlace:
    """The names of the places in which a case lies, and how sure that is.

    `confirm` says that somebody is to choose between the `candidates`; `by` who named the place
    where a position did not settle it.
    """

    county: str = ""
    township: str = ""
    village: str = ""
    grid: str = ""
    text: str = ""
    certain: bool = False
    grid_certain: bool = False
    confirm: bool = False
    candidates: tuple[PlaceChoice, ...] = ()
    nearest: NearestPlace | None = None
    by: Annotated[str, one_of("", "person", "reporter", "grid_worker")] = ""


@dataclass(frozen=True, slots=True)
class SuggestedMatter:
    """A matter that the reporter's words suggest, why, and who would lead it."""

    code: str = ""
    name: str = ""
    score: float = 0.0
    why: tuple[str, ...] = ()
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the lists said to a report's words when it came, the likeliest first."""

    matters: tuple[SuggestedMatter, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """How a unit answered a call before the present one; `late_at` is when it was missed."""

    call_id: int | None = None
    arrive_due_at: datetime | None = None
    arrived_at: datetime | None = None
    in_time: bool | None = None
    late_at: datetime | None = None
