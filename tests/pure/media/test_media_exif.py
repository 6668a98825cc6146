"""EXIF: what is believed, what is flagged, and that nothing is invented."""

import math
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.flags import Flag
from media.formats.exif import ExifFacts, read_exif
from media.inspect import Inspection, inspect, taken_at, time_flags
from media.sample import jpeg
from tests.pure.media.exif_blocks import ASCII, LOCAL, RATIONAL, SRATIONAL, TAKEN, ZONE, block

DIGITIZED, ITS_ZONE = 0x9004, 0x9012
SHANGHAI = ZoneInfo("Asia/Shanghai")


def rationals(*pairs: tuple[int, int]) -> bytes:
    return b"".join(struct.pack("<II", *pair) for pair in pairs)


def with_gps(
    lat: bytes, lon: bytes, lat_ref: bytes | None = b"N\0", lon_ref: bytes | None = b"E\0"
) -> ExifFacts:
    gps = [(2, RATIONAL, len(lat) // 8, lat), (4, RATIONAL, len(lon) // 8, lon)]
    if lat_ref is not None:
        gps.append((1, ASCII, 2, lat_ref))
    if lon_ref is not None:
        gps.append((3, ASCII, 2, lon_ref))
    return read_exif(block([], [], gps))


def dms(degrees: int, minutes: int, seconds: int) -> bytes:
    return rationals((degrees, 1), (minutes, 1), (seconds, 1))


GOOD = dms(30, 30, 0), dms(120, 15, 36)


def test_degrees_minutes_seconds_become_signed_degrees() -> None:
    east = with_gps(*GOOD).position
    west = with_gps(*GOOD, b"S\0", b"W\0").position
    assert east is not None
    assert west is not None
    assert (east.lon, east.lat) == pytest.approx((120.26, 30.5))
    assert (west.lon, west.lat) == pytest.approx((-120.26, -30.5))


@pytest.mark.parametrize(
    ("lat", "lon", "lat_ref", "lon_ref"),
    [
        (rationals((0, 0), (0, 0), (0, 0)), GOOD[1], b"N\0", b"E\0"),
        (rationals((30, 0), (0, 1), (0, 1)), GOOD[1], b"N\0", b"E\0"),
        (*GOOD, None, b"E\0"),
        (*GOOD, b"N\0", None),
        (*GOOD, b"X\0", b"E\0"),
        (*GOOD, b"\0\0", b"E\0"),
        (*GOOD, b"E\0", b"N\0"),
        (dms(0, 0, 0), dms(0, 0, 0), b"N\0", b"E\0"),
        (dms(999, 0, 0), dms(999, 0, 0), b"N\0", b"E\0"),
        (dms(90, 0, 1), GOOD[1], b"N\0", b"E\0"),
        (GOOD[0], dms(180, 1, 0), b"N\0", b"E\0"),
        (dms(30, 61, 0), GOOD[1], b"N\0", b"E\0"),
        (b"", GOOD[1], b"N\0", b"E\0"),
        (rationals((4294967295, 1)), GOOD[1], b"N\0", b"E\0"),
    ],
)
def test_an_unusable_position_is_no_position(
    lat: bytes, lon: bytes, lat_ref: bytes | None, lon_ref: bytes | None
) -> None:
    facts = with_gps(lat, lon, lat_ref, lon_ref)
    assert facts.position is None
    assert Flag.POSITION_UNUSABLE in facts.flags


def test_half_a_position_is_flagged_and_none_at_all_is_not() -> None:
    half = read_exif(block([], [], [(2, RATIONAL, 3, GOOD[0]), (1, ASCII, 2, b"N\0")]))
    none = read_exif(block([], [], []))
    assert half.flags == [Flag.POSITION_UNUSABLE]
    assert (none.position, none.flags) == (None, [])


def test_on_the_equator_or_the_meridian_is_a_real_place() -> None:
    position = with_gps(dms(0, 0, 0), GOOD[1]).position
    assert position is not None
    assert position.lat == 0


def test_negative_degrees_are_refused_since_the_reference_says_the_side() -> None:
    lat = struct.pack("<iiiiii", -30, 1, 0, 1, 0, 1)
    gps = [(2, SRATIONAL, 3, lat), (4, RATIONAL, 3, GOOD[1])]
    gps += [(1, ASCII, 2, b"N\0"), (3, ASCII, 2, b"E\0")]
    assert read_exif(block([], [], gps)).position is None


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_impossible_orientation_becomes_upright_with_a_flag(orientation: int) -> None:
    facts = read_exif(block([(0x0112, 3, 1, struct.pack("<H", orientation))]))
    assert (facts.orientation, facts.flags) == (1, [Flag.ORIENTATION_ODD])


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (b"2026:05:01 10:11:12\0", "2026:05:01 10:11:12"),
        (b"2026-05-01T10:11:12\0", "2026:05:01 10:11:12"),
        (b"0000:00:00 00:00:00\0", None),
        (b"2026:02:30 10:00:00\0", None),
        (b"9998:12:31 23:59:59\0", "9998:12:31 23:59:59"),
        (b"9999:12:31 23:59:59\0", None),
        (b"2005:0?:03 15:31:45\0", None),
        ("２０２６:05:01 10:11:12\0".encode(), None),
    ],
)
def test_a_time_is_kept_only_if_there_was_such_a_moment(written: bytes, kept: str | None) -> None:
    facts = read_exif(block([], [(0x9003, ASCII, len(written), written)]))
    assert facts.taken_local == kept
    assert (Flag.TIME_ODD in facts.flags) == (kept is None)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026:05:01 08:11:12 PM", "2026:05:01 20:11:12"),
        ("2026:05:01 08:11:12pm", "2026:05:01 20:11:12"),
        ("2026:05:01 8:11:12 p.m.", "2026:05:01 20:11:12"),
        ("2026:05:01 下午08:11:12", "2026:05:01 20:11:12"),
        ("2026:05:01 下午 8:11:12", "2026:05:01 20:11:12"),
        ("2026:05:01 08:11:12 上午", "2026:05:01 08:11:12"),
        ("2026:05:01 AM 12:11:12", "2026:05:01 00:11:12"),
        ("2026:05:01 12:11:12 PM", "2026:05:01 12:11:12"),
        ("2026:05:01 20:11:12 PM", "2026:05:01 20:11:12"),
        ("2026:05:01 20:11:12 AM", None),
        ("2026:05:01 晚上08:11:12", None),
    ],
)
def test_the_half_of_the_day_counts_wherever_it_stands(written: str, kept: str | None) -> None:
    facts = read_exif(block([], [(TAKEN, ASCII, len(written.encode()), written.encode())]))
    assert facts.taken_local == kept
    assert facts.flags == ([] if kept else [Flag.TIME_ODD])


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        *((zone, "-05:00") for zone in ("-05", "-5", "-0500", "UTC-05:00", "GMT-05:00", "utc-5")),
        *((zone, "-05:00") for zone in ("-05:00:00", "\u221205:00", "\u20135", "－05：00")),
        ("+5:30", "+05:30"),
        ("+14", "+14:00"),
        ("+1130", "+11:30"),
        ("UTC", "+00:00"),
        ("GMT", "+00:00"),
        ("   :  ", None),
    ],
)
def test_a_zone_is_read_however_it_is_written(zone: str, offset: str | None) -> None:
    written = [(TAKEN, LOCAL.encode()), (ZONE, zone.encode())]
    facts = read_exif(block([], [(tag, ASCII, len(said), said) for tag, said in written]))
    assert (facts.offset, facts.flags) == (offset, [])
    tail = f"{LOCAL} {zone}".encode()
    facts = read_exif(block([], [(TAKEN, ASCII, len(tail), tail)]))
    assert (facts.taken_local, facts.offset, facts.flags) == (LOCAL, offset, [])


