"""A small application on the edge that all have, to test the edge by."""

from datetime import UTC, datetime

import asyncpg
from aiohttp import web
from pydantic import Field

from server.errors import NotReady, WrongStage
from server.http import probes
from server.http.answers import no_content, reply, reply_stored
from server.http.description import openapi
from server.http.edge import make_app
from server.http.forms import Answer, Form, Moment, Page, PageQuery, Query
from server.http.multipart import read_file_part, read_photo_part
from server.http.paging import cursor, path_id, uncursor
from server.http.routes import Routes
from server.http.security import client_address
from server.settings import Settings

NOON = datetime(2025, 3, 1, 4, tzinfo=UTC)


class Position(Form):
    lat: float
    lon: float = Field(ge=-180, le=180)


class NoteForm(Form):
    text: str = Field(max_length=20)
    position: Position | None = None
    at: Moment | None = None


class NoteQuery(Query):
    n: int = Field(default=1, ge=1, le=10)
    q: str = ""


class Note(Answer):
    text: str
    n: int = 0
    at: datetime | None = None


PUBLIC = Routes("/t", tag="test")


@PUBLIC.post("/notes", body=NoteForm, query=NoteQuery, answer=Note, public=True)
async def write_note(request: web.Request, body: NoteForm, query: NoteQuery) -> web.Response:
    """Echo a note."""
    return reply(Note(text=body.text, n=query.n, at=body.at), status=201)


@PUBLIC.get("/notes", query=PageQuery, answer=Page[Note], public=True)
async def list_notes(request: web.Request, query: PageQuery) -> web.Response:
    values = uncursor(query.after, int, str)
    start = values[0] if values else 0
    items = [Note(text="x", n=n) for n in range(start, start + query.limit)]
    return reply(Page[Note](items=items, next=cursor([start + query.limit, "路"])))


@PUBLIC.get("/notes/{id}", answer=Note, public=True)
async def one_note(request: web.Request) -> web.Response:
    return reply(Note(text="one", n=path_id(request)))


@PUBLIC.get("/mine", answer=Note)
async def my_notes(request: web.Request) -> web.Response:
    return reply_stored({"text": "mine"})


@PUBLIC.post("/photo", upload="photo", public=True)
async def photo(request: web.Request) -> web.Response:
    content, texts = await read_photo_part(request, max_bytes=1000)
    return reply_stored({"n_bytes": len(content), "texts": texts})


@PUBLIC.post("/file", upload="file", public=True)
async def file(request: web.Request) -> web.Response:
    filename, content, _ = await read_file_part(request, "file", 1000)
    return reply_stored({"filename": filename, "n_bytes": len(content)})


@PUBLIC.get("/fails/{how}", public=True)
async def fails(request: web.Request) -> web.Response:
    match request.match_info["how"]:
        case "stage":
            raise WrongStage(stage="dispatched", verb="close", possible=("accept",), until=NOON)
        case "away":
            raise ConnectionRefusedError
        case "full":
            raise asyncpg.DiskFullError
        case "busy":
            raise NotReady(retry_after=7)
        case _:
            raise RuntimeError("手机 13800000000")


@PUBLIC.get("/where", public=True)
async def where(request: web.Request) -> web.Response:
    return reply_stored({"address": client_address(request)})


@PUBLIC.post("/notes/{id}/drop", status=204, public=True)
async def drop(request: web.Request) -> web.Response:
    return no_content()


def app(**settings) -> web.Application:
    made = make_app(Settings(**settings))
    PUBLIC.add_to(made)
    probes.routes.add_to(made)
    openapi.routes.add_to(made)
    return made
