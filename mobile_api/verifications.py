"""Looking at the place before a report is filed, by the grid worker of the place."""

from datetime import datetime
from typing import Self

from aiohttp import web

from mobile_api.checks import EvidencePhoto, evidence_rows
from server.cases.intake import verifying
from server.cases.reading.briefs import Brief
from server.cases.rules.views import CaseRow, VerificationRow
from server.http.forms import Answer
from server.http.keys import call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import spot_verbs
from server.shared_api.cases import CaseCard, card
from server.shared_api.said import Said
from server.shared_api.tasks import CheckForm

routes = Routes("/m/v1", tag="tasks")


class VerificationCard(Answer):
    """A verification that I have to make: the question, what was reported, where, with photos."""

    id: str
    no: str
    title: str
    place: str
    question: Said
    words: list[str]
    addresses: list[str]
    photos: list[EvidencePhoto]
    due_at: datetime
    lon: float | None
    lat: float | None
    point_sure: bool
    within_m: float | None

    @classmethod
    def of(cls, asked_for: VerificationRow, case: CaseRow, brief: Brief) -> Self:
        """Build the card of a verification."""
        return cls(
            id=str(asked_for.id),
            no=case.no,
            title=case.title,
            place=case.place.text,
            question=asked_for.question,
            words=brief.said.words,
            addresses=brief.said.addresses,
            photos=evidence_rows(brief),
            due_at=asked_for.due_at,
            lon=case.lon,
            lat=case.lat,
            point_sure=case.place.point_sure,
            within_m=case.place.within_m,
        )


@routes.post(
    "/verifications/{id}", body=CheckForm, answer=CaseCard, permission=Permission.CASE_VERIFY
)
async def answer(request: web.Request, form: CheckForm) -> web.Response:
    """Say whether it is as reported: `passed` when it is (核实)."""
    by, at, known = call_of(request)
    spot = form.spot(known, at)
    case = await verifying.answer(
        path_id(request, bits=64),
        found=form.passed,
        note=form.note,
        photos=tuple(form.photos),
        spot=(spot.lon, spot.lat) if spot else None,
        by=by,
        at=at,
        basis=known,
    )
    return card(case, known)


spot_verbs.declare(routes)
