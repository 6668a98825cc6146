"""Reading lists, their versions and entries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from server.errors import NotFound
from server.responsibility.entries import (
    Cooperating,
    EntryView,
    FilingCondition,
    ProcessStep,
    VersionView,
)
from server.responsibility.models import (
    Entry,
    EntryUnit,
    ListVersion,
    Matter,
    ResponsibilityList,
)

_MOST_ENTRIES: Final = 50_000


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A row of the county's catalogue of matters."""

    code: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as lists show it; `n_entries` counts its matters."""

    id: int
    list_type: str
    list_name: str
    number: int
    label: str
    state: str
    starts_at: datetime | None
    loaded_at: datetime
    source_name: str
    n_entries: int


async def matters(
    *, domain: str | None = None, after: str = "", limit: int = 200
) -> list[MatterRow]:
    """Return matters in the order of their codes, those after a code."""
    found = Matter.filter(code__gt=after)
    if domain is not None:
        found = found.filter(domain=domain)
    rows = await found.order_by("code").limit(limit).values("code", "name", "domain")
    return [MatterRow(**row) for row in rows]


async def versions(
    list_type: str | None = None, *, only: int | None = None, limit: int = 100
) -> list[VersionRow]:
    """Return versions, the newest first: of one type of list, one by id, or all."""
    found = ListVersion.all() if only is None else ListVersion.filter(id=only)
    if list_type is not None:
        found = found.filter(list__type=list_type)
    rows = (
        await found.order_by("-id")
        .limit(limit)
        .values(
            "id",
            "number",
            "label",
            "state",
            "starts_at",
            "loaded_at",
            "source_name",
            "report",
            list_type="list__type",
            list_name="list__name",
        )
    )
    return [
        VersionRow(**{k: v for k, v in row.items() if k != "report"}, n_entries=_taken(row))
        for row in rows
    ]


def _taken(row: dict[str, Any]) -> int:
    return int(row["report"].get("n_taken", 0))


async def version(version_id: int) -> VersionView:
    """Return a version without its entries; raises NotFound."""
    row = await ListVersion.get_or_none(id=version_id).values(
        "id", "number", "label", list_type="list__type", list_name="list__name"
    )
    if row is None:
        raise NotFound(kind="version", id=version_id)
    return VersionView(**row)


async def version_report(version_id: int) -> dict[str, Any]:
    """Return the row-by-row report of a version's import; raises NotFound."""
    row = await ListVersion.get_or_none(id=version_id).values("report")
    if row is None:
        raise NotFound(kind="version", id=version_id)
    found: dict[str, Any] = row["report"]
    return found


async def entries(version_id: int, *, limit: int = 100, after: int = 0) -> list[EntryView]:
    """Return a version's entries in the order of the spreadsheet, those after a row."""
    rows = (
        await Entry.filter(version_id=version_id, row__gt=after)
        .order_by("row")
        .limit(min(limit, _MOST_ENTRIES))
        .values(*_COLUMNS, matter_code="matter__code")
    )
    return await _views(rows)


async def entry(entry_id: int) -> EntryView:
    """Return one entry, of whatever version; raises NotFound."""
    rows = await Entry.filter(id=entry_id).limit(1).values(*_COLUMNS, matter_code="matter__code")
    if not rows:
        raise NotFound(kind="entry", id=entry_id)
    return (await _views(rows))[0]


async def all_entries(version_id: int) -> list[EntryView]:
    """Return every entry of a version."""
    return await entries(version_id, limit=_MOST_ENTRIES)


async def lists() -> dict[str, str]:
    """Return the types of lists that exist, with their names."""
    rows = await ResponsibilityList.all().limit(100).values("type", "name")
    return {row["type"]: row["name"] for row in rows}


async def matter_name(code: str) -> str | None:
    """Return the name of a matter of the catalogue, on a list or not; None for no such code."""
    rows = await Matter.filter(code=code).limit(1).values("name")
    return str(rows[0]["name"]) if rows else None


_COLUMNS: Final = (
    "id",
    "version_id",
    "row",
    "name",
    "domain",
    "description",
    "kind",
    "platform",
    "responsibility",
    "lead_id",
    "lead_duties",
    "township_duties",
    "legal_basis",
    "contact_name",
    "contact_phone",
    "self_handle",
    "receives",
    "urgency",
    "limit",
    "closing_condition",
    "filing_conditions",
    "words",
    "process",
    "tags",
    "extras",
)


async def _views(rows: Sequence[dict[str, Any]]) -> list[EntryView]:
    units = defaultdict[int, list[Cooperating]](list)
    ids = {int(row["id"]) for row in rows}
    # A version's entries are written together: a span of ids instead of thousands of them.
    helpers = (
        await EntryUnit.filter(
            entry_id__gte=min(ids, default=0), entry_id__lte=max(ids, default=0)
        )
        .order_by("entry_id", "position")
        .values_list("entry_id", "unit_id", "duties")
    )
    for entry_id, unit_id, duties in helpers:
        if entry_id in ids:
            units[entry_id].append(Cooperating(unit_id, duties))
    return [_view(row, tuple(units[row["id"]])) for row in rows]


def _view(row: dict[str, Any], cooperating: tuple[Cooperating, ...]) -> EntryView:
    lists_of = {
        "filing_conditions": tuple(FilingCondition(**each) for each in row["filing_conditions"]),
        "words": tuple(row["words"]),
        "tags": tuple(row["tags"]),
        "process": tuple(ProcessStep(**each) for each in row["process"]),
        "cooperating": cooperating,
    }
    return EntryView(**(row | lists_of))


async def version_row(version_id: int) -> VersionRow:
    """Return one version as lists show it; raises NotFound."""
    found = [row for row in await versions(only=version_id) if row.id == version_id]
    if not found:
        raise NotFound(kind="version", id=version_id)
    return found[0]
