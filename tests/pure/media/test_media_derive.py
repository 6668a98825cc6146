"""Derivatives: upright, small, clean, and made where a bad photo can do no harm."""

import asyncio
import os
import struct
import zlib
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from media.derive import derive, derive_async, derive_in_child
from media.errors import MediaError
from media.flags import Flag
from media.limits import Limits
from media.sample import jpeg
from tests.pure.media.likeness import dhash, distance

PHOTO = jpeg(
    2400, 1800, taken_local="2026:05:01 10:11:12", position=(119.9, 30.9), seed=5, text="GW"
)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def saved(image: Image.Image, name: str, quality: int = 90) -> bytes:
    out = BytesIO()
    image.save(out, name, quality=quality)
    return out.getvalue()


def difference(one: bytes, other: bytes) -> float:
    return max(ImageStat.Stat(ImageChops.difference(opened(one), opened(other))).mean)


def test_pictures_are_at_most_1600_and_320_wide_or_high() -> None:
    made = derive(PHOTO)
    assert opened(made.display).size == (1600, 1200)
    assert opened(made.thumbnail).size == (320, 240)
    assert made.flags == ()


def test_a_small_photo_is_not_blown_up() -> None:
    made = derive(jpeg(200, 100))
    assert opened(made.display).size == opened(made.thumbnail).size == (200, 100)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    width, height = (320, 200) if orientation <= 4 else (200, 320)
    upright = derive(jpeg(320, 200, seed=7, text="GW")).display
    turned = derive(jpeg(width, height, seed=7, text="GW", orientation=orientation)).display
    assert opened(turned).size == (320, 200)
    assert difference(upright, turned) < 3


def test_nothing_but_pixels_survives() -> None:
    with Image.open(BytesIO(PHOTO)) as image:
        out = BytesIO()
        image.save(out, "JPEG", exif=image.info["exif"], comment=b"secret", xmp=b"<x>secret</x>")
    for picture in (derive(out.getvalue()).display, derive(out.getvalue()).thumbnail):
        read = opened(picture)
        assert dict(read.getexif()) == {}
        assert set(read.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not any(word in picture for word in (b"secret", b"Exif", b"Gridwhistle"))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "L", "1", "CMYK", "RGB"])
def test_every_kind_of_pixel_becomes_rgb(mode: str) -> None:
    name = "JPEG" if mode == "CMYK" else "PNG"
    source = Image.linear_gradient("L").convert("RGBA" if mode == "PA" else "RGB")
    image = source.convert("P" if mode == "PA" else mode)
    made = opened(derive(saved(image, name)).display)
    assert (made.mode, made.size) == ("RGB", (256, 256))
    top, bottom = made.getpixel((128, 4)), made.getpixel((128, 250))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert sum(top) < 120 < 600 < sum(bottom)


def test_sixteen_bits_keep_their_brightness() -> None:
    grey = Image.new("I;16", (20, 20), 0x8000)
    pixel = opened(derive(saved(grey, "PNG")).display).getpixel((10, 10))
    assert isinstance(pixel, tuple)
    assert all(abs(value - 0x80) < 4 for value in pixel)


def test_transparent_parts_turn_white() -> None:
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    pixel = opened(derive(saved(clear, "PNG")).display).getpixel((10, 10))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 250


def test_a_cut_jpeg_still_shows_what_arrived() -> None:
    whole = jpeg(800, 600, seed=3, approx_bytes=200_000)
    made = derive(whole[:150_000])
    assert Flag.TRUNCATED in made.flags
    box = (0, 0, 800, 300)
    upper = [
        saved(opened(data).crop(box), "PNG") for data in (made.display, derive(whole).display)
    ]
    assert difference(*upper) < 3


def test_an_undecodable_photo_says_why() -> None:
    with pytest.raises(MediaError) as refused:
        derive(b"\xff\xd8\xff\xe0" + bytes(500))
    assert refused.value.code == "photo.unreadable"


