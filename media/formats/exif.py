"""Turn a photo's EXIF block into facts: how it is turned, when, where and with what.

A position is as written; its datum is unknown unless named, and even then only claimed.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from media.flags import Flag
from media.formats.tiff import Entry, Tiff, TiffError, opened

_MAKE, _MODEL, _ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x010F, 0x0110, 0x0112, 0x8769, 0x8825
# Taken, then digitized, each with its zone and the other's, which some write alone.
_TIMES = ((0x9003, 0x9011, 0x9012), (0x9004, 0x9012, 0x9011))
_OFFSET_TIME = 0x9010  # the zone of the last change, which some cameras write alone
_LAT_REF, _LAT, _LON_REF, _LON, _ALT_REF, _ALT, _DATUM = 1, 2, 3, 4, 5, 6, 0x12
_GPS_TIME, _GPS_STATUS, _GPS_DATE = 7, 9, 0x1D
_MAX_NAME = 64
_YEARS = range(1990, 9999)  # in the last one a zone may lead beyond what a calendar holds
_BLANK = re.compile(r"[\s:]*")  # how a time is written that is not known

_HALF = r"[ap]\.?m\.?|\u4e0a\u5348|\u4e0b\u5348"  # of a day, in English or in Chinese
_SECOND_HALF = re.compile(r"p|\u4e0b")
_TIME = re.compile(
    rf"(\d{{4}})[:\-/.](\d\d)[:\-/.](\d\d)(?:T| +)(?:({_HALF}) *)?(\d\d?):(\d\d):(\d\d)"
    rf"(?:[.,]\d+)?(?: *({_HALF}))?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?:UTC|GMT|Z)|(?:UTC|GMT)?\s*([+-])(0?\d|1[0-4])(?::?([0-5]\d)(?::?00)?)?",
    re.ASCII | re.IGNORECASE,
)
# What stands for a sign or a colon where no keyboard's is written.
_SIGNS = str.maketrans("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d\uff0b\uff1a", "-------+:")
_DATE = re.compile(r"(\d{4})[:\-/.](\d\d)[:\-/.](\d\d)", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExifPosition:
    """Degrees as written; altitude in metres above the sea, negative below it."""

    lon: float
    lat: float
    altitude: float | None = None
    datum: str | None = None


@dataclass(slots=True)
class ExifFacts:
    """What could be read; whatever could not is absent and has left a flag."""

    orientation: int = 1
    taken_local: str | None = None
    """`YYYY:MM:DD hh:mm:ss`, a real date, in whatever zone the camera was set to."""
    offset: str | None = None
    """`+08:00`, if the camera wrote it."""
    gps_at: datetime | None = None
    """The moment of the satellites' fix, in UTC."""
    position: ExifPosition | None = None
    make: str | None = None
    model: str | None = None
    flags: list[Flag] = field(default_factory=list)


def read_exif(block: bytes | None) -> ExifFacts:
    """Facts from a raw EXIF block; raises nothing, whatever the bytes are."""
    facts = ExifFacts()
    if not block:
        return facts
    try:
        tiff = opened(block)
        top = tiff.directory(tiff.first)
    except TiffError:
        facts.flags.append(Flag.EXIF_BROKEN)
        return facts
    facts.make = _name(tiff, top.get(_MAKE), facts)
    facts.model = _name(tiff, top.get(_MODEL), facts)
    _read_orientation(tiff, top.get(_ORIENTATION), facts)
    _read_time(tiff, _below(tiff, top, _EXIF_IFD, facts) | top, facts)
    gps = _below(tiff, top, _GPS_IFD, facts)
    if _text(tiff, gps.get(_GPS_STATUS), facts)[:1].upper() == "V":
        # No fix: what is written is where and when there was one, or nothing at all.
        gps = {}
        facts.flags.append(Flag.POSITION_UNUSABLE)
    facts.gps_at = _gps_moment(tiff, gps, facts)
    _read_position(tiff, gps, facts)
    facts.flags = list(dict.fromkeys(facts.flags))
    return facts


def _below(tiff: Tiff, top: dict[int, Entry], tag: int, facts: ExifFacts) -> dict[int, Entry]:
    if tag not in top:
        return {}
    try:
        return tiff.directory(int(tiff.numbers(top[tag])[0]))
    except (TiffError, IndexError):
        facts.flags.append(Flag.EXIF_BROKEN)
        return {}


def _text(tiff: Tiff, entry: Entry | None, facts: ExifFacts) -> str:
    if entry is None:
        return ""
    try:
        return tiff.text(entry)
    except TiffError:
        facts.flags.append(Flag.EXIF_BROKEN)
        return ""


def _name(tiff: Tiff, entry: Entry | None, facts: ExifFacts) -> str | None:
    return _text(tiff, entry, facts)[:_MAX_NAME].rstrip() or None


