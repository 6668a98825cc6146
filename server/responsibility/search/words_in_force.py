"""Reading what lies over the published lists: words in force, proposals, experience."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.expressions import F
from tortoise.functions import Count, Max, Sum

from server.responsibility.list.models import Confirmation, Experience, Matter, Word
from server.responsibility.search.gram_weights import Layer, Learned

_MOST: Final = 50_000
_MOST_MATTERS: Final = 10_000
_MOST_CORRECTED: Final = 2_000


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word of a matter and where it came from; `n_cases` confirmed reports say it."""

    id: int
    matter_code: str
    matter_name: str
    word: str
    state: str
    source: str
    n_cases: int
    proposed_at: datetime


async def words(
    *, state: str, matter_code: str | None = None, after: int = 0, limit: int = 100
) -> list[WordRow]:
    """Return words in a state, by id, those after one; of one matter, or of all."""
    found = Word.filter(state=state, id__gt=after)
    if matter_code is not None:
        found = found.filter(matter_code=matter_code)
    columns = ("id", "matter_code", "word", "state", "source", "n_cases", "proposed_at")
    rows = await found.order_by("id").limit(limit).values(*columns)
    codes = {row["matter_code"] for row in rows}
    names = dict(await Matter.filter(code__in=codes).values_list("code", "name"))
    return [WordRow(matter_name=str(names.get(row["matter_code"], "")), **row) for row in rows]


async def stamp() -> tuple[object, ...]:
    """Return what changes whenever the layer does."""
    words = (
        await Word.exclude(state="proposed")
        .annotate(n=Count("id"), decided=Max("decided_at"))
        .values("n", "decided")
    )
    learned = (
        await Experience.all()
        .annotate(n=Sum("n"), updated=Max("updated_at"))
        .values("n", "updated")
    )
    return (tuple(words[0].values()), tuple(learned[0].values()))


async def layer() -> Layer:
    """Return the words and the experience of every matter."""
    added, hidden = defaultdict[str, list[str]](list), defaultdict[str, set[str]](set)
    rows = (
        await Word.exclude(state="proposed")
        .order_by("id")
        .limit(_MOST)
        .values_list("matter_code", "word", "state")
    )
    for code, word, state in rows:
        if state == "accepted":
            added[str(code)].append(str(word))
        else:
            hidden[str(code)].add(str(word))
    return Layer(
        added={code: tuple(found) for code, found in added.items()},
        hidden={code: frozenset(found) for code, found in hidden.items()},
        learned=await _learned(),
        misled=await _misled(),
    )


async def confirmed_until() -> datetime | None:
    """Return the instant of the newest confirmation."""
    found = await Confirmation.all().order_by("-at").limit(1).values_list("at", flat=True)
    return found[0] if found else None  # type: ignore[return-value]


async def _learned() -> dict[str, Learned]:
    rows = await Experience.filter(n__gt=0).limit(_MOST_MATTERS)
    return {
        row.matter_code: Learned(
            n=row.n,
            grams={g: n for g, n in row.grams.items() if _asked(g)},
            bands=row.bands,
            townships=row.townships,
        )
        for row in rows
    }


async def _misled() -> dict[str, Counter[str]]:
    """Return by which grams matters were suggested where people meant another, of the newest."""
    found = defaultdict[str, Counter[str]](Counter)
    corrected = Confirmation.exclude(suggested_code="").exclude(suggested_code=F("matter_code"))
    rows = await corrected.order_by("-at").limit(_MOST_CORRECTED).values("suggested_code", "grams")
    for row in rows:
        found[row["suggested_code"]].update(g for g in row["grams"] if _asked(g))
    return dict(found)


def _asked(gram: str) -> bool:
    """Tell whether a question is asked by a gram; the longer phrases are for proposals alone."""
    return len(gram) <= 2 or gram.startswith("#")
