"""Looking at the place after handling, by a grid worker who did not handle it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from server.cases.reading import doubts, queries
from server.cases.reading.queries import Reported
from server.cases.rules.shown import Purpose, Reader
from server.cases.rules.views import CaseRow, CheckRow
from server.http.forms import Answer
from server.shared_api.enumerations import EvidenceFlag
from server.shared_api.timeline import photo_rows


class EvidencePhoto(Answer):
    """A photo as evidence: when it came, and what by the photo itself speaks against it."""

    id: str
    purpose: Purpose
    cycle: int
    at: datetime
    doubts: list[EvidenceFlag]


async def evidence_of(case: CaseRow, reader: Reader) -> list[EvidencePhoto]:
    """Return a case's photos that the reader may see, with their days and what is doubtful."""
    held = await queries.shown_to(reader, case)
    rows = photo_rows(held, await queries.rounds(case))
    known = await doubts.of_photos(case, held)
    return [
        EvidencePhoto(**row.model_dump(), at=seen.at, doubts=list(seen.flags))
        for row in rows
        if (seen := known.get(UUID(row.id))) is not None
    ]


class CheckCard(Answer):
    """A check that I have to make: what was reported and where, what was done, and the photos."""

    id: str
    no: str
    title: str
    place: str
    words: list[str]
    addresses: list[str]
    photos: list[EvidencePhoto]
    result: str
    due_at: datetime
    lon: float | None
    lat: float | None

    @classmethod
    def of(
        cls, check: CheckRow, case: CaseRow, said: Reported, photos: list[EvidencePhoto]
    ) -> Self:
        """Build the card of a check."""
        return cls(
            id=str(check.id),
            no=case.no,
            title=case.title,
            place=case.place.text,
            words=said.words,
            addresses=said.addresses,
            photos=photos,
            result=case.result,
            due_at=check.due_at,
            lon=case.lon,
            lat=case.lat,
        )
