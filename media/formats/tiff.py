"""Read the few EXIF values we want out of a TIFF structure that may be anything."""

import math
import struct
from dataclasses import dataclass

_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}
_TEXTS = frozenset({1, 2, 6, 7})
_MAX_ENTRIES = 1000
_MAX_VALUES = 8
_MAX_TEXT = 256


class TiffError(ValueError):
    """The structure contradicts itself or ends early."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One directory entry: TIFF type, count and where its value starts."""

    kind: int
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Tiff:
    """A TIFF structure; offsets count from its first byte."""

    data: bytes
    order: str
    first: int

    def directory(self, at: int) -> dict[int, Entry]:
        """Entries by tag, the first of a tag winning, without those whose type is unknown.

        Raises TiffError when the directory lies outside or ends early.
        """
        (n_entries,) = self._unpack("H", at)
        if n_entries > _MAX_ENTRIES:
            raise TiffError("entries")
        entries: dict[int, Entry] = {}
        for index in range(n_entries):
            here = at + 2 + 12 * index
            tag, kind, count = self._unpack("HHI", here)
            if kind not in _WIDTHS or tag in entries:
                continue
            inline = _WIDTHS[kind] * count <= 4
            (there,) = (here + 8,) if inline else self._unpack("I", here + 8)
            entries[tag] = Entry(kind, count, there)
        return entries

    def numbers(self, entry: Entry) -> tuple[float, ...]:
        """The first values as finite numbers.

        Raises TiffError for text, for values outside the file and for 0/0, x/0 and NaN.
        """
        n_values = min(entry.count, _MAX_VALUES)
        if entry.kind in {5, 10}:
            code = "I" if entry.kind == 5 else "i"
            parts = self._unpack(code * (2 * n_values), entry.at)
            pairs = zip(parts[::2], parts[1::2], strict=True)
            if any(part == 0 for part in parts[1::2]):
                raise TiffError("zero denominator")
            return tuple(above / below for above, below in pairs)
        if entry.kind not in _CODES:
            raise TiffError("not a number")
        values = tuple(float(v) for v in self._unpack(_CODES[entry.kind] * n_values, entry.at))
        if not all(math.isfinite(value) for value in values):
            raise TiffError("not finite")
        return values

    def text(self, entry: Entry) -> str:
        """Printable text up to the first NUL, without surrounding spaces, cut at 256 bytes.

        Raises TiffError when the value is no text or lies outside the file.
        """
        if entry.kind not in _TEXTS:
            raise TiffError("not a text")
        n_bytes = min(entry.count, _MAX_TEXT)
        if entry.at + n_bytes > len(self.data):
            raise TiffError("outside")
        raw, _, _ = self.data[entry.at : entry.at + n_bytes].partition(b"\0")
        try:
            decoded = raw.decode("utf-8")
        except UnicodeDecodeError:
            decoded = raw.decode("latin-1")
        return "".join(c for c in decoded if c.isprintable()).strip()

    def _unpack(self, codes: str, at: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self.order + codes, self.data, at)
        except (struct.error, OverflowError) as error:
            raise TiffError("outside") from error


def opened(data: bytes) -> Tiff:
    """The structure in these bytes. Raises TiffError if they do not start like one."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        raise TiffError("byte order")
    magic, first = struct.unpack_from(order + "HI", data, 2)
    if magic != 42:
        raise TiffError("magic")
    return Tiff(data, order, first)
