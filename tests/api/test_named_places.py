"""Places by name: found by parts of it or by an address, and enough for a call."""

from urllib.parse import quote

from server.cases.models.case import Case
from server.cases.models.task import Call
from tests.api.calling import call
from tests.casework import everything


async def find(phone, words):
    return (await phone.get(f"/m/v1/places?q={quote(words)}"))["items"]


async def test_a_place_is_found_by_parts_of_its_name_and_of_those_it_lies_in(county, someone):
    phone = await someone("township02")
    first, *rest = await find(phone, "荣华里")
    assert (first["name"], first["level"]) == ("荣华里社区", "village")
    assert first["place"] == "荣华街道荣华里社区"
    assert {each["level"] for each in rest} >= {"grid"}  # within it, after it
    both = await find(phone, f"荣华街道 {rest[0]['name'][-3:]}")
    assert rest[0] in both
    assert all("荣华街道" in each["place"] for each in both)
    assert (await find(phone, first["code"]))[0]["code"] == first["code"]
    villages = await phone.get(f"/m/v1/places?q={quote('荣华里')}&level=village")
    assert villages["items"] == [first]
    grids = await phone.get(f"/m/v1/places?q={quote('荣华里')}&level=grid")
    assert {each["level"] for each in grids["items"]} == {"grid"}
    status, _ = await phone.call("GET", f"/m/v1/places?q={quote('荣华里')}&level=street")
    assert status == 400
    assert await find(phone, "没有的地方") == []
    assert await find(phone, "，。") == []


async def test_an_address_names_the_place_it_holds_the_finest_first(county, someone):
    phone = await someone("township02")
    found = await find(phone, "荣华里3号楼东墙根")
    assert (found[0]["level"], found[0]["name"]) == ("village", "荣华里社区")
    assert "township" in {each["level"] for each in await find(phone, "峨山镇政府对面2号")}


async def test_a_call_goes_to_a_place_by_its_name_as_sure_as_that_is(county, someone):
    room = await someone("township02")
    village = (await find(room, "荣华里"))[0]
    [grid, *_] = [each for each in await find(room, "荣华里") if each["level"] == "grid"]
    for place, about in ((village, True), (grid, False)):
        made = await room.post(
            "/s/v1/calls", call(position=None, place_code=place["code"]), expect=201
        )
        case = await Case.get(no=made["no"])
        assert (case.place.village, case.lon) == (village["name"], None)
        said = f"约在{place['place']}，网格待确认" if about else place["place"]
        assert (case.place.text, case.place.grid_certain) == (said, not about)
    before = await everything()
    elsewhere = (await find(room, "峨山镇"))[0]["code"]
    for code, status in (("000", 400), (elsewhere, 403)):
        body = call(position=None, place_code=code)
        assert (await room.call("POST", "/s/v1/calls", json=body))[0] == status
    assert await everything() == before


async def test_a_call_on_a_case_meets_where_the_case_lies_or_where_it_says(county, someone):
    room = await someone("township02")
    made = await room.post("/s/v1/calls", call(), expect=201)
    case = await Case.get(no=made["no"])
    village = (await find(room, "荣华里"))[0]
    again = call(matter="", position=None, no=case.no, lead="", cooperating=[])
    await room.post("/s/v1/calls", again, expect=201)
    await room.post("/s/v1/calls", again | {"place_code": village["code"]}, expect=201)
    _, here, there = await Call.filter(case_id=case.id).order_by("id")
    assert (here.lon, here.lat) == (case.lon, case.lat)
    assert (there.lon, there.lat) == (None, None)
    refused = await room.call("POST", "/s/v1/calls", json=again | {"place_code": "000"})
    assert (refused[0], refused[1]["errors"][0]["pointer"]) == (400, "/place_code")
