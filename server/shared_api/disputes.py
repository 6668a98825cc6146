"""What can be said of returns and conferences, and how they are shown."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Self, get_args

from pydantic import Field

from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import queries as disputes
from server.cases.disputes.conferences import Decision
from server.cases.disputes.returns import Claim, Ground, Ruling
from server.cases.door.briefing import called
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Verb
from server.cases.rules.views import CaseRow, ConferenceView, ReturnView, StatementView
from server.http.forms import Answer, Form
from server.shared_api.cases import Urgency
from server.shared_api.said import Said
from server.texts.catalogue import text
from server.texts.closed import one_of


class ReturnForm(Form):
    """Why a task is not the unit's, and whose it is: a unit by name or code."""

    ground: Ground
    reason: str = Field(min_length=1, max_length=1000)
    proper_unit: str = Field(min_length=1, max_length=80)

    def claim(self) -> Claim:
        """Return it as the domain takes it."""
        return Claim(ground=self.ground, reason=self.reason, proper_unit=self.proper_unit)


class ChoiceForm(Form):
    """Units by name or code, and a limit of their own; each may be left out."""

    lead: str = Field(default="", max_length=80)
    cooperating: list[str] = Field(default=[], max_length=20)
    limit: int | None = Field(default=None, ge=1, le=1000)
    urgency: Urgency | None = None

    def choice(self) -> Choice:
        """Return it as the domain takes it."""
        return Choice(
            lead=self.lead,
            cooperating=tuple(self.cooperating),
            limit=self.limit,
            urgency=self.urgency or "",
        )


class RuleForm(ChoiceForm):
    """Whether a return is upheld; without a lead the unit that it names as the proper one leads.

    `return_id` is needed where several returns of the case wait.
    """

    upheld: bool
    reason: str = Field(min_length=1, max_length=1000)
    return_id: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,17}$")

    def ruling(self) -> Ruling:
        """Return it as the domain takes it."""
        return Ruling(
            upheld=self.upheld,
            reason=self.reason,
            return_id=int(self.return_id) if self.return_id else None,
            choice=self.choice(),
        )


class StateForm(Form):
    """What a unit has to say in a dispute."""

    text: str = Field(min_length=1, max_length=2000)


class DecideForm(ChoiceForm):
    """A conference's ruling: who leads, or declined and where to go; with its minutes."""

    minutes: str = Field(min_length=1, max_length=5000)
    declined: bool = False
    where_to_go: str = Field(default="", max_length=500)

    def decision(self) -> Decision:
        """Return it as the domain takes it."""
        return Decision(
            minutes=self.minutes,
            choice=self.choice(),
            declined=self.declined,
            where_to_go=self.where_to_go,
        )


class ReturnRow(Answer):
    """A task given back, and what was ruled; `may` has `rule` where its reader may rule on it."""

    id: str
    unit: str
    part: Part
    ground: Annotated[str, one_of(*get_args(Ground))]
    ground_text: str
    reason: Said
    proper_unit: str
    at: datetime
    due_at: datetime
    ruled_at: datetime | None
    upheld: bool | None
    ruling: Said
    may: list[Verb]

    @classmethod
    def of(cls, given: ReturnView, basis: Basis, can_be_ruled: Collection[int]) -> Self:
        """Build the row of a return, for who can rule on these."""
        return cls(
            id=str(given.id),
            unit=called(given.unit_id, basis.units),
            part=Part(given.part),
            ground=given.ground,
            ground_text=text(f"ground.{given.ground}"),
            reason=given.reason,
            proper_unit=called(given.proper_unit_id, basis.units),
            at=given.at,
            due_at=given.due_at,
            ruled_at=given.ruled_at,
            upheld=given.upheld,
            ruling=given.ruling,
            may=[Verb.RULE] if given.id in can_be_ruled else [],
        )


class StatementRow(Answer):
    """What a unit had to say in a dispute."""

    unit: str
    at: datetime
    text: Said

    @classmethod
    def of(cls, said: StatementView, basis: Basis) -> Self:
        """Build the row of a statement."""
        return cls(unit=called(said.unit_id, basis.units), at=said.at, text=said.text)


class ConferenceRow(Answer):
    """A conference on a case: the units in dispute, until when, and what was decided."""

    id: str
    units: list[str]
    convened_at: datetime
    due_at: datetime
    decided_at: datetime | None
    lead: str
    minutes: Said

    @classmethod
    def of(cls, conference: ConferenceView, basis: Basis) -> Self:
        """Build the row of a conference."""
        return cls(
            id=str(conference.id),
            units=[called(each, basis.units) for each in conference.unit_ids],
            convened_at=conference.convened_at,
            due_at=conference.due_at,
            decided_at=conference.decided_at,
            lead=called(conference.lead_id, basis.units),
            minutes=conference.minutes,
        )


class DisputeAnswer(Answer):
    """All that was disputed on a case: returns, what units said, conferences."""

    returns: list[ReturnRow]
    statements: list[StatementRow]
    conferences: list[ConferenceRow]


async def dispute_of(
    case: CaseRow, basis: Basis, *, can_be_ruled: Collection[int]
) -> DisputeAnswer:
    """Return all that was disputed on a case, for who can rule on these of its returns."""
    returns = await disputes.returns_of(case)
    return DisputeAnswer(
        returns=[ReturnRow.of(each, basis, can_be_ruled) for each in returns],
        statements=[StatementRow.of(each, basis) for each in await disputes.statements_of(case)],
        conferences=[
            ConferenceRow.of(each, basis) for each in await disputes.conferences_of(case)
        ],
    )
