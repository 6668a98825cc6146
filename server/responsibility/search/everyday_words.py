"""Everyday words over the published lists: the keeper's own, and what confirmed reports teach."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.transactions import in_transaction

from server.errors import AlreadyDone, BadInput, NotFound
from server.people.actor import Actor
from server.responsibility.list.models import Confirmation, Entry, Experience, Matter, Word
from server.responsibility.search import gram_weights, grams
from server.texts.words import folded

LONGEST_WORD: Final = 40
MOST_WORDS: Final = 200  # of one matter
_MOST_GRAMS: Final = 400  # of one text
_KEPT: Final = 3000  # of one matter, the most frequent
_SHORTEST_PHRASE: Final = 2
_LONGEST_PHRASE: Final = 5
_ENOUGH: Final = 3  # reports that say a phrase before it is proposed
_PURE: Final = 0.8  # share of all that say it which mean this matter
_MOST_PROPOSED: Final = 10  # of one matter at a time
_LONGEST_TEXT: Final = 500
_NO_WORDS: Final = re.compile(r"(?:https?://|www\.)\S+|[0-9a-z-]*[0-9][0-9a-z-]*|[a-z]{9,}", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A report whose matter its handling confirmed; `text` without anybody's numbers."""

    case_no: str
    matter_code: str
    suggested_code: str
    text: str
    band: str
    township_code: str
    at: datetime


async def change_words(
    matter_code: str, *, add: Sequence[str], hide: Sequence[str], by: Actor, at: datetime
) -> None:
    """Put words into force for a matter, or hide those of its lists, from now.

    Raises NotFound, and BadInput for what is no word or too many.
    """
    added, hidden = (_clean(words, name) for words, name in ((add, "add"), (hide, "hide")))
    async with in_transaction():
        matter = await Matter.select_for_update().get_or_none(code=matter_code)
        if matter is None:
            raise NotFound(kind="matter", id=matter_code)
        known = {row.word: row for row in await Word.filter(matter_code=matter_code)}
        for state, words in (("accepted", added), ("rejected", hidden)):
            for word in words:
                row = known.setdefault(word, Word(matter_code=matter_code, word=word))
                if row.pk is None:
                    row.source, row.proposed_at = "keeper", at
                row.state, row.decided_at, row.decided_by_id = state, at, by.id
                await row.save()
        if len(known) > MOST_WORDS:
            raise BadInput([{"pointer": "/add", "reason": "too_long"}])


async def decide(word_id: int, *, accept: bool, by: Actor, at: datetime) -> str:
    """Accept or turn down a proposed word; return its matter's code.

    Raises NotFound, and AlreadyDone for a word decided before.
    """
    async with in_transaction():
        word = await Word.select_for_update().get_or_none(id=word_id)
        if word is None:
            raise NotFound(kind="word", id=word_id)
        if word.state != "proposed":
            raise AlreadyDone(state=word.state)
        word.state = "accepted" if accept else "rejected"
        word.decided_at, word.decided_by_id = at, by.id
        await word.save(update_fields=["state", "decided_at", "decided_by_id"])
    return word.matter_code


async def confirm(news: Sequence[Confirmed], *, at: datetime) -> int:
    """Learn from confirmed reports, each once; return how many were new.

    A case that was confirmed as another matter before is unlearned there.
    """
    n_new = 0
    for new in news:
        async with in_transaction():
            n_new += await _confirm(new, at)
    if n_new:
        await _propose({new.matter_code for new in news}, at)
    return n_new


async def _confirm(new: Confirmed, at: datetime) -> bool:
    # Locked, so that two workers learn from a case one after the other.
    await Matter.select_for_update().get_or_none(code=new.matter_code)
    known = await Confirmation.select_for_update().get_or_none(case_no=new.case_no)
    if known is not None and known.matter_code == new.matter_code:
        return False
    if known is not None:
        await _count(known, -1, at)
        await known.delete()
    row = Confirmation(
        case_no=new.case_no,
        matter_code=new.matter_code,
        suggested_code=new.suggested_code,
        grams=sorted(_learnt(new.text))[:_MOST_GRAMS],
        band=new.band,
        township_code=new.township_code,
        at=new.at,
    )
    await row.save()
    await _count(row, 1, at)
    return True


