"""From which state somebody changes something, so that nobody overwrites what another wrote."""

import json
from hashlib import sha256
from typing import Final

from server.errors import ChangedMeanwhile

_LENGTH: Final = 16


def mark_of(*parts: object) -> str:
    """Return a mark of a state, the same for the same state."""
    written = json.dumps(parts, default=str, ensure_ascii=False)
    return sha256(written.encode()).hexdigest()[:_LENGTH]


def require_seen(seen: str | None, *, stands: str, wanted: str) -> None:
    """Refuse with ChangedMeanwhile who saw another state than stands, unless that is wanted.

    None is for who replaces whatever is there.
    """
    if seen not in {None, stands} and stands != wanted:
        raise ChangedMeanwhile()
