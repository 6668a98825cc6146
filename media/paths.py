"""Where the pieces of a photo are kept: keys made from the original's SHA-256."""

import re

_SHA256 = re.compile(r"[0-9a-f]{64}")


def original_key(sha256: str) -> str:
    """The key of the sealed original. Raises ValueError for anything but 64 hex digits."""
    return _key("original", sha256)


def display_key(sha256: str) -> str:
    """The key of the picture shown on screens, made from this original."""
    return f"{_key('display', sha256)}.jpg"


def thumbnail_key(sha256: str) -> str:
    """The key of the small picture for lists, made from this original."""
    return f"{_key('thumbnail', sha256)}.jpg"


def _key(kind: str, sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a lower-case SHA-256")
    return f"{kind}/{sha256[:2]}/{sha256[2:4]}/{sha256}"