async def _count(row: Confirmation, sign: int, at: datetime) -> None:
    held = await Experience.select_for_update().get_or_none(matter_code=row.matter_code)
    held = held or Experience(matter_code=row.matter_code, n=0, grams={}, bands={}, townships={})
    held.n += sign
    held.grams = _added(held.grams, row.grams, sign)
    held.bands = _added(held.bands, [row.band], sign)
    held.townships = _added(held.townships, [row.township_code] if row.township_code else [], sign)
    held.updated_at = at
    await held.save()


def _added(counts: Mapping[str, int], keys: Iterable[str], sign: int) -> dict[str, int]:
    total = Counter(counts)
    for key in keys:
        total[key] += sign
    kept = Counter({key: n for key, n in total.items() if n > 0})
    return dict(kept.most_common(_KEPT))


def _learnt(text: str) -> set[str]:
    """Return a text's grams, families and longer phrases, each once: not what it says.

    Numbers, codes and addresses of pages say nothing of a matter, whoever may have written them.
    """
    pieces = grams.pieces(_NO_WORDS.sub(" ", text[:_LONGEST_TEXT]))
    phrases = (
        piece[at : at + length]
        for piece in pieces
        for length in range(3, _LONGEST_PHRASE + 1)
        for at in range(len(piece) - length + 1)
    )
    return {*gram_weights.tokens(pieces), *phrases}


async def _propose(codes: Collection[str], at: datetime) -> None:
    """Propose what several reports of a matter say, and hardly any of another."""
    rows = await Experience.all().limit(10_000).values("matter_code", "n", "grams")
    total = Counter[str]()
    for row in rows:
        total.update(row["grams"])
    for row in rows:
        if row["matter_code"] in codes and row["n"] >= _ENOUGH:
            await _propose_for(row["matter_code"], row["grams"], total, at)


async def _propose_for(
    code: str, counts: Mapping[str, int], total: Mapping[str, int], at: datetime
) -> None:
    known = await Word.filter(matter_code=code).values_list("word", flat=True)
    held = "\n".join([*await _said_already(code), *map(str, known)])
    found = [
        (phrase, n)
        for phrase, n in counts.items()
        if n >= _ENOUGH
        and _SHORTEST_PHRASE <= len(phrase) <= _LONGEST_PHRASE
        and not phrase.startswith("#")
        and phrase not in grams.rules().weak
        and n >= _PURE * total[phrase]
        and phrase not in held
    ]
    best = _apart(found)
    proposals: list[Word] = [
        Word(
            matter_code=code,
            word=phrase,
            state="proposed",
            source="dispatch",
            n_cases=n,
            proposed_at=at,
        )
        for phrase, n in best[:_MOST_PROPOSED]
    ]
    await Word.bulk_create(proposals, ignore_conflicts=True)


def _apart(found: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return phrases with how often they are said, most first, none a scrap of another.

    What lies in one that is said as often goes. Of those that overlap and are said equally often,
    and so are scraps of one sentence, the longest stays.
    """
    whole = [
        (phrase, n)
        for phrase, n in sorted(found, key=lambda each: (-each[1], -len(each[0]), each[0]))
        if not any(phrase in other and m >= n for other, m in found if other != phrase)
    ]
    best = list[tuple[str, int]]()
    while whole:
        phrase, n = whole.pop(0)
        best.append((phrase, n))
        scraps = [phrase]
        while scraps:
            one = scraps.pop()
            near = [each for each in whole if each[1] == n and _overlap(one, each[0])]
            scraps += [other for other, _ in near]
            whole = [each for each in whole if each not in near]
    return best


def _overlap(one: str, other: str) -> bool:
    """Tell whether one phrase goes on as the other begins, or the other way round."""
    lengths = range(_SHORTEST_PHRASE, min(len(one), len(other)))
    return any(one[-n:] == other[:n] or other[-n:] == one[:n] for n in lengths)


async def _said_already(code: str) -> list[str]:
    rows = (
        await Entry.filter(matter__code=code)
        .order_by("-id")
        .limit(20)
        .values_list("name", "description", "words")
    )
    texts = [text for name, description, words in rows for text in (name, description, *words)]
    return [folded(text) for text in texts]


def _clean(words: Sequence[str], name: str) -> list[str]:
    found = [word.strip() for word in words]
    if any(len(word) > LONGEST_WORD or not grams.pieces(word) for word in found):
        raise BadInput([{"pointer": f"/{name}", "reason": "value_error"}])
    return list(dict.fromkeys(found))
