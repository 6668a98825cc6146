"""Read a WebP's chunks without decoding its picture."""

from media.errors import MediaError
from media.flags import Flag
from media.formats.header import Header
from media.limits import Limits

_N_RIFF_HEADER = 12


def read_webp(data: bytes, limits: Limits) -> Header:
    """The header of a WebP file; the larger of canvas and picture counts as its size.

    Raises MediaError for too many chunks.
    """
    flags: list[Flag] = []
    exif: bytes | None = None
    size = (0, 0)
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        flags.append(Flag.TRUNCATED)
    elif end + 1 < len(data):
        flags.append(Flag.TRAILING_DATA)
    at = _N_RIFF_HEADER
    for _ in range(limits.max_parts):
        if at + 8 > min(end, len(data)):
            break
        kind = data[at : at + 4]
        n_payload = int.from_bytes(data[at + 4 : at + 8], "little")
        body = at + 8
        if kind == b"EXIF" and exif is None:
            exif = data[body : body + n_payload].removeprefix(b"Exif\0\0")
        elif kind == b"ANIM":
            flags.append(Flag.ANIMATED)
        else:
            size = max(size, _size(kind, data[body : body + 10]), key=lambda wh: wh[0] * wh[1])
        at = body + n_payload + n_payload % 2
    else:
        raise MediaError("photo.too_many_parts", {"limit": limits.max_parts})
    if not (size[0] and size[1]):
        flags.append(Flag.HEADER_BROKEN)
    return Header(size[0], size[1], exif, tuple(flags))


def _size(kind: bytes, head: bytes) -> tuple[int, int]:
    if len(head) < 10:
        return 0, 0
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width = int.from_bytes(head[6:8], "little") & 0x3FFF
        return width, int.from_bytes(head[8:10], "little") & 0x3FFF
    if kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return 0, 0