def test_the_child_makes_the_same_pictures(tmp_path: Path) -> None:
    source, display, thumbnail = (tmp_path / name for name in ("a b 照片.jpg", "d.jpg", "t.jpg"))
    source.write_bytes(PHOTO)
    assert derive_in_child(source, display, thumbnail) == ()
    here = derive(PHOTO)
    assert (display.read_bytes(), thumbnail.read_bytes()) == (here.display, here.thumbnail)
    assert names(tmp_path) == ["a b 照片.jpg", "d.jpg", "t.jpg"]


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff\xd8\xff" + bytes(99), PHOTO[:200]])
def test_what_the_child_cannot_read_is_flagged_and_leaves_nothing(
    data: bytes, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(data)
    flags = derive_in_child(source, tmp_path / "d", tmp_path / "t")
    assert Flag.UNREADABLE in flags
    assert names(tmp_path) == ["source"]


def test_a_missing_source_or_folder_is_no_fault_of_the_photo(tmp_path: Path) -> None:
    source = tmp_path / "source"
    with pytest.raises(OSError, match="could not be read"):
        derive_in_child(source, tmp_path / "d", tmp_path / "t")
    source.write_bytes(PHOTO)
    with pytest.raises(OSError, match="could not be read"):
        derive_in_child(source, tmp_path / "nowhere" / "d", tmp_path / "t")
    assert names(tmp_path) == ["source"]


def test_the_child_obeys_the_callers_limits(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(PHOTO)
    limits = Limits(max_jpeg_pixels=1000)
    assert Flag.UNREADABLE in derive_in_child(
        source, tmp_path / "d", tmp_path / "t", limits=limits
    )


@pytest.mark.slow
def test_the_child_cannot_take_more_than_a_gigabyte(tmp_path: Path) -> None:
    def chunk(kind: bytes, payload: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + payload))
        return struct.pack(">I", len(payload)) + kind + payload + crc

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    source = tmp_path / "source"
    source.write_bytes(b"\x89PNG\r\n\x1a\n" + header + body)
    flags = derive_in_child(
        source, tmp_path / "d", tmp_path / "t", limits=Limits(max_pixels=10**9)
    )
    # With memory enough the decoder would get to see that it is cut, and say so.
    assert flags == (Flag.UNREADABLE,)


def test_a_child_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    source = tmp_path / "source"
    os.mkfifo(source)  # reading it never ends, as nobody writes
    flags = derive_in_child(source, tmp_path / "d", tmp_path / "t", timeout_s=0.3)
    assert set(flags) == {Flag.UNREADABLE, Flag.TIMED_OUT}
    assert names(tmp_path) == ["source"]


async def test_the_asynchronous_child_answers_alike(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(PHOTO)
    assert await derive_async(source, tmp_path / "d", tmp_path / "t") == ()
    assert (tmp_path / "d").read_bytes() == derive(PHOTO).display


async def test_the_asynchronous_child_is_stopped_when_late_or_cancelled(tmp_path: Path) -> None:
    source = tmp_path / "source"
    os.mkfifo(source)
    flags = await derive_async(source, tmp_path / "d", tmp_path / "t", timeout_s=0.3)
    assert set(flags) == {Flag.UNREADABLE, Flag.TIMED_OUT}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await derive_async(source, tmp_path / "d", tmp_path / "t")
    assert names(tmp_path) == ["source"]


def test_the_hash_survives_scaling_and_tells_scenes_apart() -> None:
    one, other = derive(PHOTO), derive(jpeg(2400, 1800, seed=6))
    assert 0 <= dhash(one.display) < 2**64
    assert distance(dhash(one.display), dhash(one.thumbnail)) <= 4
    assert distance(dhash(one.display), dhash(other.display)) > 8


@pytest.mark.parametrize("approx_bytes", [60_000, 300_000, 3_000_000])
def test_a_sample_has_about_the_size_asked_for(approx_bytes: int) -> None:
    made = jpeg(1600, 1200, approx_bytes=approx_bytes, seed=2)
    assert len(made) == pytest.approx(approx_bytes, rel=0.1)
    assert made == jpeg(1600, 1200, approx_bytes=approx_bytes, seed=2)


@pytest.mark.needs("pillow_heif")
@pytest.mark.parametrize("turned_by", ["the file", "its EXIF alone"])
def test_an_iphones_photo_becomes_two_upright_pictures_in_colour(turned_by, tmp_path) -> None:
    import_module("pillow_heif").register_heif_opener()
    photo = Image.new("RGB", (640, 400), (200, 30, 30))
    photo.paste((20, 20, 200), (0, 0, 640, 100))  # what is on top lies to the right when turned
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(
        tmp_path / "photo.heic", "HEIF", exif=exif.tobytes() if turned_by == "the file" else exif
    )
    assert (b"irot" in (tmp_path / "photo.heic").read_bytes()) is (turned_by == "the file")
    outs = tmp_path / "display", tmp_path / "thumbnail"
    assert derive_in_child(tmp_path / "photo.heic", *outs) == ()
    for out, (width, height) in zip(outs, [(400, 640), (200, 320)], strict=True):
        picture = opened(out.read_bytes())
        assert picture.size == (width, height)
        assert near(picture.getpixel((9, height // 2)), (200, 30, 30))
        assert near(picture.getpixel((width - 9, height // 2)), (20, 20, 200))


def near(pixel, colour) -> bool:
    return all(abs(one - other) < 16 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(("width", "height"), [(8192, 6144), (9248, 6936), (10_000, 7_900)])
def test_the_finest_sensors_photos_are_made_small(width, height, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(saved(Image.new("L", (width, height), 90), "JPEG"))
    outs = tmp_path / "display", tmp_path / "thumbnail"
    assert derive_in_child(tmp_path / "photo.jpg", *outs) == ()
    assert opened(outs[0].read_bytes()).width == 1600


def test_a_picture_that_must_be_decoded_whole_has_the_smaller_bound() -> None:
    png = saved(Image.new("1", (9248, 6936)), "PNG")
    with pytest.raises(MediaError) as refused:
        derive(png)
    assert refused.value.code == "photo.too_many_pixels"
    assert refused.value.facts["limit"] == Limits().max_pixels
