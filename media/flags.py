"""What may be odd about a photo that is kept all the same."""

from enum import StrEnum


class Flag(StrEnum):
    """A finding about an accepted photo; members compare and store as plain strings."""

    TRUNCATED = "truncated"
    """The file ends before the picture does."""
    HEADER_BROKEN = "header_broken"
    """Size or structure could not be read; width and height may be 0."""
    EXIF_BROKEN = "exif_broken"
    """The metadata could not be read, or only in part."""
    ORIENTATION_ODD = "orientation_odd"
    """The orientation is none of 1 to 8; 1 is assumed."""
    TIME_ODD = "time_odd"
    """A time or its zone is written that is none; without its zone a time counts as local."""
    CLOCK_ODD = "clock_odd"
    """The camera's clock and the satellites' time are more than a day apart."""
    TAKEN_IN_FUTURE = "taken_in_future"
    """The photo says that it was taken after it was received."""
    POSITION_UNUSABLE = "position_unusable"
    """A position is written that is none.

    It is incomplete, 0/0, out of range, exactly 0, 0, or was written without a fix."""
    ANIMATED = "animated"
    """More than one picture; only the first is shown."""
    TRAILING_DATA = "trailing_data"
    """Bytes follow the end of the picture."""
    UNREADABLE = "unreadable"
    """No picture could be made of it; there are no derivatives."""
    TIMED_OUT = "timed_out"
    """Decoding was stopped because it took too long."""
    PROFILE_BROKEN = "profile_broken"
    """The colour profile could not be applied; colours may be off."""