def _read_orientation(tiff: Tiff, entry: Entry | None, facts: ExifFacts) -> None:
    if entry is None:
        return
    try:
        value = tiff.numbers(entry)[0]
    except (TiffError, IndexError):
        value = 0.0
    if value in range(1, 9):
        facts.orientation = int(value)
    else:
        facts.flags.append(Flag.ORIENTATION_ODD)


def _read_time(tiff: Tiff, entries: dict[int, Entry], facts: ExifFacts) -> None:
    for tag, offset_tag, other_tag in _TIMES:
        written = _text(tiff, entries.get(tag), facts)
        if _BLANK.fullmatch(written):
            continue
        facts.taken_local = _real_time(written)
        if facts.taken_local is None:
            facts.flags.append(Flag.TIME_ODD)
            continue
        zones = (
            _text(tiff, entries.get(offset_tag), facts),
            _TIME.sub("", written, count=1),
            _text(tiff, entries.get(other_tag), facts),
            _text(tiff, entries.get(_OFFSET_TIME), facts),
        )
        facts.offset = next(filter(None, map(_zone, zones)), None)
        if facts.offset is None and not all(map(_BLANK.fullmatch, zones)):
            facts.flags.append(Flag.TIME_ODD)
        return


def _zone(written: str) -> str | None:
    """The offset as `+08:00`, from however it is written; None where it is none."""
    match = _OFFSET.fullmatch(written.translate(_SIGNS).strip())
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    return f"{sign}{int(hours):02}:{minutes or '00'}" if sign else "+00:00"


def _gps_moment(tiff: Tiff, entries: dict[int, Entry], facts: ExifFacts) -> datetime | None:
    """The moment of the fix; None where date or time is missing or is none."""
    match = _DATE.match(_text(tiff, entries.get(_GPS_DATE), facts))
    if match is None or _GPS_TIME not in entries:
        return None
    year, month, day = (int(part) for part in match.groups())
    try:
        hours, minutes, seconds = tiff.numbers(entries[_GPS_TIME])[:3]
        midnight = datetime(year, month, day, tzinfo=UTC)
        moment = midnight + timedelta(hours=hours, minutes=minutes, seconds=int(seconds))
    except (TiffError, ValueError, OverflowError):
        return None
    of_that_day = 0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds <= 60
    return moment if year in _YEARS and of_that_day else None


def _real_time(written: str) -> str | None:
    match = _TIME.match(written)
    if match is None:
        return None
    before, after = match[4], match[8]
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 5, 6, 7))
    if before or after:
        hour = _of_24(hour, (before or after).lower())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return f"{moment:%Y:%m:%d %H:%M:%S}" if year in _YEARS else None


def _of_24(hour: int, half: str) -> int:
    """The hour of the day; some write the half beside the hours of a whole day too."""
    if _SECOND_HALF.match(half):
        return hour if hour > 12 else hour % 12 + 12
    return hour % 12 if hour <= 12 else 24  # a contradiction, so none that there is


def _read_position(tiff: Tiff, entries: dict[int, Entry], facts: ExifFacts) -> None:
    if _LAT not in entries and _LON not in entries:
        return
    try:
        lat = _degrees(tiff, entries, _LAT, _LAT_REF, "NS", 90)
        lon = _degrees(tiff, entries, _LON, _LON_REF, "EW", 180)
        if lat == 0 and lon == 0:
            raise TiffError("no fix")
    except (TiffError, KeyError, IndexError):
        facts.flags.append(Flag.POSITION_UNUSABLE)
        return
    datum = _name(tiff, entries.get(_DATUM), facts)
    facts.position = ExifPosition(lon, lat, _altitude(tiff, entries), datum)


def _degrees(
    tiff: Tiff, entries: dict[int, Entry], tag: int, ref_tag: int, signs: str, bound: int
) -> float:
    """Signed degrees. Raises KeyError, IndexError or TiffError when they are unusable."""
    ref = tiff.text(entries[ref_tag])[:1].upper()
    if not ref or ref not in signs:
        raise TiffError("reference")
    parts = _parts(tiff, entries[tag])
    if not parts:
        raise TiffError("nothing written")
    degrees, minutes, seconds = (*parts[:3], 0.0, 0.0)[:3]
    if min(degrees, minutes, seconds) < 0 or minutes > 60 or seconds > 60:
        raise TiffError("range")
    value = degrees + minutes / 60 + seconds / 3600
    if value > bound:
        raise TiffError("range")
    return -value if ref == signs[1] else value


def _parts(tiff: Tiff, entry: Entry) -> tuple[float, ...]:
    if entry.kind != 2:
        return tiff.numbers(entry)
    # Some software writes "52, 0, 50" as text.
    return tuple(float(number) for number in _NUMBER.findall(tiff.text(entry)))


def _altitude(tiff: Tiff, entries: dict[int, Entry]) -> float | None:
    if _ALT not in entries:
        return None
    try:
        metres = tiff.numbers(entries[_ALT])[0]
        below = _ALT_REF in entries and tiff.numbers(entries[_ALT_REF])[:1] == (1.0,)
    except (TiffError, IndexError):
        return None
    return -metres if below else metres
