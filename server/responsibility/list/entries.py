"""What is said of entries: versions, precedents, and why a case went where it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final, get_args

from server.calendar.working import Urgency
from server.responsibility.list.fields import EntryView
from server.responsibility.list.list_types import list_types
from server.texts.catalogue import names
from server.texts.closed import one_of

_UNIT_OF_LIMIT: Final = one_of("", *get_args(Urgency))
_RULE: Final = one_of(
    "",
    *("lead", "lead_gone", "station", "department_no_station"),
    *("township_of_place", "township_unknown", "off_list", "recused", "recused_open"),
)
_FALLBACK: Final = one_of(
    "unit_inactive", "unit_merged", "place_unknown", "no_station", "no_township_unit"
)
_DISPATCHED_BY: Final = one_of("", "list", "person", "ruling", "conference")
_PLATFORM: Final = one_of("", *names("platform"))
_LIST_TYPE: Final = one_of("", *list_types())


@dataclass(frozen=True, slots=True)
class StepShare:
    """A step of a process at one place; a None unit is the lead, whoever leads at the time."""

    position: int
    unit_id: int | None
    step: str
    limit: int | None = None
    urgency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeLayout:
    """How an office wrote its table: what an export writes again.

    `columns` are fields, a heading of the office's own after a plus, or nothing; `numbers` are
    those of rows as they were written; `headings` says that rows without an entry head parts.
    """

    columns: Sequence[str]
    sheet: str = ""
    title: Sequence[Sequence[str]] = ()
    header: Sequence[Sequence[str]] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    headings: bool = False


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a list without its entries."""

    id: int
    list_type: str
    list_name: str
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class PrecedentView:
    """How a conference decided a matter; a None lead means that it was declined."""

    id: int
    matter_code: str
    matter_name: str
    case_no: str
    lead_id: int | None
    text: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class CandidateUnit:
    """A unit that comes into question as the lead."""

    unit_id: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class CitedPrecedent:
    """A conference's decision as it is cited: the day, the case, the lead, the minutes' start."""

    on: str = ""
    no: str = ""
    lead: str | None = None
    lead_unit_id: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a case's process: open once it has a deadline; a None unit is the lead's."""

    position: int
    unit_id: int | None
    step: str
    limit: int | None = None
    urgency: Annotated[str, _UNIT_OF_LIMIT] | None = None
    duties: str = ""
    due_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a case went where it went: the rule, the entry, the units; kept with the case.

    `text` is the whole as a sentence. Who decided instead of the list is `dispatched_by`, and
    what the list had said is then `by_list`. `about` is the unit that is complained of.
    """

    rule: Annotated[str, _RULE] = ""
    fallback: Annotated[str, _FALLBACK] | None = None
    version_id: int | None = None
    version: str = ""
    list: str = ""
    list_type: Annotated[str, _LIST_TYPE] = ""
    entry_id: int | None = None
    row: int | None = None
    matter_code: str = ""
    matter: str = ""
    platform: Annotated[str, _PLATFORM] | None = None
    township_code: str = ""
    lead: str | None = None
    lead_unit_id: int | None = None
    named_lead: str | None = None
    candidates: tuple[CandidateUnit, ...] = ()
    cooperating: tuple[str, ...] = ()
    township_missing: bool = False
    condition: str | None = None
    limit: int | None = None
    urgency: Annotated[str, _UNIT_OF_LIMIT] | None = None
    searched: tuple[int, ...] = ()
    precedents: tuple[CitedPrecedent, ...] = ()
    about: str = ""
    about_unit_id: int | None = None
    text: str = ""
    dispatched_by: Annotated[str, _DISPATCHED_BY] = ""
    by_list: str | None = None
    reason: str = ""
    process: tuple[PlannedStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the list says of a matter at a place: who leads, who helps, until when.

    `lead_unit_id` is None when the dispatcher has to decide: the matter is on no list
    (`off_list`, then `entry` is None too), or the place has no unit for it. `cooperating` holds
    unit ids with their duties, the lead never among them. `explanation` is kept with
    the case; `lookup.explain` makes a sentence of it. `steps` are those of the matter's process,
    in order; those of one position run side by side.
    """

    entry: EntryView | None
    version: VersionView | None
    lead_unit_id: int | None
    cooperating: tuple[tuple[int, str], ...]
    limit: int | None
    urgency: str
    explanation: Explanation
    off_list: bool
    steps: tuple[StepShare, ...] = ()
