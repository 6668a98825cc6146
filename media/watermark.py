"""Write time, place and number below a derivative; originals stay as they are."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from media.errors import MediaError
from media.fonts import chinese_font
from media.render import encoded

_MAX_LINES = 4
_QUALITY = 85
_STRIP = (32, 32, 32)
_INK = (255, 255, 255)
_SMALLEST = 9


def watermark(display: bytes, lines: Sequence[str], font: Path | None = None) -> bytes:
    """The picture with 1 to 4 lines on a dark strip below it, as JPEG without metadata.

    Nothing of the picture is covered, however flat it is. A line too long for the picture is
    set smaller, then cut with an ellipsis. Raises ValueError
    for no or too many lines, MediaError `watermark.no_font` when they need a font that is not
    there.
    """
    if not 1 <= len(lines) <= _MAX_LINES:
        raise ValueError(f"1 to {_MAX_LINES} lines")
    with Image.open(BytesIO(display), formats=["JPEG"]) as opened:
        image = opened.convert("RGB")
    size = max(_SMALLEST, round(max(image.size) / 48))
    margin = size // 2
    room = image.width - 2 * margin
    face = _face(lines, font, size)
    longest = max(face.getlength(line) for line in lines)
    if longest > room:
        size = max(_SMALLEST, int(size * room / longest))
        face = _face(lines, font, size)
    step = round(size * 1.4)
    sheet = Image.new("RGB", (image.width, image.height + step * len(lines) + margin), _STRIP)
    sheet.paste(image)
    draw = ImageDraw.Draw(sheet)
    top = image.height + margin // 2
    for index, line in enumerate(lines):
        draw.text((margin, top + index * step), _cut(line, face, room), _INK, face)
    return encoded(sheet, _QUALITY)


_Face = ImageFont.FreeTypeFont | ImageFont.ImageFont


def _face(lines: Sequence[str], explicit: Path | None, size: int) -> _Face:
    found = chinese_font(explicit)
    if found is not None:
        return ImageFont.truetype(str(found), size)
    if not all(line.isascii() for line in lines):
        raise MediaError("watermark.no_font")
    return ImageFont.load_default(size)


def _cut(line: str, face: _Face, room: int) -> str:
    if face.getlength(line) <= room:
        return line
    while line and face.getlength(line + "…") > room:
        line = line[:-1]
    return line + "…"
