"""In which encoding the words of a dBASE table are written: its bytes decide, not what it says."""

import codecs
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.files.plausible import likeness

_LANGUAGE_AT: Final = 29  # the byte of a dBASE header that names its code page
_LANGUAGES: Final = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x4D: "gbk",
    0x4E: "cp949",
    0x4F: "cp950",
    0x57: "cp1252",
    0x78: "cp950",
    0x79: "cp949",
    0x7A: "gbk",
    0x7B: "cp932",
    0xC8: "cp1250",
    0xC9: "cp1251",
}
_PAGES: Final = {"65001": "utf-8", "936": "gbk", "54936": "gb18030", "88591": "cp1252"}
#: What is no page of bytes: codecs of other things, and those that no table is in.
_NONE: Final = re.compile(r"utf-?(7|16|32)|escape|idna|punycode|undefined|mbcs|oem")
_TAKEN: Final = ("utf-8", "gb18030")
_OTHER: Final = ("cp950", "cp949", "cp1252")  # taken only where a table says so
_LEAST: Final = 0.4


class UnknownEncoding(Exception):
    """No encoding fits the words of a table; `sample` shows some that fit none."""

    def __init__(self, sample: str) -> None:
        super().__init__(sample)
        self.sample = sample


@dataclass(frozen=True, slots=True)
class Written:
    """In which encoding words are written, and what the file says instead, if it does."""

    encoding: str
    contradicts: str | None = None

    def read(self, raw: bytes) -> str:
        """Give words; half a character at the end, where a table cut them off, is left out."""
        return codecs.getincrementaldecoder(self.encoding)("replace").decode(raw)

    def is_cut(self, raw: bytes) -> bool:
        """Tell words that the table cut off within a character."""
        return len(self.read(raw).encode(self.encoding, "replace")) < len(raw)

    def told(self, sample: bytes) -> dict[str, object] | None:
        """Give what is to be told where the file says something else, with a word to look at."""
        if self.contradicts is None:
            return None
        said, taken = self.contradicts[:20], self.encoding.upper()
        return {"declared": said, "taken": taken, "sample": self.read(sample)[:40]}


def declared(shape: Path) -> tuple[str | None, str | None]:
    """Tell which encoding a shapefile declares, as it is written and as Python calls it."""
    page, table = shape.with_suffix(".cpg"), shape.with_suffix(".dbf")
    if page.exists():
        said = page.read_bytes()[:40].decode("ascii", "replace").strip()
        return said or None, codec_of(said)
    language = table.read_bytes()[_LANGUAGE_AT : _LANGUAGE_AT + 1] if table.exists() else b""
    if language in (b"", b"\x00"):
        return None, None
    return f"0x{language[0]:02X}", _LANGUAGES.get(language[0])


def codec_of(said: str) -> str | None:
    """Tell as what Python knows an encoding of bytes that is named, None for any other."""
    number = re.search(r"(\d{3,5})$", re.sub(r"[-_ ]", "", said))
    page = [_PAGES.get(number[1], f"cp{number[1]}")] if number else []
    tried = [*page, said] if number and number[1] in _PAGES else [said, *page]
    for each in tried:
        try:
            "a".encode(each)  # LookupError for what turns no text into bytes
            found = codecs.lookup(each).name
        except (LookupError, UnicodeError):
            continue
        return None if _NONE.search(found) else found
    return None


def written(columns: Sequence[Sequence[bytes]], said: str | None, codec: str | None) -> Written:
    """Decide in which encoding the words of a table are: the one in which they look like names.

    UTF-8, GB18030 or what is declared; the declaration breaks no tie. Raises UnknownEncoding where
    none of these fits, or another looks more like it.
    """
    words = [word for column in columns for word in _whole(column) if not word[0].isascii()]
    if not words:
        return Written("utf-8")
    looks = {each: _looks(words, each) for each in (*_TAKEN, *([codec] if codec else []), *_OTHER)}
    found = max(looks, key=lambda each: looks[each])
    if found not in (*_TAKEN, codec) or looks[found] < (_LEAST if codec != found else 0):
        odd = next((raw for raw, cut in words if _read(raw, "gb18030", cut) is None), words[0][0])
        raise UnknownEncoding(odd.decode("gb18030", "replace")[:40])
    same = said is None or (codec is not None and _family(codec) == _family(found))
    return Written(found, None if same else said)


def file_name(name: str) -> str:
    """Give the name of a member of an archive that does not say in what it is written."""
    try:
        raw = name.encode("cp437")
        return written([[raw]], None, None).read(raw)
    except (UnicodeError, UnknownEncoding):
        return name


def _whole(column: Sequence[bytes]) -> list[tuple[bytes, bool]]:
    """Give the words of a column, and of each whether it fills the column, so may be cut off."""
    longest = max(map(len, column), default=0)
    return [(word, len(word) == longest) for word in column]


def _looks(words: Sequence[tuple[bytes, bool]], encoding: str) -> float:
    """Tell how much words look like names in an encoding; nothing else looks like UTF-8."""
    texts = [_read(raw, encoding, cut) for raw, cut in words]
    read = [each for each in texts if each is not None]
    if len(read) < len(texts):
        return -math.inf
    wide = encoding == "utf-8" and any(max(each) >= "\u0800" for each in read if each)
    return sum(map(likeness, read)) / len(read) + wide


def _read(raw: bytes, encoding: str, cut: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(raw, final=not cut)
    except UnicodeError:
        return None


def _family(codec: str) -> str:
    if codec.startswith(("gb", "cp936", "hz")):
        return "gb"
    return codec.replace("_", "-").removesuffix("-sig")
