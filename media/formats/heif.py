"""Read a HEIC's boxes: the largest picture's size and where its EXIF lies (ISO/IEC 23008-12)."""

import struct
from collections.abc import Iterator

from media.errors import MediaError
from media.flags import Flag
from media.formats.header import Header
from media.limits import Limits

_TURNS = frozenset({b"irot", b"imir"})
_CONTAINERS = frozenset({b"meta", b"iprp", b"ipco", b"iinf"})


def read_heif(data: bytes, limits: Limits) -> Header:
    """The header of a HEIC file: tiles share one file, so the largest size is the picture's.

    Raises MediaError for too many boxes.
    """
    size = (0, 0)
    exif_item: int | None = None
    locations = b""
    turned = False
    flags: list[Flag] = []
    for n_boxes, (kind, body) in enumerate(_boxes(data, 0, len(data), 0)):
        if n_boxes >= limits.max_parts:
            raise MediaError("photo.too_many_parts", {"limit": limits.max_parts})
        if kind == b"ispe" and len(body) >= 12:
            width, height = struct.unpack_from(">II", body, 4)
            size = max(size, (width, height), key=lambda wh: wh[0] * wh[1])
        elif kind == b"infe" and body[:1] == b"\x02" and body[8:12] == b"Exif":
            exif_item = int.from_bytes(body[4:6], "big")
        elif kind in _TURNS:
            turned = True
        elif kind == b"iloc":
            locations = body
    exif = None
    try:
        exif = _exif(data, locations, exif_item) if exif_item is not None else None
    except struct.error:
        flags.append(Flag.EXIF_BROKEN)
    if not (size[0] and size[1]):
        flags.append(Flag.HEADER_BROKEN)
    return Header(size[0], size[1], exif, tuple(flags), turned=turned)


def _boxes(data: bytes, at: int, end: int, depth: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= end:
        n_box = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        body = at + 8
        if n_box == 1:
            n_box = int.from_bytes(data[at + 8 : at + 16], "big")
            body = at + 16
        stop = end if n_box == 0 else at + n_box
        if stop < body or stop > end:
            return
        # Only the description is looked into; the pictures themselves lie in `mdat`.
        if kind in _CONTAINERS and depth < 4:
            yield kind, b""  # counted like any other
            skip = {b"meta": 4, b"iinf": 6}.get(kind, 0)
            yield from _boxes(data, body + skip, stop, depth + 1)
        elif kind in {b"ispe", b"infe", b"iloc", *_TURNS}:
            yield kind, data[body:stop]
        else:
            yield kind, b""
        at = stop


def _exif(data: bytes, iloc: bytes, item: int) -> bytes | None:
    """The item's first extent, without its 4-byte offset and Exif prefix.

    Raises struct.error when the table ends early.
    """
    version = iloc[0] if iloc else 0
    sizes, counts = struct.unpack_from(">BB", iloc, 4)
    n_offset, n_length, n_base = sizes >> 4, sizes & 15, counts >> 4
    n_index = counts & 15 if version in {1, 2} else 0
    if version > 1 or not {n_offset, n_length, n_base, n_index} <= {0, 4, 8}:
        return None
    (n_items,) = struct.unpack_from(">H", iloc, 6)
    at = 8
    for _ in range(n_items):
        (item_id,) = struct.unpack_from(">H", iloc, at)
        at += 4 + (2 if version == 1 else 0)
        base = int.from_bytes(iloc[at : at + n_base], "big")
        (n_extents,) = struct.unpack_from(">H", iloc, at + n_base)
        at += n_base + 2
        if item_id == item:
            at += n_index
            start = base + int.from_bytes(iloc[at : at + n_offset], "big")
            length = int.from_bytes(iloc[at + n_offset : at + n_offset + n_length], "big")
            block = data[start : start + length]
            return block[4 + int.from_bytes(block[:4], "big") :]
        at += n_extents * (n_index + n_offset + n_length)
    return None
