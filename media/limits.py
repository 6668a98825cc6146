"""How much of a photo is too much, decided before anything is decoded."""

from dataclasses import dataclass, field
from importlib.util import find_spec

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
HEIC = "image/heic"


def decodable_types() -> frozenset[str]:
    """The media types that this installation can decode; HEIC only with pillow-heif."""
    always = frozenset({JPEG, PNG, WEBP})
    return always | {HEIC} if find_spec("pillow_heif") else always


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked from the header alone."""

    max_bytes: int = 20 * 2**20
    max_pixels: int = 55_000_000
    """Of what is decoded at full size; the finest mode of many phones has 50.3 million."""
    max_jpeg_pixels: int = 80_000_000
    """A JPEG is decoded at a fraction of its size, so that the finest sensors' are taken."""
    max_scans: int = 100
    """Scans of a progressive JPEG: 10,000 in 431 kB cost 8.6 s of decoding."""
    max_parts: int = 20_000
    """Segments, chunks or boxes in one file."""
    max_inflated: int = 2**20
    """Bytes that one compressed text or profile may inflate to; Pillow's own bound."""
    max_inflated_total: int = 4 * 2**20
    media_types: frozenset[str] = field(default_factory=decodable_types)

    def pixels_of(self, media_type: str) -> int:
        """The most pixels that a picture of a type may have."""
        return self.max_jpeg_pixels if media_type == JPEG else self.max_pixels
