"""What lists and proposals ask of townships, and whose opinion a change needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.people.units import UnitKind, Units
from server.responsibility.drafting import EntryChange, applied
from server.responsibility.entries import EntryView


@dataclass(frozen=True, slots=True)
class Share:
    """What a matter asks of townships: that they lead it, or that they help."""

    leads: bool = False
    helps: bool = False

    def exceeds(self, other: "Share") -> bool:
        """Tell whether this asks more of townships than the other does."""
        return (self.leads and not other.leads) or (
            self.helps and not (other.helps or other.leads)
        )


def share(entry: EntryView | None) -> Share:
    """Return what an entry asks of townships; nothing where there is no entry."""
    if entry is None:
        return Share()
    helps = bool(entry.township_duties.strip()) and entry.lead_id is not None
    return Share(
        leads=entry.lead_id is None,
        helps=helps or any(each.unit_id is None for each in entry.cooperating),
    )


def concerned(before: EntryView | None, change: EntryChange, units: Units) -> list[int]:
    """Return the units that an entry names before or after a change: whose opinion counts."""
    after = applied(before, change, units)
    entries = [entry for entry in (before, after) if entry is not None]
    named = {entry.lead_id for entry in entries}
    named |= {each.unit_id for entry in entries for each in entry.cooperating}
    found = {unit_id for unit_id in named if unit_id is not None}
    if any(share(entry) != Share() for entry in entries):
        found |= {u.id for u in units.all() if u.kind is UnitKind.TOWNSHIP and u.active}
    return sorted(found)


def fulfilled(entry: EntryView | None, change: EntryChange, units: Units) -> bool:
    """Tell whether an entry already says all that a change asks for."""
    return applied(entry, change, units) == entry


def newly_asked(
    before: Mapping[str, Share], after: Mapping[str, Share], admitted: Mapping[str, Share]
) -> list[str]:
    """Return the matters that ask more of townships than lists and admissions allow, by code."""
    return [
        code
        for code, asked in sorted(after.items())
        if asked.exceeds(before.get(code, Share())) and asked.exceeds(admitted.get(code, Share()))
    ]
