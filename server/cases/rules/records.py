"""What a case and its parts keep as one value: a place, an earlier call, what was asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final

from server.cases.rules.deadlines import Alarm, Timer
from server.cases.rules.flow import Stage, TaskStage
from server.texts.catalogue import text
from server.texts.closed import one_of

#: Of what is placed no better than this, in metres, a point tells no more than about where.
VAGUE_M: Final = 500.0


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
    where a position did not settle it, `within_m` how exact the position is, in metres.
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
    within_m: float | None = None

    @property
    def doubtful(self) -> str:
        """From which level down it is not known for sure: township, grid or none ('')."""
        if self.grid_certain or not self.candidates:
            return ""
        one = len({each.township for each in self.candidates}) == 1
        return "grid" if one else "township"

    @property
    def point_sure(self) -> bool:
        """Whether the point on a map is where the case lies, and not merely about there."""
        return not self.doubtful and (self.within_m or 0.0) <= VAGUE_M

    def as_sure(self) -> tuple[str, str, str]:
        """Return township, village and grid as far as they are known: for every list and file."""
        if self.doubtful == "township":
            return text("place.likely", place=self.township), "", ""
        if self.doubtful:
            return self.township, "", ""
        return self.township, self.village, self.grid


@dataclass(frozen=True, slots=True)
class Evidence:
    """What its photos say of a report: flags that a person may look at, the figures behind them.

    A figure that nothing is known of is None: how far away the farthest photo was taken, and how
    long before or after what it shows the oldest.
    """

    flags: tuple[str, ...] = ()
    photo_distance_m: int | None = None
    photo_age_s: int | None = None

    @property
    def broken(self) -> bool:
        """Whether a photo cannot be relied on to show anything."""
        return "photo_broken" in self.flags


@dataclass(frozen=True, slots=True)
class WhyWaiting:
    """Why a case waits for a person: a code, and the sentence for whoever asks."""

    code: str
    reason: str


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


@dataclass(frozen=True, slots=True)
class ClocksLeft:
    """What a suspended case's clocks had left, in seconds of its running time.

    Of its marks by their names, of its tasks by their ids.
    """

    marks: dict[Timer, int] = field(default_factory=dict)
    tasks: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """The particulars of a request: those that its kind asks for are set.

    A suspension has `until` and `ground`, once granted what its clocks had `left`, and when it
    ended before its time; an extension by how much longer; an appeal whose `task`; a call that a
    grid worker wishes for is known again by `key` and `content`.
    """

    until: datetime | None = None
    ground: str = ""
    left: ClocksLeft = ClocksLeft()
    resumed_at: datetime | None = None
    limit: int | None = None
    task: int | None = None
    key: str = ""
    content: str = ""
    wished_at: datetime | None = None
    reason: str = ""
    place: str = ""
    text: str = ""
    lead: str = ""
    cooperating: tuple[str, ...] = ()
    team: bool = False


@dataclass(frozen=True, slots=True)
class KeptDue:
    """A case's deadline at a moment, why it is then, and the marks of the time to it."""

    at: datetime | None = None
    why: str = ""
    marks: tuple[tuple[Timer, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class SharedDue:
    """What a merging did to the survivor's deadline; `brought` is the merged case's, if any."""

    before: KeptDue = KeptDue()
    brought: KeptDue | None = None
    after: KeptDue = KeptDue()


@dataclass(frozen=True, slots=True)
class StoppedTask:
    """A task that a merging ended, as it was."""

    id: int
    stage: TaskStage
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BeforeMerging:
    """All that is needed to take a merged case out again.

    `followers` are those whom it brought to the survivor, by account and whether they reported;
    `reporters` followed that before and count as its reporters since; `requests` lapsed by it.
    """

    stage: Stage = Stage.FILED
    owner_role: str = ""
    stage_due_at: datetime | None = None
    timers: tuple[Alarm, ...] = ()
    about_unit_id: int | None = None
    tasks: tuple[StoppedTask, ...] = ()
    due: SharedDue = SharedDue()
    followers: dict[int, bool] = field(default_factory=dict)
    reporters: tuple[int, ...] = ()
    requests: tuple[int, ...] = ()
