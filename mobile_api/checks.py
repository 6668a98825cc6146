"""Looking at the place after handling, by a grid worker who did not handle it."""

from datetime import datetime
from typing import Self

from server.cases.reading.briefs import Brief
from server.cases.rules.shown import Purpose
from server.cases.rules.views import CaseRow, CheckRow
from server.http.forms import Answer
from server.shared_api.enumerations import EvidenceFlag
from server.shared_api.said import Said
from server.shared_api.timeline import photo_row


class EvidencePhoto(Answer):
    """A photo as evidence: when it came, and what by the photo itself speaks against it."""

    id: str
    purpose: Purpose
    cycle: int
    at: datetime
    doubts: list[EvidenceFlag]


def evidence_rows(brief: Brief) -> list[EvidencePhoto]:
    """Return a case's photos that the reader may see, with their days and what is doubtful."""
    return [
        EvidencePhoto(
            **photo_row(each.held, each.begun).model_dump(), at=each.at, doubts=list(each.flags)
        )
        for each in brief.photos
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
    result: Said
    due_at: datetime
    lon: float | None
    lat: float | None
    point_sure: bool
    within_m: float | None

    @classmethod
    def of(cls, check: CheckRow, case: CaseRow, brief: Brief) -> Self:
        """Build the card of a check."""
        return cls(
            id=str(check.id),
            no=case.no,
            title=case.title,
            place=case.place.text,
            words=brief.said.words,
            addresses=brief.said.addresses,
            photos=evidence_rows(brief),
            result=case.result,
            due_at=check.due_at,
            lon=case.lon,
            lat=case.lat,
            point_sure=case.place.point_sure,
            within_m=case.place.within_m,
        )
