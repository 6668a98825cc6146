"""Real boundaries and real photos, through the same doors as everything else."""

import csv
import json
from datetime import datetime
from uuid import uuid4

import pytest
import shapely
from aiohttp import FormData

from server.cases.models.report import Report
from server.clock import now
from server.governance import commands as governance
from server.people.actor import SYSTEM
from server.places import commands as places
from tests.casework import STREET_LAMP, WALL, everything
from tests.parts import SHARED

PLACES = SHARED / "data" / "places"
PHOTOS = SHARED / "data" / "photos"
GENERATIONS = "/s/v1/places/generations"

OURS = "+08:00"
#: Zones of the last change alone or by the satellites, which the truth leaves out.
ZONES = dict.fromkeys(
    ("95c22a26_sunrise.jpg", "23dc26a0_IMG_E4120.jpg", "ca8b10e7_example.jpg"), "+02:00"
)

pytestmark = [pytest.mark.needs("shared"), pytest.mark.slow]


async def upload(person, path, **texts):
    form = FormData()
    for name, value in texts.items():
        form.add_field(name, value)
    with path.open("rb") as file:
        form.add_field("file", file, filename=path.name)
        return await person.call("POST", GENERATIONS, data=form)


async def test_real_townships_that_overlap_are_refused_with_every_fault_named(county, someone):
    admin = await someone("admin1", face="console")
    before = await everything()
    status, answer = await upload(admin, PLACES / "beijing_townships.geojson", datum="wgs84")
    assert (status, answer["code"]) == (422, "places.refused")
    assert answer["facts"]["faults"]
    assert all(fault["code"] for fault in answer["facts"]["faults"])
    assert await everything() == before


async def test_generated_grids_are_taken_as_a_draft_with_their_coverage(county, someone):
    admin = await someone("admin1", face="console")
    status, draft = await upload(admin, PLACES / "synthetic_330522_1e3.geojson", datum="wgs84")
    assert status == 201, str(draft)[:500]
    assert draft["generation"]["state"] == "draft"
    assert draft["report"]["counts"]["grid"] == 1264


async def test_a_report_in_a_real_township_is_placed_there_and_goes_to_its_lead(county, someone):
    raw = json.loads((PLACES / "beijing_townships.geojson").read_bytes())
    chosen = apart(raw["features"])
    drawn = await places.load(
        json.dumps({"type": "FeatureCollection", "features": chosen}).encode(),
        label="真实镇街",
        datum="wgs84",
        by=SYSTEM,
        at=now(),
        level="township",
    )
    at = now()
    await governance.publish_places(drawn.id, starts_at=at, by=SYSTEM, at=at, drop_places=True)
    await county.parts.knowledge.refresh()
    phone = await someone("grid0202")
    for feature in chosen[:3]:
        spot = shapely.geometry.shape(feature["geometry"]).representative_point()
        receipt = await phone.post("/m/v1/reports", report(spot.x, spot.y), expect=201)
        assert receipt["place"]["township"]["code"] == str(feature["properties"]["code"])
        assert receipt["place"]["township"]["name"] == feature["properties"]["name"]
        assert receipt["place"]["generation"] == str(drawn.id)
        assert receipt["matter"]["code"] == STREET_LAMP
        placed_or_told = receipt["lead"] is not None or receipt["why"]
        assert placed_or_told


def apart(features):
    """Some real townships that touch nothing of each other."""
    found = []
    shapes = []
    for feature in features:
        shape = shapely.geometry.shape(feature["geometry"])
        if shape.is_valid and all(shape.distance(other) > 0.02 for other in shapes):
            found.append(feature)
            shapes.append(shape)
    return found[:8]


def report(lon, lat, **changes):
    return {
        "key": str(uuid4()),
        "kind": "livelihood",
        "text": "路灯不亮",
        "matter": STREET_LAMP,
        "photos": [],
        "position": {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy": 8.0},
        "captured_at": now().isoformat(),
        "channel": "wechat",
    } | changes


async def test_real_photos_keep_position_and_time_and_corroborate_a_report(county, someone):
    phone = await someone("resident1")
    n_positions = n_times = 0
    ids = []
    for row in truths():
        form = FormData()
        with (PHOTOS / row["file"]).open("rb") as file:
            form.add_field("photo", file, filename=row["file"])
            status, photo = await phone.call("POST", "/m/v1/photos", data=form)
        assert status == 201, (row["file"], photo)
        assert photo["sha256"] == row["sha256"]
        assert (str(photo["width"]), str(photo["height"])) == (row["width"], row["height"])
        if row["lat"] and not row["flags"]:
            assert photo["position"]["lon"] == pytest.approx(float(row["lon"]), abs=1e-6)
            assert photo["position"]["lat"] == pytest.approx(float(row["lat"]), abs=1e-6)
            n_positions += 1
        if row["datetime"] and not row["flags"] and not row["offset"]:
            local = f"{row['datetime']} {ZONES.get(row['file'], OURS)}"
            taken = datetime.strptime(local, "%Y:%m:%d %H:%M:%S %z")
            assert datetime.fromisoformat(photo["taken_at"]) == taken, row["file"]
            n_times += 1
        ids.append((photo["id"], bool(photo["position"])))
    assert n_positions > 15
    assert n_times > 15
    with_position = [number for number, placed in ids if placed][:3]
    body = report(*WALL, photos=with_position)
    receipt = await phone.post("/m/v1/reports", body, expect=201)
    stored = await Report.get(case__no=receipt["no"])
    assert "photo_far" in stored.evidence.flags, "none of them was taken in this county"
    assert stored.evidence.photo_distance_m > 100_000
    assert (stored.wgs_lon, stored.wgs_lat) == WALL, "EXIF moves no report"


def truths():
    """Every second real photo; the tests of the library see them all."""
    with (PHOTOS / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].endswith(".jpg")]
    return rows[::2]
