"""The base map goes out in ranges, under a name that is its content's, and to nobody packed."""

import gzip
import hashlib

import pytest
import shapely

from geo.basemap.building import write
from geo.basemap.drawn import Drawn
from tests.casework import WALL

CHROME = "gzip, deflate, br, zstd"


@pytest.fixture
def file(county):
    """A base map where this county's server reads it."""
    target = county.parts.settings.basemap_file
    gate = Drawn("places", "point", shapely.Point(WALL), "荣华里南门")
    write([gate], target, shapely.Point(WALL).buffer(0.1), attribution="© 测绘单位")
    return target


@pytest.fixture
async def ask(someone):
    """Asks as a map does, without being anybody; gives the answer and its bytes."""
    phone = await someone("resident1")

    async def asked(path, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        options = {"headers": named, "auto_decompress": False}
        async with phone.client.get(path, **options) as answer:
            return answer, await answer.read()

    asked.client = phone.client
    return asked


async def _where(ask):
    answer, _ = await ask("/m/v1/public/basemap")
    assert answer.status == 200
    return await answer.json()


async def test_a_county_without_a_base_map_says_so(ask):
    assert await _where(ask) == {"file": None, "attribution": "", "approval": ""}
    answer, _ = await ask(f"/m/v1/basemap/{'0' * 32}.pmtiles")
    assert answer.status == 404


async def test_a_range_is_answered_as_it_is_and_kept_for_ever(ask, file):
    told, data = await _where(ask), file.read_bytes()
    assert told["attribution"] == "© 测绘单位"
    name = hashlib.sha256(data).hexdigest()[:32]
    assert told["file"] == f"/m/v1/basemap/{name}.pmtiles"
    # What lies packed beside it, as operators pack what they serve, is another file's bytes.
    file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(data))
    answer, body = await ask(told["file"], Range="bytes=0-126", Accept_Encoding=CHROME)
    assert (answer.status, body) == (206, data[:127])
    assert answer.headers["Content-Range"] == f"bytes 0-126/{len(data)}"
    assert answer.headers["ETag"] == f'"{name}"'
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in answer.headers
    answer, body = await ask(told["file"], Accept_Encoding=CHROME)
    assert (answer.status, body) == (200, data)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("100-16383", 100, None), ("100-", 100, None), ("-20", -20, None), ("5-5", 5, 6)],
)
async def test_a_range_beyond_the_end_ends_there(ask, file, asked, start, stop):
    told, data = await _where(ask), file.read_bytes()
    answer, body = await ask(told["file"], Range=f"bytes={asked}")
    assert (answer.status, body) == (206, data[start:stop])


@pytest.mark.parametrize("asked", ["bytes=9999999-", "bytes=7-3", "bytes=x-y", "bytes=0-1,5-6"])
async def test_what_is_no_range_of_it_is_refused_with_its_size(ask, file, asked):
    told = await _where(ask)
    answer, body = await ask(told["file"], Range=asked)
    assert (answer.status, body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{file.stat().st_size}"


async def test_what_one_has_is_not_sent_again(ask, file):
    told, data = await _where(ask), file.read_bytes()
    tag = f'"{told["file"].rpartition("/")[2].partition(".")[0]}"'
    answer, body = await ask(told["file"], If_None_Match=tag)
    assert (answer.status, body) == (304, b"")
    answer, body = await ask(told["file"], Range="bytes=0-9", If_Range='"another"')
    assert (answer.status, body) == (200, data)
    async with ask.client.head(told["file"]) as head:
        assert (head.status, head.headers["Content-Length"]) == (200, str(len(data)))


async def test_another_file_has_another_name_at_once(ask, file):
    before = (await _where(ask))["file"]
    gate = Drawn("places", "point", shapely.Point(WALL), "荣华里北门")
    write([gate], file, shapely.Point(WALL).buffer(0.1))
    after = await _where(ask)
    assert after["file"] != before
    assert after["attribution"] == ""
    assert [(await ask(path))[0].status for path in (before, after["file"])] == [404, 200]


async def test_what_is_no_base_map_is_served_to_nobody(ask, file):
    file.write_bytes(b"PMTiles, but not really")
    assert (await _where(ask))["file"] is None
