"""Grid workers' rounds over HTTP: consent, tracks, what is forgotten."""

from datetime import timedelta
from uuid import uuid4

from server.clock import now
from server.patrols import commands
from server.patrols.models import PatrolPoint
from tests.casework import WALL, everything


def points(n, start):
    return {
        "points": [
            {
                "at": (start + timedelta(seconds=30 * k)).isoformat(),
                "position": {
                    "lon": WALL[0] + k * 1e-4,
                    "lat": WALL[1],
                    "datum": "wgs84",
                    "accuracy": 8,
                },
            }
            for k in range(n)
        ]
    }


async def test_a_patrol_is_begun_walked_and_ended_and_its_length_is_told(county, someone):
    worker = await someone("grid0202")
    begun = {"key": str(uuid4()), "track": True}
    patrol = await worker.post("/m/v1/patrols", begun)
    assert (await worker.post("/m/v1/patrols", begun))["id"] == patrol["id"]
    path = f"/m/v1/patrols/{patrol['id']}"
    way = points(5, now())
    walked = await worker.post(f"{path}/points", way)
    assert 30 < walked["metres"] < 40
    assert await worker.post(f"{path}/points", way) == walked  # sent again after a lost answer
    ended = await worker.post(f"{path}/end")
    assert ended["ended_at"]
    assert await worker.post(f"{path}/end") == ended
    assert (await worker.get("/m/v1/patrols"))["items"] == [ended]
    late = points(1, now() + timedelta(hours=1))
    refused = await worker.post(f"{path}/points", late, expect=409)
    assert refused["code"] == "patrol.over"


async def test_a_point_from_before_the_patrol_is_none_of_its_own(county, someone):
    worker = await someone("grid0202")
    patrol = await worker.post("/m/v1/patrols", {"key": str(uuid4()), "track": True})
    path = f"/m/v1/patrols/{patrol['id']}/points"
    before = await everything()
    earlier = points(21, now() - timedelta(minutes=10))  # the last of them is of its own time
    assert (await worker.post(path, earlier, expect=409))["code"] == "patrol.not_begun"
    assert await everything() == before
    slow = points(1, now() - timedelta(minutes=4))  # by a phone whose clock is behind
    await worker.post(path, slow)
    assert await PatrolPoint.all().count() == 1


async def test_no_track_without_consent_and_none_left_once_it_is_taken_back(county, someone):
    worker = await someone("grid0202")
    plain = await worker.post("/m/v1/patrols", {"key": str(uuid4())})
    before = await everything()
    refused = await worker.post(
        f"/m/v1/patrols/{plain['id']}/points", points(2, now()), expect=409
    )
    assert refused["code"] == "patrol.not_consented"
    assert await everything() == before
    tracked = await worker.post("/m/v1/patrols", {"key": str(uuid4()), "track": True})
    path = f"/m/v1/patrols/{tracked['id']}"
    await worker.post(f"{path}/points", points(3, now()))
    assert await PatrolPoint.all().count() == 3
    assert (await worker.post(f"{path}/untrack"))["track"] is False
    assert await PatrolPoint.all().count() == 0


async def test_nobody_sees_or_changes_the_patrol_of_another(county, someone):
    worker, other = await someone("grid0202"), await someone("grid0101")
    patrol = await worker.post("/m/v1/patrols", {"key": str(uuid4()), "track": True})
    path = f"/m/v1/patrols/{patrol['id']}"
    before = await everything()
    for tail, body in (("points", points(1, now())), ("end", {}), ("untrack", {})):
        assert (await other.post(f"{path}/{tail}", body, expect=404))["code"] == "not_found"
    assert (await other.get("/m/v1/patrols"))["items"] == []
    assert await everything() == before


async def test_tracks_are_forgotten_in_time_and_the_patrol_is_not(county, someone):
    worker = await someone("grid0202")
    patrol = await worker.post("/m/v1/patrols", {"key": str(uuid4()), "track": True})
    await worker.post(f"/m/v1/patrols/{patrol['id']}/points", points(2, now()))
    assert await commands.forget(days=30, at=now() + timedelta(days=29)) == 0
    assert await commands.forget(days=30, at=now() + timedelta(days=31)) == 2
    assert len((await worker.get("/m/v1/patrols"))["items"]) == 1
