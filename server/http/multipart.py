"""Reading uploads part by part, with byte counters of our own."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from server.errors import BadInput, BodyTooLarge, WrongContentType
from server.http.bodies import refuse_odd, steady
from server.http.taps import TAP

MAX_TEXT_BYTES: Final = 1024
# What the boundaries and headers of the parts may take on top of the parts themselves.
_FRAME_BYTES: Final = 16 * 1024
_MAX_PARTS: Final = 20
# The framework asserts, rather than refuses, that a body goes on where it says it does.
_BROKEN: Final = (
    ValueError,
    RuntimeError,
    AssertionError,
    HttpProcessingError,
    web.RequestPayloadError,
)
PHOTO_TEXTS: Final = frozenset({"sha256", "captured_at"})


@dataclass(slots=True)
class _Upload:
    file: BodyPartReader | None
    content: bytes
    texts: dict[str, str]


async def read_photo_part(request: web.Request, *, max_bytes: int) -> tuple[bytes, dict[str, str]]:
    """Return the bytes of the one file part `photo` and the text parts given with it.

    Raises WrongContentType, BodyTooLarge, BadInput.
    """
    # Its name is not asked for: the framework takes a header apart anew for each thing it says.
    upload = await _read(request, "photo", max_bytes, PHOTO_TEXTS)
    return upload.content, upload.texts


async def read_file_part(
    request: web.Request, name: str, max_bytes: int, *, texts: Collection[str] = ()
) -> tuple[str, bytes, dict[str, str]]:
    """Return file name, bytes and text parts of an upload with one file part of this name.

    Text parts may stand before or after it; those not named in `texts` are refused.
    Raises WrongContentType, BodyTooLarge, BadInput.
    """
    upload = await _read(request, name, max_bytes, texts)
    filename = upload.file.filename if upload.file is not None else None
    return _storable(filename or ""), upload.content, upload.texts


async def _read(
    request: web.Request, name: str, max_bytes: int, texts: Collection[str]
) -> _Upload:
    if request.content_type != "multipart/form-data":
        raise WrongContentType(expected="multipart/form-data")
    whole = max_bytes + len(texts) * MAX_TEXT_BYTES + _FRAME_BYTES
    if (request.content_length or 0) > whole:
        raise BodyTooLarge(limit=max_bytes)
    upload = _Upload(file=None, content=b"", texts={})
    try:
        async with steady(request):
            await _read_parts(await request.multipart(), upload, name, max_bytes, texts)
    except _BROKEN as error:
        raise _bad("", "multipart_broken") from error
    if upload.file is None:
        raise _bad(name, "missing")
    if (tap := request.get(TAP)) is not None:
        said = sorted(f"{each}={words}" for each, words in upload.texts.items())
        await tap.begin(upload.content, *(each.encode() for each in said))
    return upload


async def _read_parts(
    reader: MultipartReader,
    upload: _Upload,
    name: str,
    max_bytes: int,
    texts: Collection[str],
) -> None:
    for _ in range(_MAX_PARTS):
        part = await reader.next()
        if part is None:
            return
        if not isinstance(part, BodyPartReader):
            raise _bad("", "multipart_nested")
        if part.name == name:
            if upload.file is not None:
                raise _bad(name, "duplicate_key")
            upload.file = part
            upload.content = await _read_part(part, max_bytes)
        elif part.name is not None and part.name in texts and part.filename is None:
            if part.name in upload.texts:
                raise _bad(part.name, "duplicate_key")
            upload.texts[part.name] = _text(await _read_part(part, MAX_TEXT_BYTES), part.name)
        else:
            raise _bad(part.name or "", "extra_forbidden")
    raise _bad("", "multipart_too_many")


async def _read_part(part: BodyPartReader, max_bytes: int) -> bytes:
    if part.headers.get("Content-Encoding") or part.headers.get(
        "Content-Transfer-Encoding", "binary"
    ).lower() not in ("binary", "8bit", "7bit"):
        raise _bad(part.name or "", "encoding")
    content = bytearray()
    while not part.at_eof():
        content += await part.read_chunk(64 * 1024)
        if len(content) > max_bytes:
            raise BodyTooLarge(limit=max_bytes)
    return bytes(content)


def _storable(filename: str) -> str:
    """Return a file's name without what no column takes: halves of characters, and NUL."""
    return filename.encode(errors="replace").decode().replace("\x00", "?")


def _text(raw: bytes, name: str) -> str:
    try:
        written = raw.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise _bad(name, "utf8") from error
    refuse_odd(written, name)
    return written


def _bad(name: str, reason: str) -> BadInput:
    pointer = "/" + name.encode(errors="replace").decode()[:80] if name else ""
    return BadInput([{"pointer": pointer, "reason": reason}])
