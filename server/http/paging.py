"""Opaque cursors, and the few things read from a path."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from aiohttp import web

from server.errors import BadInput, NotFound
from server.http.forms import EARLIEST, LATEST

Value = str | int

# What the numbers of cases are made of: upper-case letters, digits and dashes.
_NO: Final = re.compile(r"[0-9A-Z-]{1,24}")


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
        raise _no_cursor() from error


def after_id(after: str | None, *, bits: int = 64) -> int:
    """Return the id after which a list sorted by id goes on: 0 at its start; raises BadInput.

    `bits` is the width of the column: 32 for small ids, versions and rows, 64 for the rest.
    """
    found = before_id(after, bits=bits)
    return 0 if found is None else found


def before_id(after: str | None, *, bits: int = 64) -> int | None:
    """Return the id before which a list sorted by id, newest first, goes on: None at its start.

    Raises BadInput; `bits` as for `after_id`.
    """
    for value in uncursor(after, int):
        if not isinstance(value, int) or value >= 1 << (bits - 1):
            raise _no_cursor()
        return value
    return None


def path_no(request: web.Request, name: str = "no") -> str:
    """Return a case's number from the path; raises NotFound for what can be none at all."""
    written = request.match_info[name]
    if not _NO.fullmatch(written):
        raise NotFound
    return written


def path_id(request: web.Request, name: str = "id", *, bits: int = 32) -> int:
    """Return a numeric id from the path; raises NotFound for what can be no id at all."""
    written = request.match_info[name]
    if not (written.isascii() and written.isdigit() and len(written) <= 19):
        raise NotFound
    number = int(written)
    if not 0 < number < 1 << (bits - 1):
        raise NotFound
    return number


def path_uuid(request: web.Request, name: str = "id") -> UUID:
    """Return an id of random bits from the path; raises NotFound for what is none."""
    try:
        return UUID(request.match_info[name])
    except ValueError as error:
        raise NotFound from error


def _no_cursor() -> BadInput:
    return BadInput([{"pointer": "/after", "reason": "cursor"}])


def _value(value: object, kind: type[str] | type[int] | type[datetime]) -> object:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or not EARLIEST <= at < LATEST:
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
