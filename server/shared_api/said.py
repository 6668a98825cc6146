"""What people wrote about a case, as an answer shows it: nobody is to be found by it.

The type of a field says that it holds such words; they are masked as the answer leaves, also by
the names that `reply` is told. Stored they stay as they were written.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated, Final

from pydantic import PlainSerializer, SerializationInfo

from server.cases.rules.masking import masked
from server.responsibility.list.entries import Explanation


def _masked(words: str, info: SerializationInfo) -> str:
    return masked(words, _hidden(info))


def _masked_but_offices(words: str, info: SerializationInfo) -> str:
    return masked(words, _hidden(info), offices=True)


def _hidden(info: SerializationInfo) -> Collection[str]:
    """Return whose names are not to be read; what nobody was asked about is not answered."""
    if info.context is None:
        raise LookupError("say whose names are hidden: `reply(…, hidden=…)`")
    hidden: Collection[str] = info.context
    return hidden


#: Of what is about no case: nobody reported it.
NOBODY: Final[frozenset[str]] = frozenset()
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
