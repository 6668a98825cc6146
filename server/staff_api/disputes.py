"""Returns at a desk: what waits for a ruling, the ruling, the conference and its docket."""

from datetime import datetime

from aiohttp import web

from server.cases.disputes import queries as disputes
from server.cases.door.briefing import called
from server.cases.door.hindrances import can_be_ruled
from server.cases.door.recusal_rules import finding_of
from server.cases.reading.reporters import reporters_names
from server.cases.rules.basis import Basis
from server.cases.rules.views import ConferenceView
from server.http.answers import reply
from server.http.forms import Answer, Page, PageQuery
from server.http.keys import actor, basis
from server.http.paging import cursor, path_id, uncursor
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.list import queries as lists
from server.responsibility.list.entries import Explanation, Finding
from server.responsibility.list.fields import Addressee
from server.shared_api.acts import dispute_verbs
from server.shared_api.cases import CaseCard
from server.shared_api.disputes import (
    ConferenceRow,
    DisputeAnswer,
    ReturnRow,
    dispute_of,
)
from server.shared_api.list_columns import answering
from server.shared_api.said import explained

routes = Routes("/s/v1", tag="disputes")


class WaitingReturn(Answer):
    """A return that waits for its ruling, with its case."""

    given: ReturnRow
    case: CaseCard


@routes.get(
    "/returns",
    query=PageQuery,
    answer=Page[WaitingReturn],
    permission=Permission.CASE_RULE,
)
async def waiting(request: web.Request, query: PageQuery) -> web.Response:
    """List the returns that I may rule on, the most urgent first."""
    by, known = actor(request), basis(request)
    rows = await disputes.waiting_returns(by, limit=query.limit + 1, after=_after(query))
    shown = rows[: query.limit]
    last = shown[-1][0] if len(rows) > query.limit else None
    items = [
        WaitingReturn(given=ReturnRow.of(given, known, {given.id}), case=CaseCard.of(case, known))
        for given, case in shown
    ]
    following = cursor([last.due_at, last.id]) if last else None
    hidden = await reporters_names(*(case for _, case in shown))
    return reply(Page[WaitingReturn](items=items, next=following), hidden=hidden)


def _after(query: PageQuery) -> tuple[datetime, int] | None:
    match uncursor(query.after, datetime, int):
        case [datetime() as due_at, int() as last]:
            return due_at, last
        case _:
            return None


class DocketRow(Answer):
    """A conference on the docket, with its case."""

    conference: ConferenceRow
    case: CaseCard


@routes.get(
    "/conferences",
    query=PageQuery,
    answer=Page[DocketRow],
    permission=Permission.CONFERENCE_READ,
)
async def docket(request: web.Request, query: PageQuery) -> web.Response:
    """List the conferences: open ones by deadline, then those that are over, the latest first."""
    by, known = actor(request), basis(request)
    after = uncursor(query.after, int)
    offset = int(str(after[0])) if after else 0
    rows = await disputes.docket(by, limit=query.limit + 1, offset=offset)
    items = [
        DocketRow(conference=ConferenceRow.of(each, known), case=CaseCard.of(case, known))
        for each, case in rows[: query.limit]
    ]
    following = cursor([offset + query.limit]) if len(rows) > query.limit else None
    hidden = await reporters_names(*(case for _, case in rows[: query.limit]))
    return reply(Page[DocketRow](items=items, next=following), hidden=hidden)


@answering(Addressee.CONFERENCE)
class EntryWords(Answer):
    """What the list itself says of the matter."""

    row: int
    lead: str


class ConferenceAnswer(Answer):
    """All that a conference needs: the dispute, the list's words, who comes into question."""

    conference: ConferenceRow
    case: CaseCard
    dispute: DisputeAnswer
    explanation: Explanation
    entry: EntryWords | None
    candidates: list[str]


@routes.get("/conferences/{id}", answer=ConferenceAnswer, permission=Permission.CONFERENCE_READ)
async def conference(request: web.Request) -> web.Response:
    """Show a conference whole."""
    by, known = actor(request), basis(request)
    found, case = await disputes.conference_for(by, path_id(request, bits=64))
    finding, hidden = finding_of(case, known), await reporters_names(case)
    return reply(
        ConferenceAnswer(
            conference=ConferenceRow.of(found, known),
            case=CaseCard.of(case, known),
            dispute=await dispute_of(case, known, can_be_ruled=await can_be_ruled(by, case)),
            explanation=explained(case.explanation, hidden),
            entry=await _entry(case.entry_id, known),
            candidates=_candidates(found, finding, known),
        ),
        hidden=hidden,
    )


async def _entry(entry_id: int | None, known: Basis) -> EntryWords | None:
    if entry_id is None:
        return None
    entry = await lists.entry(entry_id)
    return EntryWords(
        row=entry.row,
        lead=called(entry.lead_id, known.units),
        **entry.texts(Addressee.CONFERENCE),
    )


def _candidates(found: ConferenceView, finding: Finding, known: Basis) -> list[str]:
    """Return who comes into question: the units in dispute, the list's, those of precedents."""
    cited = [each.lead_unit_id for each in finding.explanation.precedents]
    units = [*found.unit_ids, finding.lead_unit_id, *(unit for unit, _ in finding.cooperating)]
    names = (called(each, known.units) for each in (*units, *cited))
    return [name for name in dict.fromkeys(names) if name]


dispute_verbs.declare(routes)
