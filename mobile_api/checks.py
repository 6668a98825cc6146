"""Looking at the place after handling, by a grid worker who did not handle it."""

from datetime import datetime
from typing import Self

from server.cases.reading.queries import Reported
from server.cases.rules.views import CaseRow, CheckRow
from server.http.forms import Answer


class CheckCard(Answer):
    """A check that I have to make: what was reported and where, and what was done."""

    id: str
    no: str
    title: str
    place: str
    words: list[str]
    addresses: list[str]
    result: str
    due_at: datetime
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, check: CheckRow, case: CaseRow, said: Reported) -> Self:
        """Build the card of a check."""
        return cls(
            id=str(check.id),
            no=case.no,
            title=case.title,
            place=case.place.text,
            words=said.words,
            addresses=said.addresses,
            result=case.result,
            due_at=check.due_at,
            lon=case.lon,
            lat=case.lat,
        )
