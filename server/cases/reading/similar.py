"""Which open cases may be about the same: by place, time and matter, the likeliest first.

What they say alike is named, and weighs nothing: people say the same of two things, too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from server.cases.door.evidence import METRES_PER_DEGREE, metres
from server.cases.models.case import Case
from server.cases.reading.briefs import words_of
from server.cases.reading.queries import visible
from server.cases.rules.basis import Basis
from server.cases.rules.flow import OPEN
from server.cases.rules.views import CaseRow
from server.people.actor import Actor
from server.responsibility.search.grams import common, pieces, rules
from server.texts.catalogue import text

#: How far and how long apart the same matter is reported twice.
WITHIN_M: Final = 50.0
WITHIN: Final = timedelta(days=15)
_LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An open case that may be the same, its distance in metres, and why it may be.

    `same_words` are what both reports say, the longest first, persons masked.
    """

    case: CaseRow
    distance_m: float
    why: tuple[str, ...]
    same_words: tuple[str, ...] = ()


async def similar(case: CaseRow, *, by: Actor, basis: Basis, limit: int) -> list[Candidate]:
    """Return the open cases within 50 m and 15 days of a case, of its matter or domain.

    Where neither matter is known yet, place and time alone make a candidate.
    """
    if case.lon is None or case.lat is None:
        return []
    up = WITHIN_M / METRES_PER_DEGREE
    across = up / max(0.01, math.cos(math.radians(case.lat)))
    near = visible(by).filter(
        lon__gte=case.lon - across,
        lon__lte=case.lon + across,
        lat__gte=case.lat - up,
        lat__lte=case.lat + up,
        received_at__gte=case.received_at - WITHIN,
        received_at__lte=case.received_at + WITHIN,
        stage__in=sorted(stage.value for stage in OPEN),
        about_unit_id=case.about_unit_id,
    )
    rows = await near.exclude(id=case.id).order_by("-id").limit(_LOOKED_AT)
    found = [_candidate(case, row, basis) for row in rows]
    ranked = sorted((each for each in found if each), key=lambda each: (each[0], each[1].case.id))
    likely = [candidate for _, candidate in ranked[:limit]]
    if not likely:
        return []
    words = await words_of([case, *(each.case for each in likely)])
    return [
        replace(each, same_words=_shared(words[case.id], words[each.case.id])) for each in likely
    ]


def _shared(words: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return what two cases say alike, but for what people say in every complaint."""
    ours, theirs = ([run for said in each for run in pieces(said)] for each in (words, others))
    return tuple(said for said in common(ours, theirs) if _telling(said))


def _telling(said: str) -> bool:
    """Tell whether a string says something of its matter: two characters of it do together."""
    known = rules()
    pairs = (said[at : at + 2] for at in range(len(said) - 1))
    return any(pair not in known.weak and not set(pair) & known.stop for pair in pairs)


def _candidate(case: CaseRow, other: Case, basis: Basis) -> tuple[float, Candidate] | None:
    """Return how unlike two cases are, and the candidate; None where they cannot be the same."""
    distance = metres(case.lon or 0.0, case.lat or 0.0, other.lon or 0.0, other.lat or 0.0)
    matter = _matter(case, other, basis)
    if distance > WITHIN_M or matter is None:
        return None
    apart = abs(case.received_at - other.received_at)
    why = [
        text("similar.distance", n=round(distance)),
        text("similar.days", n=apart.days) if apart.days else text("similar.same_day"),
        text(f"similar.{matter}"),
    ]
    unlike = distance / WITHIN_M + apart / WITHIN + _UNLIKE[matter]
    return unlike, Candidate(case=other, distance_m=round(distance, 1), why=tuple(why))


_UNLIKE: Final = {"same_matter": 0.0, "same_domain": 2.0, "matter_open": 3.0}


def _matter(case: CaseRow, other: CaseRow, basis: Basis) -> str | None:
    """Return how the matters go together; None where they are known and far apart."""
    if not case.matter_code or not other.matter_code:
        return "matter_open"
    if case.matter_code == other.matter_code:
        return "same_matter"
    domains = {_domain(each, basis) for each in (case, other)}
    return "same_domain" if len(domains) == 1 and "" not in domains else None


def _domain(case: CaseRow, basis: Basis) -> str:
    entry = basis.lists.at(case.received_at).lookup(case.matter_code, "").entry
    return entry.domain if entry else ""
