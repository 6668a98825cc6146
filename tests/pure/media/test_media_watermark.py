"""Watermarks: readable Chinese on the derivative, and a plain refusal without a font."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from media.derive import derive
from media.errors import MediaError
from media.fonts import chinese_font
from media.sample import jpeg
from media.watermark import watermark

DISPLAY = derive(jpeg(1600, 1200, seed=4)).display
LINES = ("2026-05-01 10:11", "榴城区东风街道 第三网格", "编号 GW-20260501-0001")


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("height", [1200, 192])
def test_the_lines_are_written_below_the_picture_and_nothing_of_it_is_covered(height) -> None:
    display = derive(jpeg(1600, height, seed=4)).display
    before, after = opened(display), opened(watermark(display, LINES))
    assert after.width == before.width
    strip = after.convert("L").crop((0, height, 1600, after.height))
    assert 60 < strip.height < 200
    assert sum(strip.histogram()[200:]) > 2000
    differs = ImageChops.difference(before, after.crop((0, 0, 1600, height - 16))).convert("L")
    assert max(differs.crop((0, 0, 1600, height - 16)).getextrema()) < 40  # saved once more


def test_different_characters_look_different() -> None:
    pictures = {watermark(DISPLAY, [text]) for text in ("网格", "哨兵", "街道", "编号")}
    assert len(pictures) == 4


def test_a_long_line_is_fitted_and_tiny_pictures_are_marked_too() -> None:
    tiny = derive(jpeg(40, 30)).display
    assert opened(watermark(tiny, ["很长" * 200])).width == 40
    assert opened(watermark(DISPLAY, ["很长的地点" * 100])).width == 1600


def test_a_watermarked_picture_has_no_metadata() -> None:
    assert b"Exif" not in watermark(DISPLAY, LINES)


@pytest.mark.parametrize("lines", [[], ["a"] * 5])
def test_no_line_or_five_lines_are_a_mistake(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        watermark(DISPLAY, lines)


def test_without_a_font_chinese_is_refused_and_latin_is_written() -> None:
    nowhere = Path("/nowhere/font.otf")
    with pytest.raises(MediaError) as refused:
        watermark(DISPLAY, LINES, font=nowhere)
    assert refused.value.code == "watermark.no_font"
    assert opened(watermark(DISPLAY, ["2026-05-01 10:11"], font=nowhere)).height > 1200


def test_a_chinese_font_comes_with_the_installation() -> None:
    found = chinese_font()
    assert found is not None
    assert chinese_font(found) == found