@pytest.mark.parametrize("zone", ["PRC", "+15:00", "05:00", "-05:00:30", "Eastern"])
def test_a_zone_that_is_not_understood_is_not_silently_ours(zone: str) -> None:
    written = [(TAKEN, LOCAL.encode()), (ZONE, zone.encode())]
    facts = read_exif(block([], [(tag, ASCII, len(said), said) for tag, said in written]))
    assert (facts.taken_local, facts.offset, facts.flags) == (LOCAL, None, [Flag.TIME_ODD])


def test_what_was_measured_without_a_fix_says_neither_where_nor_when() -> None:
    fix = [
        (1, ASCII, 2, b"N\0"),
        (2, RATIONAL, 3, GOOD[0]),
        (3, ASCII, 2, b"E\0"),
        (4, RATIONAL, 3, GOOD[1]),
        (7, RATIONAL, 3, dms(3, 0, 0)),
        (0x1D, ASCII, 11, b"2026:05:01\0"),
    ]
    for status in ([], [(9, ASCII, 2, b"A\0")]):
        facts = read_exif(block([], [], fix + status))
        assert (facts.position is None, facts.gps_at is None, facts.flags) == (False, False, [])
    facts = read_exif(block([], [], [*fix, (9, ASCII, 2, b"V\0")]))
    assert (facts.position, facts.gps_at) == (None, None)
    assert facts.flags == [Flag.POSITION_UNUSABLE]


