"""Look at a photo without decoding it: type, limits, size and EXIF."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from media.errors import MediaError
from media.flags import Flag
from media.formats.exif import ExifFacts, ExifPosition, read_exif
from media.formats.header import Header
from media.formats.heif import read_heif
from media.formats.jpeg import read_jpeg
from media.formats.png import read_png
from media.formats.sniff import N_HEAD, sniff
from media.formats.webp import read_webp
from media.limits import HEIC, JPEG, PNG, WEBP, Limits

_READERS: dict[str, Callable[[bytes, Limits], Header]] = {
    JPEG: read_jpeg,
    PNG: read_png,
    WEBP: read_webp,
    HEIC: read_heif,
}
_DEFAULT = Limits()
_MINUTES, _AN_HOUR, _A_DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
#: How far a clock that is right is from the satellites' last fix, and how far from those whose
#: zone it tells: of real photos none is two minutes off a whole hour.
_STALE, _A_FIX = timedelta(minutes=15), timedelta(minutes=2)
_ZONES = frozenset(timedelta(hours=hours) for hours in range(-12, 15))


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a photo says about itself; nothing of it is proof."""

    media_type: str
    n_bytes: int
    width: int
    """Pixels as stored, before turning; 0 when the header is broken."""
    height: int
    orientation: int
    """1 to 8 as EXIF counts; how the decoded picture is still to be turned."""
    taken_local: str | None
    """`YYYY:MM:DD hh:mm:ss` in the camera's own zone."""
    offset: str | None
    """`+08:00`, if the camera wrote its zone."""
    gps_at: datetime | None
    """The moment of the satellites' fix, in UTC."""
    position: ExifPosition | None
    make: str | None
    model: str | None
    flags: tuple[Flag, ...]


def inspect(source: bytes | Path, limits: Limits = _DEFAULT) -> Inspection:
    """The facts in a photo's header, for about 2 ms and never more memory than the file.

    Raises MediaError only when it is no allowed image or over a limit. What is merely broken
    comes back with flags.
    """
    data = source if isinstance(source, bytes) else _read(source, limits)
    _check_bytes(len(data), limits)
    media_type = sniff(data[:N_HEAD])
    if media_type is None:
        raise MediaError("photo.not_an_image")
    if media_type not in limits.media_types or media_type not in _READERS:
        raise MediaError("photo.type_not_allowed", {"type": media_type})
    header = _READERS[media_type](data, limits)
    most = limits.pixels_of(media_type)
    if header.width * header.height > most:
        facts = {"width": header.width, "height": header.height, "limit": most}
        raise MediaError("photo.too_many_pixels", facts)
    return _combined(media_type, len(data), header, read_exif(header.exif))


def taken_at(inspection: Inspection, default_zone: tzinfo) -> datetime | None:
    """When the photo says it was taken, aware and in UTC.

    The camera's own offset counts if it wrote one. Else the zone of its clock is the whole hour
    by which it differs from the satellites, and `default_zone` where it differs by something
    else or by nothing at all: then a camera has copied its clock. Where it says no time the
    satellites' counts. Whatever is taken, a clock that contradicts them is flagged.
    """
    return _by_camera(inspection, default_zone) or inspection.gps_at


def time_flags(
    inspection: Inspection, default_zone: tzinfo, received_at: datetime
) -> tuple[Flag, ...]:
    """What is odd about the photo's time, for who knows the zone and when it was received."""
    taken, gps_at = taken_at(inspection, default_zone), inspection.gps_at
    flags = list[Flag]()
    local = _written(inspection, default_zone)
    if local is not None and gps_at is not None and abs(local - gps_at) > _STALE:
        flags.append(Flag.CLOCK_ODD)
    # A camera that writes no zone may be set to another than ours.
    known = inspection.offset or taken == gps_at or _zone_by_satellites(inspection)
    if taken is not None and taken > received_at + (_MINUTES if known else _A_DAY):
        flags.append(Flag.TAKEN_IN_FUTURE)
    return tuple(flags)


def _by_camera(inspection: Inspection, default_zone: tzinfo) -> datetime | None:
    return _written(inspection, _zone_by_satellites(inspection) or default_zone)


def _zone_by_satellites(inspection: Inspection) -> tzinfo | None:
    """The zone that a clock which names none is set to, by the moment of the satellites' fix."""
    local = _written(inspection, UTC)
    if local is None or inspection.gps_at in (None, local) or inspection.offset:
        return None
    ahead = local - inspection.gps_at
    whole = timedelta(hours=round(ahead / _AN_HOUR))
    return timezone(whole) if whole in _ZONES and abs(ahead - whole) <= _A_FIX else None


def _written(inspection: Inspection, zone: tzinfo) -> datetime | None:
    """The clock's time in its own zone, else in one that is thought to be its."""
    if inspection.taken_local is None:
        return None
    text = f"{inspection.taken_local} {inspection.offset or '+00:00'}"
    written = datetime.strptime(text, "%Y:%m:%d %H:%M:%S %z")
    return written.replace(tzinfo=written.tzinfo if inspection.offset else zone).astimezone(UTC)


def _read(path: Path, limits: Limits) -> bytes:
    with path.open("rb") as file:
        data = file.read(limits.max_bytes + 1)
        if len(data) > limits.max_bytes:
            _check_bytes(path.stat().st_size, limits)
        return data


def _check_bytes(n_bytes: int, limits: Limits) -> None:
    if n_bytes == 0:
        raise MediaError("photo.empty")
    if n_bytes > limits.max_bytes:
        raise MediaError("photo.too_large", {"n_bytes": n_bytes, "limit": limits.max_bytes})


def _combined(media_type: str, n_bytes: int, header: Header, exif: ExifFacts) -> Inspection:
    return Inspection(
        media_type=media_type,
        n_bytes=n_bytes,
        width=header.width,
        height=header.height,
        orientation=1 if header.turned else exif.orientation,
        taken_local=exif.taken_local,
        offset=exif.offset,
        gps_at=exif.gps_at,
        position=exif.position,
        make=exif.make,
        model=exif.model,
        flags=tuple(dict.fromkeys((*header.flags, *exif.flags))),
    )
