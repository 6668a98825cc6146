"""The inbox of the person signed in."""

from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import Field

from server.errors import NotPermitted
from server.http.answers import reply
from server.http.forms import MAX_LIMIT, Answer, Form, Query
from server.http.keys import actor
from server.http.routes import Routes
from server.push.commands import mark_one_read, mark_read
from server.push.queries import messages, standing
from server.shared_api.enumerations import MessageKind, MessageStage

routes: Final = Routes("/m/v1", tag="inbox")
MAX_SEQ: Final = 2**31 - 1


class InboxQuery(Query):
    """After which number to go on, and how many messages to answer."""

    after: int = Field(default=0, ge=0, le=MAX_SEQ)
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)


class InboxMessage(Answer):
    """One message; `seq` grows by one per message of this person."""

    seq: int
    kind: MessageKind
    no: str
    stage: MessageStage
    text: str
    at: datetime
    read: bool


class InboxPage(Answer):
    """Messages in order; `next` goes into `after` to get on, and is null at the end."""

    items: list[InboxMessage]
    next: int | None
    unread: int


class ReadForm(Form):
    """Up to which number the messages were read; `alone`, that one and none before it."""

    seq: int = Field(ge=0, le=MAX_SEQ)
    alone: bool = False


class Unread(Answer):
    """How many messages are still unread."""

    unread: int


@routes.get("/inbox", query=InboxQuery, answer=InboxPage)
async def read_inbox(request: web.Request, query: InboxQuery) -> web.Response:
    """Return one's own messages in order, after a number."""
    account_id = _own(request)
    # The mark first: a message that comes between the two reads is then unread, as it is.
    mark = await standing(account_id)
    told = await messages(account_id, after=query.after, limit=query.limit)
    items = [
        InboxMessage(
            seq=one.seq,
            kind=one.kind,
            no=one.no,
            stage=one.stage,
            text=one.text,
            at=one.at,
            read=one.read or one.seq <= mark.read_seq,
        )
        for one in told
    ]
    full = len(items) == query.limit
    following = items[-1].seq if full else None
    return reply(InboxPage(items=items, next=following, unread=mark.unread))


@routes.post("/inbox/read", body=ReadForm, answer=Unread, each_time=True)
async def mark_inbox_read(request: web.Request, body: ReadForm) -> web.Response:
    """Mark one's own messages up to a number as read, or one; going back is without effect."""
    account_id = _own(request)
    await (mark_one_read if body.alone else mark_read)(account_id, seq=body.seq)
    return reply(Unread(unread=(await standing(account_id)).unread))


def _own(request: web.Request) -> int:
    account_id = actor(request).id
    if account_id is None:
        raise NotPermitted
    return account_id