@pytest.mark.parametrize("written", [b"    :  :     :  :  \0", b"    \0"])
def test_a_time_that_is_left_blank_is_not_known_and_not_odd(written: bytes) -> None:
    facts = read_exif(block([], [(0x9003, ASCII, len(written), written)]))
    assert (facts.taken_local, facts.flags) == (None, [])


def test_no_zone_carries_a_moment_beyond_the_calendar() -> None:
    last = taking((TAKEN, "9998:12:31 23:59:59"), (ZONE, "-12:00"))
    assert taken_at(last, SHANGHAI) == datetime(9999, 1, 1, 11, 59, 59, tzinfo=UTC)
    for beyond in ("9999:12:31 23:59:59", "9999:12:31"):
        photo = taking((TAKEN, beyond), (ZONE, "-12:00"), gps=("9999:12:31", (23, 0, 0)))
        assert taken_at(photo, SHANGHAI) is None


def test_names_lose_what_no_database_takes() -> None:
    facts = read_exif(block([(0x010F, ASCII, 12, b"A\x01\x7fB<b> \0more")]))
    assert facts.make == "AB<b>"


def test_the_cameras_own_zone_beats_the_default_zone() -> None:
    plain = inspect(jpeg(64, 48, taken_local="2026:05:01 10:00:00"))
    zoned = inspect(jpeg(64, 48, taken_local="2026:05:01 10:00:00", offset="+09:00"))
    shanghai = ZoneInfo("Asia/Shanghai")
    assert taken_at(plain, shanghai) == datetime(2026, 5, 1, 2, tzinfo=UTC)
    assert taken_at(zoned, shanghai) == datetime(2026, 5, 1, 1, tzinfo=UTC)
    assert taken_at(inspect(jpeg(64, 48)), shanghai) is None


def taking(
    *written: tuple[int, str], gps: tuple[str, tuple[int, int, int]] | None = None
) -> Inspection:
    """A photo with those texts in its EXIF directory, and a date and time of the satellites."""
    camera = [(tag, ASCII, len(said) + 1, said.encode() + b"\0") for tag, said in written]
    fix = []
    if gps:
        date, clock = gps
        parts = rationals(*((part, 1) for part in clock))
        fix = [(7, RATIONAL, 3, parts), (0x1D, ASCII, len(date) + 1, date.encode() + b"\0")]
    plain = inspect(jpeg(32, 24))
    facts = read_exif(block([], camera, fix))
    return replace(plain, taken_local=facts.taken_local, offset=facts.offset, gps_at=facts.gps_at)


@pytest.mark.parametrize(
    ("photo", "hour"),
    [
        (taking((TAKEN, LOCAL)), 2),
        (taking((DIGITIZED, LOCAL)), 2),
        (taking((DIGITIZED, LOCAL), (ITS_ZONE, "+09:00")), 1),
        (taking((TAKEN, "no time"), (DIGITIZED, LOCAL)), 2),
        (taking((TAKEN, LOCAL), (0x9010, "+09:00")), 1),
        (taking((TAKEN, LOCAL), (ZONE, "Z"), (0x9010, "+09:00")), 10),
        (taking((TAKEN, LOCAL), (ITS_ZONE, "-05:00")), 15),
        (taking((DIGITIZED, LOCAL), (ZONE, "+09:00")), 1),
        (taking((TAKEN, LOCAL), (ZONE, "Z"), (ITS_ZONE, "+09:00")), 10),
        (taking((TAKEN, LOCAL), (ZONE, "+0900")), 1),
        (taking((TAKEN, LOCAL), (ZONE, "+9:00")), 1),
        (taking((TAKEN, LOCAL), (ZONE, "Z")), 10),
        (taking((TAKEN, f"{LOCAL}+09:00")), 1),
        (taking((TAKEN, f"{LOCAL}.25 Z")), 10),
        (taking((TAKEN, LOCAL), (ZONE, "PRC")), 2),
        (taking(gps=("2026:05:01", (3, 0, 0))), 3),
        (taking((TAKEN, LOCAL), gps=("2026:05:01", (2, 0, 7))), 2),
    ],
)
def test_a_time_is_taken_from_wherever_it_stands_in_the_zone_as_written(photo, hour) -> None:
    assert taken_at(photo, SHANGHAI) == datetime(2026, 5, 1, hour, tzinfo=UTC)
    assert time_flags(photo, SHANGHAI, datetime(2026, 5, 1, 16, tzinfo=UTC)) == ()


