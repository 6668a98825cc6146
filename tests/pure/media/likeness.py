"""Fingerprints that survive scaling and recompression."""

from io import BytesIO
from itertools import pairwise

from PIL import Image


def dhash(display: bytes) -> int:
    """A 64-bit difference hash: near-equal pictures differ in few bits.

    Takes one of our own derivatives, not an untrusted original.
    """
    with Image.open(BytesIO(display), formats=["JPEG"]) as image:
        image.draft("L", (128, 128))
        grey = image.convert("L").resize((9, 8), Image.Resampling.BILINEAR).tobytes()
    rows = (grey[at : at + 9] for at in range(0, 72, 9))
    bits = (left > right for row in rows for left, right in pairwise(row))
    return sum(bit << index for index, bit in enumerate(bits))


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two hashes differ; up to about 8 means the same scene."""
    return (one ^ other).bit_count()
