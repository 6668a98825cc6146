"""The edge that every handler stands behind: bodies, refusals, headers, uploads, probes."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from aiohttp import FormData, MultipartWriter, web
from pydantic import AwareDatetime, Field

from server.errors import NotReady, WrongStage
from server.http import openapi, probes
from server.http.answers import no_content, reply, reply_stored
from server.http.edge import make_app
from server.http.forms import Answer, Form, Page, PageQuery, Query
from server.http.multipart import read_file_part, read_photo_part
from server.http.paging import cursor, path_id, uncursor
from server.http.probes import READINESS
from server.http.routes import Routes
from server.http.security import client_address
from server.settings import Settings
from tests.api.refusals import refused

NOON = datetime(2025, 3, 1, 4, tzinfo=UTC)


class Position(Form):
    lat: float
    lon: float = Field(ge=-180, le=180)


class NoteForm(Form):
    text: str = Field(max_length=20)
    position: Position | None = None
    at: AwareDatetime | None = None


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
            raise WrongStage(stage="called", possible=("accept",), until=NOON)
        case "away":
            raise ConnectionRefusedError
        case "busy":
            raise NotReady(retry_after=7)
        case _:
            raise RuntimeError("手机 13800000000")


@PUBLIC.get("/where", public=True)
async def where(request: web.Request) -> web.Response:
    return reply_stored({"address": client_address(request)})


@PUBLIC.delete("/notes/{id}", public=True)
async def drop(request: web.Request) -> web.Response:
    return no_content()


def app(**settings) -> web.Application:
    made = make_app(Settings(**settings))
    PUBLIC.add_to(made)
    probes.routes.add_to(made)
    openapi.routes.add_to(made)
    return made


@pytest.fixture
async def client(aiohttp_client):
    return await aiohttp_client(app())


async def test_a_good_body_and_its_parameters_reach_the_handler(client):
    body = {"text": "井盖丢了", "at": "2025-03-01T08:00:00+08:00"}
    response = await client.post("/t/notes?n=3", json=body)
    assert response.status == 201
    assert await response.json() == {"text": "井盖丢了", "n": 3, "at": "2025-03-01T08:00:00+08:00"}


@pytest.mark.parametrize(
    ("raw", "pointer", "reason"),
    [
        ('{"text": "a", "position": {"lat": false, "lon": 1}}', "/position/lat", "float_type"),
        ('{"text": "a", "position": {"lat": "1", "lon": 1}}', "/position/lat", "float_type"),
        ('{"text": "a", "position": {"lat": 1, "lon": 181}}', "/position/lon", "less_than_equal"),
        ('{"text": "a", "position": {"lat": 1e400, "lon": 1}}', "/position/lat", None),
        ('{"text": "a", "position": {"lat": NaN, "lon": 1}}', "/position/lat", None),
        ('{"text": "a", "stage": "closed"}', "/stage", "extra_forbidden"),
        ('{"text": 1}', "/text", "string_type"),
        ('{"text": "a", "text": "b"}', "/text", "duplicate_key"),
        ('{"text": "a\\u0000b"}', "", "nul"),
        ('{"text": "a\\ud800b"}', "", "surrogate"),
        ('{"text": "a", "at": "2025-03-01T08:00:00"}', "/at", "timezone_aware"),
        ('{"text": "a", "at": 1740800000}', "/at", None),
        ("{}", "/text", "missing"),
        ("[]", "", None),
        ("{", "", "json_invalid"),
        ("[" * 100_000, "", "json_invalid"),
        (b'{"text": "\xff"}', "", "utf8"),
        (b"", "", "json_invalid"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_naming_the_place(client, raw, pointer, reason):
    headers = {"Content-Type": "application/json"}
    response = await client.post("/t/notes", data=raw, headers=headers)
    body = await refused(response, 400, "bad_input")
    assert body["errors"][0]["pointer"] == pointer
    assert reason is None or body["errors"][0]["reason"] == reason


async def test_an_escaped_backslash_before_u0000_is_no_nul(client):
    raw = b'{"text": "a\\\\u0000"}'
    response = await client.post(
        "/t/notes", data=raw, headers={"Content-Type": "application/json"}
    )
    assert (await response.json())["text"] == "a\\u0000"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"],
)
async def test_a_body_of_another_type_is_refused(client, content_type):
    response = await client.post(
        "/t/notes", data=b'{"text": "a"}', headers={"Content-Type": content_type}
    )
    await refused(response, 415, "content_type")


async def test_too_large_a_body_is_refused_whether_announced_or_streamed(client):
    headers = {"Content-Type": "application/json"}
    announced = await client.post("/t/notes", data=b" " * (256 * 1024 + 1), headers=headers)
    body = await refused(announced, 413, "body_too_large")
    assert body["facts"] == {"limit": 256 * 1024}

    async def endless():
        for _ in range(100):
            yield b" " * 64 * 1024

    streamed = await client.post("/t/notes", data=endless(), headers=headers)
    await refused(streamed, 413, "body_too_large")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("n=1&n=2", "/n"), ("n=0", "/n"), ("n=x", "/n"), ("colour=red", "/colour"), ("q=%00", "/q")],
)
async def test_parameters_are_held_to_their_form_too(client, query, pointer):
    response = await client.post(f"/t/notes?{query}", json={"text": "a"})
    body = await refused(response, 400, "bad_input")
    assert body["errors"][0]["pointer"] == pointer
    assert body["errors"][0]["title"]


async def test_a_list_goes_on_where_its_cursor_says(client):
    first = await (await client.get("/t/notes?limit=2")).json()
    second = await (await client.get(f"/t/notes?limit=2&after={first['next']}")).json()
    assert [item["n"] for item in first["items"] + second["items"]] == [0, 1, 2, 3]


@pytest.mark.parametrize("after", ["x", "!!!!", "bnVsbA", cursor([1]), cursor(["1", "a"]), "W1td"])
async def test_a_cursor_that_we_did_not_make_is_refused(client, after):
    await refused(await client.get("/t/notes", params={"after": after}), 400, "bad_input")


@pytest.mark.parametrize("limit", ["0", "101", "-1"])
async def test_a_page_has_at_most_a_hundred_items(client, limit):
    await refused(await client.get(f"/t/notes?limit={limit}"), 400, "bad_input")


@pytest.mark.parametrize("written", ["0", "x", "2147483648", "-1", "9" * 30, "%00", "1%00", "²"])
async def test_an_id_that_can_be_none_is_not_found(client, written):
    await refused(await client.get(f"/t/notes/{written}"), 404, "not_found")


async def test_no_route_and_a_wrong_method_are_refused_in_the_same_form(client):
    await refused(await client.get("/nowhere"), 404, "not_found")
    response = await client.request("TRACE", "/t/notes")
    await refused(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, POST"
    await refused(await client.put("/t/notes/1"), 405, "method_not_allowed")


async def test_who_is_not_signed_in_is_asked_to(client):
    response = await client.get("/t/mine")
    await refused(response, 401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_problem_tells_its_facts(client):
    body = await refused(await client.get("/t/fails/stage"), 409, "case.wrong_stage")
    assert body["facts"]["stage"] == "called"
    assert body["facts"]["possible"] == ["accept"]


async def test_a_failure_of_ours_shows_nothing_of_the_inside(client):
    response = await client.get("/t/fails/oops")
    body = await refused(response, 500, "internal")
    assert body["facts"] == {"request_id": response.headers["X-Request-Id"]}
    assert "138" not in await response.text()


@pytest.mark.parametrize(("how", "seconds"), [("away", "5"), ("busy", "7")])
async def test_a_lost_database_is_a_503_with_a_time_to_come_back(client, how, seconds):
    response = await client.get(f"/t/fails/{how}")
    await refused(response, 503, "not_ready")
    assert response.headers["Retry-After"] == seconds


async def test_every_route_answers_with_the_protective_headers(client):
    for resource in client.app.router.resources():
        path = resource.canonical.replace("{id}", "1").replace("{how}", "oops")
        response = await client.get(path)
        assert response.headers["X-Content-Type-Options"] == "nosniff", path
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"], path
        assert "unsafe" not in response.headers["Content-Security-Policy"], path
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert "Server" not in response.headers
        assert "Strict-Transport-Security" not in response.headers
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_forwarding_headers_count_only_from_a_trusted_proxy(aiohttp_client, client):
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    direct = await client.get("/t/where", headers=forged)
    assert await direct.json() == {"address": "127.0.0.1"}
    assert "Strict-Transport-Security" not in direct.headers

    behind = await aiohttp_client(app(trust_forwarded_from="127.0.0.1, 10.0.0.0/8"))
    forged["X-Forwarded-For"] = "198.51.100.1, 203.0.113.9, 10.1.2.3"
    proxied = await behind.get("/t/where", headers=forged)
    assert await proxied.json() == {"address": "203.0.113.9"}
    assert "Strict-Transport-Security" in proxied.headers


def form(*parts) -> FormData:
    made = FormData()
    for name, value, filename in parts:
        made.add_field(name, value, filename=filename)
    made._is_multipart = True
    return made


@pytest.mark.parametrize("texts_first", [True, False])
async def test_a_photo_comes_with_its_texts_before_or_after_it(client, texts_first):
    parts = [("photo", b"x" * 1000, "a.jpg"), ("sha256", "ab", None)]
    data = form(*(reversed(parts) if texts_first else parts))
    response = await client.post("/t/photo", data=data)
    assert await response.json() == {"n_bytes": 1000, "texts": {"sha256": "ab"}}


@pytest.mark.parametrize(
    ("parts", "status", "pointer"),
    [
        ([("sha256", "ab", None)], 400, "/photo"),
        ([("photo", b"x", "a"), ("photo", b"y", "b")], 400, "/photo"),
        ([("photo", b"x", "a"), ("colour", "red", None)], 400, "/colour"),
        ([("photo", b"x", "a"), ("sha256", b"x", "b")], 400, "/sha256"),
        ([("photo", b"x", "a"), ("sha256", "a\x00", None)], 400, "/sha256"),
        ([("photo", b"x" * 1001, "a")], 413, None),
        ([("photo", b"x", "a"), ("sha256", "x" * 1025, None)], 413, None),
        ([("photo", b"x" * 100_000, "a")], 413, None),
    ],
)
async def test_an_upload_that_is_not_as_agreed_is_refused(client, parts, status, pointer):
    response = await client.post("/t/photo", data=form(*parts))
    body = await refused(response, status, "bad_input" if status == 400 else "body_too_large")
    assert pointer is None or body["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/octet-stream", 415),
        ("application/json", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=zz", 400),
    ],
)
async def test_an_upload_in_another_shape_is_refused(client, content_type, status):
    response = await client.post(
        "/t/photo", data=b"hello\r\n", headers={"Content-Type": content_type}
    )
    await refused(response, status, "content_type" if status == 415 else "bad_input")


async def test_an_upload_that_breaks_off_or_nests_is_refused(client):
    headers = {"Content-Type": "multipart/form-data; boundary=zz"}
    broken = b'--zz\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nxxx'
    await refused(await client.post("/t/photo", data=broken, headers=headers), 400, "bad_input")
    nested = MultipartWriter("form-data")
    nested.append(MultipartWriter("mixed"))
    await refused(await client.post("/t/photo", data=nested), 400, "bad_input")


async def test_a_streamed_upload_over_the_limit_is_cut_off(client):
    async def endless():
        yield b'--zz\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
        for _ in range(200):
            yield b"x" * 64 * 1024

    response = await client.post(
        "/t/photo",
        data=endless(),
        headers={"Content-Type": "multipart/form-data; boundary=zz"},
    )
    await refused(response, 413, "body_too_large")


async def test_a_file_keeps_its_chinese_name(client):
    part = '--zz\r\nContent-Disposition: form-data; name="file"; filename="清单.xlsx"\r\n\r\nabc'
    headers = {"Content-Type": "multipart/form-data; boundary=zz"}
    response = await client.post("/t/file", data=f"{part}\r\n--zz--\r\n".encode(), headers=headers)
    assert await response.json() == {"filename": "清单.xlsx", "n_bytes": 3}


async def test_the_process_is_up_and_tells_its_figures(client):
    assert await (await client.get("/healthz")).json() == {"status": "up"}
    await client.get("/t/notes/7")
    await client.get("/no/such/thing/13800000000")
    figures = await (await client.get("/metrics")).text()
    assert 'gridwhistle_http_requests_total{method="GET",route="/t/notes/{id}",' in figures
    assert "13800000000" not in figures


@pytest.mark.usefixtures("db")
async def test_readiness_needs_the_database_and_every_check(aiohttp_client):
    ready = app()
    assert (await (await aiohttp_client(ready)).get("/readyz")).status == 200

    async def no_list() -> None:
        raise NotReady(part="list")

    waiting = app()
    waiting[READINESS].append(no_list)
    response = await (await aiohttp_client(waiting)).get("/readyz")
    assert (await refused(response, 503, "not_ready"))["facts"]["part"] == "list"


async def test_a_hanging_check_does_not_hang_the_probe(aiohttp_client, db, monkeypatch):
    monkeypatch.setattr(probes, "CHECK_SECONDS", 0.05)
    hanging = app()
    hanging[READINESS].append(lambda: asyncio.sleep(10))
    response = await (await aiohttp_client(hanging)).get("/readyz")
    await refused(response, 503, "not_ready")


async def test_the_description_is_openapi_and_equals_the_router(client):
    document = json.loads(await (await client.get("/openapi.json")).text())
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"]
    described = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }
    routed = {
        (route.method, route.resource.canonical)
        for route in client.app.router.routes()
        if route.method != "HEAD"
    }
    assert described == routed
    post = document["paths"]["/t/notes"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "NoteForm"
    )
    assert {parameter["name"] for parameter in post["parameters"]} == {"n", "q"}
    assert post["security"] == []
    assert "application/problem+json" in post["responses"]["4XX"]["content"]
    upload = document["paths"]["/t/photo"]["post"]["requestBody"]["content"]
    photo_part = upload["multipart/form-data"]["schema"]["properties"]["photo"]
    assert photo_part == {"type": "string", "format": "binary"}


def _references(found):
    if isinstance(found, dict):
        for name, value in found.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(found, list):
        for value in found:
            yield from _references(value)


async def test_every_reference_of_the_description_leads_somewhere(client):
    document = await (await client.get("/openapi.json")).json()
    references = set(_references(document))
    assert references
    for reference in references:
        name = reference.removeprefix("#/components/schemas/")
        assert name in document["components"]["schemas"]


async def test_the_readable_description_fetches_nothing_and_runs_nothing(client):
    response = await client.get("/docs")
    page = await response.text()
    assert response.content_type == "text/html"
    for shown in ("POST /t/notes", "Echo a note.", "binary", "items", "string ≤ length 20"):
        assert shown in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "unsafe" not in response.headers["Content-Security-Policy"]
