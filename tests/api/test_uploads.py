"""Uploads: what is taken, and what is cut off."""

import pytest
from aiohttp import FormData, MultipartWriter

from tests.api.refusals import refusal
from tests.api.sample_app import app


@pytest.fixture
async def client(aiohttp_client):
    return await aiohttp_client(app())


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
    body = await refusal(response, status, "bad_input" if status == 400 else "body_too_large")
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
    await refusal(response, status, "content_type" if status == 415 else "bad_input")


async def test_an_upload_that_breaks_off_or_nests_is_refused(client):
    headers = {"Content-Type": "multipart/form-data; boundary=zz"}
    broken = b'--zz\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nxxx'
    await refusal(await client.post("/t/photo", data=broken, headers=headers), 400, "bad_input")
    nested = MultipartWriter("form-data")
    nested.append(MultipartWriter("mixed"))
    await refusal(await client.post("/t/photo", data=nested), 400, "bad_input")


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
    await refusal(response, 413, "body_too_large")


async def test_a_file_keeps_its_chinese_name(client):
    part = '--zz\r\nContent-Disposition: form-data; name="file"; filename="清单.xlsx"\r\n\r\nabc'
    headers = {"Content-Type": "multipart/form-data; boundary=zz"}
    response = await client.post("/t/file", data=f"{part}\r\n--zz--\r\n".encode(), headers=headers)
    assert await response.json() == {"filename": "清单.xlsx", "n_bytes": 3}
