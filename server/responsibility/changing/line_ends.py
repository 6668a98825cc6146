"""Where a line of Chinese may end (避头尾): closing marks begin none, opening marks end none."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

#: Marks that stay with what follows, and marks that stay with what goes before; of those that are
#: written twice, the two halves stay together as well.
_OPENING: Final = r"（〔［｛《〈「『【〖“‘(\[{"
_CLOSING: Final = r"、。，．；：？！）〕］｝》〉」』】〗”’…—～·％‰℃,.;:?!)\]}%"
#: A character with its marks, or a word of narrow letters with them.
_LEAST: Final = re.compile(f"[{_OPENING}]*[^ ]?[{_CLOSING}]* *")
_WHOLE: Final = re.compile(
    f"[{_OPENING}]*(?:[!-~\u00a1-\u024f]*[!-~\u00a1-\u024f](?<![{_OPENING}])|[^ ])?[{_CLOSING}]* *"
)


def lines(said: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return a text as lines no wider than a width, by how wide each character is.

    A word is parted, and a mark from what it belongs to, only where it is wider than a line.
    """
    wide = cache(measure)
    return [line for each in said.split("\n") for line in _filled(each, width, wide)]


def _filled(said: str, width: float, wide: Callable[[str], float]) -> list[str]:
    found, line, taken = list[str](), "", 0.0
    for piece in _pieces(said, width, wide):
        bare, whole = _width(piece.rstrip(" "), wide), _width(piece, wide)
        if line and taken + bare > width:
            found.append(line.rstrip(" "))
            line, taken = "", 0.0
        line, taken = line + piece, taken + whole
    return [*found, line.rstrip(" ")]


def _pieces(said: str, width: float, wide: Callable[[str], float]) -> list[str]:
    """Return a text in pieces that are not to be parted, each as narrow as a line."""
    pieces = [said]
    for part in (_WHOLE.findall, _LEAST.findall, list):
        pieces = [
            smaller
            for piece in pieces
            for smaller in (part(piece) if _width(piece.rstrip(" "), wide) > width else [piece])
        ]
    return pieces


def _width(said: str, wide: Callable[[str], float]) -> float:
    return sum(map(wide, said))
