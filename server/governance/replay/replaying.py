"""Replay (沙盘): closed cases answered once more, by a draft list or by draft boundaries.

Decides nothing and writes nothing; it shows before publication who would gain and lose work.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from server.cases.figures.closed_cases import ClosedCase, closed_between
from server.cases.rules.basis import Basis
from server.errors import BadInput, NotReady
from server.places.boundaries import Boundaries
from server.responsibility.answering.lookup import ListInForce

#: Looked at, shown one by one, and drawn.
_MOST_CASES: Final = 200_000
_MOST_SHOWN: Final = 2_000
_MOST_SPOTS: Final = 2_000
#: A side of the squares that the map counts differences in, in degrees: about half a kilometre.
_SQUARE: Final = 0.005


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """A number of cases by what is in force now, and by what is tried."""

    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What lists say of a matter in a township: the lead, who helps, and whether it is on none."""

    lead_id: int | None
    helper_ids: tuple[int, ...]
    off_list: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A case that would go to another unit, or lie in another place.

    `township_code` and `grid_code` are those after; '' where no place holds its point.
    """

    case: ClosedCase
    before: Answered
    after: Answered
    township_code: str
    grid_code: str


@dataclass(frozen=True, slots=True)
class Square:
    """A square of the map, its middle in WGS-84, and how many differing cases lie in it."""

    lon: float
    lat: float
    n: int


@dataclass(frozen=True, slots=True)
class TownshipWork:
    """What a township's unit has to do: cases that it leads, and cases in which it helps."""

    leads: BeforeAfter
    helps: BeforeAfter


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What would have come of closed cases; counts are of all `n_cases`, lists are bounded.

    `all_cases` is False where the period holds more cases than were looked at (the latest).
    `n_elsewhere` go to another lead, `n_moved` lie in another township or grid, `without_lead`
    fall on nobody, `off_list` stand on no list; `as_settled` go to who settled them in the end,
    which tells how well a list says what people do.
    """

    n_cases: int
    all_cases: bool
    n_elsewhere: int
    n_moved: int
    without_lead: BeforeAfter
    off_list: BeforeAfter
    as_settled: BeforeAfter
    leads: dict[int, BeforeAfter]
    townships: dict[int, TownshipWork]
    matters: dict[str, int]
    shown: tuple[Elsewhere, ...]
    spots: tuple[Square, ...]


async def replay(
    *,
    version_id: int | None = None,
    generation_id: int | None = None,
    since: datetime,
    until: datetime,
    at: datetime,
    basis: Basis,
) -> Replay:
    """Answer the closed cases of a period by a list version, by a generation, or by both.

    Before is what the lists in force at `at` say where a case lies; after, what they would say
    with the version in the place of its list's, and with the case where the generation has its
    point (a place that a person named stays). Raises NotFound, QuestionsOpen, NotReady, and
    BadInput where nothing is to be tried or the period is none.
    """
    if version_id is None and generation_id is None:
        raise BadInput([{"pointer": "/version", "reason": "missing"}])
    if since >= until:
        raise BadInput([{"pointer": "/since", "reason": "not_before_until"}])
    before = basis.lists.at(at)
    after = before
    if version_id is not None:
        after = await basis.lists.trying(version_id, at)
    bounds = None
    if generation_id is not None:
        bounds = await basis.places.generation(generation_id)
        if basis.places.at(at) is None:
            raise NotReady(part="places")
    cases = await closed_between(since, until, limit=_MOST_CASES + 1)
    tally = _Tally(_Side(before), _Side(after), bounds)
    await asyncio.to_thread(tally.take, cases[:_MOST_CASES])
    townships = {u.id for u in basis.units.by_id.values() if u.kind == "township"}
    return tally.result(townships, all_cases=len(cases) <= _MOST_CASES)


class _Side:
    """What lists say of cases, each matter in each township looked up once; and the sums of it."""

    def __init__(self, lists: ListInForce) -> None:
        self._lists = lists
        self._known = dict[tuple[str, str], Answered]()
        self._asked = Counter[tuple[Answered, int | None]]()

    def answer(self, case: ClosedCase, township: str) -> Answered:
        """Return what is said of a case in a township, and count it."""
        key = case.matter_code, township
        if key not in self._known:
            found = self._lists.lookup(*key)
            helpers = tuple(unit_id for unit_id, _ in found.cooperating)
            self._known[key] = Answered(found.lead_unit_id, helpers, found.off_list)
        answered = self._known[key]
        self._asked[answered, case.lead_id] += 1
        return answered

    def count(self, told: Callable[[Answered, int | None], Iterable[Hashable]]) -> Counter[Any]:
        """Return how many cases each thing is told of."""
        counts = Counter[Any]()
        for (answered, settled_by), n in self._asked.items():
            for each in told(answered, settled_by):
                counts[each] += n
        return counts


@dataclass(slots=True)
class _Tally:
    """Goes through cases, by what is in force and by what is tried."""

    before: _Side
    after: _Side
    bounds: Boundaries | None
    n_cases: int = 0
    n_elsewhere: int = 0
    n_moved: int = 0
    matters: Counter[str] = field(default_factory=Counter)
    squares: Counter[tuple[float, float]] = field(default_factory=Counter)
    shown: list[Elsewhere] = field(default_factory=list)

    def take(self, cases: Sequence[ClosedCase]) -> None:
        for case in cases:
            self._take(case)

    def _take(self, case: ClosedCase) -> None:
        self.n_cases += 1
        township, grid = self._place(case)
        before = self.before.answer(case, case.township_code)
        after = self.after.answer(case, township)
        moved = (township, grid) != (case.township_code, case.grid_code)
        elsewhere = before.lead_id != after.lead_id
        self.n_moved += moved
        self.n_elsewhere += elsewhere
        if not moved and not elsewhere:
            return
        if elsewhere:
            self.matters[case.matter_code] += 1
        if case.lon is not None and case.lat is not None:
            self.squares[case.lon // _SQUARE, case.lat // _SQUARE] += 1
        if len(self.shown) < _MOST_SHOWN:
            self.shown.append(Elsewhere(case, before, after, township, grid))

    def _place(self, case: ClosedCase) -> tuple[str, str]:
        if self.bounds is None or case.named or case.lon is None or case.lat is None:
            return case.township_code, case.grid_code
        found = self.bounds.find(case.lon, case.lat)
        township, grid = found.township, found.grid
        return township.code if township else "", grid.code if grid else ""

    def _both(
        self, told: Callable[[Answered, int | None], Iterable[Hashable]]
    ) -> dict[Any, BeforeAfter]:
        before, after = self.before.count(told), self.after.count(told)
        return {key: BeforeAfter(before[key], after[key]) for key in before.keys() | after.keys()}

    def _how_many(self, told: Callable[[Answered, int | None], bool]) -> BeforeAfter:
        found = self._both(lambda answered, settled_by: [told(answered, settled_by)])
        return found.get(True, BeforeAfter())

    def result(self, townships: Collection[int], *, all_cases: bool) -> Replay:
        leads = self._both(lambda each, _: [each.lead_id] if each.lead_id is not None else [])
        helps = self._both(lambda each, _: each.helper_ids)
        none = BeforeAfter()
        return Replay(
            n_cases=self.n_cases,
            all_cases=all_cases,
            n_elsewhere=self.n_elsewhere,
            n_moved=self.n_moved,
            without_lead=self._how_many(lambda each, _: each.lead_id is None),
            off_list=self._how_many(lambda each, _: each.off_list),
            as_settled=self._how_many(lambda each, by: by is not None and each.lead_id == by),
            leads=leads,
            townships={
                each: TownshipWork(leads.get(each, none), helps.get(each, none))
                for each in sorted((leads.keys() | helps.keys()) & set(townships))
            },
            matters=dict(self.matters.most_common()),
            shown=tuple(self.shown),
            spots=tuple(
                Square(round((x + 0.5) * _SQUARE, 4), round((y + 0.5) * _SQUARE, 4), n)
                for (x, y), n in self.squares.most_common(_MOST_SPOTS)
            ),
        )
