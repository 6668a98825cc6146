"""What a file's header says, whatever its format."""

from dataclasses import dataclass

from media.flags import Flag


@dataclass(frozen=True, slots=True)
class Header:
    """Size as stored, the raw EXIF block (a TIFF structure), and findings."""

    width: int
    height: int
    exif: bytes | None
    flags: tuple[Flag, ...]
    turned: bool = False
    """The file says itself how it is turned, and its decoder does it; the EXIF counts no more."""
