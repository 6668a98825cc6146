"""EXIF blocks as tests write them."""

import struct

ASCII, LONG, RATIONAL, SRATIONAL = 2, 4, 5, 10
TAKEN, ZONE = 0x9003, 0x9011
LOCAL = "2026:05:01 10:00:00"


def block(*directories: list[tuple[int, int, int, bytes]]) -> bytes:
    """A little-endian EXIF block: the main, the EXIF and the position directory."""
    pointers = (0x8769, 0x8825)[: len(directories) - 1]
    sizes = [2 + 12 * len(d) + 4 for d in directories]
    sizes[0] += 12 * len(pointers)
    starts = [8 + sum(sizes[:i]) for i in range(len(sizes))]
    top = list(directories[0])
    for tag, start in zip(pointers, starts[1:], strict=True):
        top.append((tag, LONG, 1, struct.pack("<I", start)))
    out = b"II*\0" + struct.pack("<I", 8)
    heap_at, heap = 8 + sum(sizes), b""
    for entries in (top, *directories[1:]):
        out += struct.pack("<H", len(entries))
        for tag, kind, count, value in entries:
            if len(value) <= 4:
                out += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
            else:
                out += struct.pack("<HHII", tag, kind, count, heap_at + len(heap))
                heap += value
        out += bytes(4)
    return out + heap
