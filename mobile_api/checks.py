"""Looking at the place after handling, by a grid worker who did not handle it."""

from datetime import datetime
from typing import Self

from server.cases.rules.views import CaseRow, CheckRow
from server.http.forms import Answer


class CheckCard(Answer):
    """A check that I have to make."""

    id: str
    no: str
    title: str
    place: str
    result: str
    due_at: datetime
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, check: CheckRow, case: CaseRow) -> Self:
        """Build the card of a check."""
        return cls(
            id=str(check.id),
            no=case.no,
            title=case.title,
            place=case.place.text,
            result=case.result,
            due_at=check.due_at,
            lon=case.lon,
            lat=case.lat,
        )
