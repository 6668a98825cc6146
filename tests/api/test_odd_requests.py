"""Requests that no front of ours sends: refused in the one form all refusals have, never a 500."""

import asyncio
import json
import re
import zlib
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from aiohttp import FormData

from gridwhistle.assembly import make_app
from gridwhistle.demo.spreadsheet import workbook
from media.sample import jpeg
from server.clock import now
from server.http.boxes import of_rounded
from server.http.paging import cursor
from server.http.routes import ROUTES
from tests.api.refusals import refusal
from tests.api.sample_app import app
from tests.casework import WALL, Casework, everything

#: What may stand in a path in place of a number, a code or an id.
SEGMENTS = (
    "0",
    "-1",
    "9" * 3000,
    "2147483648",
    "9223372036854775808",
    "x" * 25,
    "250301-0000000100000000000000000000",
    "\u4e95\u76d6",
    "it's; --",
    "%00",
    "%ff%fe",
    "..",
    "1e3",
    str(UUID(int=0)),
)
CURSORS = (
    cursor([-1]),
    cursor([1 << 31]),
    cursor([(1 << 63) - 1]),
    cursor([1 << 63]),
    cursor([-(1 << 70)]),
    cursor(["x" * 200]),
    cursor(["0001-01-01T00:00:00+14:00"]),
    cursor([[]]),
    cursor([True]),
    cursor([1.5]),
    "A" * 501,
    "%",
    "",
)
QUERIES = (
    "limit=99999999999999999999",
    "limit=\u0661",
    "bbox=nan,nan,nan,nan",
    "bbox=inf,-inf,1e308,1",
    "bbox=117,33,116,32",
    "lon=1e400&lat=nan",
    "lon=1e308&lat=-1e308",
    "lon=117&lat=33&accuracy=1e300",
    "from=0001-01-01T00:00:00%2B14:00",
    "to=9999-12-31T23:59:59-14:00",
    "from=-9223372036854775808",
    "q=" + "%F0%9F%98%80" * 500,
    "q=%ED%A0%80",
    "q=%25_%5C",
    "unit=99999999999999999999",
    "type=" + "x" * 33,
    "after=2147483648&since=-1",
    "no=" + "9" * 25 + "&watermark=true",
)


@pytest.fixture
async def people(someone):
    """Somebody of each desk, so that every route is let in to."""
    names = ("admin1", "keeper1", "acceptor1", "dispatcher1", "leader1", "auditor1", "grid0101")
    return [await someone(name, face="console") for name in names]


def reads(county):
    return [
        r for r in make_app(county.parts)[ROUTES] if r.method == "GET" and "live" not in r.path
    ]


async def ask(people, method, path, **more):
    """What the first who is let in is answered, and whether that is as every answer should be."""
    status, answer = 403, {"code": "not_permitted"}
    for person in people:
        status, answer = await person.call(method, path, **more)
        if status not in (401, 403):
            break
    fine = status < 500 and (status < 400 or (isinstance(answer, dict) and answer["title"]))
    return [] if fine else [f"{method} {path[:100]}: {status}"]


@pytest.mark.slow
async def test_no_path_makes_the_server_fail(county, people):
    failed = []
    for route in make_app(county.parts)[ROUTES]:
        if "{" not in route.path or "photos" in route.path:
            continue
        for segment in SEGMENTS[:: 1 if "{no}" in route.path else 2]:
            written = segment if segment.startswith("%") else quote(segment, safe="")
            path = re.sub(r"\{\w+\}", written.replace("\\", ""), route.path)
            failed += await ask(people[:3], route.method, path, json={})
    assert failed == []


async def test_no_cursor_and_no_parameter_makes_the_server_fail(county, people):
    failed = []
    for route in reads(county):
        if route.query is None or "{id}" in route.path:
            continue
        names = {field.alias or name for name, field in route.query.model_fields.items()}
        path = re.sub(r"\{\w+\}", "250301-00000001", route.path)
        tried = [f"after={quote(after)}" for after in CURSORS] if "after" in names else []
        tried += [q for q in QUERIES if {p.partition("=")[0] for p in q.split("&")} <= names]
        for query in tried:
            failed += await ask(people, "GET", f"{path}?{query}")
    assert failed == []


