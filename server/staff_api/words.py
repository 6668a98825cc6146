"""Everyday words at a desk: what people call a matter, and what closed cases propose."""

from datetime import datetime
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from server.cases.door.knowledge import CHANGED
from server.clock import now
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form, Page, PageQuery
from server.http.keys import BUS, KNOWLEDGE, actor, basis
from server.http.paging import after_id, cursor, path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.list import queries
from server.responsibility.search import everyday_words, words_in_force
from server.responsibility.search.words_in_force import WordRow
from server.shared_api.enumerations import WordSource, WordState
from server.shared_api.narrowing import require_known

routes: Final = Routes("/s/v1", tag="words")

_Word = Annotated[str, Field(min_length=1, max_length=everyday_words.LONGEST_WORD)]


class WordAnswer(Answer):
    """A word of a matter; `n_cases` confirmed reports say it."""

    id: str
    matter_code: str
    matter: str
    word: str
    state: WordState
    source: WordSource
    n_cases: int
    proposed_at: datetime


class WordsQuery(PageQuery):
    """Of which matter, in which state."""

    matter: str | None = Field(default=None, max_length=20)
    state: Literal["accepted", "rejected"] = "accepted"


class WordProposalsQuery(PageQuery):
    """Of which matter; of all without."""

    matter: str | None = Field(default=None, max_length=20)


@routes.get("/words", query=WordsQuery, answer=Page[WordAnswer], permission=Permission.LIST_READ)
async def in_force(request: web.Request, query: WordsQuery) -> web.Response:
    """List the words that lie over the published lists: in force, or hidden."""
    return await _page(request, query, query.state, query.matter)


@routes.get(
    "/word-proposals",
    query=WordProposalsQuery,
    answer=Page[WordAnswer],
    permission=Permission.LIST_MANAGE,
)
async def proposals(request: web.Request, query: WordProposalsQuery) -> web.Response:
    """List the words that closed cases propose."""
    return await _page(request, query, "proposed", query.matter)


class NewWordsForm(Form):
    """Words to put into force, and words to hide."""

    add: Annotated[list[_Word], Field(max_length=50)] = []
    hide: Annotated[list[_Word], Field(max_length=50)] = []


@routes.post(
    "/entries/{id}/words", body=NewWordsForm, status=204, permission=Permission.LIST_MANAGE
)
async def change(request: web.Request, form: NewWordsForm) -> web.Response:
    """Change the words of an entry's matter, in force at once and in every version."""
    entry = await queries.entry(path_id(request, bits=64))
    await everyday_words.change_words(
        entry.matter_code, add=form.add, hide=form.hide, by=actor(request), at=now()
    )
    return await _told(request)


@routes.post("/word-proposals/{id}/accept", status=204, permission=Permission.LIST_MANAGE)
async def accept(request: web.Request) -> web.Response:
    """Put a proposed word into force."""
    await everyday_words.decide(path_id(request), accept=True, by=actor(request), at=now())
    return await _told(request)


@routes.post("/word-proposals/{id}/reject", status=204, permission=Permission.LIST_MANAGE)
async def reject(request: web.Request) -> web.Response:
    """Turn a proposed word down, for good."""
    await everyday_words.decide(path_id(request), accept=False, by=actor(request), at=now())
    return await _told(request)


async def _told(request: web.Request) -> web.Response:
    await request.app[KNOWLEDGE].refresh()
    await request.app[BUS].publish(CHANGED)
    return no_content()


async def _page(
    request: web.Request, query: PageQuery, state: str, matter: str | None
) -> web.Response:
    await require_known(basis(request), now(), matter=matter)
    start = after_id(query.after, bits=32)
    rows = await words_in_force.words(
        state=state, matter_code=matter, after=start, limit=query.limit + 1
    )
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    return reply(Page[WordAnswer](items=[_answer(row) for row in shown], next=following))


def _answer(row: WordRow) -> WordAnswer:
    return WordAnswer(
        id=str(row.id),
        matter_code=row.matter_code,
        matter=row.matter_name,
        word=row.word,
        state=row.state,
        source=row.source,
        n_cases=row.n_cases,
        proposed_at=row.proposed_at,
    )
