"""How every search reads what people write: the words of a question, in one width and case."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_RUN: Final = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return a text in one width and case."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", narrow)


def runs(text: str) -> list[str]:
    """Return the letters and digits of a text between spaces and marks, in one width and case."""
    return _RUN.findall(folded(text))


def wanted(question: str) -> list[str]:
    """Return the words of a question; one of marks alone is looked for as it is."""
    return runs(question) or folded(question).split()


def said(words: Iterable[str], texts: Iterable[str]) -> bool:
    """Tell whether every word of a question is somewhere in these texts."""
    whole = "\n".join(map(folded, texts))
    return all(word in whole for word in words)