@pytest.fixture
async def client(aiohttp_client):
    return await aiohttp_client(app())


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "gzip, br", "x"])
@pytest.mark.parametrize("data", [b"abc", zlib.compress(b'{"text": "a"}'), b'{"text": "a"}'])
async def test_a_packed_body_is_refused_unread_whether_broken_or_not(client, encoding, data):
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    answer = await raw(client, _head("POST", "/t/notes", headers, len(data)) + data)
    assert answer.startswith(b"HTTP/1.1 415 ")
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert body["code"] == "content_encoding"
    assert body["facts"] == {"given": encoding.lower()}


@pytest.mark.parametrize(
    "head",
    [
        b"FOO /t/where HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /13800000000 x HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /" + b"9" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /t/notes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    ],
)
async def test_what_is_no_request_is_refused_in_at_most_one_line_of_the_log(client, head, caplog):
    with caplog.at_level("INFO"):
        answer = await raw(client, head)
    assert answer.startswith(b"HTTP/1.0 400 ")
    lines = [record for record in caplog.records if record.name == "gridwhistle.http"]
    assert len(lines) <= 1
    assert all((line.levelname, line.exc_info) == ("INFO", None) for line in lines)
    assert not any("138" in line.getMessage() for line in lines)


async def test_a_body_as_it_is_may_say_so(client):
    headers = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    response = await client.post("/t/notes", data=b'{"text": "a"}', headers=headers)
    assert response.status == 201


@pytest.mark.parametrize("method", ["PATCH", "PROPFIND", "OPTIONS", "TRACE", "DELETE"])
async def test_a_method_that_a_path_does_not_know_is_refused_in_the_same_form(client, method):
    response = await client.request(method, "/t/notes")
    await refusal(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("0001-01-01T00:00:00+14:00", "moment_out_of_range"),
        ("1999-12-31T23:59:59Z", "moment_out_of_range"),
        ("2100-01-01T00:00:00Z", "moment_out_of_range"),
        ("9999-12-31T23:59:59-14:00", "moment_out_of_range"),
        ("2025-02-30T00:00:00Z", "datetime_parsing"),
    ],
)
async def test_a_moment_that_no_calendar_reaches_is_refused(client, at, reason):
    response = await client.post("/t/notes", json={"text": "a", "at": at})
    body = await refusal(response, 400, "bad_input")
    assert [fault["reason"] for fault in body["errors"]] == [reason]
    assert body["errors"][0]["title"]


async def test_a_refusal_names_the_stage_and_what_can_be_done_in_words(client):
    body = await refusal(await client.get("/t/fails/stage"), 409, "case.wrong_stage")
    assert body["title"].endswith("\u3002")
    assert "\u7b7e\u6536" in body["title"]
    assert "\u201c\u201d" not in body["title"]


async def test_a_box_tells_of_a_position_no_more_than_its_rounded_one(county, someone):
    await Casework(county).closed()
    phone = await someone("resident1")
    lon, lat = round(WALL[0], 3), round(WALL[1], 3)
    seen = set()
    for east in range(-12, 13):
        box = f"{lon - 0.01:.6f},{lat - 0.01:.6f},{lon + east / 10_000:.6f},{lat + 0.01:.6f}"
        found = await phone.get(f"/m/v1/public/cases?bbox={box}")
        assert bool(found["items"]) == (east >= 0), box
        seen.add(len(found["items"]))
    assert seen == {0, 1}


def test_a_box_of_rounded_positions_is_made_of_whole_cells():
    assert of_rounded((117.123, 32.9, 117.123, 32.9), 3) == pytest.approx(
        (117.1225, 32.8995, 117.1235, 32.9005)
    )
    west, _, east, _ = of_rounded((117.1231, 32.9, 117.1239, 32.9), 3)
    assert east <= west


async def test_a_photo_whose_texts_do_not_fit_is_not_kept(county, someone):
    phone = await someone("resident1")
    before = await everything()
    for texts in (
        {"captured_at": "yesterday"},
        {"captured_at": "1740800000"},
        {"captured_at": "2025-03-01T08:00:00"},
        {"captured_at": "2025-02-30T08:00:00Z"},
        {"captured_at": "0001-01-01T00:00:00+14:00"},
        {"sha256": "x"},
    ):
        status, answer = await send(phone, jpeg(20, 20, seed=8), **texts)
        assert (status, answer["code"]) == (400, "bad_input")
        assert answer["errors"][0]["pointer"] == f"/{next(iter(texts))}"
        assert answer["errors"][0]["title"]
    assert await everything() == before
    good = {"captured_at": "2025-03-01T08:00:00.123+08:00"}
    assert (await send(phone, jpeg(20, 20, seed=8), **good))[0] == 201


