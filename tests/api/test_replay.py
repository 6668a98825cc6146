"""Replay (沙盘): what a list or boundaries not yet in force would have said of closed cases."""

import json
from datetime import timedelta

import pytest

from gridwhistle.demo.geography import features
from server.cases.models.case import Case
from server.clock import now
from tests.api.versions import changed, upload
from tests.casework import ILLEGAL_BUILDING, STREET_LAMP, WALL, Casework, everything
from tests.domain.acts.governance import drafted, made
from tests.domain.acts.places import swapped_grids

PATH = "/s/v1/replay"
LEAD, OTHER = "区住房和城乡建设局", "区城乡水务局"


@pytest.fixture
async def keeper(someone):
    return await someone("keeper1", face="console")


async def draft(keeper, code=STREET_LAMP, column="牵头部门", value=OTHER) -> str:
    """A draft in which one cell differs from the list in force."""
    status, answer = await upload(keeper, changed(code, column, value))
    assert status == 201, answer
    return answer["version"]["id"]


async def test_a_draft_list_says_who_would_gain_and_lose_work_and_nothing_happens(county, keeper):
    work = Casework(county)
    await made(work, matter=STREET_LAMP, lead=LEAD, n=3)
    await made(work, matter=STREET_LAMP, lead=OTHER)  # people gave it there already
    await made(work, matter=ILLEGAL_BUILDING, lead="区综合行政执法局", n=2)
    await made(work, matter=STREET_LAMP, lead=LEAD, ago=400)
    version, before = await draft(keeper), await everything()
    found = await keeper.get(f"{PATH}?version={version}")
    assert (found["n_cases"], found["all_cases"]) == (6, True)
    assert (found["n_elsewhere"], found["n_moved"]) == (4, 0)
    leads = {row["unit"]: row["leading"] for row in found["units"]}
    assert leads[LEAD] == {"n_before": 4, "n_after": 0}
    assert leads[OTHER] == {"n_before": 0, "n_after": 4}
    assert found["as_settled"]["n_after"] - found["as_settled"]["n_before"] == 1 - 3
    assert [(row["matter_code"], row["n"]) for row in found["by_matter"]] == [(STREET_LAMP, 4)]
    case = found["cases"][0]
    assert (case["lead_before"], case["lead_after"]) == (LEAD, OTHER)
    assert case["township_before"] == case["township_after"] == "荣华街道"
    longer = (now() - timedelta(days=500)).isoformat().replace("+00:00", "Z")
    assert (await keeper.get(f"{PATH}?version={version}&since={longer}"))["n_cases"] == 7
    assert await everything() == before


async def test_a_row_left_out_leaves_its_cases_to_nobody(county, keeper):
    work = Casework(county)
    await made(work, matter=STREET_LAMP, lead=LEAD, n=2)
    found = await keeper.get(f"{PATH}?version={await draft(keeper, column='', value=None)}")
    assert found["without_lead"] == {"n_before": 0, "n_after": 2}
    assert found["off_list"] == {"n_before": 0, "n_after": 2}
    assert found["cases"][0]["lead_after"] is None


async def test_a_complaint_about_a_unit_is_shown_to_nobody_by_it(county, keeper):
    work = Casework(county)
    await made(work, matter=STREET_LAMP, lead=LEAD)
    await Case.all().update(about_unit_id=work.basis.units.named(LEAD).id)
    assert (await keeper.get(f"{PATH}?version={await draft(keeper)}"))["n_cases"] == 0


async def test_draft_boundaries_say_which_cases_would_lie_elsewhere(county, keeper):
    work = Casework(county)
    case = await work.closed(await work.report(matter=STREET_LAMP))
    await Case.filter(id=case.id).update(closed_at=now() - timedelta(minutes=1))
    shapes, other = swapped_grids(json.loads(json.dumps(features())), case.grid_code)
    generation = await drafted(shapes)
    found = await keeper.get(f"{PATH}?generation={generation}")
    assert (found["n_cases"], found["n_moved"], found["n_elsewhere"]) == (1, 1, 0)
    [row] = found["cases"]
    assert (row["no"], row["grid_code_before"], row["grid_code_after"]) == (
        case.no,
        case.grid_code,
        other,
    )
    assert (row["lon"], row["lat"]) == (round(WALL[0], 3), round(WALL[1], 3))
    [spot] = found["spots"]
    assert spot["n"] == 1
    assert abs(spot["lon"] - WALL[0]) < 0.005
    assert abs(spot["lat"] - WALL[1]) < 0.005
    await Case.filter(id=case.id).update(place={"by": "person", "township": "荣华街道"})
    assert (await keeper.get(f"{PATH}?generation={generation}"))["n_moved"] == 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "bad_input"),
        ("?version=999999", 404, "not_found"),
        ("?generation=999999", 404, "not_found"),
        ("?version=0", 400, "bad_input"),
        ("?version=1&since=2026-01-02T00:00:00Z&until=2026-01-02T00:00:00Z", 400, "bad_input"),
        ("?version=1&since=2026-01-02T00:00:00", 400, "bad_input"),
    ],
)
async def test_what_cannot_be_tried_is_refused(keeper, query, status, code):
    found, answer = await keeper.call("GET", PATH + query)
    assert (found, answer["code"]) == (status, code), answer


async def test_a_draft_that_waits_for_answers_is_not_tried(keeper):
    number = await draft(keeper, value="区里没有的局")
    for path in (
        f"{PATH}?version={number}",
        f"/s/v1/lookup?matter={STREET_LAMP}&version={number}",
    ):
        status, answer = await keeper.call("GET", path)
        assert (status, answer["code"]) == (409, "version.questions_open"), path


async def test_a_draft_is_tried_on_one_matter_as_the_list_is_looked_up(county, keeper):
    township = Casework(county).basis.units.named("荣华街道").township_code
    path = f"/s/v1/lookup?matter={STREET_LAMP}&township={township}"
    assert (await keeper.get(path))["lead"] == LEAD
    number = await draft(keeper)
    tried = await keeper.get(f"{path}&version={number}")
    assert tried["lead"] == OTHER
    assert tried["explanation"]["version_id"] == int(number)
    assert (await keeper.get(path))["lead"] == LEAD
