"""Read a HEIC's boxes: the largest picture's size and where its EXIF lies (ISO/IEC 23008-12)."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from media.errors import MediaError
from media.flags import Flag
from media.formats.header import Header
from media.limits import Limits

_TURNS = frozenset({b"irot", b"imir"})
_CONTAINERS = frozenset({b"meta", b"iprp", b"ipco", b"iinf"})
_READ = frozenset({b"ispe", b"infe", b"iloc", b"idat", *_TURNS})
_OUTERMOST = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid"})
_CUT, _BEHIND = b"cut", b"behind"  # what is found in place of a box
_ODD = {_CUT: Flag.TRUNCATED, _BEHIND: Flag.TRAILING_DATA}
_IN_FILE, _IN_META = 0, 1  # where an item's place counts from; others are not read
_MOST_EXIF = 2**20


class _Extent(NamedTuple):
    item: int
    method: int
    start: int
    end: int


@dataclass(slots=True)
class _Findings:
    size: tuple[int, int] = (0, 0)
    exif_item: int | None = None
    locations: bytes = b""
    items: bytes = b""
    turned: bool = False
    flags: list[Flag] = field(default_factory=list)


def read_heif(data: bytes, limits: Limits) -> Header:
    """The header of a HEIC file: tiles share one file, so the largest size is the picture's.

    Raises MediaError for too many boxes.
    """
    found = _Findings()
    for n_boxes, (kind, body) in enumerate(_boxes(data, 0, len(data), 0)):
        if n_boxes >= limits.max_parts:
            raise MediaError("photo.too_many_parts", {"limit": limits.max_parts})
        _note(kind, body, found)
    exif = None
    try:
        extents = list(islice(_extents(found.locations), limits.max_parts))
        exif = _exif([each for each in extents if each.item == found.exif_item], data, found.items)
        if any(each.method == _IN_FILE and each.end > len(data) for each in extents):
            found.flags.append(Flag.TRUNCATED)
    except struct.error:
        found.flags.append(Flag.EXIF_BROKEN)
    if not (found.size[0] and found.size[1]):
        found.flags.append(Flag.HEADER_BROKEN)
    return Header(*found.size, exif, tuple(dict.fromkeys(found.flags)), turned=found.turned)


def _note(kind: bytes, body: bytes, found: _Findings) -> None:
    if kind == b"ispe" and len(body) >= 12:
        width, height = struct.unpack_from(">II", body, 4)
        found.size = max(found.size, (width, height), key=lambda wh: wh[0] * wh[1])
    elif kind == b"infe":
        found.exif_item = _exif_item(body) or found.exif_item
    elif kind in _TURNS:
        found.turned = True
    elif kind == b"iloc":
        found.locations = body
    elif kind == b"idat":
        found.items = body
    elif kind in _ODD:
        found.flags.append(_ODD[kind])


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
            if depth == 0:
                yield (_CUT if kind in _OUTERMOST else _BEHIND), b""
            return
        # Only the description is looked into; the pictures themselves lie in `mdat`.
        if kind in _CONTAINERS and depth < 4:
            yield kind, b""  # counted like any other
            skip = {b"meta": 4, b"iinf": 8 if data[body : body + 1] > b"\0" else 6}.get(kind, 0)
            yield from _boxes(data, body + skip, stop, depth + 1)
        elif kind in _READ:
            yield kind, data[body:stop]
        else:
            yield kind, b""
        at = stop
    if depth == 0 and at < end:
        yield _BEHIND, b""


def _exif_item(infe: bytes) -> int | None:
    """The number of the item that an `infe` describes, where that is the EXIF."""
    n_id = {2: 2, 3: 4}.get(infe[0] if infe else 0, 0)
    at = 4 + n_id
    return int.from_bytes(infe[4:at], "big") if n_id and infe[at + 2 : at + 6] == b"Exif" else None


def _exif(extents: Sequence[_Extent], data: bytes, items: bytes) -> bytes | None:
    """The EXIF without its offset and prefix; None where none is described."""
    if not extents:
        return None
    block = b""
    for each in extents:
        whole = {_IN_FILE: data, _IN_META: items}.get(each.method, b"")
        # Pieces may overlap and be as long as the file each.
        block += whole[each.start : min(each.end, each.start + _MOST_EXIF - len(block))]
    return block[4 + int.from_bytes(block[:4], "big") :]


def _extents(iloc: bytes) -> Iterator[_Extent]:
    """Where the pieces of items lie.

    Raises struct.error when the table ends early.
    """
    version = iloc[0] if iloc else 0
    if not iloc or version > 2:
        return
    sizes, counts = struct.unpack_from(">BB", iloc, 4)
    n_offset, n_length, n_base = sizes >> 4, sizes & 15, counts >> 4
    n_index = counts & 15 if version else 0
    if not {n_offset, n_length, n_base, n_index} <= {0, 4, 8}:
        return
    number, n_number = (">I", 4) if version == 2 else (">H", 2)
    (n_items,) = struct.unpack_from(number, iloc, 6)
    at = 6 + n_number
    for _ in range(n_items):
        (item,) = struct.unpack_from(number, iloc, at)
        at += n_number
        method = struct.unpack_from(">H", iloc, at)[0] & 15 if version else _IN_FILE
        at += 2 if version else 0
        base = int.from_bytes(iloc[at + 2 : at + 2 + n_base], "big")
        at += 2 + n_base
        (n_extents,) = struct.unpack_from(">H", iloc, at)
        at += 2
        n_extent = n_index + n_offset + n_length
        for _ in range(n_extents if n_extent else 0):
            if at + n_extent > len(iloc):
                raise struct.error("the table ends early")
            mid = at + n_index + n_offset
            start = base + int.from_bytes(iloc[at + n_index : mid], "big")
            n_bytes = int.from_bytes(iloc[mid : mid + n_length], "big")
            yield _Extent(item, method, start, start + n_bytes)
            at += n_extent
