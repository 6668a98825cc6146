"""Cases on the map of a desk, and how the county stands for the wall of a command room."""

from datetime import timedelta

import pytest

from server.cases.models.case import Attachment, Case
from server.clock import now
from tests.casework import PLACES, WALL, Casework, position
from tests.domain.acts.intake import between_grids

BOX = ",".join(f"{each:.4f}" for each in (WALL[0] - 1, WALL[1] - 1, WALL[0] + 1, WALL[1] + 1))
PATH = f"/s/v1/map/cases?bbox={BOX}"


@pytest.fixture
async def acceptor(someone):
    return await someone("acceptor1", face="console")


async def test_near_cases_are_taken_together_and_come_apart_in_a_smaller_box(county, acceptor):
    work = Casework(county)
    east = WALL[0] + 0.004, WALL[1]
    near = [await work.report(), await work.report(position=position(east))]
    found = await acceptor.get(PATH)
    [spot] = found["items"]
    assert (found["n"], spot["n"], spot["no"]) == (2, 2, "")
    assert abs(spot["lon"] - (WALL[0] + 0.002)) < 1e-6
    small = f"{WALL[0] - 0.01:.4f},{WALL[1] - 0.01:.4f},{WALL[0] + 0.01:.4f},{WALL[1] + 0.01:.4f}"
    apart = (await acceptor.get(f"/s/v1/map/cases?bbox={small}"))["items"]
    assert {each["no"] for each in apart} == {case.no for case in near}


async def test_a_spot_says_how_many_are_late_and_the_filter_narrows_it(county, acceptor):
    work = Casework(county)
    late, fine = await work.handling(), await work.report(matter="CJ-002")
    await Case.filter(id=late.id).update(due_at=now() - timedelta(hours=1))
    [spot] = (await acceptor.get(PATH))["items"]
    assert (spot["n"], spot["n_overdue"]) == (2, 1)
    [only] = (await acceptor.get(f"{PATH}&matter=CJ-002"))["items"]
    assert (only["n"], only["n_overdue"], only["no"]) == (1, 0, fine.no)


async def test_the_map_shows_what_one_may_see_and_wants_a_box(county, acceptor, someone):
    await Casework(county).report()
    other = await someone("handler_D12", face="console")
    assert await other.get(PATH) == {"n": 0, "items": []}
    for query in ("", "?bbox=1,2,3", "?bbox=2,1,1,2"):
        status, answer = await acceptor.call("GET", f"/s/v1/map/cases{query}")
        assert (status, answer["code"]) == (400, "bad_input"), query
        assert answer["errors"][0]["pointer"] == "/bbox"


async def test_the_wall_counts_by_grid_what_is_open_and_late_and_shows_the_last_closed(
    county, acceptor, someone
):
    work = Casework(county)
    late, far = await work.handling(), PLACES["market_gate"]
    await Case.filter(id=late.id).update(due_at=now() - timedelta(hours=1))
    other = await work.report(position=position(far))
    closed = await work.closed()
    wall = await acceptor.get("/s/v1/wall")
    grids = {each["grid_code"]: (each["n_open"], each["n_overdue"]) for each in wall["grids"]}
    assert grids == {late.grid_code: (1, 1), other.grid_code: (1, 0)}
    assert (wall["n_open"], wall["n_overdue"]) == (2, 1)
    assert (wall["n_received"], wall["n_closed"]) == (3, 1)
    [last] = wall["closed"]
    assert last["case"]["no"] == closed.no
    [after] = await Attachment.filter(case_id=closed.id, purpose="after")
    assert last["photo"] == str(after.photo_id)
    outside = await (await someone("handler_D12", face="console")).get("/s/v1/wall")
    assert (outside["n_open"], outside["n_received"], outside["closed"]) == (0, 0, [])
    await Case.filter(id=closed.id).update(about_unit_id=closed.lead_id)
    assert (await acceptor.get("/s/v1/wall"))["closed"] == []
    assert (await (await someone("resident1")).call("GET", "/s/v1/wall"))[0] == 403


async def alone(acceptor, case):
    """The spot of a case where one looks so closely that nothing else is seen."""
    near = 0.0005
    box = case.lon - near, case.lat - near, case.lon + near, case.lat + near
    [spot] = (await acceptor.get(f"/s/v1/map/cases?bbox={','.join(map(str, box))}"))["items"]
    return spot


async def test_a_point_is_no_surer_than_its_place_on_whichever_map(county, acceptor, someone):
    """Not where it was measured poorly, nor where its grid is still in question."""
    work = Casework(county)
    sure = await work.report()
    vague = await work.report(position=position(PLACES["market_gate"], accuracy=3000.0))
    for case, certain, within in ((sure, True, 8.0), (vague, False, 3000.0)):
        spot = await alone(acceptor, case)
        assert (spot["no"], spot["n_unsure"]) == (case.no, int(not certain))
        card = (await acceptor.get(f"/s/v1/cases/{case.no}"))["case"]
        assert (card["point_sure"], card["within_m"]) == (certain, within)
    dispatcher = await someone("dispatcher1")
    cards = (await dispatcher.get("/m/v1/cases"))["items"]
    assert {each["no"]: each["point_sure"] for each in cards} == {sure.no: True, vague.no: False}
    doubtful = await between_grids(work)
    spot = await alone(acceptor, doubtful)
    assert (doubtful.place.doubtful, spot["n_unsure"]) == ("grid", 1)


async def test_where_cases_lie_together_it_is_told_how_many_lie_merely_about_there(
    county, acceptor
):
    work = Casework(county)
    await work.report()
    await work.report(position=position(PLACES["market_gate"], accuracy=3000.0))
    everything = "/s/v1/map/cases?bbox=70,10,140,60"
    [spot] = (await acceptor.get(everything))["items"]
    assert (spot["n"], spot["n_unsure"]) == (2, 1)


async def test_the_map_shows_what_is_found_by_the_same_words_as_the_list(county, acceptor):
    work = Casework(county)
    await work.report(text="东门第三根灯杆不亮")
    await work.report(text="路面塌陷")
    for said, n in (("灯杆", 1), ("灯杆 塌陷", 0), ("", 2)):
        of = f"&q={said}" if said else ""
        assert len((await acceptor.get(f"/s/v1/cases?limit=50{of}"))["items"]) == n
        shown = await acceptor.get(f"/s/v1/map/cases?bbox=70,10,140,60{of}")
        assert shown["n"] == n
