"""What closed cases teach the lists: the words in which a matter is reported."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from server.cases.reading import learned_from
from server.responsibility.search import everyday_words
from server.responsibility.search.everyday_words import Confirmed
from server.responsibility.search.suggest import band_of
from server.responsibility.search.words_in_force import confirmed_until

_AT_ONCE: Final = 500
#: A case may be closed in a transaction that ends after a later one was seen.
_OVERLAP: Final = timedelta(hours=1)
_EVER: Final = timedelta(days=3650)


async def learn(*, at: datetime, zone: ZoneInfo) -> int:
    """Learn from the cases closed since the last time; return how many were new.

    To be called by one at a time and again for the rest; a case is learned from once.
    """
    newest = await confirmed_until()
    since = newest - _OVERLAP if newest else at - _EVER
    found = await learned_from.closed_since(since, limit=_AT_ONCE)
    while found:
        news = [
            Confirmed(
                case_no=each.no,
                matter_code=each.matter_code,
                suggested_code=each.suggested_code,
                text=each.text,
                band=band_of(each.received_at.astimezone(zone)),
                township_code=each.township_code,
                at=each.closed_at,
            )
            for each in found
        ]
        n_new = await everyday_words.confirm(news, at=at)
        if n_new or len(found) < _AT_ONCE:
            return n_new
        found = await learned_from.closed_since(found[-1].closed_at, limit=2 * _AT_ONCE)
    return 0
