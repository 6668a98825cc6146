"""What a new generation of boundaries would change, on a real database with real cases."""

import asyncio
import json
import time
from contextlib import AsyncExitStack

import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import box, mapping

from geo.ground.metric import area_m2
from gridwhistle.assembly import Parts
from gridwhistle.demo.geography import features
from gridwhistle.process import _refreshing
from server.bus.bus import opened as bus_opened
from server.cases.door.knowledge import CHANGED, Knowledge
from server.cases.reading import open_cases
from server.clock import now
from server.errors import NotFound
from server.governance import commands as governance
from server.governance.boundaries.generations import compare
from server.people.actor import SYSTEM
from server.places import changes, commands, queries
from server.places.changes import Shaped
from server.settings import Settings
from tests.casework import Casework
from tests.domain.acts.places import swapped_grids


def shaped(level: str, code: str, shape, name: str = "n", parent: str = "p") -> Shaped:
    return Shaped(level, code, name, parent, shapely.to_wkb(shape))


def test_what_was_added_removed_moved_renamed_or_given_another_parent_is_told_by_place():
    a, b, c = (box(117 + n, 34, 118 + n, 35) for n in range(3))
    old = [
        shaped("township", "A", a),
        shaped("grid", "G1", a),
        shaped("grid", "G2", b),
        shaped("grid", "G3", c),
        shaped("grid", "G4", c),
    ]
    new = [
        shaped("township", "A", a),
        shaped("grid", "G1", a, name="m"),
        shaped("grid", "G2", translate(b, 0.25)),
        shaped("village", "G3", c),
        shaped("grid", "G4", c, name="m", parent="q"),
    ]
    points = [(117.5, 34.5), (118.1, 34.5), (118.5, 34.5), (119.2, 34.5), (119.9, 34.9), (0, 0)]
    found = changes.compare(old, new, points)
    told = {(each.level, each.code): each for each in found.places}
    assert {key: each.kinds for key, each in told.items()} == {
        ("grid", "G1"): ("renamed",),
        ("grid", "G2"): ("moved",),
        ("grid", "G3"): ("removed",),
        ("village", "G3"): ("added",),
        ("grid", "G4"): ("renamed", "reparented"),
    }
    moved = told["grid", "G2"]
    quarter = area_m2(box(118, 34, 118.25, 35))
    assert moved.won_m2 == pytest.approx(quarter, rel=1e-9) == moved.lost_m2
    assert (moved.n_open, moved.n_moved) == (3, 2)  # one in what was lost, one in what was won
    assert (told["grid", "G1"].n_open, told["grid", "G1"].n_moved) == (1, 0)
    assert told["grid", "G3"].lost_m2 == pytest.approx(area_m2(c), abs=0.01)
    assert dict(found.counts["grid"]) == {
        "renamed": 2,
        "moved": 1,
        "removed": 1,
        "reparented": 1,
    }
    assert dict(found.counts["township"]) == {"same": 1}


def test_another_way_to_write_the_same_border_is_no_move():
    square = box(117, 34, 118, 35)
    less = shapely.Polygon([(117, 34), (117.5, 34), (118, 34.001), (118, 35), (117, 35)])
    same = shapely.Polygon([(117, 34), (117.5, 34), (118, 34), (118, 35), (117, 35)])
    found = changes.compare([shaped("grid", "G", square)], [shaped("grid", "G", same)], [])
    assert found.places == ()
    assert changes.compare([], [], [(117.0, 34.0)]).places == ()
    [moved] = changes.compare(
        [shaped("grid", "G", square)], [shaped("grid", "G", less)], []
    ).places
    assert moved.kinds == ("moved",)


async def load(made: dict) -> int:
    draft = await commands.load(
        json.dumps(made).encode(), label="new", datum="wgs84", by=SYSTEM, at=now()
    )
    return draft.id


