"""A case and its steps as they are read, and who answers for a case that nobody accepted yet."""

from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from server.cases.rules.flow import Stage
from server.cases.rules.records import CasePlace, EarlierCall, Evidence
from server.responsibility.list.entries import Explanation


class CaseRow(Protocol):
    """A case as cards and answers show it."""

    id: int
    no: str
    stage: str
    version: int
    cycle: int
    kind: str
    title: str
    lon: float | None
    lat: float | None
    place: CasePlace
    explanation: Explanation
    township_code: str
    matter_code: str
    matter_name: str
    off_list: bool
    lead_id: int | None
    about_unit_id: int | None
    first_unit_id: int | None
    owner_role: str
    stage_due_at: datetime | None
    due_at: datetime | None
    due_why: str
    suspended_until: datetime | None
    paused_s: int | None
    received_at: datetime
    handled_at: datetime | None
    closed_at: datetime | None
    result: str
    merged_into_id: int | None


class AttachmentRow(Protocol):
    """A photo of a case, and by which act it came."""

    photo_id: UUID
    purpose: str
    step_version: int


class StepRow(Protocol):
    """One line of a case's history."""

    version: int
    verb: str
    source: str
    target: str
    by_id: int | None
    by_role: str
    unit_id: int | None
    task_id: int | None
    at: datetime
    reason: str
    note: str
    facts: dict[str, Any]


class PhotoRow(Protocol):
    """A photo of a case, and the version of the history at which it was added."""

    photo_id: Any
    purpose: str
    step_version: int


class TaskRow(Protocol):
    """One unit's part of a case."""

    id: int
    unit_id: int
    part: str
    stage: str
    duties: str
    dispatched_at: datetime
    accept_due_at: datetime | None
    arrive_due_at: datetime | None
    due_at: datetime | None
    platform: str
    position: int | None
    step: str
    accepted_at: datetime | None
    accepted_by_clock: bool
    assignee_id: int | None
    arrived_at: datetime | None
    arrived_in_time: bool | None
    arrival: str
    late_at: datetime | None
    earlier_calls: tuple[EarlierCall, ...]
    lon: float | None
    lat: float | None
    done_at: datetime | None
    result: str
    overdue_at: datetime | None
    overruns: tuple[datetime, ...]
    exempted_at: datetime | None


class VerificationRow(Protocol):
    """A look at the place before filing."""

    id: int
    question: str
    given_at: datetime
    due_at: datetime
    done_at: datetime | None
    found: bool | None
    note: str


class CallRow(Protocol):
    """Where and when units are called to."""

    id: int
    case_id: int
    caller_unit_id: int | None
    reason: str
    place_text: str
    lon: float | None
    lat: float | None
    asked_at: datetime
    created_at: datetime


class CheckRow(Protocol):
    """A look at the place after handling."""

    id: int
    due_at: datetime


class ReportRow(Protocol):
    """What was reported, without who did."""

    text: str
    address: str
    channel: str
    received_at: datetime
    captured_at: datetime
    datum: str
    accuracy: float | None
    source: str
    evidence: Evidence

    @property
    def beginning(self) -> str:
        """How its words begin."""
        ...


class ReturnView(Protocol):
    """A task given back, and what was ruled."""

    id: int
    unit_id: int
    part: str
    ground: str
    reason: str
    proper_unit_id: int
    at: datetime
    due_at: datetime
    ruled_at: datetime | None
    upheld: bool | None
    ruling: str


class StatementView(Protocol):
    """What a unit had to say in a dispute."""

    unit_id: int
    at: datetime
    text: str


class ConferenceView(Protocol):
    """A dispute on the docket of a conference."""

    id: int
    unit_ids: list[int]
    convened_at: datetime
    due_at: datetime
    decided_at: datetime | None
    lead_id: int | None
    minutes: str


class InstructionView(Protocol):
    """A leader's words on a case, and the unit's answer."""

    id: int
    unit_id: int | None
    text: str
    at: datetime
    reply_due_at: datetime
    reply: str
    replied_at: datetime | None


#: Stages at which the lead has accepted the case and has not given it back.
_ACCEPTED: Final = frozenset(
    {
        Stage.HANDLING,
        Stage.SUSPENDED,
        Stage.HANDLED,
        Stage.CHECKING,
        Stage.CLOSED,
        Stage.ARCHIVED,
    }
)


def due_of(case: CaseRow) -> datetime | None:
    """Return a case's deadline as it is in force: none while it is suspended with time left."""
    return None if case.paused_s else case.due_at


def task_due(task: TaskRow, case: CaseRow) -> datetime | None:
    """Return a task's deadline as it is in force: of a suspended case one that was missed."""
    rests = case.suspended_until is not None and task.due_at not in task.overruns
    return None if rests else task.due_at


def answerable_id(case: CaseRow) -> int | None:
    """Return the unit that answers for a case; there is one from its dispatch on."""
    if case.lead_id is not None and Stage(case.stage) in _ACCEPTED:
        return case.lead_id
    return case.first_unit_id or case.lead_id
