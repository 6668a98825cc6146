"""Sending what a handler answers."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

JSON = "application/json"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "docx": _WORD,
    "geojson": "application/geo+json",
    "pdf": "application/pdf",
    "xlsx": _EXCEL,
}


def reply(
    answer: BaseModel,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    hidden: Collection[str] | None = None,
) -> web.Response:
    """Return an answer as JSON; in what people wrote these `hidden` names are not to be read.

    Without, an answer that holds what people wrote is refused by its fields: see `Said`.
    """
    body = answer.model_dump_json(context=hidden).encode()
    return _json(body, status=status, headers=headers)


def reply_stored(stored: Mapping[str, Any] | bytes, *, status: int = 200) -> web.Response:
    """Return what was stored earlier as an answer, unchanged."""
    body = (
        stored
        if isinstance(stored, bytes)
        # The database keeps no order of keys: sorted, the first answer is like all later ones.
        else json.dumps(stored, ensure_ascii=False, allow_nan=False, sort_keys=True).encode()
    )
    return _json(body, status=status)


def no_content() -> web.Response:
    """Return the answer that says only that it is done."""
    return web.Response(status=204)


def attachment(body: bytes, name: str) -> web.Response:
    """Return a file to be kept under a name, whose ending says what it is."""
    return web.Response(
        body=body,
        content_type=MEDIA_TYPES[name.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _json(body: bytes, *, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        body=body, status=status, headers=headers, content_type=JSON, charset="utf-8"
    )
