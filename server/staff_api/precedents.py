"""What conferences decided, and what they propose to change in the list."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from server.cases.door.briefing import called
from server.cases.reading.reporters import reporters_named
from server.clock import now
from server.http.answers import reply
from server.http.forms import Answer, Page, PageQuery
from server.http.keys import basis
from server.http.paging import before_id, cursor
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.list import precedents
from server.shared_api.narrowing import require_known
from server.shared_api.said import SaidOfOffices
from server.texts.catalogue import outlines
from server.texts.closed import one_of

routes = Routes("/s/v1", tag="precedents")


class PrecedentsQuery(PageQuery):
    """Of which matter; of all without."""

    matter: str = Field(default="", max_length=20)


class PrecedentAnswer(Answer):
    """How a conference decided a matter; without a lead it was declined."""

    id: str
    matter_code: str
    matter: str
    no: str
    lead: str
    minutes: SaidOfOffices
    decided_at: datetime


@routes.get(
    "/precedents",
    query=PrecedentsQuery,
    answer=Page[PrecedentAnswer],
    permission=Permission.LIST_READ,
)
async def listed(request: web.Request, query: PrecedentsQuery) -> web.Response:
    """List precedents, the newest first."""
    await require_known(basis(request), now(), matter=query.matter)
    units = basis(request).units
    rows = await precedents.page(
        limit=query.limit + 1, before_id=before_id(query.after, bits=32), matter=query.matter
    )
    shown = rows[: query.limit]
    items = [
        PrecedentAnswer(
            id=str(row.id),
            matter_code=row.matter_code,
            matter=row.matter_name,
            no=row.case_no,
            lead=called(row.lead_id, units),
            minutes=row.text,
            decided_at=row.decided_at,
        )
        for row in shown
    ]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    hidden = await reporters_named(row.case_no for row in shown)
    return reply(Page[PrecedentAnswer](items=items, next=following), hidden=hidden)


class AdjustmentAnswer(Answer):
    """A proposal to change the list, with the case whose precedent is its ground."""

    id: str
    matter_code: str
    matter: str
    ground: Annotated[str, one_of(*outlines("proposal_ground"))]
    text: SaidOfOffices
    state: Annotated[str, one_of("proposed", "taken_up")]
    no: str | None
    created_at: datetime


@routes.get(
    "/adjustments/suggested",
    query=PrecedentsQuery,
    answer=Page[AdjustmentAnswer],
    permission=Permission.LIST_READ,
)
async def adjustments(request: web.Request, query: PrecedentsQuery) -> web.Response:
    """List what precedents suggest to adjust, the newest first."""
    await require_known(basis(request), now(), matter=query.matter)
    rows = await precedents.adjustments(
        limit=query.limit + 1, before_id=before_id(query.after, bits=32), matter=query.matter
    )
    shown = rows[: query.limit]
    items = [
        AdjustmentAnswer(
            id=str(row.id),
            matter_code=row.matter_code,
            matter=row.matter_name,
            ground=row.ground,
            text=row.text,
            state=row.state,
            no=row.case_no,
            created_at=row.created_at,
        )
        for row in shown
    ]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    hidden = await reporters_named(row.case_no for row in shown if row.case_no)
    return reply(Page[AdjustmentAnswer](items=items, next=following), hidden=hidden)
