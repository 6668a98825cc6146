"""Whether a file that says it is a workbook may be opened at all: looked at while inflating."""

import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from server.texts.catalogue import text

_OLE2: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP: Final = b"PK\x03\x04"
#: The part of a document of Word that holds its text.
DOCUMENT: Final = "word/document.xml"
MAX_BYTES: Final = 5_000_000
_MOST_MEMBERS: Final = 100
_MOST_UNPACKED: Final = 50_000_000
_MOST_RATIO: Final = 100
# Below this a member may be packed as tightly as it likes: it cannot hurt.
_SMALL: Final = 200_000
_PIECE: Final = 1 << 18
#: What else a file may be, by a part of its packing or by how it begins.
_PACKED: Final = (("xl/workbook.bin", "xlsb"), ("ppt/presentation.xml", "slides"))
_ODF: Final = (b"application/vnd.oasis.opendocument.spreadsheet", b"application/vnd.oasis")
_BEGINNINGS: Final = (
    (re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet"), "xml2003"),
    (re.compile(rb"<(html|!doctype\s+html|table)\b", re.IGNORECASE), "html"),
    (re.compile(rb"^%PDF"), "pdf"),
    (re.compile(rb"^(\xff\xd8\xff|\x89PNG|GIF8|BM|II\*\0|MM\0\*)", re.DOTALL), "picture"),
    (re.compile(rb"^(Rar!|7z\xbc\xaf|\x1f\x8b|PK)", re.DOTALL), "archive"),
    (re.compile(rb"^\{\\rtf"), "rtf"),
    (re.compile(rb"^[^\0]*[,\t;][^\0]*$"), "csv"),
)
_LOOKED_AT: Final = 2_000
_DECLARATION: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_DECLARATION: Final = 32


class Unreadable(Exception):
    """A file that is not read; `code` is stable, `facts` name numbers."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Package:
    """A workbook's members that were looked at whole: what may be handed to a reader."""

    data: bytes
    members: tuple[str, ...]

    def member(self, path: str) -> bytes:
        """Return a member's bytes; they were counted before."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            return archive.read(path.lstrip("/"))


def is_workbook(data: bytes) -> bool:
    """Tell whether the bytes begin like a workbook of today."""
    return data.startswith(_ZIP)


def is_old(data: bytes) -> bool:
    """Tell whether the bytes begin like an old workbook, or an encrypted one."""
    return data.startswith(_OLE2)


def is_document(data: bytes) -> bool:
    """Tell whether the bytes are a document of Word rather than a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return DOCUMENT in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def is_markup(data: bytes) -> bool:
    """Tell whether the bytes are a table in markup, whatever the file is called."""
    return _begins_like(data) in {"html", "xml2003"}


def not_a_workbook(data: bytes, archive: zipfile.ZipFile | None = None) -> Unreadable:
    """Return the refusal of a file that is none; it names what the file is, if that is known."""
    kind = _begins_like(data) if archive is None else _packed_like(archive)
    return Unreadable("not_a_workbook", kind=text(f"sheet.is.{kind}") if kind else None)


def _begins_like(data: bytes) -> str | None:
    head = data[:_LOOKED_AT]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.replace(b"\0", b"")
    return next((kind for pattern, kind in _BEGINNINGS if pattern.search(head)), None)


def _packed_like(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if "mimetype" in names:
        with archive.open("mimetype") as said:
            head = said.read(80)
        spreadsheet, document = (head.startswith(each) for each in _ODF)
        if document:
            return "ods" if spreadsheet else "odt"
    return next((kind for inside, kind in _PACKED if inside in names), "archive")


def open_package(data: bytes, *, main: str = "xl/workbook.xml") -> Package:
    """Look a workbook, or a document by its `main` part, through without believing it.

    At most 5 MB, 100 members, 50 MB unpacked (counted while inflating), 100 to 1; no macros,
    external links, encryption, DOCTYPE, nor XML in another encoding than UTF-8. Raises Unreadable.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", n_bytes=len(data), most=MAX_BYTES)
    if not data.startswith(_ZIP):
        raise not_a_workbook(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _looked_through(archive, data, main)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise Unreadable("broken") from error
    except (NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable("broken") from error


def _looked_through(archive: zipfile.ZipFile, data: bytes, main: str) -> Package:
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise Unreadable("too_many_members", n_members=len(members), most=_MOST_MEMBERS)
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise Unreadable("broken")
    for name in names:
        if name.lower().endswith((".bin", ".vba")) and "vba" in name.lower():
            raise Unreadable("macros", member=name)
        if name.lower().startswith("xl/externallinks/"):
            raise Unreadable("external_links", member=name)
    if main not in names:
        raise not_a_workbook(data, archive)
    room = _MOST_UNPACKED
    for member in members:
        room -= _inflated(archive, member, room)
    return Package(data, tuple(names))


def _inflated(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> int:
    if member.flag_bits & 1:
        raise Unreadable("old_or_encrypted")
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    n_bytes, tail = 0, b""
    with archive.open(member) as source:
        while piece := source.read(_PIECE):
            if is_xml:
                _require_plain_xml(tail + piece, first=n_bytes == 0)
                tail = piece[-_LONGEST_DECLARATION:]
            n_bytes += len(piece)
            if n_bytes > room:
                raise Unreadable("unpacks_too_large", most=_MOST_UNPACKED)
            if n_bytes > _SMALL and n_bytes > _MOST_RATIO * max(member.compress_size, 1):
                raise Unreadable("packed_too_tightly", member=member.filename, most=_MOST_RATIO)
    return n_bytes


def _require_plain_xml(piece: bytes, *, first: bool) -> None:
    if first and (piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in piece[:4]):
        raise Unreadable("xml_encoding")
    if first and re.match(rb"<\?xml[^>]*encoding=.(?!utf-?8|us-ascii)", piece, re.IGNORECASE):
        raise Unreadable("xml_encoding")
    if _DECLARATION.search(piece):
        raise Unreadable("doctype")