async def test_a_copy_that_is_not_made_yet_is_to_be_asked_for_again(county, someone):
    phone, stranger = await someone("resident1"), await someone("resident2")
    _, kept = await send(phone, jpeg(200, 100, seed=9))
    path = f"/m/v1/photos/{kept['id']}"
    headers = {"Authorization": f"Bearer {phone.token}"}
    async with phone.client.get(path, headers=headers) as response:
        await refusal(response, 503, "not_ready")
        assert int(response.headers["Retry-After"]) > 0
    assert (await stranger.call("GET", path))[0] == 404
    await county.deliver()
    assert (await phone.call("GET", path))[0] == 200


async def test_a_number_is_written_only_on_photos_of_its_own_case(county, someone):
    work, owner = Casework(county), await someone("resident1")
    photo = await work.photo("resident1", jpeg(200, 100, seed=10))
    case = await work.report(photos=(photo,))
    other = await work.report()
    await county.deliver()
    path = f"/m/v1/photos/{photo}?watermark=true&no="
    assert (await owner.call("GET", path + case.no))[0] == 200
    for no in (other.no, "250301-99999999", "x" * 24):
        status, answer = await owner.call("GET", path + no)
        assert (status, answer["code"]) == (404, "not_found"), no


async def test_a_label_and_a_name_longer_than_their_columns_make_no_failure(county, someone):
    keeper = await someone("keeper1", face="console")
    status, answer = await upload(keeper, label="x" * 121)
    assert (status, answer["errors"][0]["pointer"]) == (400, "/label")
    status, answer = await upload(keeper, filename="\u6e05" * 300 + ".xlsx")
    assert status == 201, answer
    assert len(answer["version"]["label"]) == 120


async def test_a_role_is_given_only_for_a_place_in_force(county, someone):
    admin = await someone("admin1", face="console")
    for place, status in (("nowhere", 400), ("", 400), (a_place(county, "village"), 400)):
        found, answer = await admin.call("POST", "/s/v1/accounts", json=account(place))
        assert (found, answer["code"]) == (status, "bad_input"), place
    made = await admin.post("/s/v1/accounts", account(a_place(county, "grid")))
    assert made["roles"][0]["role"] == "grid_worker"


async def test_the_list_and_closed_cases_can_be_read_without_a_program(county, someone):
    case = await Casework(county).closed()
    phone = await someone("resident1")
    for path, shown in (("/about", "/list"), ("/list", "0632-"), ("/closed", case.no)):
        async with phone.client.get(path) as response:
            page = await response.text()
            policy = response.headers["Content-Security-Policy"]
        assert response.content_type == "text/html"
        assert shown in page
        assert "<script" not in page
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; style-src 'sha256-")


async def raw(client, data: bytes) -> bytes:
    """The bytes that come back for bytes, to the end of the body or a second later."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(data)
    await writer.drain()
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        return head + await asyncio.wait_for(reader.readexactly(length), 5)
    finally:
        writer.close()


def _head(method: str, path: str, headers: dict[str, str], length: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


async def send(person, data, **texts):
    form = FormData()
    for name, value in texts.items():
        form.add_field(name, value)
    form.add_field("photo", data, filename="a.jpg", content_type="image/jpeg")
    return await person.call("POST", "/m/v1/photos", data=form)


async def upload(person, filename="a.xlsx", **texts):
    form = FormData()
    for name, value in texts.items():
        form.add_field(name, value)
    form.add_field("file", workbook(), filename=filename)
    return await person.call("POST", "/s/v1/lists/main_and_cooperating/versions", data=form)


def account(place: str) -> dict:
    return {
        "username": f"new.{uuid4().hex[:8]}",
        "name": "x",
        "roles": [{"role": "grid_worker", "place": place}],
    }


def a_place(county, level: str) -> str:
    return county.basis.places.at(now()).rows(level)[0].code
