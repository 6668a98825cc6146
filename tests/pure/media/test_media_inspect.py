"""What is refused before decoding, and what is kept with a flag."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from media.errors import MediaError
from media.flags import Flag
from media.formats.sniff import sniff
from media.inspect import inspect
from media.limits import JPEG, PNG, WEBP, Limits
from media.sample import jpeg

PHOTO = jpeg(
    160, 120, taken_local="2026:05:01 10:11:12", offset="+08:00", position=(119.9, 30.9), seed=1
)


def saved(mode: str, name: str, size: tuple[int, int] = (30, 20)) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, name)
    return out.getvalue()


def chunk(kind: bytes, payload: bytes) -> bytes:
    return (
        struct.pack(">I", len(payload))
        + kind
        + payload
        + struct.pack(">I", zlib.crc32(kind + payload))
    )


def png_with(*extra: bytes) -> bytes:
    whole = saved("RGB", "PNG")
    return whole[:33] + b"".join(extra) + whole[33:]


def code_of(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(MediaError) as refused:
        inspect(data, limits or Limits())
    return refused.value.code


@pytest.mark.parametrize(("name", "media_type"), [("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
def test_size_and_type_are_read_from_the_header(name: str, media_type: str) -> None:
    found = inspect(saved("RGB", name))
    assert (found.media_type, found.width, found.height) == (media_type, 30, 20)
    assert found.flags == ()


def test_a_lossless_and_an_animated_webp_tell_their_size() -> None:
    lossless, animated = BytesIO(), BytesIO()
    Image.new("RGBA", (31, 17)).save(lossless, "WEBP", lossless=True)
    frames = [Image.new("RGB", (40, 41), colour) for colour in ("red", "blue")]
    frames[0].save(animated, "WEBP", save_all=True, append_images=frames[1:])
    assert (inspect(lossless.getvalue()).width, inspect(lossless.getvalue()).height) == (31, 17)
    assert inspect(animated.getvalue()).width == 40
    assert Flag.ANIMATED in inspect(animated.getvalue()).flags


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_exif_is_read_from_other_formats_too(name: str) -> None:
    out = BytesIO()
    with Image.open(BytesIO(PHOTO)) as image:
        image.save(out, name, exif=image.info["exif"])
    found = inspect(out.getvalue())
    assert found.taken_local == "2026:05:01 10:11:12"
    assert found.offset == "+08:00"
    assert found.position is not None
    assert found.position.lon == pytest.approx(119.9, abs=1e-9)


@pytest.mark.parametrize("name", ["GIF", "TIFF", "BMP", "ICO", "PDF"])
def test_other_formats_are_refused_by_name(name: str) -> None:
    data = saved("RGB", name)
    assert code_of(data) == "photo.type_not_allowed"


@pytest.mark.parametrize(
    "data",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"PK\x03\x04", b"MZ", b"\xff\xd8"],
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    assert sniff(data) is None
    assert code_of(data) == "photo.not_an_image"


def test_nothing_is_no_photo() -> None:
    assert code_of(b"") == "photo.empty"


def test_too_many_bytes_are_refused_from_memory_and_from_disk(tmp_path: Path) -> None:
    limits = Limits(max_bytes=1000)
    file = tmp_path / "photo"
    file.write_bytes(PHOTO)
    assert code_of(PHOTO, limits) == "photo.too_large"
    with pytest.raises(MediaError) as refused:
        inspect(file, limits)
    assert refused.value.facts == {"n_bytes": len(PHOTO), "limit": 1000}


def test_a_claimed_size_is_refused_before_anything_is_decoded() -> None:
    at = PHOTO.index(b"\xff\xc0")
    lying = PHOTO[: at + 5] + struct.pack(">HH", 60_000, 60_000) + PHOTO[at + 9 :]
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")
    assert code_of(lying) == "photo.too_many_pixels"
    assert code_of(png) == "photo.too_many_pixels"


def test_a_small_first_size_does_not_hide_a_large_second_one() -> None:
    big = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, 60_000, 60_000, 0)
    assert code_of(PHOTO[:2] + PHOTO[2:].replace(b"\xff\xda", big + b"\xff\xda", 1)) == (
        "photo.too_many_pixels"
    )


def test_too_many_scans_are_refused_and_a_progressive_photo_is_not() -> None:
    out = BytesIO()
    with Image.open(BytesIO(PHOTO)) as image:
        image.save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    assert inspect(whole).flags == ()
    last = whole.rindex(b"\xff\xda")
    many = whole[:last] + whole[last:-2] * 11 + whole[-2:]
    assert code_of(many, Limits(max_scans=10)) == "photo.too_many_scans"


def test_a_marker_hidden_in_a_table_does_not_end_the_count_of_scans() -> None:
    first = PHOTO.index(b"\xff\xda")
    hidden = b"\xff\xfe\x00\x04\xff\xd9"
    many = PHOTO[:-2] + (hidden + PHOTO[first:-2]) * 11 + PHOTO[-2:]
    assert code_of(many, Limits(max_scans=10)) == "photo.too_many_scans"


@pytest.mark.parametrize(
    "part",
    [
        chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000))),
        chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(50_000))),
        chunk(b"iTXt", b"k\0\x01\0\0\0" + zlib.compress(bytes(50_000))),
        b"".join([chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(9_000)))] * 5),
    ],
)
def test_a_text_that_inflates_beyond_all_measure_is_refused(part: bytes) -> None:
    assert inspect(png_with(part)).flags == ()
    few = Limits(max_inflated=10_000, max_inflated_total=40_000)
    assert code_of(png_with(part), few) == "photo.suspicious"


def test_parts_that_inflate_and_then_break_are_not_tried_for_ever() -> None:
    broken = zlib.compress(bytes(10_000))[:-4] + b"more"
    few = Limits(max_inflated=10_000, max_inflated_total=40_000)
    assert code_of(png_with(chunk(b"zTXt", b"k\0\0" + broken) * 40), few) == "photo.suspicious"
    kept = inspect(png_with(chunk(b"zTXt", b"k\0\0" + broken)))
    assert kept.flags == (Flag.HEADER_BROKEN,)


def test_an_honest_text_and_profile_are_fine() -> None:
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(b"hello"))
    assert inspect(png_with(text, chunk(b"iTXt", b"k\0\0\0\0\0plain"))).flags == ()


def test_a_million_tiny_parts_are_refused() -> None:
    assert code_of(png_with(chunk(b"tEXt", b"") * 30_000)) == "photo.too_many_parts"
    assert code_of(PHOTO[:2] + b"\xff\xfe\x00\x02" * 30_000 + PHOTO[2:]) == "photo.too_many_parts"
    assert code_of(PHOTO[:2] + b"\xff" * 30_000 + PHOTO[2:]) == "photo.too_many_parts"


def test_a_cut_photo_is_kept_and_flagged() -> None:
    cut = inspect(PHOTO[: len(PHOTO) // 2])
    assert cut.flags == (Flag.TRUNCATED,)
    assert (cut.width, cut.height, cut.taken_local) == (160, 120, "2026:05:01 10:11:12")
    for name in ("PNG", "WEBP"):
        assert Flag.TRUNCATED in inspect(saved("RGB", name)[:-6]).flags


def test_three_bytes_of_a_jpeg_are_kept_and_flagged() -> None:
    found = inspect(b"\xff\xd8\xff")
    assert (found.width, found.height) == (0, 0)
    assert set(found.flags) == {Flag.TRUNCATED, Flag.HEADER_BROKEN}


def test_a_zip_behind_the_picture_is_flagged() -> None:
    assert inspect(PHOTO + b"PK\x03\x04more").flags == (Flag.TRAILING_DATA,)
    assert inspect(saved("RGB", "PNG") + b"PK").flags == (Flag.TRAILING_DATA,)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage_gives_an_inspection_or_a_refusal(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(0, min(len(whole), 900) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MediaError):
        found = inspect(bytes(whole))
        assert found.width * found.height <= Limits().max_pixels


SEEDS = (PHOTO, saved("RGB", "PNG"), saved("RGB", "WEBP"), saved("RGBA", "WEBP"))
