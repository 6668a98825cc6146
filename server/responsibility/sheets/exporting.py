"""A version written back as its office keeps it: the same title, header and columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from server.calendar.working import limit_text
from server.people.units import Units
from server.responsibility.files.cells import printable
from server.responsibility.list.entries import OfficeLayout
from server.responsibility.list.fields import EntryView, FilingCondition, ProcessStep
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns, duties
from server.texts.catalogue import text

_CODED: Final = ("kind", "responsibility", "receives")
#: What other columns say too: the matter's name, the limit, the process.
_DERIVED: Final = ("number", "code", "urgency", "flow", "lead")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet to be written: rows of texts; `n_top` of them are title and header."""

    sheet: str
    rows: tuple[tuple[str, ...], ...]
    n_title: int
    n_top: int


def table(
    kind: ListType, layout: OfficeLayout | None, entries: Sequence[EntryView], units: Units
) -> Table:
    """Return the entries in a layout, or in that of the type where none is kept.

    Read again it gives the same entries, whatever the columns.
    """
    layout = _whole(kind, layout or _layout(kind), entries, units)
    top = tuple(tuple(map(printable, row)) for row in (*layout.title, *layout.header))
    rows = (*top, *body(kind, layout, entries, units))
    return Table(layout.sheet, rows, len(layout.title), len(top))


def body(
    kind: ListType, layout: OfficeLayout, entries: Sequence[EntryView], units: Units
) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the entries below a layout's header, and of the headings among them."""
    writer = Writer(kind, layout.columns, units)
    rows = list[tuple[str, ...]]()
    numbers = layout.numbers
    free = count(max((int(n) for n in numbers.values() if n.isdecimal()), default=0) + 1)
    parts, domain = 0, ""
    for entry in entries:
        if layout.headings and "domain" not in layout.columns and entry.domain != domain:
            parts, domain = parts + 1, entry.domain
            rows.append((printable(columns.part_heading(parts, domain)),))
        number = numbers.get(str(entry.row)) or str(next(free))
        cells = (writer.cell(field, entry, number) for field in layout.columns)
        rows.append(tuple(map(printable, cells)))
    return tuple(rows)


def _whole(
    kind: ListType, layout: OfficeLayout, entries: Sequence[EntryView], units: Units
) -> OfficeLayout:
    """Return a layout with a column more for every field that some entry fills."""
    writer = Writer(kind, layout.columns, units)
    held = {*layout.columns, *_DERIVED, *(["domain"] if layout.headings else [])}
    held |= {
        name
        for unit in ("lead", "cooperating")
        if columns.with_duties(unit) in held
        for name in (unit, f"{unit}_duties")
    }
    added = [
        field
        for field in columns.fields()
        if field not in held and any(writer.fills(field, entry) for entry in entries)
    ]
    headings = [columns.heading(field, kind) for field in added]
    return replace(
        layout,
        header=[[*line, *headings] for line in layout.header],
        columns=[*layout.columns, *added],
    )


def _layout(kind: ListType) -> OfficeLayout:
    return OfficeLayout(
        sheet=text("list.sheet"),
        title=[[kind.name]],
        header=[[columns.heading(field, kind) for field in kind.columns]],
        columns=kind.columns,
    )


