"""Finding cases by words: all of them said of the case, wherever they stand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tortoise import Tortoise
from tortoise.expressions import Q, RawSQL
from tortoise.queryset import QuerySet

from server.cases.models.case import Case
from server.cases.rules.words import Sought, asked, sought
from server.errors import BadInput
from server.people.units import Units
from server.texts.words import runs

_SHORTEST_NAME: Final = 2
#: How many of the newest cases are looked at, then at most, before the index of words is asked.
_SOON: Final = 300
_LATE: Final = 3_000
#: So many times as many as are expected to do.
_AMPLE: Final = 1.3
_FEW: Final = "SELECT case_id, words, lexemes FROM case_words WHERE case_id = ANY($1::bigint[])"


@dataclass(frozen=True, slots=True)
class Said:
    """The condition that every word of a question is said of a case, for either way to look.

    What a word finds the database cannot guess, so it is told how to look: at some cases, where a
    frequent word is found soon enough, or in the index first, which knows all of a rare one; asked
    in one piece it reads all that the index knows of a word that half the county says. The
    words are written out, for plans are made for them; letters and digits are all they hold.
    """

    condition: str

    @property
    def few(self) -> str:
        """The statement of `among`: cases ($1) and how many ($2)."""
        return (
            f"WITH few AS MATERIALIZED ({_FEW})"
            f" SELECT case_id FROM few WHERE {self.condition} ORDER BY case_id DESC LIMIT $2"
        )

    async def among(self, case_ids: Sequence[int], limit: int) -> list[int]:
        """Return those of some cases of which it is said, the newest first, at most `limit`."""
        connection = Tortoise.get_connection("default")
        rows = await connection.execute_query_dict(self.few, [list(case_ids), limit])
        return [int(row["case_id"]) for row in rows]

    async def newest(self, ways: Sequence[QuerySet[Case]], limit: int) -> list[int]:
        """Return the newest of which it is said among the cases that any of several ways finds.

        First the newest of all are tried, and then as many more as will do by what those say;
        what hardly any say is not found so, and the index is asked.
        """
        found, looked, last = list[int](), 0, None
        soon = _SOON
        while True:
            newest = await _newest_of(ways, before_id=last, limit=soon - looked)
            found += await self.among(newest, limit - len(found))
            if len(found) >= limit or len(newest) < soon - looked:
                return found
            looked, last = soon, newest[-1]
            expected = looked * limit / len(found) if found else math.inf
            if looked >= _LATE or expected > 3 * _LATE:
                older = [cases.filter(self.ever()) for cases in ways]
                return found + await _newest_of(older, before_id=last, limit=limit - len(found))
            soon = min(_LATE, max(2 * looked, round(_AMPLE * expected)))

    def ever(self) -> Q:
        """Say it of whichever cases, for which the index is asked before all else."""
        found = f"SELECT case_id FROM case_words WHERE {self.condition}"
        return Q(id__in=RawSQL(f"(WITH said AS MATERIALIZED ({found}) SELECT case_id FROM said)"))


async def _newest_of(
    ways: Sequence[QuerySet[Case]], *, before_id: int | None, limit: int
) -> list[int]:
    """Return the newest ids before one that any of several ways finds, at most `limit`."""
    ids = set[int]()
    for cases in ways:
        found = cases if before_id is None else cases.filter(id__lt=before_id)
        rows = await found.order_by("-id").limit(limit).values_list("id")
        ids.update([int(case_id) for (case_id,) in rows])
    return sorted(ids, reverse=True)[:limit]


def said_of(question: str, units: Units) -> Said:
    """Return the condition that a case has every word of a question; BadInput for none at all."""
    words = asked(question)
    if not words:
        raise BadInput([{"pointer": "/q", "reason": "value_error"}])
    wanted = [sought(word, _named(word, units)) for word in words]
    return Said(" AND ".join(map(_condition, wanted)))


def _condition(word: Sought) -> str:
    found = f"lexemes @@ {_query(word.lexemes)}"
    if not word.text:
        return found
    exact = f"strpos(words, '{word.text}') > 0"
    if word.besides:
        exact = f"({exact} OR lexemes @@ {_query(word.besides)})"
    return f"{found} AND {exact}"


def _query(lexemes: str) -> str:
    return f"$words${lexemes}$words$::tsquery"


def _named(word: str, units: Units) -> list[int]:
    """Return the units that a word may mean, with all that are one house with them."""
    if len(word) < _SHORTEST_NAME:
        return []
    meant = (
        unit.id
        for unit in units.all()
        if any(word in run for name in (unit.name, *unit.short_names) for run in runs(name))
    )
    return sorted({each for unit_id in meant for each in units.house(unit_id)})
