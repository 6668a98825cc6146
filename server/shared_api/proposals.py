"""What is said about changing a list: proposals, opinions, their history."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal, Self, cast, get_args

from pydantic import Field, with_config
from typing_extensions import TypedDict

from server.calendar.working import URGENCIES, Urgency
from server.cases.rules.basis import Basis
from server.errors import BadInput
from server.governance import standing
from server.governance.procedure import PROPOSALS, ProcedureStage, ProcedureVerb, possible
from server.governance.proposing import ADMISSION, NewProposal, proposed_on
from server.governance.queries import EventRow, ProposalView, ProposalWhole
from server.governance.standing import Standing
from server.http.forms import MAY_BE_MISSING, Answer, Form, Moment
from server.people.actor import Actor
from server.people.units import Units
from server.responsibility.changing.diffing import beside
from server.responsibility.changing.drafting import TOWNSHIP, EntryChange, applied
from server.responsibility.list.fields import TEXTS
from server.responsibility.list.list_types import list_type
from server.responsibility.sheets import columns
from server.shared_api.enumerations import (
    LimitUnit,
    ListType,
    MatterKind,
    OneListType,
    Receives,
    Responsibility,
)
from server.shared_api.list_columns import FieldChangeAnswer, proposed, proposing
from server.shared_api.said import SaidOfOffices
from server.texts.catalogue import names, text
from server.texts.closed import one_of

Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
_Unit = Annotated[str, Field(min_length=1, max_length=80)]


class HelperForm(Form):
    """A cooperating unit by name or code, or the township of the place, and its duties."""

    unit: _Unit
    duties: str = Field(default="", max_length=4000)


@proposing
class ChangeForm(Form):
    """What the entry is to say; what is left out stays as it is.

    Units are names or codes; `township` stands for the township of the place.
    """

    removed: bool = False
    kind: Literal["livelihood", "enforcement", "development"] | None = None
    responsibility: Literal["county", "township", "joint"] | None = None
    lead: _Unit | None = None
    cooperating: list[HelperForm] | None = Field(default=None, max_length=50)
    limit: int | None = Field(default=None, ge=1, le=3650)
    urgency: Annotated[str, one_of(*get_args(Urgency))] | None = None
    self_handle: bool | None = None
    receives: Literal["department", "station"] | None = None
    words: list[Annotated[str, Field(min_length=1, max_length=40)]] | None = Field(
        default=None, max_length=100
    )

    def change(self, units: Units) -> EntryChange:
        """Return the change; raises BadInput for units, platforms and clocks there are not."""
        wrong = list[str]()
        if self.urgency is not None and self.urgency not in URGENCIES:
            wrong.append("/change/urgency")
        said = self.model_dump(exclude={"lead", "cooperating", "words"}, exclude_none=True)
        texts = {each.name: said.pop(each.name) for each in TEXTS if each.name in said}
        if texts.get("platform") and texts["platform"] not in names("platform"):
            wrong.append("/change/platform")
        lead = _code(self.lead, "/change/lead", units, wrong)
        helpers = [
            (_code(each.unit, f"/change/cooperating/{n}/unit", units, wrong) or "", each.duties)
            for n, each in enumerate(self.cooperating or ())
        ]
        if wrong:
            raise BadInput([{"pointer": each, "reason": "unknown"} for each in wrong])
        return EntryChange(
            **said,
            texts=texts,
            lead=lead,
            cooperating=None if self.cooperating is None else tuple(helpers),
            words=None if self.words is None else tuple(self.words),
        )


def _code(written: str | None, pointer: str, units: Units, wrong: list[str]) -> str | None:
    """Return the code of a unit that acts, or TOWNSHIP; notes the pointer of an unknown one."""
    if written is None or written == TOWNSHIP or columns.is_township(written):
        return None if written is None else TOWNSHIP
    named = units.named(written)
    unit = units.acting(named.id) if named is not None else None
    if unit is None:
        wrong.append(pointer)
        return None
    return unit.code


class AdmissionForm(Form):
    """A matter that a department would hand to townships, with what goes with it, and until when.

    `matter` is a code of the catalogue; without one the matter is new.
    """

    list_type: OneListType
    matter: str = Field(default="", max_length=20)
    reason: Words
    change: ChangeForm
    flow: str = Field(default="", max_length=4000)
    funds: str = Field(default="", max_length=4000)
    staff: str = Field(default="", max_length=4000)
    until: Moment | None = None

    def proposal(self, known: Basis) -> NewProposal:
        """Return what is asked for."""
        return NewProposal(
            kind=ADMISSION,
            list_type=self.list_type,
            matter=self.matter,
            ground="admission",
            reason=self.reason,
            change=self.change.change(known.units),
            flow=self.flow,
            funds=self.funds,
            staff=self.staff,
            until=self.until,
        )


class AdjustmentForm(Form):
    """A change of an entry, or its exit from the townships; `suggestion` is what it takes up."""

    kind: Literal["adjustment", "exit"]
    list_type: OneListType
    matter: str = Field(min_length=1, max_length=20)
    ground: Literal["law_changed", "unit_reorganised", "precedent", "exit_hint", "burden", "other"]
    reason: Words
    change: ChangeForm
    suggestion: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,8}$")

    def proposal(self, known: Basis) -> NewProposal:
        """Return what is asked for."""
        return NewProposal(
            kind=self.kind,
            list_type=self.list_type,
            matter=self.matter,
            ground=self.ground,
            reason=self.reason,
            change=self.change.change(known.units),
            suggestion=int(self.suggestion) if self.suggestion else None,
        )


class ProposalRow(Answer):
    """A proposal as lists show it: until when it is whose turn, and its number."""

    id: str
    no: str
    kind: Annotated[str, one_of("admission", "adjustment", "exit")]
    kind_text: str
    stage: ProcedureStage
    stage_text: str
    list_type: ListType
    matter_code: str
    matter: str
    unit: str
    ground_text: str
    reason: SaidOfOffices
    until: datetime | None
    due_at: datetime | None
    created_at: datetime
    since: datetime
    awaited: list[str]

    @classmethod
    def of(cls, row: ProposalView, stands: Standing, units: Units) -> Self:
        """Build the row of a proposal."""
        return cls(
            id=str(row.id),
            no=row.no,
            kind=row.kind,
            kind_text=text(f"proposal_kind.{row.kind}"),
            stage=ProcedureStage(row.stage),
            stage_text=text(f"procedure_stage.{row.stage}"),
            list_type=row.list_type,
            matter_code=row.matter_code,
            matter=row.matter_name,
            unit=_unit_name(row.unit_id, units),
            ground_text=text(f"proposal_ground.{row.ground}"),
            reason=row.reason,
            until=row.until,
            due_at=row.due_at,
            created_at=row.created_at,
            since=stands.since,
            awaited=list(stands.awaited),
        )


async def rows_of(rows: Sequence[ProposalView], basis: Basis) -> list[ProposalRow]:
    """Return proposals as they are listed."""
    stands = await standing.standings(rows, basis)
    return [ProposalRow.of(row, stands[row.id], basis.units) for row in rows]


class OpinionAnswer(Answer):
    """A unit's written opinion in a round; no stance while it is owed."""

    round: int
    unit: str
    ours: bool
    stance: Annotated[str, one_of("", "agree", "object")]
    text: SaidOfOffices
    at: datetime | None


