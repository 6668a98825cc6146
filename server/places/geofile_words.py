"""In which encoding the words of a dBASE table are written: its bytes decide, not what it says."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
_PAGES: Final = {"65001": "utf-8", "936": "gbk", "54936": "gb18030", "88591": "latin-1"}
_SEVERAL_BYTES: Final = re.compile(r"utf|gb|big5|euc|shift|cp9\d\d|johab|hz")


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


def declared(shape: Path) -> tuple[str | None, str | None]:
    """Tell which encoding a shapefile declares, as it is written and as Python calls it."""
    page, table = shape.with_suffix(".cpg"), shape.with_suffix(".dbf")
    if page.exists():
        said = page.read_bytes()[:40].decode("ascii", "replace").strip()
        return said or None, _codec(said)
    language = table.read_bytes()[_LANGUAGE_AT : _LANGUAGE_AT + 1] if table.exists() else b""
    if language in (b"", b"\x00"):
        return None, None
    return f"0x{language[0]:02X}", _LANGUAGES.get(language[0])


def _codec(said: str) -> str | None:
    number = re.search(r"(\d{3,5})$", re.sub(r"[-_ ]", "", said))
    tried = [said, *([_PAGES.get(number[1], f"cp{number[1]}")] if number else [])]
    for each in tried:
        try:
            return codecs.lookup(each).name
        except LookupError:
            continue
    return None


def written(columns: Sequence[Sequence[bytes]], said: str | None, codec: str | None) -> Written:
    """Decide in which encoding the words of a table are, column by column.

    UTF-8 where all of it is, since nothing else looks like it; then what is declared, if it is of
    several bytes; then GB18030; a single-byte code page only where that is unlikely. Raises
    UnknownEncoding.
    """
    words = [word for column in columns for word in _whole(column) if not word[0].isascii()]
    if not words:
        return Written("utf-8")
    several = codec is not None and _SEVERAL_BYTES.search(codec) is not None
    if _all(words, "utf-8") and not _rather_gb(words, codec):
        found = "utf-8"
    elif codec is not None and several and _all(words, codec):
        found = codec
    elif _all(words, "gb18030") and (codec is None or several or _common(words)):
        found = "gb18030"
    elif codec is not None and not several and not _common(words) and _all(words, codec):
        found = codec
    else:
        odd = next((raw for raw, cut in words if not _fits(raw, "gb18030", cut)), words[0][0])
        raise UnknownEncoding(odd.decode("gb18030", "replace")[:40])
    same = said is None or (codec is not None and _family(codec) == _family(found) and several)
    return Written(found, None if same else said)


def _whole(column: Sequence[bytes]) -> list[tuple[bytes, bool]]:
    """Give the words of a column, and of each whether it fills the column, so may be cut off."""
    longest = max(map(len, column), default=0)
    return [(word, len(word) == longest) for word in column]


def _all(words: Sequence[tuple[bytes, bool]], encoding: str) -> bool:
    return all(_fits(raw, encoding, cut) for raw, cut in words)


def _fits(raw: bytes, encoding: str, cut: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(raw, final=not cut)
    except UnicodeDecodeError:
        return False
    return True


def _rather_gb(words: Sequence[tuple[bytes, bool]], codec: str | None) -> bool:
    """Tell words declared and written as GBK that happen to be UTF-8 too, such as 联通."""
    if codec is None or _family(codec) != "gb" or not _common(words):
        return False
    return not any(
        ord(each) >= 0x800 for raw, _ in words for each in raw.decode("utf-8", "ignore")
    )


def _common(words: Sequence[tuple[bytes, bool]]) -> bool:
    """Tell whether most words, taken for GBK, hold only characters that are usual in Chinese."""
    n_usual = sum(_fits(raw, "gb2312", cut) for raw, cut in words)
    return 2 * n_usual > len(words)


def _family(codec: str) -> str:
    return "gb" if codec.startswith(("gb", "cp936", "hz")) else codec.replace("_", "-")
