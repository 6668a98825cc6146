"""Nothing ends on publishing unless somebody says so: no county, no level, no half of one."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gridwhistle.demo.geography import features
from server.errors import PlacesDropped
from server.governance import commands as governance
from server.people.actor import SYSTEM
from server.places import commands, queries

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
LATER = NOON + timedelta(days=1)

pytestmark = pytest.mark.usefixtures("db")


async def draft(made: list[dict]) -> int:
    data = json.dumps({"type": "FeatureCollection", "features": made}).encode()
    return (await commands.load(data, label="g", datum="wgs84", by=SYSTEM, at=NOON)).id


async def publish(generation: int, at: datetime = LATER, **more: bool) -> None:
    await governance.publish_places(generation, starts_at=at, by=SYSTEM, at=NOON, **more)


def of_levels(*levels: str) -> list[dict]:
    return [each for each in features()["features"] if each["properties"]["level"] in levels]


@pytest.mark.slow
async def test_a_level_a_county_or_most_grids_end_only_when_somebody_says_so():
    whole, grids = features()["features"], of_levels("grid")
    await publish(await draft(whole), NOON)
    bare = await draft(of_levels("county", "township"))
    few = await draft([each for each in whole if each not in grids[: len(grids) // 2 + 1]])
    other = await draft(json.loads(json.dumps(whole).replace('"370499000000"', '"370498000000"')))
    for generation, said in (
        (bare, f"村社区 {len(of_levels('village'))} 个、网格 {len(grids)} 个"),
        (few, f"网格 {len(grids) // 2 + 1} 个"),
        (other, "县区 1 个"),
    ):
        with pytest.raises(PlacesDropped) as refused:
            await publish(generation)
        assert refused.value.facts["places"] == said
        assert (await queries.generation(generation)).state == "draft"
    await publish(await draft([each for each in whole if each not in grids[:9]]), LATER)
    at_last = LATER + timedelta(days=1)
    await publish(bare, at_last, drop_places=True)
    assert await queries.in_force(at_last) == bare
