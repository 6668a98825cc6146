"""The lists that a process holds in memory, by the time from which they apply."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from tortoise.queryset import QuerySet

from server.people.units import Units
from server.responsibility.answering.lookup import CompiledVersion, ListInForce, Precedents
from server.responsibility.list import precedents, queries
from server.responsibility.list.models import ListVersion
from server.responsibility.search import words_in_force
from server.responsibility.search.gram_weights import NOTHING
from server.responsibility.search.suggest import Suggester


@dataclass(frozen=True, slots=True)
class _Held:
    """A version from when it applies; `ends` are when admissions in it do, in order."""

    starts_at: datetime
    compiled: CompiledVersion
    ends: tuple[datetime, ...]


_ROW: Final = ("id", "starts_at")
#: Which versions apply, and how many of the admissions in each are over.
_Key = tuple[tuple[int, int], ...]


class ListsInForce:
    """Holds the published versions that are asked for; `refresh` swaps them by one reference."""

    def __init__(self, list_order: Sequence[str], zone: tzinfo = UTC) -> None:
        self._order = tuple(list_order)
        self._zone = zone
        self._precedents: Precedents = {}
        self._mark = (0, 0)
        self._held: dict[str, tuple[_Held, ...]] = {}
        self._views: dict[_Key, ListInForce] = {}
        self._suggesters: dict[_Key, Suggester] = {}
        self._since = datetime.max.replace(tzinfo=UTC)
        self._units = Units(())
        self._layer, self._stamp = NOTHING, tuple[object, ...]()
        self._preparing: Suggester | None = None

    def at(self, moment: datetime) -> ListInForce:
        """Return the lists in force at an instant; without any, every matter is off list."""
        chosen = self._chosen(moment)
        key = _key(chosen, moment)
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = self._view(chosen, moment)
        return view

    async def recall(self, moment: datetime) -> ListInForce:
        """Return the lists in force at any instant, read anew where none are held from then."""
        if moment >= self._since:
            return self.at(moment)
        rows = [row for each in self._order for row in await _in_force(each, moment)]
        return self._view(await _read(rows, {}), moment)

    async def trying(self, version_id: int, moment: datetime) -> ListInForce:
        """Return the lists at an instant with any version, be it a draft, in its list's place.

        Raises NotFound, QuestionsOpen for a draft whose entries wait for answers.
        """
        version = await queries.answered(version_id)
        (tried,) = await _read([(version_id, moment)], {})
        held = {each.compiled.version.list_type: each for each in self._chosen(moment)}
        held[version.list_type] = tried
        return self._view([held[each] for each in self._order if each in held], moment)

    def _view(self, chosen: Iterable[_Held], moment: datetime) -> ListInForce:
        versions = [each.compiled.as_of(moment, self._units) for each in chosen]
        return ListInForce(versions, self._units, precedents=self._precedents, zone=self._zone)

    def suggester(self, moment: datetime) -> Suggester:
        """Return what suggests matters of the lists in force at an instant.

        While that of a new list is being made, the one before goes on answering.
        """
        key = _key(self._chosen(moment), moment)
        found = self._suggesters.get(key) or self._preparing
        if found is None:
            found = self._suggesters[key] = Suggester(self.at(moment).entries(), self._layer)
        return found

    async def refresh(self, units: Units, *, since: datetime, at: datetime) -> bool:
        """Read what has been published; tell whether lists, units or precedents changed.

        Receipt selects the version, so all are held that apply at `since`, the first moment that
        is asked for, or begin later; those of `at` and next after it are ready to be searched.
        """
        known = {each.compiled.version.id: each for held in self._held.values() for each in held}
        fresh = dict[str, tuple[_Held, ...]]()
        for list_type in self._order:
            later = await _published(list_type).filter(starts_at__gt=since).values_list(*_ROW)
            rows = [*later, *await _in_force(list_type, since)]
            fresh[list_type] = await _read(rows, known)
        self._since = since
        changed, said = fresh != self._held, await self._refresh_layer()
        ruled = await self._read_precedents()
        if changed or ruled or units != self._units:
            self._held, self._units, self._views = fresh, units, {}
        elif not said:
            return False
        if changed or said:
            await self._prepare(at)
        return True

    async def _refresh_layer(self) -> bool:
        """Read words and experience when they changed; tell whether they did."""
        stamp = await words_in_force.stamp()
        if stamp == self._stamp:
            return False
        self._layer, self._stamp = await words_in_force.layer(), stamp
        return True

    async def _read_precedents(self) -> bool:
        mark = await precedents.mark()
        if mark == self._mark:
            return False
        self._precedents, self._mark = await precedents.latest(), mark
        return True

    async def _prepare(self, at: datetime) -> None:
        """Make the suggesters of now and next ready, so that no request waits for them."""
        every = [each for held in self._held.values() for each in held]
        changes = {moment for each in every for moment in (each.starts_at, *each.ends)}
        following = min((each for each in changes if each > at), default=at)
        ready = dict[_Key, Suggester]()
        self._preparing = next(reversed(self._suggesters.values()), None)
        for moment in dict.fromkeys((at, following)):
            key, view = _key(self._chosen(moment), moment), self.at(moment)
            ready[key] = await asyncio.to_thread(Suggester, view.entries(), self._layer)
        self._suggesters, self._preparing = ready, None

    def _chosen(self, moment: datetime) -> tuple[_Held, ...]:
        newest = (
            next((each for each in held if each.starts_at <= moment), None)
            for held in self._held.values()
        )
        return tuple(each for each in newest if each is not None)


def _key(chosen: Sequence[_Held], moment: datetime) -> _Key:
    return tuple((each.compiled.version.id, bisect_right(each.ends, moment)) for each in chosen)


def _published(list_type: str) -> QuerySet[ListVersion]:
    """Return the published versions of a type, the newest first."""
    return ListVersion.filter(list__type=list_type, state="published").order_by("-starts_at")


async def _in_force(list_type: str, moment: datetime) -> list[Any]:
    """Return the row of the version in force at an instant, or none."""
    return await _published(list_type).filter(starts_at__lte=moment).limit(1).values_list(*_ROW)


async def _read(rows: Iterable[Any], known: Mapping[int, _Held]) -> tuple[_Held, ...]:
    """Return versions with their entries; those known already are not read again."""
    found = list[_Held]()
    for version_id, starts_at in rows:
        held = known.get(version_id)
        if held is None or held.starts_at != starts_at:
            version = await queries.version(version_id)
            entries = await queries.all_entries(version_id)
            ends = {each.township_until for each in entries if each.township_until}
            held = _Held(starts_at, CompiledVersion(version, entries), tuple(sorted(ends)))
        found.append(held)
    return tuple(found)
