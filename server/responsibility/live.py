"""The lists that a process holds in memory, by the time from which they apply."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from server.people.units import Units
from server.responsibility import precedents, queries, wording
from server.responsibility.lookup import CompiledVersion, ListInForce, Precedents
from server.responsibility.models import ListVersion
from server.responsibility.suggest import Suggester
from server.responsibility.weighing import NOTHING

# Receipt selects the version, so only the present and the announced ones are asked for.
_N_HELD: Final = 4
_N_PREPARED: Final = 2


@dataclass(frozen=True, slots=True)
class _Held:
    """A version from when it applies; `ends` are when admissions in it do, in order."""

    starts_at: datetime
    compiled: CompiledVersion
    ends: tuple[datetime, ...]


class ListsInForce:
    """Holds the newest published versions of each type; `refresh` swaps them by one reference."""

    def __init__(self, list_order: Sequence[str], zone: tzinfo = UTC) -> None:
        self._order = tuple(list_order)
        self._zone = zone
        self._precedents: Precedents = {}
        self._mark = (0, 0)
        self._held: dict[str, tuple[_Held, ...]] = {}
        self._views: dict[tuple[tuple[int, int], ...], ListInForce] = {}
        self._suggesters: dict[tuple[int, ...], Suggester] = {}
        self._units = Units(())
        self._layer, self._stamp = NOTHING, tuple[object, ...]()
        self._preparing: Suggester | None = None

    def at(self, moment: datetime) -> ListInForce:
        """Return the lists in force at an instant; without any, every matter is off list."""
        chosen = self._chosen(moment)
        key = tuple((each.compiled.version.id, bisect_right(each.ends, moment)) for each in chosen)
        view = self._views.get(key)
        if view is None:
            versions = [each.compiled.as_of(moment) for each in chosen]
            view = self._views[key] = ListInForce(
                versions, self._units, precedents=self._precedents, zone=self._zone
            )
        return view

    def suggester(self, moment: datetime) -> Suggester:
        """Return what suggests matters of the lists in force at an instant.

        While that of a new list is being made, the one before goes on answering.
        """
        view = self.at(moment)
        key = tuple(each.version.id for each in view.versions)
        found = self._suggesters.get(key) or self._preparing
        if found is None:
            found = self._suggesters[key] = Suggester(view.entries(), self._layer)
        return found

    async def refresh(self, units: Units) -> bool:
        """Read what has been published since; tell whether lists, units or precedents changed."""
        known = {each.compiled.version.id: each for held in self._held.values() for each in held}
        fresh = dict[str, tuple[_Held, ...]]()
        for list_type in self._order:
            fresh[list_type] = await self._newest(list_type, known)
        changed, said = fresh != self._held, await self._refresh_layer()
        ruled = await self._read_precedents()
        if changed or ruled or units != self._units:
            self._held, self._units, self._views = fresh, units, {}
        elif not said:
            return False
        if changed or said:
            await self._prepare()
        return True

    async def _refresh_layer(self) -> bool:
        """Read words and experience when they changed; tell whether they did."""
        stamp = await wording.stamp()
        if stamp == self._stamp:
            return False
        self._layer, self._stamp = await wording.layer(), stamp
        return True

    async def _read_precedents(self) -> bool:
        mark = await precedents.mark()
        if mark == self._mark:
            return False
        self._precedents, self._mark = await precedents.latest(), mark
        return True

    async def _prepare(self) -> None:
        """Make the suggesters of the newest lists ready, so that no request waits for them."""
        starts = {each.starts_at for held in self._held.values() for each in held}
        ready = dict[tuple[int, ...], Suggester]()
        self._preparing = next(reversed(self._suggesters.values()), None)
        for start in sorted(starts)[-_N_PREPARED:]:
            view = self.at(start)
            key = tuple(each.version.id for each in view.versions)
            if key not in ready:
                ready[key] = await asyncio.to_thread(Suggester, view.entries(), self._layer)
        self._suggesters, self._preparing = ready, None

    async def _newest(self, list_type: str, known: dict[int, _Held]) -> tuple[_Held, ...]:
        rows = (
            await ListVersion.filter(list__type=list_type, state="published")
            .order_by("-starts_at")
            .limit(_N_HELD)
            .values_list("id", "starts_at")
        )
        fresh = list[_Held]()
        for version_id, starts_at in rows:
            held = known.get(version_id)
            if held is None or held.starts_at != starts_at:
                version = await queries.version(version_id)
                entries = await queries.all_entries(version_id)
                ends = {each.township_until for each in entries if each.township_until}
                held = _Held(starts_at, CompiledVersion(version, entries), tuple(sorted(ends)))
            fresh.append(held)
        return tuple(fresh)

    def _chosen(self, moment: datetime) -> tuple[_Held, ...]:
        newest = (
            next((each for each in held if each.starts_at <= moment), None)
            for held in self._held.values()
        )
        return tuple(each for each in newest if each is not None)
