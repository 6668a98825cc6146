"""What photos corroborate of a report, and what they make doubtful."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from geo.ground.datum import from_wgs84
from server.cases.door.evidence import doubtful, weigh
from server.cases.door.placing import Placed
from server.cases.rules.records import Evidence
from server.files.queries import PhotoFacts
from server.places.boundaries import Found, Location

AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
HERE = (117.58, 34.77)
NOWHERE = Location(
    found=Found(),
    generation_id=1,
    certain=True,
    grid_certain=True,
    candidates=(),
    townships=(),
    nearest=None,
    why=(),
)
PLACED = Placed(lon=HERE[0], lat=HERE[1], location=NOWHERE, doubts=(), within_m=8.0)


def photo(north_m=0.0, taken_at=AT, flags=(), position=True, datum="unknown") -> PhotoFacts:
    lon, lat = from_wgs84(HERE[0], HERE[1] + north_m / 111_194.9, datum)
    return PhotoFacts(
        id=UUID(int=1),
        sha256="",
        taken_at=taken_at,
        lon=lon if position else None,
        lat=lat if position else None,
        datum=datum if position else "",
        flags=flags,
    )


def weighed(*photos, placed=PLACED, captured_at=AT):
    return weigh(photos, placed, captured_at=captured_at, received_at=AT)


def test_a_photo_of_the_spot_and_the_hour_corroborates():
    found = weighed(photo(30))
    assert found.flags == ("photo_near",)
    assert (found.photo_distance_m, found.photo_age_s) == (30, 0)


def test_a_shift_between_datums_is_not_held_against_a_photo_and_more_is():
    assert "photo_near" in weighed(photo(1050)).flags
    assert "photo_far" in weighed(photo(1150)).flags


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_a_datum_that_a_photo_names_is_undone_and_leaves_no_shift_to_allow_for(datum):
    near, far = weighed(photo(450, datum=datum)), weighed(photo(550, datum=datum))
    assert (near.flags, near.photo_distance_m) == (("photo_near",), 450)
    assert (far.flags, far.photo_distance_m) == (("photo_far",), 550)
    spot = (photo(550, datum=datum), *HERE, [AT])
    assert doubtful(*spot) == ("photo_far",)


def test_of_several_photos_the_farthest_and_oldest_count():
    found = weighed(photo(10), photo(9000, taken_at=AT - timedelta(hours=30)))
    assert found.flags == ("photo_far", "photo_old")
    assert (found.photo_distance_m, found.photo_age_s) == (9000, 30 * 3600)


@pytest.mark.parametrize(("hours", "old"), [(23, False), (25, True), (-25, True)])
def test_a_photo_of_another_day_is_old(hours, old):
    found = weighed(photo(taken_at=AT - timedelta(hours=hours)))
    assert ("photo_old" in found.flags) is old


def test_a_photo_without_position_or_a_report_without_place_proves_nothing():
    assert weighed(photo(position=False, taken_at=None)).flags == ()
    assert weighed(photo(), placed=None) == Evidence(photo_age_s=0)
    assert weighed().flags == ()


@pytest.mark.parametrize("flag", ["truncated", "header_broken", "unreadable"])
def test_a_broken_photo_is_told_apart_from_an_odd_one(flag):
    assert weighed(photo(flags=(flag,))).broken
    assert not weighed(photo(flags=("orientation_odd",))).broken


@pytest.mark.parametrize(("minutes", "flagged"), [(9, False), (11, True)])
def test_a_phone_whose_clock_runs_ahead_is_flagged(minutes, flagged):
    found = weighed(captured_at=AT + timedelta(minutes=minutes))
    assert ("captured_in_future" in found.flags) is flagged
