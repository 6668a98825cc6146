"""Derivatives: upright, small, clean, and made where a bad photo can do no harm."""

import asyncio
import os
import signal
import struct
import zlib
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from media.derive import Decoder, derive
from media.errors import MediaError
from media.flags import Flag
from media.limits import Limits
from media.render import Derived
from media.sample import jpeg
from tests.pure.media.likeness import dhash, distance

PHOTO = jpeg(
    2400, 1800, taken_local="2026:05:01 10:11:12", position=(119.9, 30.9), seed=5, text="GW"
)


FINE = jpeg(6000, 4500, seed=5)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    with Decoder() as opened:
        yield opened


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


@pytest.mark.parametrize("share", [0.4, 0.6, 0.95])
async def test_a_cut_png_still_shows_what_arrived(share: float, decoder: Decoder) -> None:
    whole = saved(opened(jpeg(800, 600, seed=3)), "PNG")
    made = await decoder.derive(whole[: int(len(whole) * share)])
    assert made.flags == (Flag.TRUNCATED,)
    box = (0, 0, 800, 100)
    upper = [
        saved(opened(data).crop(box), "PNG") for data in (made.display, derive(whole).display)
    ]
    assert difference(*upper) < 3
    # The next photo is not taken for whole on its account.
    assert (await decoder.derive(whole)).flags == ()


@pytest.mark.parametrize("lossless", [True, False])
async def test_a_cut_webp_shows_nothing_and_says_that_it_is_cut(
    lossless: bool, decoder: Decoder
) -> None:
    out = BytesIO()
    opened(jpeg(800, 600, seed=3)).save(out, "WEBP", lossless=lossless)
    made = await decoder.derive(out.getvalue()[:-500])
    assert (made.display, set(made.flags)) == (b"", {Flag.TRUNCATED, Flag.UNREADABLE})


def test_an_undecodable_photo_says_why() -> None:
    with pytest.raises(MediaError) as refused:
        derive(b"\xff\xd8\xff\xe0" + bytes(500))
    assert refused.value.code == "photo.unreadable"


async def test_a_process_apart_makes_the_same_pictures(decoder: Decoder) -> None:
    assert await decoder.derive(PHOTO) == derive(PHOTO)


async def test_one_process_after_the_other_is_forked_from_one_that_stays(decoder: Decoder) -> None:
    with decoder:
        for seed in range(3):
            photo = jpeg(64, 48, seed=seed)
            assert await decoder.derive(photo) == derive(photo)
        [stays] = decoder._idle
    assert decoder._idle == []
    assert stays._process.returncode == -signal.SIGKILL


async def test_photos_at_once_have_a_process_each(decoder: Decoder) -> None:
    photos = [jpeg(64, 48, seed=seed) for seed in range(3)]
    made = await asyncio.gather(*(decoder.derive(photo) for photo in photos))
    assert made == [derive(photo) for photo in photos]


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff\xd8\xff" + bytes(99), PHOTO[:200]])
async def test_what_cannot_be_read_is_flagged_and_gives_nothing(
    data: bytes, decoder: Decoder
) -> None:
    made = await decoder.derive(data)
    assert Flag.UNREADABLE in made.flags
    assert (made.display, made.thumbnail) == (b"", b"")


async def test_the_process_obeys_the_callers_limits(decoder: Decoder) -> None:
    made = await decoder.derive(PHOTO, Limits(max_jpeg_pixels=1000))
    assert made.flags == (Flag.UNREADABLE,)


@pytest.mark.slow
async def test_a_photo_cannot_take_more_than_a_gigabyte(decoder: Decoder) -> None:
    def chunk(kind: bytes, payload: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + payload))
        return struct.pack(">I", len(payload)) + kind + payload + crc

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    photo = b"\x89PNG\r\n\x1a\n" + header + body
    made = await decoder.derive(photo, Limits(max_pixels=10**9))
    # With memory enough the decoder would get to see that it is cut, and say so.
    assert made.flags == (Flag.UNREADABLE,)


async def test_a_photo_that_takes_too_long_is_stopped_and_the_next_one_is_made(
    decoder: Decoder,
) -> None:
    made = await decoder.derive(FINE, timeout_s=0.001)
    assert made == Derived(b"", b"", (Flag.UNREADABLE, Flag.TIMED_OUT))
    assert decoder._idle == []
    assert (await decoder.derive(PHOTO)).flags == ()


async def test_who_stops_waiting_stops_the_process(decoder: Decoder) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await decoder.derive(FINE)
    assert decoder._idle == []


async def test_a_process_that_was_killed_is_no_fault_of_the_photo(decoder: Decoder) -> None:
    await decoder.derive(PHOTO)
    [stays] = decoder._idle
    os.killpg(stays._process.pid, signal.SIGKILL)
    stays._process.wait()
    with pytest.raises(OSError):  # noqa: PT011 - a broken pipe or none at all
        await decoder.derive(PHOTO)
    assert (await decoder.derive(PHOTO)).flags == ()


async def test_a_process_that_nobody_needs_goes(decoder: Decoder, monkeypatch) -> None:
    monkeypatch.setattr("media.derive._IDLE_S", 0.01)
    await decoder.derive(PHOTO)
    [stays] = decoder._idle
    await asyncio.sleep(0.1)
    assert decoder._idle == []
    assert stays._process.returncode is not None


async def test_nothing_of_our_environment_reaches_a_decoder(decoder: Decoder, monkeypatch) -> None:
    monkeypatch.setenv("GRIDWHISTLE_SECRET", "lampfinder")
    await decoder.derive(PHOTO)
    [stays] = decoder._idle
    assert b"lampfinder" not in environment(stays._process.pid)


def environment(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


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
async def test_an_iphones_photo_becomes_two_upright_pictures_in_colour(
    turned_by, tmp_path, decoder
) -> None:
    import_module("pillow_heif").register_heif_opener()
    photo = Image.new("RGB", (640, 400), (200, 30, 30))
    photo.paste((20, 20, 200), (0, 0, 640, 100))  # what is on top lies to the right when turned
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(
        tmp_path / "photo.heic", "HEIF", exif=exif.tobytes() if turned_by == "the file" else exif
    )
    assert (b"irot" in (tmp_path / "photo.heic").read_bytes()) is (turned_by == "the file")
    made = await decoder.derive((tmp_path / "photo.heic").read_bytes())
    assert made.flags == ()
    pictures = (made.display, made.thumbnail)
    for data, (width, height) in zip(pictures, [(400, 640), (200, 320)], strict=True):
        picture = opened(data)
        assert picture.size == (width, height)
        assert near(picture.getpixel((9, height // 2)), (200, 30, 30))
        assert near(picture.getpixel((width - 9, height // 2)), (20, 20, 200))


def near(pixel, colour) -> bool:
    return all(abs(one - other) < 16 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(("width", "height"), [(8192, 6144), (9248, 6936), (10_000, 7_900)])
async def test_the_finest_sensors_photos_are_made_small(width, height, decoder) -> None:
    made = await decoder.derive(saved(Image.new("L", (width, height), 90), "JPEG"))
    assert made.flags == ()
    assert opened(made.display).width == 1600


def test_a_picture_that_must_be_decoded_whole_has_the_smaller_bound() -> None:
    png = saved(Image.new("1", (9248, 6936)), "PNG")
    with pytest.raises(MediaError) as refused:
        derive(png)
    assert refused.value.code == "photo.too_many_pixels"
    assert refused.value.facts["limit"] == Limits().max_pixels