class Writer:
    """Writes an entry's fields the way `rows` reads them."""

    def __init__(self, kind: ListType, written: Sequence[str], units: Units) -> None:
        self._kind = kind
        self._columns = frozenset(written)
        self._units = units
        self._written: Mapping[str, Callable[[EntryView], str]] = {
            "code": lambda entry: entry.matter_code,
            "lead": self._lead,
            columns.with_duties("lead"): self._lead_and_duties,
            columns.with_duties("cooperating"): self._cooperating_and_duties,
            "cooperating": self._cooperating,
            "cooperating_duties": self._cooperating_duties,
            "limit": self._limit,
            "urgency": lambda entry: columns.written("urgency", entry.urgency),
            "self_handle": lambda entry: columns.yes(entry.self_handle),
            "flow": lambda entry: columns.yes(bool(entry.process)),
            "filing_conditions": self._filing_conditions,
            "words": lambda entry: text("sheet.and").join(entry.words),
            "tags": lambda entry: text("sheet.and").join(entry.tags),
            "process": lambda entry: "\n".join(_steps(entry.process)),
        }

    def cell(self, field: str, entry: EntryView, number: str = "") -> str:
        """Return what stands in a field's cell; in a column without one, nothing."""
        if field.startswith("+"):
            return entry.extras.get(field[1:], "")
        if field in _CODED:
            return columns.written(field, getattr(entry, field))
        if field in self._written:
            return self._written[field](entry)
        if field in ("number", ""):
            return number if field else ""
        return str(getattr(entry, field))

    def fills(self, field: str, entry: EntryView) -> bool:
        """Tell whether an entry read without a field's column would lose something."""
        if field == "cooperating":
            return bool(self._cooperating_duties(entry)) or any(
                not self._kind.township_cooperates
                if each.unit_id is None
                else self._kind.several_leads == "refuse"
                for each in entry.cooperating
            )
        if field == "limit":
            return limit_text(entry.limit, entry.urgency) != self._kind.limit
        unsaid = self._kind.unsaid.get(field)
        return self.cell(field, entry) != (columns.written(field, unsaid) if unsaid else "")

    def _lead(self, entry: EntryView) -> str:
        lead = self._unit_name(entry.lead_id)
        if "cooperating" in self._columns:
            return lead
        others = [self._unit_name(each.unit_id) for each in entry.cooperating if each.unit_id]
        if not others:
            return lead
        return text("sheet.and").join([columns.marked_lead(lead), *others])

    def _lead_and_duties(self, entry: EntryView) -> str:
        """Return the lead and its duty, or all units with theirs."""
        lead = self._unit_name(entry.lead_id)
        others = [each for each in entry.cooperating if each.unit_id]
        if not others or columns.with_duties("cooperating") in self._columns:
            return duties.said_together(lead, entry.lead_duties)
        lines = [_duty(columns.marked_lead(lead), entry.lead_duties)]
        lines += [_duty(self._unit_name(each.unit_id), each.duties) for each in others]
        return "\n".join(lines)

    def _cooperating_and_duties(self, entry: EntryView) -> str:
        return "\n".join(
            _duty(self._unit_name(each.unit_id), each.duties) for each in entry.cooperating
        )

    def _cooperating(self, entry: EntryView) -> str:
        return text("sheet.and").join(self._unit_name(each.unit_id) for each in entry.cooperating)

    def _cooperating_duties(self, entry: EntryView) -> str:
        return "\n".join(
            _duty(self._unit_name(each.unit_id), each.duties)
            for each in entry.cooperating
            if each.duties and (each.unit_id, each.duties) != (None, entry.township_duties)
        )

    def _limit(self, entry: EntryView) -> str:
        if "urgency" in self._columns:
            return str(entry.limit)
        return limit_text(entry.limit, entry.urgency)

    def _filing_conditions(self, entry: EntryView) -> str:
        return text("sheet.then").join(_condition(each) for each in entry.filing_conditions)

    def _unit_name(self, unit_id: int | None) -> str:
        return self._units.by_id[unit_id].name if unit_id is not None else columns.township()


def _duty(unit: str, said: str) -> str:
    return f"{unit}\uff1a" + said.replace("\n", f"\n{duties.GOES_ON}")


def _condition(condition: FilingCondition) -> str:
    if condition.limit is None or condition.urgency is None:
        return condition.text
    return f"{condition.text}\u3014{limit_text(condition.limit, condition.urgency)}\u3015"


def _steps(process: Sequence[ProcessStep]) -> Iterator[str]:
    for each in process:
        line = f"{each.position}. {each.unit} | {each.step}"
        if each.limit is not None and each.urgency is not None:
            line += f" | {limit_text(each.limit, each.urgency)}"
        yield line
