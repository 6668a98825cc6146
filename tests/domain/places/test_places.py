"""Boundaries from files into generations, and points into places, on a real database."""

import json
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from shapely.geometry import box, mapping

from geo.ground.datum import from_wgs84
from gridwhistle.demo.geography import features
from server.errors import (
    BadPosition,
    Duplicate,
    NotFound,
    NotPermitted,
    PlacesRefused,
    VersionState,
)
from server.governance import commands as governance
from server.people.actor import SYSTEM, Actor, Held
from server.permissions import Role
from server.places import commands, queries
from server.places.boundaries import Thresholds, certain_townships
from server.places.in_memory import PlacesInForce
from server.places.position import check_position, to_wgs84
from tests.parts import SHARED

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
DAY = timedelta(days=1)
USUAL = Thresholds()
# A county of 4 × 2 grids, each 0.01° wide: two townships side by side, each with two villages.
WEST, SOUTH, STEP = 117.0, 34.0, 0.01

pytestmark = pytest.mark.usefixtures("db")


def square(column: int, row: int, width: int = 1, height: int = 1):
    x, y = WEST + column * STEP, SOUTH + row * STEP
    return box(x, y, x + width * STEP, y + height * STEP)


def feature(level: str, code: str, parent: str, shape, **more: object) -> dict:
    named = {"level": level, "code": code, "name": f"{level} {code}", "parent": parent}
    return {"type": "Feature", "properties": named | more, "geometry": mapping(shape)}


def county() -> list[dict]:
    made = [feature("county", "C", "", square(0, 0, 4, 2))]
    for t in range(2):
        made.append(feature("township", f"C{t}", "C", square(2 * t, 0, 2, 2)))
        for v in range(2):
            column = 2 * t + v
            made.append(feature("village", f"C{t}{v}", f"C{t}", square(column, 0, 1, 2)))
            made += [
                feature("grid", f"C{t}{v}{g}", f"C{t}{v}", square(column, g)) for g in range(2)
            ]
    return made


