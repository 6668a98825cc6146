"""The edge that every handler stands behind: bodies, refusals, headers."""

import asyncio

import pytest

from server.http import bodies
from server.http.paging import cursor
from tests.api.refusals import refusal
from tests.api.sample_app import app


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
        ('{"text": "a\\u0001b"}', "", "control"),
        ('{"text": "a\\fb"}', "", "control"),
        ('{"text": "a\uffffb"}'.encode(), "", "control"),
        ('{"text": "a", "at": "2025-03-01T08:00:00"}', "/at", "timezone_aware"),
        ('{"text": "a", "at": 1740800000}', "/at", None),
        ("{}", "/text", "missing"),
        ("[]", "", None),
        ("{", "", "json_invalid"),
        ("[" * 30, "", "json_invalid"),
        (b'{"text": "\xff"}', "", "utf8"),
        (b"", "", "json_invalid"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_naming_the_place(client, raw, pointer, reason):
    headers = {"Content-Type": "application/json"}
    response = await client.post("/t/notes", data=raw, headers=headers)
    body = await refusal(response, 400, "bad_input")
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
    body = await refusal(response, 415, "content_type")
    assert body["facts"] == {"expected": "application/json"}


async def test_too_large_a_body_is_refused_whether_announced_or_streamed(client):
    headers = {"Content-Type": "application/json"}
    announced = await client.post("/t/notes", data=b" " * (256 * 1024 + 1), headers=headers)
    body = await refusal(announced, 413, "body_too_large")
    assert body["facts"] == {"limit": 256 * 1024}
    assert body["title"] == "内容太大，不能超过 256 KB。"

    async def endless():
        for _ in range(100):
            yield b" " * 64 * 1024

    streamed = await client.post("/t/notes", data=endless(), headers=headers)
    await refusal(streamed, 413, "body_too_large")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("n=1&n=2", "/n"), ("n=0", "/n"), ("n=x", "/n"), ("colour=red", "/colour"), ("q=%00", "/q")],
)
async def test_parameters_are_held_to_their_form_too(client, query, pointer):
    response = await client.post(f"/t/notes?{query}", json={"text": "a"})
    body = await refusal(response, 400, "bad_input")
    assert body["errors"][0]["pointer"] == pointer
    assert body["errors"][0]["title"]


async def test_a_list_goes_on_where_its_cursor_says(client):
    first = await (await client.get("/t/notes?limit=2")).json()
    second = await (await client.get(f"/t/notes?limit=2&after={first['next']}")).json()
    assert [item["n"] for item in first["items"] + second["items"]] == [0, 1, 2, 3]


@pytest.mark.parametrize("after", ["x", "!!!!", "bnVsbA", cursor([1]), cursor(["1", "a"]), "W1td"])
async def test_a_cursor_that_we_did_not_make_is_refused(client, after):
    body = await refusal(await client.get("/t/notes", params={"after": after}), 400, "bad_input")
    assert [each["pointer"] for each in body["errors"]] == ["/after"]


@pytest.mark.parametrize("limit", ["0", "101", "-1"])
async def test_a_page_has_at_most_a_hundred_items(client, limit):
    body = await refusal(await client.get(f"/t/notes?limit={limit}"), 400, "bad_input")
    assert [each["pointer"] for each in body["errors"]] == ["/limit"]


@pytest.mark.parametrize("written", ["0", "x", "2147483648", "-1", "9" * 30, "%00", "1%00", "²"])
async def test_an_id_that_can_be_none_is_not_found(client, written):
    body = await refusal(await client.get(f"/t/notes/{written}"), 404, "not_found")
    assert body["errors"] == []


async def test_no_route_and_a_wrong_method_are_refused_in_the_same_form(client):
    await refusal(await client.get("/nowhere"), 404, "not_found")
    response = await client.request("TRACE", "/t/notes")
    await refusal(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, POST"
    await refusal(await client.put("/t/notes/1"), 405, "method_not_allowed")


async def test_who_is_not_signed_in_is_asked_to(client):
    response = await client.get("/t/mine")
    await refusal(response, 401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_problem_tells_its_facts(client):
    body = await refusal(await client.get("/t/fails/stage"), 409, "case.wrong_stage")
    assert body["facts"]["stage"] == "dispatched"
    assert body["facts"]["possible"] == ["accept"]


async def test_a_failure_of_ours_shows_nothing_of_the_inside(client):
    response = await client.get("/t/fails/oops")
    body = await refusal(response, 500, "internal")
    assert body["facts"] == {"request_id": response.headers["X-Request-Id"]}
    assert "138" not in await response.text()


@pytest.mark.parametrize(("how", "seconds"), [("away", "5"), ("busy", "7")])
async def test_a_lost_database_is_a_503_with_a_time_to_come_back(client, how, seconds):
    response = await client.get(f"/t/fails/{how}")
    await refusal(response, 503, "not_ready")
    assert response.headers["Retry-After"] == seconds


async def test_a_full_database_is_a_507_with_a_time_to_come_back(client):
    response = await client.get("/t/fails/full")
    body = await refusal(response, 507, "database.full")
    assert "照片" not in body["title"]
    assert response.headers["Retry-After"] == "60"


def json_body() -> tuple[str, str, bytes]:
    return "/t/notes", "application/json", b'{"text": "'


def photo_body() -> tuple[str, str, bytes]:
    part = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    return "/t/photo", "multipart/form-data; boundary=x", part


@pytest.mark.parametrize("body", [json_body, photo_body])
async def test_a_body_that_trickles_is_cut(client, monkeypatch, body):
    monkeypatch.setattr(bodies, "WINDOW_SECONDS", 0.2)
    path, content_type, beginning = body()
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\n"
    writer.write(f"{head}Content-Length: 5000\r\n\r\n".encode() + beginning)
    async with asyncio.timeout(10):
        answer = (await reader.read(2000)).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 408")
    assert '"body_too_slow"' in answer


@pytest.mark.slow  # how long it takes is what it is about
async def test_a_slow_phone_that_goes_on_sending_is_heard(client, monkeypatch):
    monkeypatch.setattr(bodies, "WINDOW_SECONDS", 1.5)
    monkeypatch.setattr(bodies, "LEAST_BYTES_PER_SECOND", 2)

    async def slowly():
        for piece in (b'{"text": "', *[b"a"] * 16, b'"}'):
            yield piece
            await asyncio.sleep(0.25)

    headers = {"Content-Type": "application/json"}
    response = await client.post("/t/notes", data=slowly(), headers=headers)
    assert response.status == 201


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
