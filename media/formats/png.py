"""Read a PNG's chunks without inflating its picture."""

import zlib
from dataclasses import dataclass, field

from media.errors import MediaError
from media.flags import Flag
from media.formats.header import Header
from media.limits import Limits


@dataclass(slots=True)
class _Findings:
    width: int = 0
    height: int = 0
    exif: bytes | None = None
    n_inflated: int = 0
    flags: list[Flag] = field(default_factory=list)


def read_png(data: bytes, limits: Limits) -> Header:
    """The header of a PNG file.

    Raises MediaError for too many chunks, and for a compressed text or profile that inflates
    beyond the limits.
    """
    found = _Findings()
    at = 8
    for _ in range(limits.max_parts):
        if at + 12 > len(data):
            found.flags.append(Flag.TRUNCATED)
            break
        n_payload = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        end = at + 12 + n_payload
        if kind == b"IEND":
            if end < len(data):
                found.flags.append(Flag.TRAILING_DATA)
            break
        if kind != b"IDAT":
            _note(kind, data[at + 8 : end - 4], data[end - 4 : end], found, limits)
        at = end
    else:
        raise MediaError("photo.too_many_parts", {"limit": limits.max_parts})
    if not (found.width and found.height):
        found.flags.append(Flag.HEADER_BROKEN)
    return Header(found.width, found.height, found.exif, tuple(dict.fromkeys(found.flags)))


def _note(kind: bytes, payload: bytes, crc: bytes, found: _Findings, limits: Limits) -> None:
    if kind == b"IHDR" and not found.width and len(payload) == 13:
        found.width = int.from_bytes(payload[0:4], "big")
        found.height = int.from_bytes(payload[4:8], "big")
        if zlib.crc32(kind + payload) != int.from_bytes(crc, "big"):
            found.flags.append(Flag.HEADER_BROKEN)
    elif kind == b"eXIf" and found.exif is None:
        found.exif = payload
    elif kind == b"acTL":
        found.flags.append(Flag.ANIMATED)
    elif kind in {b"zTXt", b"iCCP", b"iTXt"}:
        _check_inflated(kind, _compressed(kind, payload), found, limits)


def _compressed(kind: bytes, payload: bytes) -> bytes:
    _, _, rest = payload.partition(b"\0")
    if kind != b"iTXt":
        return rest[1:]
    if rest[:1] != b"\x01":
        return b""
    _language, _, rest = rest[2:].partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return text


def _check_inflated(kind: bytes, packed: bytes, found: _Findings, limits: Limits) -> None:
    if not packed:
        return
    try:
        n_inflated = len(zlib.decompressobj().decompress(packed, limits.max_inflated + 1))
    except zlib.error:
        found.flags.append(Flag.HEADER_BROKEN)
        n_inflated = limits.max_inflated // 8  # a broken part may have cost as much as a sound one
    found.n_inflated += n_inflated
    if n_inflated > limits.max_inflated or found.n_inflated > limits.max_inflated_total:
        raise MediaError("photo.suspicious", {"part": kind.decode("ascii")})
