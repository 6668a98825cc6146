"""What anybody sees without signing in: closed cases, the list, the map; nobody's name."""

import json
from urllib.parse import quote

import pytest
import shapely

from tests.casework import WALL, Casework


async def test_closed_cases_are_public_and_say_nothing_of_people(county, someone):
    work, phone = Casework(county), await someone("resident1")
    phone.token = ""
    await work.report()
    assert (await _open(phone, "/m/v1/public/cases"))["items"] == []
    case = await work.closed()
    [shown] = (await _open(phone, "/m/v1/public/cases"))["items"]
    assert (shown["no"], shown["lead"]) == (case.no, "区住房和城乡建设局")
    assert set(shown) == {
        "no",
        "matter",
        "township",
        "village",
        "lead",
        "received_on",
        "closed_on",
        "in_time",
        "lon",
        "lat",
        "point_sure",
    }
    assert shown["lon"] == round(WALL[0], 3) != WALL[0]
    box = f"{WALL[0] - 0.01},{WALL[1] - 0.01},{WALL[0] + 0.01},{WALL[1] + 0.01}"
    assert len((await _open(phone, f"/m/v1/public/cases?bbox={box}"))["items"]) == 1
    assert (await _open(phone, "/m/v1/public/cases?bbox=1,1,2,2"))["items"] == []
    for bad in ("1,2,3", "a,b,c,d", "nan,0,1,1", "2,0,1,1", "-200,0,1,1"):
        status, answer = await _call(phone, f"/m/v1/public/cases?bbox={bad}")
        assert (status, answer["code"]) == (400, "bad_input")


async def test_the_list_in_force_is_public_in_pages(county, someone):
    phone = await someone("resident1")
    codes, after = [], ""
    while after is not None:
        page = await _open(phone, f"/m/v1/public/matters?limit=40{after and '&after=' + after}")
        codes += [entry["code"] for entry in page["items"]]
        after = page["next"]
        assert all(entry["lead"] and entry["lead_duties"] for entry in page["items"])
    assert len(codes) == len(set(codes)) == 105
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("噪音", "ZH-001"),
        ("狗咬人", "ZH-002"),
        ("路灯", "CJ-012"),
        (" 路登 ", "CJ-012"),
        ("犬", ""),
        ("区住房和城乡建设局", ""),
    ],
)
async def test_who_answers_for_what_is_found_by_everyday_words(county, someone, words, first):
    phone = await someone("resident1")
    items = (await _open(phone, f"/m/v1/public/matters?q={quote(words)}"))["items"]
    assert items, words
    assert items[0]["code"].startswith(first)
    assert len(items) < 40


async def test_words_that_nothing_is_called_by_find_nothing(county, someone):
    phone = await someone("resident1")
    found = await _open(phone, f"/m/v1/public/matters?q={quote('ｘｙｚ')}")
    assert found == {"items": [], "next": None}


async def test_the_map_is_public_as_geojson(county, someone):
    phone = await someone("resident1")
    for level, n in (("township", 8), ("county", 1)):
        status, answer = await _call(phone, f"/m/v1/public/places.geojson?level={level}")
        found = answer if isinstance(answer, dict) else json.loads(answer)
        assert status == 200
        assert len(found["features"]) == n
        assert shapely.geometry.shape(found["features"][0]["geometry"]).is_valid
    assert (await _call(phone, "/m/v1/public/places.geojson?level=street"))[0] == 400


@pytest.mark.slow
async def test_what_many_fetch_goes_out_packed_to_whoever_takes_it(county, someone):
    phone = await someone("resident1")
    for path in ("places.geojson?level=grid", "matters", "cases"):
        lengths = {}
        for accepted in ("br, gzip", "gzip;q=0", "identity"):
            headers = {"Accept-Encoding": accepted}
            async with phone.client.get(f"/m/v1/public/{path}", headers=headers) as answer:
                lengths[accepted] = int(answer.headers["Content-Length"])
                packing = answer.headers.get("Content-Encoding", "")
                assert packing == ("gzip" if accepted == "br, gzip" else "")
                assert answer.headers["Vary"] == "Accept-Encoding"
                await answer.json(content_type=None)
        if path != "cases":
            assert lengths["br, gzip"] < lengths["identity"] / 3


async def _call(person, path):
    async with person.client.get(path) as answer:
        return answer.status, await answer.json(content_type=None)


async def _open(person, path):
    status, answer = await _call(person, path)
    assert status == 200, answer
    return answer