@pytest.mark.parametrize(
    "gps", [("2026:13:01", (3, 0, 0)), ("2026:05:01", (25, 0, 0)), ("", (1, 0, 0))]
)
def test_a_moment_of_the_satellites_that_is_none_is_left_out(gps) -> None:
    assert taking(gps=gps).gps_at is None


def test_a_clock_that_is_days_off_the_satellites_is_flagged() -> None:
    photo = taking((TAKEN, "2019:01:01 00:00:00"), gps=("2026:05:01", (3, 0, 0)))
    received = datetime(2026, 5, 1, 4, tzinfo=UTC)
    assert taken_at(photo, SHANGHAI) == datetime(2018, 12, 31, 16, tzinfo=UTC)
    assert time_flags(photo, SHANGHAI, received) == (Flag.CLOCK_ODD,)


@pytest.mark.parametrize(
    ("written", "fix", "hour"),
    [
        ([], (15, 0, 0), 15),  # a phone set to -05:00
        ([], (7, 59, 6), 8),
        ([], (2, 0, 20), 2),
        ([], (10, 0, 0), 2),  # the same to the second: the camera copied its clock
        ([], (15, 30, 0), 2),  # of no zone's: the fix is old or the clock wrong
        ([(ZONE, "+08:00")], (15, 0, 0), 2),
        ([(ZONE, "+03:00")], (15, 0, 0), 7),
    ],
)
def test_a_clock_that_contradicts_the_satellites_by_hours_is_read_in_their_zone_and_flagged(
    written, fix, hour
) -> None:
    photo = taking((TAKEN, LOCAL), *written, gps=("2026:05:01", fix))
    taken = taken_at(photo, SHANGHAI)
    assert taken is not None
    assert abs(taken - datetime(2026, 5, 1, hour, tzinfo=UTC)) < timedelta(minutes=1)
    flags = time_flags(photo, SHANGHAI, datetime(2026, 5, 1, 16, tzinfo=UTC))
    assert flags == (() if fix == (2, 0, 20) else (Flag.CLOCK_ODD,))


@pytest.mark.parametrize(
    ("written", "ahead"),
    [
        ([(TAKEN, "2031:05:01 10:00:00")], True),
        ([(TAKEN, LOCAL), (ZONE, "+00:00")], True),
        ([(TAKEN, LOCAL)], False),  # the camera may be set to another zone
    ],
)
def test_a_photo_of_the_future_is_flagged(written, ahead) -> None:
    flags = time_flags(taking(*written), SHANGHAI, datetime(2026, 5, 1, 1, 30, tzinfo=UTC))
    assert (Flag.TAKEN_IN_FUTURE in flags) is ahead


@given(
    lon=st.floats(-180, 180, allow_subnormal=False), lat=st.floats(-90, 90, allow_subnormal=False)
)
@settings(max_examples=40, deadline=None)
def test_a_sample_says_where_and_when_it_was_told_to(lon: float, lat: float) -> None:
    read = inspect(jpeg(32, 24, position=(lon, lat), taken_local="2026:01:02 03:04:05"))
    assert read.taken_local == "2026:01:02 03:04:05"
    if read.position is None:  # what rounds to nothing in a header
        assert max(abs(lon), abs(lat)) < 1e-9
    else:
        assert read.position is not None
        assert math.isclose(read.position.lon, lon, abs_tol=1e-9)
        assert math.isclose(read.position.lat, lat, abs_tol=1e-9)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_exif_yields_facts_and_never_an_exception_or_nan(data: st.DataObject) -> None:
    whole = bytearray(
        block(
            [(0x010F, ASCII, 6, b"Maker\0"), (0x0112, 3, 1, b"\x06\0")],
            [(0x9003, ASCII, 20, b"2026:05:01 10:11:12\0")],
            [
                (1, ASCII, 2, b"N\0"),
                (2, RATIONAL, 3, GOOD[0]),
                (3, ASCII, 2, b"E\0"),
                (4, RATIONAL, 3, GOOD[1]),
                (5, 1, 1, b"\x01"),
                (6, RATIONAL, 1, rationals((10, 3))),
            ],
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    facts = read_exif(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert facts.orientation in range(1, 9)
    if facts.position is not None:
        assert abs(facts.position.lon) <= 180
        assert abs(facts.position.lat) <= 90
        assert facts.position.altitude is None or math.isfinite(facts.position.altitude)
