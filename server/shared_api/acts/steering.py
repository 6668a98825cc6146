"""What desks and phones share of steering: instructing, urging, supervising; one's answers."""

from datetime import datetime
from typing import Self

from aiohttp import web
from pydantic import Field

from server.cases.door.briefing import called
from server.cases.door.moving import was_last
from server.cases.ends import closing
from server.cases.reading import queries, watch_list
from server.cases.reading.reporters import reporters_names
from server.cases.rules.basis import Basis
from server.cases.rules.views import CaseRow, InstructionView
from server.cases.work import steering
from server.http.answers import no_content
from server.http.answers import reply as answered
from server.http.forms import Form, Page, PageQuery, StandingAnswer
from server.http.keys import actor, basis, call_of
from server.http.paging import before_id, cursor, path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.cases import CaseCard, card
from server.shared_api.said import Said


class ReplyForm(Form):
    """A unit's answer; to the oldest instruction that waits, unless one is named."""

    text: str = Field(min_length=1, max_length=2000, pattern=r"\S")
    instruction: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,17}$")


class InstructForm(Form):
    """What is to be done; by the lead, or by another unit of the case."""

    text: str = Field(min_length=1, max_length=2000, pattern=r"\S")
    unit: str = Field(default="", max_length=80)
    urgent: bool = False


class WordsForm(Form):
    """A word to go with it, or none."""

    text: str = Field(default="", max_length=500)


class InstructionRow(StandingAnswer):
    """A leader's words on a case, to which unit, until when to be answered, and the answer."""

    id: str
    no: str
    title: str
    unit: str
    text: Said
    at: datetime
    reply_due_at: datetime
    reply: Said
    replied_at: datetime | None

    @classmethod
    async def again(cls, request: web.Request, no: str) -> Self | None:
        """Return the instruction that this very request gave or answered, the last at the case."""
        by, case = actor(request), await queries.by_no(no or path_no(request))
        if case is None or not await was_last(by, case.id):
            return None
        found = await watch_list.last_of(by, case)
        return cls.of(found, case, basis(request)) if found is not None else None

    @classmethod
    def of(cls, found: InstructionView, case: CaseRow, basis: Basis) -> Self:
        """Build the row of an instruction."""
        return cls(
            id=str(found.id),
            no=case.no,
            title=case.title,
            unit=called(found.unit_id, basis.units),
            text=found.text,
            at=found.at,
            reply_due_at=found.reply_due_at,
            reply=found.reply,
            replied_at=found.replied_at,
        )


class InstructionsQuery(PageQuery):
    """Where in the list to go on."""


def declare(routes: Routes) -> None:
    """Put what leaders say to units, and what these answer, on a front."""
    routes.get(
        "/instructions",
        query=InstructionsQuery,
        answer=Page[InstructionRow],
        permission=Permission.CASE_READ,
    )(instructions)
    routes.post(
        "/cases/{no}/reply",
        body=ReplyForm,
        answer=InstructionRow,
        permission=Permission.CASE_REPLY,
    )(reply)
    routes.post(
        "/cases/{no}/instruct",
        body=InstructForm,
        answer=InstructionRow,
        permission=Permission.CASE_INSTRUCT,
    )(instruct)
    routes.post(
        "/cases/{no}/urge", body=WordsForm, answer=CaseCard, permission=Permission.CASE_URGE
    )(urge)
    routes.post(
        "/cases/{no}/supervise",
        body=WordsForm,
        answer=CaseCard,
        permission=Permission.CASE_SUPERVISE,
    )(supervise)


async def instructions(request: web.Request, query: InstructionsQuery) -> web.Response:
    """List what I instructed as a leader, and what waits for my unit's answer."""
    known = basis(request)
    rows = await watch_list.instructions(
        actor(request), limit=query.limit + 1, before_id=before_id(query.after)
    )
    shown = rows[: query.limit]
    following = cursor([shown[-1][0].id]) if len(rows) > query.limit else None
    items = [InstructionRow.of(each, case, known) for each, case in shown]
    hidden = await reporters_names(*(case for _, case in shown))
    return answered(Page[InstructionRow](items=items, next=following), hidden=hidden)


async def reply(request: web.Request, form: ReplyForm) -> web.Response:
    """Answer an instruction as the unit that it went to."""
    by, at, known = call_of(request)
    found, case = await steering.reply(
        path_no(request),
        form.text,
        instruction_id=int(form.instruction) if form.instruction else None,
        by=by,
        at=at,
        basis=known,
    )
    return await _instruction(found, case, known)


async def instruct(request: web.Request, form: InstructForm) -> web.Response:
    """Instruct a unit of a case (批示), which is to answer in time."""
    by, at, known = call_of(request)
    found, case = await steering.instruct(
        path_no(request),
        form.text.strip(),
        unit=form.unit,
        urgent=form.urgent,
        by=by,
        at=at,
        basis=known,
    )
    return await _instruction(found, case, known)


async def _instruction(found: InstructionView, case: CaseRow, known: Basis) -> web.Response:
    hidden = await reporters_names(case)
    return answered(InstructionRow.of(found, case, known), hidden=hidden)


async def urge(request: web.Request, form: WordsForm) -> web.Response:
    """Urge whoever the case waits for (催办)."""
    by, at, known = call_of(request)
    case = await steering.urge(path_no(request), form.text.strip(), by=by, at=at, basis=known)
    return card(case, known)


async def supervise(request: web.Request, form: WordsForm) -> web.Response:
    """Put a case under supervision (督办); it stays on record."""
    by, at, known = call_of(request)
    case = await steering.supervise(path_no(request), form.text.strip(), by=by, at=at, basis=known)
    return card(case, known)


async def unfollow(request: web.Request) -> web.Response:
    """Hear no more of a case that I follow; of my own report only after withdrawing it."""
    await closing.unfollow(path_no(request), by=actor(request))
    return no_content()
