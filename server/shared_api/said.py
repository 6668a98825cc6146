"""What people wrote about a case, as an answer shows it: nobody is to be found by it.

The type of a field says that it holds such words; they are masked as the answer leaves, also by
the names that `reply` is told. Stored they stay as they were written.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated

from pydantic import PlainSerializer, SerializationInfo

from server.cases.rules.masking import masked
from server.responsibility.list.entries import Explanation


def _masked(words: str, info: SerializationInfo) -> str:
    return masked(words, info.context or ())


def _masked_but_offices(words: str, info: SerializationInfo) -> str:
    return masked(words, info.context or (), offices=True)


#: Words of whoever wrote them, persons masked.
Said = Annotated[str, PlainSerializer(_masked, return_type=str)]
#: The same of words that say where to go, or go between offices: telephones of offices stay.
SaidOfOffices = Annotated[str, PlainSerializer(_masked_but_offices, return_type=str)]


def explained(explanation: Explanation, hidden: Collection[str] = ()) -> Explanation:
    """Return why a case went where it went, no person in the words of whoever decided it."""
    cited = (
        replace(each, text=masked(each.text, offices=True)) for each in explanation.precedents
    )
    reason = masked(explanation.reason, hidden)
    return replace(explanation, reason=reason, precedents=tuple(cited))
