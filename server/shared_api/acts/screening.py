"""What is said of a report before it is filed, and of two that are one."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from server.cases.reading.similar import Candidate
from server.cases.rules.basis import Basis
from server.cases.rules.views import VerificationRow as VerificationView
from server.cases.work.on_the_spot import Handled
from server.http.forms import Answer, Form
from server.shared_api.cases import CaseCard
from server.shared_api.said import Said


class VerifyForm(Form):
    """What the grid worker is to look at."""

    question: str = Field(min_length=1, max_length=500)


class VerificationRow(Answer):
    """A look at the place before filing; `found` is null where nobody answered."""

    question: Said
    given_at: datetime
    due_at: datetime
    done_at: datetime | None
    found: bool | None
    note: Said

    @classmethod
    def of(cls, look: VerificationView) -> Self:
        """Build the row of a verification."""
        return cls(
            question=look.question,
            given_at=look.given_at,
            due_at=look.due_at,
            done_at=look.done_at,
            found=look.found,
            note=look.note,
        )


class InquireForm(Form):
    """Everything that lacks, at once."""

    missing: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        min_length=1, max_length=20
    )


class SupplementForm(Form):
    """What the reporter adds; `key` is the phone's own UUID for it."""

    key: UUID = Field(strict=False)
    text: str = Field(default="", max_length=2000)
    photos: list[UUID] = Field(default=[], max_length=9, strict=False)


class HandledForm(Form):
    """What was done on the spot already, with photos after it."""

    result: str = Field(min_length=1, max_length=2000)
    photos: list[UUID] = Field(min_length=1, max_length=9, strict=False)

    def handled(self) -> Handled:
        """Return it as the domain takes it."""
        return Handled(result=self.result, photos=tuple(self.photos))


class SelfHandleForm(Form):
    """What was done on the spot, with photos before and after; the report's own may be before."""

    result: str = Field(min_length=1, max_length=2000)
    before: list[UUID] = Field(default=[], max_length=9, strict=False)
    after: list[UUID] = Field(min_length=1, max_length=9, strict=False)

    def handled(self) -> Handled:
        """Return it as the domain takes it."""
        return Handled(result=self.result, photos=tuple(self.after))


class MergeForm(Form):
    """Into which case, and why they are the same."""

    into: str = Field(min_length=1, max_length=24)
    reason: str = Field(min_length=1, max_length=500)


class SimilarRow(Answer):
    """An open case that may be the same, and why."""

    case: CaseCard
    distance_m: float
    why: list[str]
    same_words: list[str]

    @classmethod
    def of(cls, found: Candidate, basis: Basis) -> Self:
        """Build the row of a candidate."""
        return cls(
            case=CaseCard.of(found.case, basis),
            distance_m=found.distance_m,
            why=list(found.why),
            same_words=list(found.same_words),
        )


class SimilarAnswer(Answer):
    """At most ten, the likeliest first."""

    items: list[SimilarRow]
