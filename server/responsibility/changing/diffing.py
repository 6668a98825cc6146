"""What a version changes against another: by matter and field, and as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from server.people.units import Units
from server.responsibility.list.fields import COMPARED, EntryView
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.responsibility.sheets.exporting import Writer
from server.texts.catalogue import text

_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else now; `said` is the sentence."""

    field: str
    heading: str
    was: str
    now: str
    said: str


@dataclass(frozen=True, slots=True)
class Change:
    """A matter that came, went or changed; `said` is the sentence."""

    code: str
    name: str
    kind: Literal["added", "removed", "changed"]
    said: str
    fields: tuple[FieldChange, ...] = ()


def differences(
    old: Sequence[EntryView], new: Sequence[EntryView], kind: ListType, units: Units
) -> list[Change]:
    """Return what came, went and changed, by the matters' codes."""
    writer = Writer(kind, COMPARED, units)
    was, now = _by_code(old), _by_code(new)
    found = list[Change]()
    for code in sorted(was.keys() | now.keys()):
        before, after = was.get(code), now.get(code)
        if before is None and after is not None:
            found.append(_whole(after, "added", writer))
        elif before is not None and after is None:
            found.append(_whole(before, "removed", writer))
        elif before is not None and after is not None:
            changes = tuple(_changes(before, after, kind, writer))
            if changes:
                said = text("diff.changed", code=code, name=after.name, n=len(changes))
                found.append(Change(code, after.name, "changed", said, changes))
    return found


def _by_code(entries: Sequence[EntryView]) -> Mapping[str, EntryView]:
    return {entry.matter_code: entry for entry in entries}


def _whole(entry: EntryView, kind: Literal["added", "removed"], writer: Writer) -> Change:
    lead = writer.cell("lead", entry)
    said = text(f"diff.{kind}", code=entry.matter_code, name=entry.name, lead=lead)
    return Change(entry.matter_code, entry.name, kind, said)


def beside(
    before: EntryView | None, after: EntryView | None, kind: ListType, units: Units
) -> list[FieldChange]:
    """Return field by field what an entry says and is to say; nothing where there is none."""
    return list(_changes(before, after, kind, Writer(kind, COMPARED, units)))


def _changes(
    before: EntryView | None, after: EntryView | None, kind: ListType, writer: Writer
) -> Iterator[FieldChange]:
    for field in COMPARED:
        was, now = (writer.cell(field, each) if each else "" for each in (before, after))
        if was != now:
            yield _change(field, columns.heading(field, kind), was, now)
    old, new = (each.extras if each else {} for each in (before, after))
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            yield _change(f"+{name}", name, was, now)


def _change(field: str, heading: str, was: str, now: str) -> FieldChange:
    nothing = text("diff.nothing")
    facts = {"heading": heading, "was": _short(was) or nothing, "now": _short(now) or nothing}
    return FieldChange(field, heading, was, now, text("diff.field", **facts))


def _short(said: str) -> str:
    return said if len(said) <= _LONGEST else said[:_LONGEST] + text("diff.more")
