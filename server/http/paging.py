"""Opaque cursors, and the few things read from a path."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from server.errors import BadInput, NotFound

Value = str | int


def cursor(values: Sequence[Value | datetime]) -> str:
    """Return a cursor that carries these values (the sort key of the last item shown)."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    packed = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def uncursor(after: str | None, *kinds: type[str] | type[int] | type[datetime]) -> list[object]:
    """Return the values of a cursor, each of the kind named, or [] when there is none.

    Raises BadInput for anything that `cursor` did not make of values of these kinds.
    """
    if after is None:
        return []
    try:
        packed = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
        values = json.loads(packed.decode("utf-8"))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError
        return [_value(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadInput([{"pointer": "/after", "reason": "cursor"}]) from error


def after_id(after: str | None) -> int:
    """Return the id after which a list sorted by id goes on: 0 at its start; raises BadInput."""
    values = uncursor(after, int)
    return values[0] if values and isinstance(values[0], int) else 0


def path_id(request: web.Request, name: str = "id", *, bits: int = 32) -> int:
    """Return a numeric id from the path; raises NotFound for what can be no id at all."""
    written = request.match_info[name]
    if not (written.isascii() and written.isdigit() and len(written) <= 19):
        raise NotFound
    number = int(written)
    if not 0 < number < 1 << (bits - 1):
        raise NotFound
    return number


def _value(value: object, kind: type[str] | type[int] | type[datetime]) -> object:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError
        return at
    if type(value) is not kind:
        raise ValueError
    if isinstance(value, int) and not 0 <= value < 1 << 63:  # ids and offsets
        raise ValueError
    if isinstance(value, str):
        value.encode()  # half a character raises UnicodeEncodeError, a ValueError
        if "\x00" in value:
            raise ValueError
    return value
