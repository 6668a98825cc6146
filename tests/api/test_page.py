"""The pages as it goes out: packed as the asker takes it, unpacked where it takes nothing."""

import base64
import gzip
import hashlib

import pytest

from mobile_api import page
from server.http.sending.encodings import packing_for
from server.staff_api import page as staff_page
from tests.api.sample_app import app

SCRIPT = b"console.log('whistle');" * 40
BROTLI = b"packed by whoever built the page"
CHROME = "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("accepted", "packing"),
    [
        (CHROME, "br"),
        ("GZIP , Br", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.2, gzip; q=0.8", "gzip"),
        ("br; q=0, gzip", "gzip"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("*", "br"),
        ("br;q=0, gzip;q=0.000", ""),
        ("*;q=0", ""),
        ("identity", ""),
        ("brotli, xgzip", ""),
        ("br;q=lots, gzip;q=", "gzip"),
        ("br;q=nan", ""),
        (";,=,;q=1", ""),
        ("", ""),
    ],
)
def test_a_packing_is_chosen_as_the_asker_weighs_it(accepted, packing):
    assert packing_for(accepted, ["br", "gzip"]) == packing
    assert packing_for(accepted, []) == ""


@pytest.fixture
async def fetch(tmp_path, monkeypatch, aiohttp_client):
    """Asks for a path of a page that was built into a folder, as far as the test built one."""
    monkeypatch.setattr(page, "FOLDER", tmp_path)
    monkeypatch.setattr(staff_page, "FOLDER", tmp_path)
    (tmp_path / "assets").mkdir()
    served = app()
    page.routes.add_to(served)
    staff_page.routes.add_to(served)
    client = await aiohttp_client(served, auto_decompress=False)

    async def fetch(path, accepted=CHROME, **headers):
        sent = {"Accept-Encoding": accepted, **headers}
        answer = await client.get(path, headers=sent)
        return answer, await answer.read()

    return fetch


async def test_a_script_goes_out_as_small_as_the_asker_takes_it(fetch, tmp_path):
    assets = tmp_path / "assets"
    (assets / "index-1.js").write_bytes(SCRIPT)
    (assets / "index-1.js.br").write_bytes(BROTLI)
    answer, body = await fetch("/assets/index-1.js")
    assert (answer.headers["Content-Encoding"], body) == ("br", BROTLI)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    answer, body = await fetch("/assets/index-1.js", "br;q=0, gzip")
    assert (answer.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", SCRIPT)
    answer, body = await fetch("/assets/index-1.js", "identity")
    assert ("Content-Encoding" in answer.headers, body) == (False, SCRIPT)
    known = {"If-None-Match": answer.headers["ETag"]}
    assert (await fetch("/assets/index-1.js", **known))[0].status == 304
    assert (await fetch("/assets/index-1.js.br"))[0].status == 404


async def test_a_page_built_without_brotli_goes_out_by_gzip_and_pictures_as_they_are(
    fetch, tmp_path
):
    (tmp_path / "index.html").write_bytes(b"<!doctype html>")
    (tmp_path / "icon-192.png").write_bytes(b"\x89PNG")
    answer, body = await fetch("/")
    assert (answer.headers["Content-Encoding"], gzip.decompress(body)) == (
        "gzip",
        b"<!doctype html>",
    )
    answer, body = await fetch("/icon-192.png")
    assert ("Content-Encoding" in answer.headers, body) == (False, b"\x89PNG")


async def test_the_desks_page_is_answered_at_each_of_its_addresses_with_nothing_from_elsewhere(
    fetch, tmp_path
):
    (tmp_path / "index.html").write_bytes(b"<!doctype html>desk")
    (tmp_path / "assets" / "index-2.js").write_bytes(SCRIPT)
    for path in ("/console/", "/console/cases/2026-0001", "/console"):
        answer, body = await fetch(path, "identity")
        assert (answer.status, body) == (200, b"<!doctype html>desk")
        assert answer.headers["Cache-Control"] == "no-cache"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
    answer, body = await fetch("/console/assets/index-2.js", "identity")
    assert (answer.status, body) == (200, SCRIPT)
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await fetch("/console/assets/index-3.js"))[0].status == 404


async def test_what_stands_in_a_page_itself_is_named_by_its_hash_and_nothing_else_may(
    fetch, tmp_path
):
    page = b"<style>a{}</style><script src='/x'></script><script type=module>b\n</script>"
    (tmp_path / "index.html").write_bytes(page)
    answer, _ = await fetch("/", "identity")
    policy = answer.headers["Content-Security-Policy"]
    named = [base64.b64encode(hashlib.sha256(each).digest()).decode() for each in (b"b\n", b"a{}")]
    assert (
        f"script-src 'self' 'sha256-{named[0]}'; style-src 'self' 'sha256-{named[1]}';" in policy
    )
    assert policy.count("sha256-") == 2
    assert "unsafe" not in policy
    answer, _ = await fetch("/assets/index-1.js", "identity")
    assert "sha256-" not in answer.headers["Content-Security-Policy"]
