"""What machines ask of the process, and what it says about itself."""

import asyncio
import json

import pytest

from server.errors import NotReady
from server.http import probes
from server.http.probes import READINESS
from tests.api.refusals import refusal
from tests.api.sample_app import app


@pytest.fixture
async def client(aiohttp_client):
    return await aiohttp_client(app())


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
    assert (await refusal(response, 503, "not_ready"))["facts"]["part"] == "list"


async def test_a_hanging_check_does_not_hang_the_probe(aiohttp_client, db, monkeypatch):
    monkeypatch.setattr(probes, "CHECK_SECONDS", 0.05)
    hanging = app()
    hanging[READINESS].append(lambda: asyncio.sleep(10))
    response = await (await aiohttp_client(hanging)).get("/readyz")
    body = await refusal(response, 503, "not_ready")
    assert body["errors"] == []


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
    assert post["operationId"] == "postTNotes"
    assert post["security"] == []
    assert "application/problem+json" in post["responses"]["4XX"]["content"]
    upload = document["paths"]["/t/photo"]["post"]["requestBody"]["content"]
    photo_part = upload["multipart/form-data"]["schema"]["properties"]["photo"]
    assert (photo_part["type"], photo_part["format"]) == ("string", "binary")


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
    for shown in ("POST /t/notes", "Echo a note.", "文件", "items", "文字 ≤20"):
        assert shown in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "unsafe" not in response.headers["Content-Security-Policy"]