def data(made: list[dict]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": made}).encode()


async def bring(made: list[dict], datum: str = "wgs84", **more):
    return await commands.load(data(made), label="g", datum=datum, by=SYSTEM, at=NOON, **more)


async def in_force(made: list[dict], datum: str = "wgs84"):
    generation = await bring(made, datum)
    await governance.publish_places(generation.id, starts_at=NOON, by=SYSTEM, at=NOON)
    places = PlacesInForce()
    await places.refresh()
    boundaries = places.at(NOON)
    assert boundaries is not None
    return boundaries


async def test_a_point_is_found_in_one_place_of_each_level_or_in_none():
    of = await in_force(county())
    found = of.find(WEST + 0.015, SOUTH + 0.015)
    codes = [place.code for place in (found.county, found.township, found.village, found.grid)]
    assert codes == ["C", "C0", "C01", "C011"]
    assert found.grid.name == "grid C011"
    assert of.find(WEST - 0.001, SOUTH).finest is None
    # On the corner that four grids share the lowest code wins, and its parents with it.
    corner = of.find(WEST + 2 * STEP, SOUTH + STEP)
    assert (corner.grid.code, corner.township.code) == ("C010", "C0")


async def test_a_point_that_no_grid_holds_is_found_in_the_next_level_up():
    made = [each for each in county() if each["properties"]["code"] not in ("C000", "C010", "C01")]
    made = [each for each in made if each["properties"]["parent"] != "C01"]
    of = await in_force(made)
    village = of.find(WEST + 0.005, SOUTH + 0.005)
    assert (village.grid, village.village.code) == (None, "C00")
    township = of.find(WEST + 0.015, SOUTH + 0.005)
    assert (township.village, township.township.code) == (None, "C0")
    there = of.locate(WEST + 0.005, SOUTH + 0.005, 5, USUAL)
    assert there.certain
    assert "no_grid" in there.why


async def test_the_middle_of_a_township_is_certain_and_its_border_is_not():
    of = await in_force(county())
    middle = of.locate(WEST + 0.005, SOUTH + 0.005, 20, USUAL)
    assert (middle.certain, middle.grid_certain, middle.why) == (True, True, ())
    assert middle.candidates[0].p == 1
    between_grids = of.locate(WEST + 0.005, SOUTH + STEP, 20, USUAL)
    assert (between_grids.certain, between_grids.grid_certain) == (True, False)
    border = of.locate(WEST + 2 * STEP, SOUTH + 0.005, 20, USUAL)
    assert (border.certain, border.why) == (False, ("border",))
    assert {each.township for each in border.candidates} == {"C0", "C1"}
    assert math.isclose(sum(each.p for each in border.townships), 1, abs_tol=0.01)
    assert set(certain_townships(border, USUAL)) == {"C0", "C1"}
    assert certain_townships(middle, USUAL) == ("C0",)


async def test_without_an_accuracy_nothing_is_certain():
    of = await in_force(county())
    for accuracy in (None, math.nan, -1.0):
        there = of.locate(WEST + 0.005, SOUTH + 0.005, accuracy, USUAL)
        assert (there.certain, there.grid_certain, there.why) == (False, False, ("no_accuracy",))
        assert there.found.grid.code == "C000"
        assert certain_townships(there, USUAL) == ()


async def test_a_point_outside_gets_the_nearest_place_as_a_suggestion_only():
    of = await in_force(county())
    near = of.locate(WEST - 0.001, SOUTH + 0.005, 5, USUAL)
    assert near.found.finest is None
    assert near.why == ("outside_county",)
    assert near.nearest.code == "C000"
    assert 90 < near.nearest.distance_m < 95
    assert not near.certain
    assert of.locate(WEST - 0.01, SOUTH + 0.005, 5, USUAL).nearest is None


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
async def test_a_file_in_another_datum_is_converted_once_and_neighbours_stay_neighbours(datum):
    made = county()
    for each in made:
        shape = shapely.geometry.shape(each["geometry"])
        moved = shapely.transform(
            shape, lambda xy: np.array([from_wgs84(x, y, datum) for x, y in xy])
        )
        each["geometry"] = mapping(moved)
    of = await in_force(made, datum)
    assert of.find(WEST + 0.0151, SOUTH + 0.0151).grid.code == "C011"
    assert math.isclose(of.box[0], WEST, abs_tol=1e-7)
    corner = of.find(WEST + 2 * STEP - 1e-6, SOUTH + 0.005)
    assert corner.grid.code == "C010"


def refusals(error: pytest.ExceptionInfo[PlacesRefused]) -> set[tuple[int | None, str]]:
    faults = error.value.facts["faults"]
    assert error.value.facts["n_faults"] >= len(faults) > 0
    assert all(fault["reason"] for fault in faults)
    return {(fault["feature"], fault["code"]) for fault in faults}


@pytest.mark.slow
async def test_a_file_with_faults_names_the_features_and_writes_nothing():
    twice, nameless, overlapping, levelless = county(), county(), county(), county()
    twice[4]["properties"]["code"] = "C000"
    nameless[1]["properties"]["name"] = ""
    levelless[1]["properties"].pop("level")
    overlapping[4] = feature("grid", "C001", "C00", square(0, 0, 1, 2))
    for made, expected in (
        (twice, (4, "code.twice")),
        (nameless, (1, "name.missing")),
        (levelless, (1, "level.missing")),
        (overlapping, (4, "places.overlap")),
    ):
        with pytest.raises(PlacesRefused) as refused:
            await bring(made)
        features_named = refusals(refused)
        assert expected in features_named or expected[1] == "places.overlap"
        assert expected[1] in {code for _, code in features_named}
    for rubbish in (b"", b"{", b'{"type":"FeatureCollection","features":[]}', b"\xff\xfe{"):
        with pytest.raises(PlacesRefused) as refused:
            await commands.load(rubbish, label="g", datum="wgs84", by=SYSTEM, at=NOON)
        assert refusals(refused)
    with pytest.raises(PlacesRefused) as refused:
        await bring(county(), datum="unknown")
    assert refusals(refused) == {(None, "datum.unknown")}
    assert await queries.generations() == []


async def test_a_level_may_be_declared_for_features_that_name_none_and_grids_need_no_name():
    made = [
        {
            "type": "Feature",
            "properties": {"code": f"G{n}"},
            "geometry": mapping(square(n, 0)),
        }
        for n in range(2)
    ]
    generation = await bring(made, level="grid")
    assert generation.report["counts"]["grid"] == 2
    assert (generation.state, generation.datum) == ("draft", "wgs84")


async def test_a_generation_takes_effect_from_its_start_and_the_one_before_ends_there(tmp_path):
    old, new = await bring(county()), await bring(county())
    places = PlacesInForce(tmp_path)
    assert places.at(NOON) is None
    await governance.publish_places(old.id, starts_at=NOON, by=SYSTEM, at=NOON)
    assert await places.refresh()
    assert not await places.refresh()
    await governance.publish_places(new.id, starts_at=NOON + DAY, by=SYSTEM, at=NOON)
    assert await places.refresh()
    moments = (NOON, NOON + DAY - timedelta(seconds=1), NOON + DAY, NOON + 9 * DAY)
    assert [places.at(m).generation_id for m in moments] == [old.id, old.id, new.id, new.id]
    assert places.at(NOON - DAY) is None
    ends = {row.id: row.ends_at for row in await queries.generations()}
    assert ends == {old.id: NOON + DAY, new.id: None}
    assert (await places.generation(old.id)).find(WEST + 0.005, SOUTH + 0.005).grid.code == "C000"
    with pytest.raises(NotFound):
        await places.generation(999)


async def test_saved_indices_answer_alike_and_damaged_ones_are_made_anew(tmp_path):
    generation = await bring(county())
    await governance.publish_places(generation.id, starts_at=NOON, by=SYSTEM, at=NOON)
    answers = []
    for damage in (False, False, True):
        files = sorted(tmp_path.glob("*.places"))
        if damage:
            assert len(files) == 4
            files[0].write_bytes(b"rubbish")
        places = PlacesInForce(tmp_path)
        await places.refresh()
        answers.append(places.at(NOON).locate(WEST + 0.019, SOUTH + 0.005, 30, USUAL))
    assert answers[0] == answers[1] == answers[2]


async def test_publishing_is_refused_to_others_twice_and_for_an_instant_taken():
    one, two = await bring(county()), await bring(county())
    keeper = Actor(id=1, name="k", held=(Held(role=Role.LIST_KEEPER),))
    with pytest.raises(NotPermitted):
        await governance.publish_places(one.id, starts_at=NOON, by=keeper, at=NOON)
    with pytest.raises(NotFound):
        await governance.publish_places(999, starts_at=NOON, by=SYSTEM, at=NOON)
    with pytest.raises(VersionState):
        await governance.publish_places(one.id, starts_at=NOON - DAY, by=SYSTEM, at=NOON)
    await governance.publish_places(one.id, starts_at=NOON, by=SYSTEM, at=NOON)
    with pytest.raises(VersionState):
        await governance.publish_places(one.id, starts_at=NOON + DAY, by=SYSTEM, at=NOON)
    with pytest.raises(Duplicate):
        await governance.publish_places(two.id, starts_at=NOON, by=SYSTEM, at=NOON)
    assert {row.id: row.state for row in await queries.generations()} == {
        one.id: "published",
        two.id: "draft",
    }


@pytest.mark.slow
async def test_the_demo_county_is_taken_whole_and_drawn_to_a_metre_without_gaps():
    generation = await commands.load(
        json.dumps(features()).encode(), label="demo", datum="cgcs2000", by=SYSTEM, at=NOON
    )
    counts = generation.report["counts"]
    assert (counts["county"], counts["township"]) == (1, 8)
    held: dict[str, list] = {"township": [], "grid": []}
    for place in await queries.shapes(generation.id):
        held.setdefault(place.level, []).append(shapely.from_wkb(place.wkb))
    for level in ("township", "grid"):
        shown = json.loads(await queries.geojson(generation.id, level))["features"]
        assert [each["properties"]["level"] for each in shown] == [level] * counts[level]
        drawn = [shapely.geometry.shape(each["geometry"]) for each in shown]
        assert shapely.coverage_is_valid(drawn)
        [whole] = shapely.get_parts(shapely.union_all(drawn))
        assert not whole.interiors
        metres = shapely.hausdorff_distance(drawn, held[level]) * 111_000
        assert 0 < max(metres) < 2
    with pytest.raises(NotFound):
        await queries.geojson(999, "township")
    assert (await queries.report(generation.id))["counts"] == counts


@pytest.mark.slow
@pytest.mark.needs("shared")
async def test_real_boundaries_go_through_the_same_door():
    places = SHARED / "data" / "places"
    counties = await commands.load(
        (places / "target_counties_cnmaps_gcj02.geojson").read_bytes(),
        label="counties",
        datum="gcj02",
        by=SYSTEM,
        at=NOON,
        level="county",
    )
    assert counties.report["counts"]["county"] == 21
    grids = await commands.load(
        (places / "synthetic_330522_1e3.geojson").read_bytes(),
        label="grids",
        datum="wgs84",
        by=SYSTEM,
        at=NOON,
    )
    assert grids.report["counts"]["grid"] == 1264


@pytest.mark.slow
@pytest.mark.needs("shared")
async def test_real_townships_that_overlap_are_refused_by_name_and_taken_without_those():
    source = SHARED / "data" / "places" / "beijing_townships.geojson"
    raw = json.loads(source.read_bytes())
    with pytest.raises(PlacesRefused) as refused:
        await commands.load(
            source.read_bytes(), label="b", datum="wgs84", by=SYSTEM, at=NOON, level="township"
        )
    faults = refused.value.facts["faults"]
    assert {fault["code"] for fault in faults} == {"places.overlap"}
    named = {fault["facts"][key] for fault in faults for key in ("code", "other")}
    kept = [each for each in raw["features"] if str(each["properties"]["code"]) not in named]
    assert 200 < len(kept) < len(raw["features"])
    await governance.publish_places(
        (await bring(kept, level="township")).id, starts_at=NOON, by=SYSTEM, at=NOON
    )
    live = PlacesInForce()
    await live.refresh()
    of = live.at(NOON)
    for each in kept[::20]:
        point = shapely.geometry.shape(each["geometry"]).representative_point()
        found = of.find(point.x, point.y)
        assert found.township.code == str(each["properties"]["code"])
        assert found.grid is None


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        (math.nan, 34.0, "not_finite"),
        (117.0, math.inf, "not_finite"),
        (217.0, 34.0, "out_of_range"),
        (34.005, 117.01, "swapped"),
    ],
)
def test_what_is_no_position_is_refused_with_the_reason(lon, lat, problem):
    with pytest.raises(BadPosition) as refused:
        check_position(lon, lat, (117.0, 34.0, 117.04, 34.02))
    assert refused.value.facts["problem"] == problem
    assert refused.value.facts["swapped"] is (problem == "swapped")
    assert refused.value.facts["reason"]


def test_a_position_outside_the_county_is_a_position():
    check_position(116.0, 40.0, (117.0, 34.0, 117.04, 34.02))
    check_position(34.005, 117.01 - 40, None)
    lon, _ = to_wgs84(117.0, 34.0, "gcj02", None)
    assert 0.003 < 117.0 - lon < 0.008
    assert to_wgs84(117.0, 34.0, "unknown", None) == (117.0, 34.0)
    with pytest.raises(BadPosition):
        to_wgs84(117.0, 34.0, "mars", None)


async def test_boundaries_without_a_township_are_never_put_into_force():
    collection = features()
    grids = [f for f in collection["features"] if f["properties"]["level"] == "grid"][:1]
    data = json.dumps(collection | {"features": grids}, ensure_ascii=False).encode()
    at = NOON
    draft = await commands.load(data, label="one grid", datum="wgs84", by=SYSTEM, at=at)
    with pytest.raises(PlacesRefused) as refused:
        await commands.publish(draft.id, starts_at=at, at=at)
    assert refused.value.facts["faults"][0]["code"] == "no_township"
    assert [row.state for row in await queries.generations()] == ["draft"]
