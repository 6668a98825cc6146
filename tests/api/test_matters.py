"""Suggestions, places and what is near, as a phone asks for them."""

from urllib.parse import quote

import pytest

from tests.casework import PLACES, STREET_LAMP, WALL, Casework, position

HERE = f"lon={WALL[0]}&lat={WALL[1]}&datum=wgs84&accuracy=8"


async def test_words_find_matters_with_the_unit_that_would_lead_there(county, someone):
    phone = await someone("resident1")
    items = (await phone.get(f"/m/v1/matters?q={quote('小区路灯坏了不亮')}&{HERE}"))["items"]
    assert 0 < len(items) <= 5
    assert items[0]["code"] == STREET_LAMP
    assert items[0]["lead"] == "区住房和城乡建设局"
    assert items[0]["why"]
    stairs = (await phone.get(f"/m/v1/matters?q={quote('楼道堆物')}&{HERE}"))["items"]
    assert ("CJ-023", "荣华街道") in {(each["code"], each["lead"]) for each in stairs}
    nowhere = (await phone.get(f"/m/v1/matters?q={quote('楼道堆物')}"))["items"]
    assert {each["lead"] for each in nowhere if each["code"] == "CJ-023"} == {None}
    assert (await phone.get("/m/v1/matters?q="))["items"] == []
    assert (await phone.get(f"/m/v1/matters?q={quote('？！……')}"))["items"] == []


async def test_a_unit_finds_what_it_leads_and_a_word_of_nothing_finds_nothing(county, someone):
    """The same on the page of who sees to what, and where a report is written."""
    phone = await someone("resident1")
    by_phone = (await phone.get(f"/m/v1/matters?q={quote('住建')}&{HERE}"))["items"]
    public = (await phone.get(f"/m/v1/public/matters?q={quote('住建')}"))["items"]
    for found in (by_phone, public):
        led = [each["lead"] == "区住房和城乡建设局" for each in found]
        assert sum(led) == 9
        assert led == sorted(led, reverse=True)
    assert by_phone[0]["why"] == ["住建"]
    for words in ("马蜂窝", "老赖"):
        for path in ("/m/v1/matters", "/m/v1/public/matters"):
            assert (await phone.get(f"{path}?q={quote(words)}"))["items"] == [], (path, words)


async def test_a_point_is_said_to_lie_in_one_place_per_level_or_why_not(county, someone):
    phone = await someone("resident1")
    here = await phone.get(f"/m/v1/place?{HERE}")
    assert here["village"]["name"] == "荣华里社区"
    assert (here["certain"], here["why"]) == (True, [])
    assert sum(each["p"] for each in here["candidates"]) > 0.9
    lon, lat = PLACES["outside"]
    away = await phone.get(f"/m/v1/place?lon={lon}&lat={lat}&datum=wgs84&accuracy=8")
    assert away["township"] is None
    assert away["why"] == ["outside_county"]
    assert away["certain"] is False


async def test_what_is_near_is_shown_without_anything_personal(county, someone):
    work, other = Casework(county), await someone("resident2")
    case = await work.report("resident1")
    [near] = (await other.get(f"/m/v1/nearby?{HERE}"))["items"]
    assert near["no"] == case.no
    assert set(near) == {
        *("no", "matter", "stage", "lon", "lat", "received_at", "within_m", "about", "stage_text"),
    }
    assert (near["matter"], near["stage_text"]) == (case.matter_name, "已交办，等待签收")
    assert (near["within_m"], near["about"]) == (50, "约 50 米内，今天")
    assert near["received_at"].endswith("T16:00:00Z")  # when the county's day begins
    assert (near["lon"], near["lat"]) != (case.lon, case.lat)
    assert (await other.get(f"/m/v1/nearby?{HERE}&matter=CJ-001"))["items"] == []
    away = f"lon={WALL[0] + 0.002}&lat={WALL[1]}&datum=wgs84"
    assert (await other.get(f"/m/v1/nearby?{away}"))["items"] == []
    await other.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    followed = await other.get(f"/m/v1/reports/{case.no}")
    [listed] = (await other.get("/m/v1/reports"))["items"]
    for card in (followed["case"], listed):
        assert (card["lon"], card["lat"]) == (round(case.lon, 3), round(case.lat, 3))
        assert card["received_at"].endswith("T16:00:00Z")
    assert followed["photos"] == []
    assert all(row["note"] == "" for row in followed["timeline"])


async def test_whoever_walks_about_learns_of_a_place_no_more_than_its_square(county, someone):
    work, other = Casework(county), await someone("resident2")
    case, mine = await work.report("resident1"), await someone("resident1")
    step = 0.0001
    seen = set()
    for east in range(-14, 15, 2):
        at = f"lon={WALL[0] + east * step}&lat={WALL[1]}&datum=wgs84"
        for near in (await other.get(f"/m/v1/nearby?{at}"))["items"]:
            assert near["no"] == case.no
            seen.add((near["lon"], near["lat"], near["within_m"]))
    assert {band for _, _, band in seen} == {50, 100}
    [(lon, lat)] = {(lon, lat) for lon, lat, _ in seen}
    assert abs(lon - case.lon) <= 0.00026
    assert abs(lat - case.lat) <= 0.00026
    assert (await mine.get(f"/m/v1/nearby?{HERE}"))["items"] == []


@pytest.mark.parametrize(
    ("accuracy", "bands"), [(8, [50]), (60, [50]), (150, [200]), (400, [500]), (100_000, [])]
)
async def test_what_is_near_is_told_no_nearer_than_it_is_known(county, someone, accuracy, bands):
    work, other = Casework(county), await someone("resident2")
    await work.report("resident1", position=position(accuracy=accuracy))
    found = (await other.get(f"/m/v1/nearby?{HERE}"))["items"]
    assert [near["within_m"] for near in found] == bands


async def test_points_that_are_none_are_refused(county, someone):
    phone = await someone("resident1")
    for path in ("/m/v1/place", "/m/v1/nearby"):
        for query, status, code in (
            ("", 400, "bad_input"),
            ("lon=117.5", 400, "bad_input"),
            ("lon=nan&lat=34", 400, "bad_input"),
            ("lon=1e400&lat=34", 400, "bad_input"),
            ("lon=x&lat=34", 400, "bad_input"),
            ("lon=117&lat=34&datum=mars", 400, "bad_input"),
            ("lon=117&lat=34&lon=118", 400, "bad_input"),
            ("lon=117&lat=34&accuracy=-1", 400, "bad_input"),
            ("lon=190&lat=34", 422, "position.bad"),
            (f"lon={WALL[1]}&lat={WALL[0]}", 422, "position.bad"),
        ):
            found = await phone.call("GET", f"{path}?{query}")
            assert (found[0], found[1]["code"]) == (status, code), (path, query)
