"""What lists and proposals ask of townships, and whose opinion a change needs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from server.people.units import UnitKind, Units
from server.responsibility.changing.drafting import EntryChange, applied
from server.responsibility.list.fields import Cooperating, EntryView

#: Entries by list type and matter.
Lists = Mapping[str, Mapping[str, EntryView]]


@dataclass(frozen=True, slots=True)
class TownshipDuty:
    """What a matter asks of townships: that they lead it, or that they help."""

    leads: bool = False
    helps: bool = False

    def exceeds(self, other: "TownshipDuty") -> bool:
        """Tell whether this asks more of townships than the other does."""
        return (self.leads and not other.leads) or (
            self.helps and not (other.helps or other.leads)
        )


def share(entry: EntryView | None, units: Units) -> TownshipDuty:
    """Return what an entry asks of townships and villages, of all or of one it names."""
    if entry is None:
        return TownshipDuty()
    return TownshipDuty(
        leads=units.local(entry.lead_id),
        helps=bool(entry.township_duties.strip())
        or any(units.local(each.unit_id) for each in entry.cooperating),
    )


def held(matter: str, list_type: str, lists: Lists, units: Units) -> TownshipDuty:
    """Return what lists ask of townships for a matter, as far as a list may ask it as well.

    What another list asks for a term only ends with that.
    """
    found = [
        share(entries[matter], units)
        for each, entries in lists.items()
        if matter in entries and (each == list_type or entries[matter].township_until is None)
    ]
    return TownshipDuty(any(each.leads for each in found), any(each.helps for each in found))


def concerned(before: EntryView | None, change: EntryChange, units: Units) -> list[int]:
    """Return the units that an entry names before or after a change: whose opinion counts."""
    after = applied(before, change, units)
    entries = [entry for entry in (before, after) if entry is not None]
    named = {entry.lead_id for entry in entries}
    named |= {each.unit_id for entry in entries for each in entry.cooperating}
    found = {unit_id for unit_id in named if unit_id is not None}
    if any(share(entry, units) != TownshipDuty() for entry in entries):
        found |= {u.id for u in units.all() if u.kind is UnitKind.TOWNSHIP and u.active}
    return sorted(found)


def fulfilled(entry: EntryView | None, change: EntryChange, units: Units) -> bool:
    """Tell whether an entry says all that a change asks for, by itself or by successors."""
    return _acting(applied(entry, change, units), units) == _acting(entry, units)


def _acting(entry: EntryView | None, units: Units) -> EntryView | None:
    """Return an entry with every unit as it acts now, each named once."""
    if entry is None:
        return None

    def now(unit_id: int | None) -> int | None:
        heir = units.acting(unit_id) if unit_id is not None else None
        return heir.id if heir is not None else unit_id

    lead_id, helpers = now(entry.lead_id), dict[int | None, Cooperating]()
    for each in entry.cooperating:
        helpers.setdefault(now(each.unit_id), replace(each, unit_id=now(each.unit_id)))
    helpers.pop(lead_id, None)
    return replace(entry, lead_id=lead_id, cooperating=tuple(helpers.values()))