class EventAnswer(Answer):
    """A line of the history: who did what, for which unit, in which words."""

    verb_text: str
    stage_text: str
    by: str
    unit: str
    at: datetime
    text: SaidOfOffices


@with_config(MAY_BE_MISSING)
@proposed
class ProposedChange(TypedDict, total=False):
    """What of an entry is to become what; nothing of what stays. Units are codes."""

    removed: bool
    kind: MatterKind
    responsibility: Responsibility
    lead: str
    cooperating: list[tuple[str, str]]
    limit: int
    urgency: LimitUnit
    self_handle: bool
    receives: Receives
    words: list[str]


@with_config(MAY_BE_MISSING)
class Support(TypedDict, total=False):
    """What goes with a matter to the townships: how it is worked, with what money and people."""

    flow: str
    funds: str
    staff: str


class ProposalAnswer(Answer):
    """A proposal whole; `possible` are the verbs of its stage, whoever may do them.

    `compared` holds it against the list in force, one that is over against that of its time.
    """

    proposal: ProposalRow
    change: ProposedChange
    compared: list[FieldChangeAnswer]
    entry_id: str | None
    support: Support
    round: int
    version: str | None
    opinions: list[OpinionAnswer]
    events: list[EventAnswer]
    possible: list[ProcedureVerb]
    open_to_me: list[ProcedureVerb]

    @classmethod
    async def whole(cls, found: ProposalWhole, by: Actor, basis: Basis, at: datetime) -> Self:
        """Build the answer about a proposal with all that was said."""
        row, units = found.proposal, basis.units
        [shown] = await rows_of([row], basis)
        before = proposed_on(row, row.created_at if row.due_at is None else at, basis)
        after = applied(before, EntryChange.of_json(row.change), units)
        return cls(
            proposal=shown,
            change=cast(ProposedChange, dict(row.change)),
            compared=[
                FieldChangeAnswer.model_validate(each, from_attributes=True)
                for each in beside(before, after, list_type(row.list_type), units)
            ],
            entry_id=str(before.id) if before else None,
            support=cast(Support, dict(row.support)),
            round=row.round,
            version=str(row.version_id) if row.version_id else None,
            opinions=[
                OpinionAnswer(
                    round=each.round,
                    unit=_unit_name(each.unit_id, units),
                    ours=each.unit_id in by.unit_ids,
                    stance=each.stance,
                    text=each.text,
                    at=each.at,
                )
                for each in found.opinions
            ],
            events=event_answers(found.events, units),
            possible=possible(PROPOSALS, ProcedureStage(row.stage)),
            open_to_me=await standing.open_to(by, row.id),
        )


def event_answers(events: Iterable[EventRow], units: Units) -> list[EventAnswer]:
    """Return the lines of a history as they are answered."""
    return [
        EventAnswer(
            verb_text=text(f"procedure_verb.{each.verb}"),
            stage_text=text(f"procedure_stage.{each.target}"),
            by=each.by,
            unit=_unit_name(each.unit_id, units),
            at=each.at,
            text=each.text,
        )
        for each in events
    ]


def _unit_name(unit_id: int | None, units: Units) -> str:
    unit = units.by_id.get(unit_id) if unit_id is not None else None
    return unit.name if unit is not None else ""
