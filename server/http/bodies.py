"""Reading what a request carries: a JSON body and parameters, held to their forms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from aiohttp import StreamReader, web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from geo.files import strictjson
from geo.files.strictjson import ODD, oddity
from server.errors import BadInput, BodyTooLarge, BodyTooSlow, EncodedBody, WrongContentType

MAX_BYTES = 256 * 1024
#: Below this a body is no slow line, but held open.
LEAST_BYTES_PER_SECOND = 1024
WINDOW_SECONDS = 30.0

F = TypeVar("F", bound=BaseModel)


@web.middleware
async def unpacked_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a packed body before a byte of it is read: what it unpacks to has no bound."""
    given = request.headers.get("Content-Encoding", "identity").strip().lower()
    if given != "identity":
        raise EncodedBody(given=given[:40].encode(errors="replace").decode())
    return await handler(request)


async def read_form(request: web.Request, form: type[F], *, max_bytes: int = MAX_BYTES) -> F:
    """Return the JSON body as the form.

    Raises WrongContentType, BodyTooLarge, or BadInput with one error per fault.
    """
    if request.content_type != "application/json" or _charset(request) != "utf-8":
        raise WrongContentType(expected="application/json")
    raw = await read_bytes(request, max_bytes=max_bytes)
    _refuse_odd_json(raw)
    try:
        return form.model_validate_json(raw)
    except ValidationError as error:
        raise BadInput(faults(error)) from error


def read_query(request: web.Request, form: type[F]) -> F:
    """Return the parameters as the form; raises BadInput, also for a name given twice."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise _bad(name, "duplicate_key")
        refuse_odd(name + value, name)
        given[name] = value
    try:
        return form.model_validate(given)
    except ValidationError as error:
        raise BadInput(faults(error)) from error


async def read_bytes(request: web.Request, *, max_bytes: int) -> bytes:
    """Return the raw body; raises BodyTooLarge as soon as it is over the limit."""
    if (request.content_length or 0) > max_bytes:
        raise BodyTooLarge(limit=max_bytes)
    body = bytearray()
    try:
        async with steady(request):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > max_bytes:
                    raise BodyTooLarge(limit=max_bytes)
    except web.RequestPayloadError as error:
        raise _bad("", "body_broken") from error
    return bytes(body)


@asynccontextmanager
async def steady(request: web.Request) -> AsyncIterator[None]:
    """Cut a body that hardly comes; raises BodyTooSlow for less than 1 kB/s over half a minute.

    The slowest phone line brings eight times as much.
    """
    try:
        async with asyncio.timeout(None) as limit:
            pace = _Pace(request.content, limit)
            try:
                yield
            finally:
                pace.stop()
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise BodyTooSlow from error


class _Pace:
    """Looks every half a minute how much of a body came."""

    def __init__(self, content: StreamReader, limit: asyncio.Timeout) -> None:
        self._content, self._limit = content, limit
        self._loop = asyncio.get_running_loop()
        self._wait()

    def stop(self) -> None:
        self._timer.cancel()

    def _wait(self) -> None:
        self._seen = self._content.total_bytes
        self._timer = self._loop.call_later(WINDOW_SECONDS, self._look)

    def _look(self) -> None:
        if self._content.total_bytes - self._seen < WINDOW_SECONDS * LEAST_BYTES_PER_SECOND:
            self._limit.reschedule(self._loop.time())
        else:
            self._wait()


def refuse_odd(said: str, name: str = "") -> None:
    """Refuse with BadInput a text with a character that cannot be kept, naming its field."""
    if (kind := oddity(said)) is not None:
        raise _bad(ODD.sub("", name), kind)


def faults(error: ValidationError) -> list[dict[str, str]]:
    """Return pointer and reason of each fault; never what was sent, it may be personal."""
    return [
        {"pointer": _pointer(fault["loc"]), "reason": fault["type"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1")[:80] for part in location)
    return "".join(f"/{part}" for part in parts)


def _bad(name: str, reason: str) -> BadInput:
    return BadInput([{"pointer": _pointer((name,)) if name else "", "reason": reason}])


def _charset(request: web.Request) -> str:
    return (request.charset or "utf-8").lower().replace("utf8", "utf-8")


def _refuse_odd_json(raw: bytes) -> None:
    """Refuse what the form alone would let pass: a key given twice, odd characters."""
    try:
        strictjson.read(raw.decode("utf-8"), judge_numbers=False)
    except UnicodeDecodeError as error:
        raise _bad("", "utf8") from error
    except strictjson.Unreadable as error:
        if error.code == "json.key_twice":
            raise _bad(str(error.facts["key"]), "duplicate_key") from error
        if error.code == "json.bad_character":
            raise _bad("", str(error.facts["kind"])) from error
        raise _bad("", "json_invalid") from error
    except (ValueError, RecursionError) as error:
        raise _bad("", "json_invalid") from error
