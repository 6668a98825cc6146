"""Real photos are read right, and whatever is none gets an answer."""

import csv
import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from media.derive import Decoder, derive
from media.errors import MediaError
from media.flags import Flag
from media.inspect import Inspection, inspect
from media.limits import HEIC, Limits
from tests.parts import SHARED
from tests.pure.media.likeness import dhash, distance

PHOTOS = SHARED / "data" / "photos"
ODD = SHARED / "data" / "hostile-images"
# The header is read without pillow-heif, only the picture is not.
LIMITS = replace(Limits(), media_types=Limits().media_types | {HEIC})
NOT_ALLOWED = {".tif"}

pytestmark = pytest.mark.needs("shared")

#: A zone of the last change alone, which the truth leaves out.
ZONES = {"95c22a26_sunrise.jpg": "+02:00"}


def truths() -> Iterator[tuple[dict[str, str], Inspection]]:
    with (PHOTOS / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if Path(row["file"]).suffix not in NOT_ALLOWED:
                yield row, inspect(PHOTOS / row["file"], LIMITS)


def told(what: str) -> Path:
    """The file of which the index says so."""
    with (ODD / "index.csv").open(encoding="utf-8", newline="") as index:
        [found] = [row["file"] for row in csv.DictReader(index) if row["what"] == what]
    return ODD / found


def test_every_real_photo_is_accepted_at_its_true_size() -> None:
    sizes = {row["file"]: (str(f.width), str(f.height)) for row, f in truths()}
    assert sizes
    assert sizes == {row["file"]: (row["width"], row["height"]) for row, _ in truths()}


def test_every_position_is_right_to_a_millionth_of_a_degree() -> None:
    n_positions = 0
    for row, found in truths():
        if not row["lat"] or "gps-null-island" in row["flags"]:
            assert found.position is None, row["file"]
            continue
        assert found.position is not None, row["file"]
        assert math.isclose(found.position.lat, float(row["lat"]), abs_tol=1e-6), row["file"]
        assert math.isclose(found.position.lon, float(row["lon"]), abs_tol=1e-6), row["file"]
        n_positions += 1
    assert n_positions


def test_a_position_that_is_none_is_flagged() -> None:
    for row, found in truths():
        unusable = "gps-unusable" in row["flags"] or "gps-null-island" in row["flags"]
        assert (Flag.POSITION_UNUSABLE in found.flags) == unusable, row["file"]


def test_every_time_zone_maker_and_orientation_is_as_written() -> None:
    for row, found in truths():
        # A blank time is how EXIF writes one that is not known, though the truth calls it odd.
        written = row["datetime"].strip(" :")
        odd_time = "datetime-odd" in row["flags"] and written != ""
        odd_turn = "orientation-odd" in row["flags"]
        if written and not odd_time:  # the truth knows no other time than that of taking
            assert found.taken_local == row["datetime"], row["file"]
        assert (Flag.TIME_ODD in found.flags) == odd_time, row["file"]
        if row["datetime"]:
            assert (found.offset or "") == ZONES.get(row["file"], row["offset"]), row["file"]
        assert (found.make or "", found.model or "") == (row["make"], row["model"]), row["file"]
        turn = "1" if odd_turn else row["orientation"] or "1"
        assert str(found.orientation) == turn, row["file"]
        assert (Flag.ORIENTATION_ODD in found.flags) == odd_turn, row["file"]


def test_an_odd_file_gets_an_answer_and_no_invented_position() -> None:
    positions = {}
    for file in sorted(ODD.iterdir()):
        with suppress(MediaError):
            found = inspect(file, LIMITS)
            if found.position is not None:
                positions[file.name] = (found.position.lon, found.position.lat)
    assert positions == {"own__gps_lower_ref.jpg": (113.5, 34.5)}


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("a header of 9000 x 9000 and no picture", "photo.too_many_pixels"),
        ("a header of 9400 x 9400 and no picture", "photo.too_many_pixels"),
        ("a header of 9500 x 9500, cut off", "photo.too_many_pixels"),
        ("a profile that inflates to 1.2 MB", "photo.suspicious"),
        ("a text that inflates to 1.2 MB; made by hand", "photo.suspicious"),
        ("EPS named jpg: Ghostscript if EPS plugin allowed", "photo.type_not_allowed"),
        ("HTML named jpg", "photo.not_an_image"),
        ("0 bytes", "photo.empty"),
    ],
)
def test_what_goes_past_a_bound_or_is_no_picture_is_refused(what: str, code: str) -> None:
    with pytest.raises(MediaError) as refused:
        inspect(told(what), LIMITS)
    assert refused.value.code == code


def test_colours_of_a_wide_profile_come_out_as_the_same_in_srgb() -> None:
    wide = derive(next(PHOTOS.glob("*Iceland-P3.jpg")))
    plain = derive(next(PHOTOS.glob("*Iceland-sRGB.jpg")))
    assert distance(dhash(wide.display), dhash(plain.display)) <= 4
    assert b"ICC_PROFILE" not in wide.display


@pytest.mark.parametrize(
    "what",
    ["bytes behind the picture", "a comment with a tag", "a directory that points outside"],
)
async def test_what_a_photo_holds_beside_its_picture_is_not_in_ours(what: str) -> None:
    with Decoder() as decoder:
        made = await decoder.derive(told(what).read_bytes())
    assert Flag.UNREADABLE not in made.flags
    assert made.display.endswith(b"\xff\xd9")
    assert not any(part in made.display for part in (b"PK\x03\x04", b"<script", b"Exif"))


@pytest.mark.slow
async def test_every_odd_or_real_file_leaves_two_pictures_or_a_flag() -> None:
    answers = {}
    with Decoder() as decoder:
        for file in sorted((*ODD.iterdir(), *PHOTOS.iterdir())):
            started = time.perf_counter()
            made = await decoder.derive(file.read_bytes())
            assert time.perf_counter() - started < 5, file.name
            whole = (bool(made.display), bool(made.thumbnail))
            assert set(whole) == {Flag.UNREADABLE not in made.flags}, file.name
            answers[file.name] = made.flags
    real = [
        name for name in answers if (PHOTOS / name).suffix == ".jpg" and (PHOTOS / name).is_file()
    ]
    assert [name for name in real if Flag.UNREADABLE in answers[name]] == []
