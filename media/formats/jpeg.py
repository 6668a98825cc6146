"""Read a JPEG's markers up to its first scan, and count its scans."""

import re
from dataclasses import dataclass, field

from media.errors import MediaError
from media.flags import Flag
from media.formats.header import Header
from media.limits import Limits

_SOI, _EOI, _SOS, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
_EXIF = b"Exif\0\0"
_REAL_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


@dataclass(slots=True)
class _Findings:
    width: int = 0
    height: int = 0
    exif: bytes | None = None
    flags: list[Flag] = field(default_factory=list)


def read_jpeg(data: bytes, limits: Limits) -> Header:
    """The header of a JPEG file.

    Raises MediaError over the limits of parts or scans.
    """
    found = _Findings()
    first_scan = _walk(data, found, limits)
    if first_scan is None:
        found.flags.append(Flag.TRUNCATED)
    else:
        _check_scans(data, first_scan, limits)
        found.flags.extend(_end_of_picture(data, first_scan))
    if not (found.width and found.height):
        found.flags.append(Flag.HEADER_BROKEN)
    return Header(found.width, found.height, found.exif, tuple(dict.fromkeys(found.flags)))


def _walk(data: bytes, found: _Findings, limits: Limits) -> int | None:
    """Where the first scan begins, or None if the file ends or breaks before."""
    at = 2
    for _ in range(limits.max_parts):
        if at + 4 > len(data):
            return None
        if data[at] != 0xFF:
            found.flags.append(Flag.HEADER_BROKEN)
            at = data.find(b"\xff", at)
            if at < 0:
                return None
            continue
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker == _SOS:
            return at
        else:
            n_segment = int.from_bytes(data[at + 2 : at + 4], "big")
            if marker in {0x00, _EOI} or n_segment < 2:
                found.flags.append(Flag.HEADER_BROKEN)
                return None
            _note(marker, data[at + 4 : at + 2 + n_segment], found)
            at += 2 + n_segment
    raise MediaError("photo.too_many_parts", {"limit": limits.max_parts})


def _note(marker: int, payload: bytes, found: _Findings) -> None:
    if marker in _SIZES and len(payload) >= 6:
        height = int.from_bytes(payload[1:3], "big")
        width = int.from_bytes(payload[3:5], "big")
        # A second size is a lie; the larger one counts against the limits.
        if width * height > found.width * found.height:
            found.width, found.height = width, height
    elif marker == _APP1 and found.exif is None and payload.startswith(_EXIF):
        found.exif = payload[len(_EXIF) :]


def _check_scans(data: bytes, first_scan: int, limits: Limits) -> None:
    # Raw occurrences are never fewer than scans, and counting them is fast.
    if data.count(b"\xff\xda", first_scan) <= limits.max_scans:
        return
    n_scans = 0
    n_parts = 0
    at = first_scan
    while n_parts <= limits.max_parts:
        match = _REAL_MARKER.search(data, at)
        if match is None or data[match.start() + 1] == _EOI:
            return
        marker = match.start()
        n_parts += 1
        n_scans += data[marker + 1] == _SOS
        if n_scans > limits.max_scans:
            raise MediaError("photo.too_many_scans", {"limit": limits.max_scans})
        at = marker + 2 + max(2, int.from_bytes(data[marker + 2 : marker + 4], "big"))
    raise MediaError("photo.too_many_parts", {"limit": limits.max_parts})


def _end_of_picture(data: bytes, first_scan: int) -> list[Flag]:
    if data.endswith(b"\xff\xd9"):
        return []
    end = data.find(b"\xff\xd9", first_scan)
    if end < 0:
        return [Flag.TRUNCATED]
    tail = data[end + 2 : end + 2 + 4096].lstrip(b"\0\xff")
    # A second JPEG behind the first is an ordinary multi-picture file.
    if tail and not tail.startswith(b"\xd8"):
        return [Flag.TRAILING_DATA]
    return []
