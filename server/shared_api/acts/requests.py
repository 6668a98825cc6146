"""What units ask for on a case, at a desk or on a phone alike."""

from datetime import date, datetime, time
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field

from server.cases.rules.records import Terms
from server.cases.work.requests import What, Wish
from server.http.forms import Answer, Form
from server.shared_api.enumerations import CallReason
from server.shared_api.said import Said


class AskForm(Form):
    """A request: what for, why, and its particulars.

    A suspension ends at the beginning of the day `until`; an extension is so many units of the
    case's own limit.
    """

    what: What
    reason: str = Field(min_length=1, max_length=500)
    until: date | None = Field(default=None, strict=False)
    ground: Literal["season", "works"] = "season"
    limit: int = Field(default=0, ge=0, le=1000)

    def wish(self, zone: ZoneInfo) -> Wish:
        """Return it as the domain takes it."""
        until = datetime.combine(self.until, time(), zone) if self.until else None
        return Wish(
            what=self.what, reason=self.reason, until=until, ground=self.ground, limit=self.limit
        )


class RefuseForm(Form):
    """Which request is refused, and why; also a reporter's second redo, a grid worker's call."""

    what: What | Literal["redo", "call"]
    reason: str = Field(min_length=1, max_length=500)


class GrantForm(Form):
    """Granting what is asked for, with a remark."""

    note: str = Field(default="", max_length=500)


class WishedCall(Answer):
    """The call that a grid worker asks the township to make."""

    reason: CallReason
    place: Said
    text: Said
    asked_at: datetime | None
    lead: str
    cooperating: list[str]
    team: bool

    @classmethod
    def of(cls, wish: Terms) -> Self:
        """Build it of the particulars of a request."""
        return cls(
            reason=wish.reason,
            place=wish.place,
            text=wish.text,
            asked_at=wish.wished_at,
            lead=wish.lead,
            cooperating=list(wish.cooperating),
            team=wish.team,
        )
