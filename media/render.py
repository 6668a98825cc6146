"""Decode an untrusted photo in full and make its two pictures; meant for a process of its own."""

import warnings
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO

from PIL import Image, ImageCms, ImageFile

from media.errors import MediaError
from media.flags import Flag
from media.inspect import Inspection, inspect
from media.limits import HEIC, JPEG, PNG, WEBP, Limits

DISPLAY_SIDE = 1600
THUMBNAIL_SIDE = 320
_QUALITY = 80

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", HEIC: "HEIF"}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Derived:
    """Two JPEGs without any metadata: at most 1600 and 320 pixels on the longer side.

    Both are empty where no picture could be made, which the flags say.
    """

    display: bytes
    thumbnail: bytes
    flags: tuple[Flag, ...]


def render(data: bytes, limits: Limits) -> Derived:
    """Both pictures, upright, in sRGB, on white.

    Raises MediaError: what `inspect` raises, and `photo.unreadable` (reason) for whatever goes
    wrong while decoding.
    """
    inspection = inspect(data, limits)
    flags = list(inspection.flags)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = _decoded(data, inspection, limits, flags)
            display = _shrunk(image, DISPLAY_SIDE)
            thumbnail = _shrunk(display, THUMBNAIL_SIDE)
            pictures = encoded(display), encoded(thumbnail)
        except MediaError:
            raise
        except Exception as error:  # decoders raise anything: OSError, ValueError, SyntaxError …
            raise _unreadable(error, inspection) from error
    return Derived(*pictures, tuple(dict.fromkeys(flags)))


def encoded(image: Image.Image, quality: int = _QUALITY) -> bytes:
    """A JPEG of the pixels alone."""
    image.info = {}  # Pillow would copy a comment from here
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _unreadable(error: Exception, inspection: Inspection) -> MediaError:
    truncated = Flag.TRUNCATED in inspection.flags or "truncated" in str(error).lower()
    reason = "truncated" if truncated else type(error).__name__
    return MediaError("photo.unreadable", {"reason": reason})


def _decoded(
    data: bytes, inspection: Inspection, limits: Limits, flags: list[Flag]
) -> Image.Image:
    try:
        image = _loaded(data, inspection.media_type, limits)
    except OSError:
        if inspection.media_type not in {JPEG, PNG}:  # what other decoders have they do not give
            raise
        image = _what_there_is(data, inspection.media_type, limits)
        flags.append(Flag.TRUNCATED)
    image = _shrunk(_plain(image), DISPLAY_SIDE)
    image = _in_srgb(image, flags)
    image = _on_white(image)
    turn = _TURNS.get(inspection.orientation)
    return image if turn is None else image.transpose(turn)


def _what_there_is(data: bytes, media_type: str, limits: Limits) -> Image.Image:
    if media_type == JPEG:
        # An end marker lets the decoder give what it has; the rest stays grey.
        return _loaded(data + b"\xff\xd9", JPEG, limits)
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        return _loaded(data, media_type, limits)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _loaded(data: bytes, media_type: str, limits: Limits) -> Image.Image:
    if media_type == HEIC:
        import_module("pillow_heif").register_heif_opener()
    image = Image.open(BytesIO(data), formats=[_FORMATS[media_type]])
    width, height = image.size
    most = limits.pixels_of(media_type)
    if width * height > most:
        facts = {"width": width, "height": height, "limit": most}
        raise MediaError("photo.too_many_pixels", facts)
    scale = DISPLAY_SIDE / max(width, height)
    if media_type == JPEG and scale < 1:
        # Both sides must allow the scale, or the decoder keeps the full size.
        image.draft(None, (int(width * scale), int(height * scale)))
    image.load()
    return image


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that can be scaled and converted: L, LA, RGB, RGBA or CMYK."""
    if image.mode.startswith("I") or image.mode == "F":
        wide = image.convert("I").point(_eighth_bit)
        return wide.convert("L")
    if image.mode in {"P", "PA"} or "transparency" in image.info:
        plain = image.convert("RGBA")
    elif image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        return image
    else:
        plain = image.convert("L" if image.mode == "1" else "RGB")
    return plain


def _eighth_bit(value: float) -> float:
    return value * (1 / 256)


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    width, height = image.size
    scale = side / max(width, height)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _in_srgb(image: Image.Image, flags: list[Flag]) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha else image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        turned = ImageCms.profileToProfile(
            colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        flags.append(Flag.PROFILE_BROKEN)
        return image
    if turned is None:
        return image
    if alpha is not None:
        turned.putalpha(alpha)
    return turned


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA"}:
        shown = image.convert("RGBA")
        ground = Image.new("RGB", shown.size, "white")
        ground.paste(shown, mask=shown.getchannel("A"))
        return ground
    return image.convert("RGB")
