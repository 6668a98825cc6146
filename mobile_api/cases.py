"""Open cases on a phone, for who works on them: on the map, as a list, and one to act on."""

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import datetime
from typing import Annotated, Literal, Self

from aiohttp import web
from pydantic import Field

from server.cases.calls import call_requests
from server.cases.door.briefing import called
from server.cases.door.hindrances import allowed_verbs, can_be_ruled
from server.cases.door.lineage import family
from server.cases.reading import briefs, queries, todo
from server.cases.reading.own_reports import may_leave, result_cycle
from server.cases.reading.queries import Narrowing
from server.cases.reading.reporters import senders_names
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.cases.work.request_queries import RequestView, requests_of
from server.clock import now
from server.http.answers import reply
from server.http.boxes import Box, read_box
from server.http.forms import Answer, Page, PageQuery
from server.http.keys import actor, basis
from server.http.paging import before_id, cursor, path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import dispute_verbs, request_verbs, screening_verbs
from server.shared_api.acts.requests import WishedCall
from server.shared_api.cases import CaseCard, WaitsFor
from server.shared_api.disputes import DisputeAnswer, dispute_of
from server.shared_api.processes import ProcessRow, process_of
from server.shared_api.said import Said
from server.shared_api.tasks import TaskCard
from server.shared_api.timeline import PhotoRow, TimelineRow, photos_of, timeline
from server.texts.catalogue import text
from server.texts.closed import one_of

routes = Routes("/m/v1", tag="cases")


class OpenQuery(PageQuery):
    """Which open cases: at a stage, in a box in WGS-84 (west, south, east, north), or all."""

    stage: Literal["", "submitted", "verifying", "filed", "dispatched", "handling"] = ""
    bbox: str = Field(default="", max_length=100)

    def box(self) -> Box | None:
        """Return the box; raises BadInput for what is none."""
        return read_box(self.bbox)


@routes.get("/cases", query=OpenQuery, answer=Page[CaseCard], permission=Permission.CASE_READ)
async def listed(request: web.Request, query: OpenQuery) -> web.Response:
    """List the open cases that I may see, newest first: of my grids, my township, my unit."""
    narrowing = Narrowing(stage=query.stage, bbox=query.box(), open=True)
    rows = await queries.cards(
        actor(request),
        narrowing,
        limit=query.limit + 1,
        before_id=before_id(query.after),
        at=now(),
    )
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    known = await todo.glimpses([case.no for case in shown])
    items = [
        CaseCard.of(case, basis(request)).begun(known[case.no].words, known[case.no].photo)
        for case in shown
    ]
    return reply(Page[CaseCard](items=items, next=following))


class AskedRow(Answer):
    """What was asked for on a case, and whether it was granted; null while it waits.

    `may` are the verbs by which the reader may answer it now: the one that grants it, `refuse`.
    `call` is the one that is asked for, for who may make it, while it waits.
    """

    id: str
    what: Annotated[str, one_of("suspend", "extend", "exempt", "redo", "call")]
    what_text: str
    unit: str
    at: datetime
    reason: Said
    granted: bool | None
    answer: Said
    call: WishedCall | None
    may: list[Verb]

    @classmethod
    def of(cls, view: RequestView, known: Basis, allowed: Collection[Verb]) -> Self:
        """Build the row of a request for who may do these verbs to its case."""
        answers = (Verb.REFUSE, Verb(view.what)) if view.answerable else ()
        return cls(
            id=str(view.id),
            what=view.what,
            what_text=text(f"request.{view.what}"),
            unit=called(view.unit_id, known.units),
            at=view.at,
            reason=view.reason,
            granted=view.granted,
            answer=view.answer,
            call=WishedCall.of(view.call) if view.call else None,
            may=[verb for verb in answers if verb in allowed],
        )


class OwnPart(Answer):
    """What of a case is the reader's own to do, by its id: a task, a look, a check, an answer.

    `documents` is a check that the reader may answer without going there.
    """

    task: str = ""
    verification: str = ""
    check: str = ""
    documents: str = ""
    instruction: str = ""
    call: str = ""

    @classmethod
    def of(cls, part: todo.OwnPart) -> Self:
        """Build it of what was found."""
        return cls(**{each.name: _id(getattr(part, each.name)) for each in fields(part)})


def _id(found: int | None) -> str:
    return "" if found is None else str(found)


class WorkAnswer(Answer):
    """A case for who works on it: its reports, units, requests, disputes, whole history.

    `result_cycle` is the round that the result is of. `words` and `addresses` are what was
    reported and where, persons masked. `notice` is what the reporter was asked for.

    `may` are the verbs that would succeed now if the reader did them, `may_ask` what to ask for
    about it, `own` what of it waits for the reader.
    """

    case: CaseCard
    place: str
    words: list[str]
    addresses: list[str]
    waits_for: list[WaitsFor]
    result: Said
    result_cycle: int
    tasks: list[TaskCard]
    process: list[ProcessRow]
    asked: list[AskedRow]
    dispute: DisputeAnswer
    notice: list[Said]
    passed: bool | None
    own: OwnPart
    timeline: list[TimelineRow]
    photos: list[PhotoRow]
    may: list[Verb]
    may_ask: list[Literal["call"]]
    follows: bool


@routes.get("/cases/{no}", answer=WorkAnswer, permission=Permission.CASE_READ)
async def one(request: web.Request) -> web.Response:
    """Show a case that I may see for my work, and what I may do about it."""
    by, known = actor(request), basis(request)
    case = await queries.case_for(by, path_no(request))
    at = now()
    allowed = await allowed_verbs(by, case, at=at, basis=known)
    can_rule = await can_be_ruled(by, case)
    of_all = await family(case)
    said, hidden = await briefs.reported(case, of_all), await senders_names(of_all)
    return reply(
        WorkAnswer(
            case=CaseCard.of(case, known),
            place=case.place.text,
            words=said.words,
            addresses=said.addresses,
            waits_for=[WaitsFor(**asdict(why)) for why in queries.waiting(case)],
            result=case.result,
            result_cycle=result_cycle(case),
            tasks=await TaskCard.all_of(await queries.tasks_of(case), case, known, by, at=now()),
            process=await process_of(case, known),
            asked=[AskedRow.of(each, known, allowed) for each in await requests_of(case, by)],
            dispute=await dispute_of(case, known, can_be_ruled=can_rule),
            notice=case.notice,
            passed=await todo.passed(case),
            own=OwnPart.of(await todo.own_part(by, case, at=at)),
            timeline=await timeline(case, known, hidden, reader=queries.reader(by)),
            photos=await photos_of(case, reader=queries.reader(by), of_all=of_all),
            may=allowed,
            may_ask=await call_requests.may_ask(by, case, known),
            follows=await may_leave(by, of_all),
        ),
        hidden=hidden,
    )


screening_verbs.declare(routes)
request_verbs.declare(routes)
dispute_verbs.declare(routes)
