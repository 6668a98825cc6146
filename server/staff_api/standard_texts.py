"""Standard texts that the office keeps: offered where a reason or a notice is written."""

from typing import Annotated, Final, Self

from aiohttp import web
from pydantic import Field, StringConstraints

from server.clock import now
from server.desk import standard_texts
from server.desk.standard_texts import KeptText, NewText, TextKind
from server.errors import BadInput
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form, Mark, Query
from server.http.keys import actor, basis
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.list.queries import matter_name
from server.shared_api.narrowing import require_known

routes: Final = Routes("/s/v1", tag="cases")


class TextsQuery(Query):
    """Of which kind, all without one; with a matter its own before those of every matter."""

    kind: TextKind | None = None
    matter: str = Field(default="", max_length=20)


class TextForm(Form):
    """A text of a kind; `matter` is the code of the matter that it is for, empty for each."""

    kind: TextKind = Field(strict=False)
    matter: str = Field(default="", max_length=20)
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]

    async def new(self) -> NewText:
        """Return it as the desk keeps it; raises BadInput for a matter that there is not."""
        if self.matter and await matter_name(self.matter) is None:
            raise BadInput([{"pointer": "/matter", "reason": "unknown"}])
        return NewText(kind=self.kind, matter=self.matter, text=self.text)


class TextChangeForm(TextForm):
    """What a text becomes; `mark` is its own as it was read."""

    mark: Mark


class TextRow(Answer):
    """A standard text."""

    id: str
    kind: TextKind
    matter: str
    matter_name: str
    text: str
    mark: str

    @classmethod
    async def of(cls, kept: KeptText) -> Self:
        """Build the row, with the name of its matter."""
        name = await matter_name(kept.matter) if kept.matter else ""
        return cls(
            id=str(kept.id),
            kind=kept.kind,
            matter=kept.matter,
            matter_name=name or "",
            text=kept.text,
            mark=kept.mark,
        )


class TextsAnswer(Answer):
    """Standard texts, by kind."""

    items: list[TextRow]


@routes.get(
    "/standard-texts", query=TextsQuery, answer=TextsAnswer, permission=Permission.LIST_READ
)
async def listed(request: web.Request, query: TextsQuery) -> web.Response:
    """List the words that the office keeps for reasons and notices."""
    await require_known(basis(request), now(), matter=query.matter)
    found = await standard_texts.texts(query.kind, matter=query.matter)
    return reply(TextsAnswer(items=[await TextRow.of(each) for each in found]))


@routes.post(
    "/standard-texts",
    body=TextForm,
    answer=TextRow,
    status=201,
    permission=Permission.TEXT_MANAGE,
)
async def add(request: web.Request, form: TextForm) -> web.Response:
    """Keep a standard text."""
    made = await standard_texts.add(await form.new(), by=actor(request), at=now())
    return reply(await TextRow.of(made), status=201)


@routes.post(
    "/standard-texts/{id}/change",
    body=TextChangeForm,
    answer=TextRow,
    permission=Permission.TEXT_MANAGE,
)
async def change(request: web.Request, form: TextChangeForm) -> web.Response:
    """Change a standard text, unless somebody changed it since it was read."""
    text_id = path_id(request, bits=64)
    made = await standard_texts.change(
        text_id, await form.new(), seen=form.mark, by=actor(request), at=now()
    )
    return reply(await TextRow.of(made))


@routes.post("/standard-texts/{id}/remove", status=204, permission=Permission.TEXT_MANAGE)
async def remove(request: web.Request) -> web.Response:
    """Let go of a standard text."""
    await standard_texts.remove(path_id(request, bits=64))
    return no_content()