@pytest.mark.slow
async def test_a_generation_is_compared_with_the_one_in_force_and_its_open_cases_counted(county):
    work = Casework(county)
    case, closed = await work.report(), await work.closed()
    assert (closed.lon, closed.grid_code) == (case.lon, case.grid_code)
    before = county.basis.places.at(now()).generation_id
    made, other = swapped_grids(json.loads(json.dumps(features())), case.grid_code)
    after = await load(made)
    found = await compare(before, after)
    assert (found.n_open, found.all_open) == (1, True)
    told = {each.code: each for each in found.changes.places}
    assert set(told) == {case.grid_code, other}
    assert all(each.kinds == ("moved",) for each in told.values())
    assert all((each.n_open, each.n_moved) == (1, 1) for each in told.values())
    assert told[other].won_m2 == told[case.grid_code].lost_m2 > 1000
    assert found.changes.counts["township"] == {"same": 8}
    assert await open_cases.open_positions(10) == [(case.lon, case.lat)]


async def test_the_first_generation_adds_everything_and_an_unknown_one_is_not_found(county):
    before = county.basis.places.at(now()).generation_id
    found = await compare(None, before)
    assert {kind for each in found.changes.places for kind in each.kinds} == {"added"}
    assert len(found.changes.places) == len(features()["features"])
    assert (await compare(before, before)).changes.places == ()
    with pytest.raises(NotFound):
        await compare(before, 999)
    with pytest.raises(NotFound):
        await compare(999, before)


@pytest.mark.slow
async def test_a_generation_taken_away_whole_loads_back_bit_for_bit(county):
    before = county.basis.places.at(now()).generation_id
    whole = await queries.export(before)
    again = await commands.load(whole, label="again", datum="wgs84", by=SYSTEM, at=now())
    assert await queries.shapes(again.id) == await queries.shapes(before)
    assert await queries.export(again.id) == whole
    with pytest.raises(NotFound):
        await queries.export(999)


async def test_a_hole_and_a_second_part_survive_being_taken_away(db):
    hole = box(117, 34, 117.1, 34.1) - box(117.0307, 34.0301, 117.0503, 34.0601)
    parts = shapely.MultiPolygon([box(117.2, 34, 117.3, 34.1), box(117.4, 34, 117.5, 34.1)])
    made = [
        {
            "type": "Feature",
            "properties": {"level": "grid", "code": f"G{n}", "name": f"g{n}"},
            "geometry": mapping(shape),
        }
        for n, shape in enumerate((hole, parts))
    ]
    first = await load({"type": "FeatureCollection", "features": made})
    second = await load(json.loads(await queries.export(first)))
    assert await queries.shapes(first) == await queries.shapes(second)


@pytest.mark.slow  # how long it takes is what it is about
@pytest.mark.parametrize("by_redis", [False, True])
async def test_what_one_publishes_is_in_force_for_another_within_a_second(
    county, by_redis, request
):
    """Two processes' knowledge: told, not asked, and without a pause."""
    url = request.getfixturevalue("redis_server").url if by_redis else ""
    slow = Settings.read().model_copy(update={"poll_seconds": 3600.0, "redis_url": url})
    other = Knowledge(slow)
    await other.refresh()
    stop = asyncio.Event()
    after = await load(features())
    async with AsyncExitStack() as stack:
        theirs = await stack.enter_async_context(bus_opened(slow))
        ours = await stack.enter_async_context(bus_opened(slow)) if by_redis else theirs
        parts = Parts(settings=slow, knowledge=other, bus=theirs, store=county.parts.store)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(_refreshing(parts, stop))
        await asyncio.sleep(0.2)
        at = now()
        await governance.publish_places(after, starts_at=at, by=SYSTEM, at=at)
        await ours.publish(CHANGED)
        told = last = time.monotonic()
        n_asked, longest = 0, 0.0
        while other.basis.places.at(now()).generation_id != after:
            assert time.monotonic() - told < 1
            await asyncio.sleep(0.001)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
            n_asked += 1
        stop.set()
        await theirs.publish(CHANGED)
    assert n_asked > 0
    assert longest < 0.5
