"""Numbers by which a person could be found, taken out of what others are to read."""

import re
from typing import Final

# Seven digits in a row, or with the marks that people put between: telephone, identity, bank card.
_NUMBER: Final = re.compile(r"(?<!\d)\+?\d(?:[ \-\u2013\u00a0\u3000]?\d){6,}[xX]?")
_MASK: Final = "***"


def masked(words: str) -> str:
    """Return words with telephone and identity numbers made unreadable."""
    return _NUMBER.sub(_MASK, words)
