"""The photos that the story's people take: made on the spot, or out of a folder."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gridwhistle.tour.deviation import Deviation
from media.errors import MediaError
from media.inspect import Inspection, inspect
from media.sample import jpeg

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A photo's bytes, and what its own header says."""

    data: bytes
    facts: Inspection

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(slots=True)
class Camera:
    """Takes the files of a folder in turn; without any, makes a new photo with EXIF each time."""

    zone: ZoneInfo
    files: tuple[Path, ...] = ()
    _n_taken: int = field(default=0, init=False)

    def take(self, position: Point, at: datetime) -> Shot:
        """Return the next photo; raises Deviation for a file that is no photo."""
        self._n_taken += 1
        if not self.files:
            data = _made(position, at.astimezone(self.zone))
            return Shot(data=data, facts=inspect(data))
        path = self.files[(self._n_taken - 1) % len(self.files)]
        data = path.read_bytes()
        try:
            return Shot(data=data, facts=inspect(data))
        except MediaError as error:
            raise Deviation("photo_file", expected="JPEG", got=f"{path}: {error}") from error


def jpegs_in(folder: Path) -> tuple[Path, ...]:
    """Return the JPEG files of a folder by name."""
    found = (path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    return tuple(sorted(found))


def _made(position: Point, local: datetime) -> bytes:
    return jpeg(
        960,
        720,
        taken_local=f"{local:%Y:%m:%d %H:%M:%S}",
        offset=_offset(local),
        position=position,
        seed=secrets.randbits(62),
    )


def _offset(local: datetime) -> str:
    plain = f"{local:%z}"
    return f"{plain[:3]}:{plain[3:5]}"
