"""Names whose bytes were read in another encoding than they were written in (mojibake)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from geo.files.plausible import LAST, likeness

#: In what names are written, and as what other software takes that.
_WRITTEN: Final = ("utf-8", "gb18030")
_READ: Final = (
    *("cp1252", "cp437", "cp850", "cp1250", "cp1251", "mac_roman"),
    *("gb18030", "cp950", "cp949", "cp932", "euc_jp"),
)
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
#: What is written for bytes that are not understood, and what other encodings make of that.
_GIVEN_UP: Final = ("\ufffd" * 2).encode().decode("gbk")[:3], "\ufffd".encode().decode("cp1252")
_LOST: Final = re.compile("|".join(("[?\ufffd\u25a1]", *_GIVEN_UP, r"^[\uff1f\s]+$")))
_LEADS: Final = [bytes([each]) for each in range(0xE4, 0xEA)]
_SURELY: Final = 1.5  # a name that looks like one to this degree is not looked at any further
_CLEARLY: Final = 0.25  # by how much another reading must look better


@lru_cache(50_000)
def meant(name: str) -> str | None:
    """Tell what a garbled name should probably be: '' where that is lost, None for a sound one."""
    own, n_high = likeness(name), sum(not each.isascii() for each in name)
    lost = _LOST.search(name) is not None
    if not lost and (n_high < 2 or own >= _SURELY):
        return None
    found = [*_readings(name)]
    again = (each for one in found if not _HAN.search(one) for each in _readings(one))
    best = max((each for each in (*found, *again) if _HAN.search(each)), key=likeness, default="")
    if best and likeness(best) >= own + _CLEARLY:
        return best
    return "" if lost else None


def _readings(name: str) -> Iterator[str]:
    bare = _LOST.sub("", name)
    for read in _READ:
        try:
            raw = _bytes(bare, read)
        except UnicodeError:
            continue
        for written in _WRITTEN:
            if read != written:
                text = _ended(raw) if written == "utf-8" else raw.decode(written, "ignore")
                if not text.isascii() and 3 * len(text.encode(written)) >= 2 * len(raw):
                    yield text


def _ended(raw: bytes) -> str:
    """Give what is whole in UTF-8, and the end that the last bytes begin where one was lost."""
    text = raw.decode("utf-8", "ignore")
    rest = raw[max(raw.rfind(lead) for lead in _LEADS) :]
    if 0 < len(rest) < 3 and _HAN.match(text[-1:]):
        text += next((each for each in LAST if each.encode().startswith(rest)), "")
    return text


def _bytes(text: str, page: str) -> bytes:
    """Give the bytes that were read as a text; what a page lacks stands as it is."""
    if page == "gb18030":
        return b"\x80".join(each.encode(page) for each in text.split("\u20ac"))
    return b"".join(each.encode("latin-1" if "\x80" <= each < "\xa0" else page) for each in text)
