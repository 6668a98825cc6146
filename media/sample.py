"""Make real photos for demonstrations, load and tests: JPEGs with EXIF, of a wanted size."""

import random
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

_MAKE, _MODEL, _ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x010F, 0x0110, 0x0112, 0x8769, 0x8825
_TAKEN, _OFFSET = 0x9003, 0x9011
_QUALITY = 85
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright picture comes to be stored."""
_N_COMMENT = 60_000


def jpeg(
    width: int = 1600,
    height: int = 1200,
    *,
    taken_local: str | None = None,
    offset: str | None = None,
    position: tuple[float, float] | None = None,
    seed: int = 0,
    text: str | None = None,
    orientation: int = 1,
    approx_bytes: int | None = None,
) -> bytes:
    """A JPEG with EXIF, the same bytes for the same arguments.

    `width` and `height` are as stored; turned by `orientation` the picture is upright.
    `taken_local` as `YYYY:MM:DD hh:mm:ss`, `offset` as `+08:00`, `position` as (lon, lat);
    `approx_bytes` is met within a few per cent, by noise, when it exceeds what a plain picture
    of that size takes.
    """
    chance = random.Random(seed)
    shown = (height, width) if orientation > 4 else (width, height)
    plain = _picture(*shown, chance, text if text is not None else f"{seed}")
    if orientation in _TURNS:
        plain = plain.transpose(_TURNS[orientation])
    exif = _exif(taken_local, offset, position, orientation)
    smallest = _encoded(plain, exif)
    if approx_bytes is None or approx_bytes <= len(smallest):
        return smallest
    noisy = Image.frombytes("L", (width, height), chance.randbytes(width * height))
    busiest = Image.blend(plain, noisy.convert("RGB"), 0.5)
    n_busiest = len(_encoded(busiest, exif))
    share = (approx_bytes - len(smallest)) / (n_busiest - len(smallest))
    rows = min(height, round(height * share))
    plain.paste(busiest.crop((0, 0, width, rows)), (0, 0))
    made = _encoded(plain, exif)
    return _padded(made, approx_bytes, chance) if rows == height else made


def _picture(width: int, height: int, chance: random.Random, text: str) -> Image.Image:
    ends = [tuple(chance.randrange(40, 220) for _ in range(3)) for _ in range(2)]
    ramp = Image.linear_gradient("L").resize((width, height))
    sky = Image.new("RGB", (width, height), ends[0])
    image = Image.composite(sky, Image.new("RGB", (width, height), ends[1]), ramp)
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        left, top = chance.randrange(width), chance.randrange(height)
        right, bottom = left + width // 5, top + height // 4
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.rectangle((left, top, right, bottom), fill=colour)
    face = ImageFont.load_default(max(10, height // 12))
    draw.text((width // 20, height // 20), text, fill="white", font=face)
    return image


def _exif(
    taken_local: str | None,
    offset: str | None,
    position: tuple[float, float] | None,
    orientation: int,
) -> bytes:
    exif = Image.Exif()
    exif[_MAKE] = "Gridwhistle"
    exif[_MODEL] = "Sample"
    exif[_ORIENTATION] = orientation
    if taken_local is not None:
        exif.get_ifd(_EXIF_IFD)[_TAKEN] = taken_local
    if offset is not None:
        exif.get_ifd(_EXIF_IFD)[_OFFSET] = offset
    if position is not None:
        lon, lat = position
        gps = exif.get_ifd(_GPS_IFD)
        gps.update({1: "N" if lat >= 0 else "S", 2: _sexagesimal(lat)})
        gps.update({3: "E" if lon >= 0 else "W", 4: _sexagesimal(lon)})
    return exif.tobytes()


def _sexagesimal(degrees: float) -> tuple[IFDRational, ...]:
    """Degrees, minutes and seconds to 1e-6 of a second, about 0.03 mm."""
    micro = round(abs(degrees) * 3_600_000_000)
    minutes, rest = divmod(micro, 60_000_000)
    whole, minutes = divmod(minutes, 60)
    return IFDRational(whole), IFDRational(minutes), IFDRational(rest, 1_000_000)


def _encoded(image: Image.Image, exif: bytes) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, exif=exif)
    return out.getvalue()


def _padded(made: bytes, n_bytes: int, chance: random.Random) -> bytes:
    """The same picture with comments that make up for what noise cannot."""
    comments = []
    missing = n_bytes - len(made)
    while missing > 4:
        n_comment = min(missing - 4, _N_COMMENT)
        head = b"\xff\xfe" + (n_comment + 2).to_bytes(2, "big")
        comments.append(head + chance.randbytes(n_comment))
        missing -= n_comment + 4
    return made[:2] + b"".join(comments) + made[2:]
