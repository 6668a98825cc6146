"""Watermarks: readable Chinese on the derivative, and a plain refusal without a font."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

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


def test_the_lines_are_written_at_the_foot_and_nowhere_else() -> None:
    before, after = opened(DISPLAY), opened(watermark(DISPLAY, LINES))
    assert after.size == before.size
    above = (0, 0, 1600, 1000)
    assert opened(watermark(DISPLAY, LINES[:1])).crop(above).size == before.crop(above).size
    foot = after.convert("L").crop((0, 1060, 800, 1200))
    assert sum(foot.histogram()[200:]) > 2000


def test_different_characters_look_different() -> None:
    pictures = {watermark(DISPLAY, [text]) for text in ("网格", "哨兵", "街道", "编号")}
    assert len(pictures) == 4


def test_a_long_line_is_fitted_and_tiny_pictures_are_marked_too() -> None:
    tiny = derive(jpeg(40, 30)).display
    assert opened(watermark(tiny, ["很长" * 200])).size == (40, 30)
    assert opened(watermark(DISPLAY, ["很长的地点" * 100])).size == (1600, 1200)


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
    assert opened(watermark(DISPLAY, ["2026-05-01 10:11"], font=nowhere)).size == (1600, 1200)


def test_a_chinese_font_comes_with_the_installation() -> None:
    found = chinese_font()
    assert found is not None
    assert chinese_font(found) == found
