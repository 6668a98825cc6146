"""Names whose bytes were read in another encoding than they were written in (mojibake)."""

import re
from typing import Final

_SINGLE_BYTE: Final = ("latin-1", "cp1252")
_HIGH: Final = re.compile(r"[^\x00-\x7f]+")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
#: What decoders write for bytes that they do not understand, and what GBK makes of that.
_GIVEN_UP: Final = ("\ufffd", ("\ufffd" * 2).encode().decode("gbk"))


def meant(name: str) -> str | None:
    """Tell what a garbled name should probably be: '' where that is lost, None for a sound name.

    Only names that are mostly rubbish are judged, so that letters with accents stay what they are.
    """
    if any(each in name for each in _GIVEN_UP):
        return ""
    high = "".join(_HIGH.findall(name))
    if len(high) < 2 or 2 * len(high) < len(name.replace(" ", "")):
        return None
    for written in ("utf-8", "gb2312"):
        for read in _SINGLE_BYTE:
            found = _read_again(name, read, written)
            if found is not None and _HAN.search(found):
                return found
    found = None if _fits(name, "gb2312") else _read_again(name, "gb18030", "utf-8")
    if found is not None and all(_HAN.match(each) for each in found if not each.isascii()):
        return found
    return None


def _read_again(name: str, read: str, written: str) -> str | None:
    try:
        return name.encode(read).decode(written)
    except UnicodeError:
        return None


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeError:
        return False
    return True
