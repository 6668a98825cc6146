"""Reading lists, their versions and entries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tortoise.expressions import RawSQL
from tortoise.functions import Max, Min

from server.errors import NotFound, QuestionsOpen
from server.people import queries as people
from server.responsibility.list.entries import OfficeLayout, VersionView
from server.responsibility.list.fields import (
    STORED,
    Cooperating,
    EntryView,
    FilingCondition,
    ProcessStep,
)
from server.responsibility.list.models import (
    Entry,
    EntryUnit,
    ListVersion,
    Matter,
)

_MOST_ENTRIES: Final = 50_000
#: Of a report of thousands of rows, and of its questions, a list of versions says how many.
_N_TAKEN: Final = RawSQL("""coalesce(("list_version"."report" ->> 'n_taken')::int, 0)""")
_N_QUESTIONS: Final = RawSQL("""jsonb_array_length("list_version"."questions")""")


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A row of the county's catalogue of matters."""

    code: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as lists show it; `n_entries` counts its matters, `n_questions` what is open.

    `state` is superseded where a later version of the list is in force.
    """

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
    n_questions: int
    loaded_by: str | None


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
    list_type: str | None = None, *, at: datetime, only: int | None = None, limit: int = 100
) -> list[VersionRow]:
    """Return versions, the newest first: of one type of list, one by id, or all."""
    found = ListVersion.all() if only is None else ListVersion.filter(id=only)
    if list_type is not None:
        found = found.filter(list__type=list_type)
    rows = (
        await found.annotate(n_entries=_N_TAKEN, n_questions=_N_QUESTIONS)
        .order_by("-id")
        .limit(limit)
        .values(
            "id",
            "list_id",
            "number",
            "label",
            "state",
            "starts_at",
            "loaded_at",
            "source_name",
            "n_entries",
            "n_questions",
            "loaded_by_id",
            list_type="list__type",
            list_name="list__name",
        )
    )
    newest = (
        await ListVersion.filter(state="published", starts_at__lte=at)
        .annotate(starts=Max("starts_at"))
        .group_by("list_id")
        .values_list("list_id", "starts")
    )
    by = await people.names({row["loaded_by_id"] for row in rows} - {None})
    return [_version_row(row, dict(newest), by) for row in rows]


def _version_row(
    row: dict[str, Any], in_force: Mapping[Any, Any], names: Mapping[int, str]
) -> VersionRow:
    starts, newest = row["starts_at"], in_force.get(row["list_id"])
    over = row["state"] == "published" and newest is not None and starts < newest
    facts = {key: value for key, value in row.items() if key not in ("list_id", "loaded_by_id")}
    facts["state"] = "superseded" if over else row["state"]
    by = names.get(row["loaded_by_id"])
    return VersionRow(**facts, loaded_by=by)


async def version_in_force(list_type: str, *, at: datetime, but: int = 0) -> int | None:
    """Return the version of a type in force at an instant, leaving one out; None for none."""
    found = (
        await ListVersion.filter(list__type=list_type, state="published", starts_at__lte=at)
        .exclude(id=but)
        .order_by("-starts_at")
        .limit(1)
        .values_list("id", flat=True)
    )
    return int(str(found[0])) if found else None


async def matter_codes(version_ids: Collection[int]) -> dict[str, str]:
    """Return the matters of some versions: names by code."""
    rows = await Entry.filter(version_id__in=list(version_ids)).values_list("matter__code", "name")
    return {str(code): str(name) for code, name in rows}


async def led_by_townships(*, at: datetime) -> dict[str, datetime]:
    """Return since when each matter has been the townships' on a published list, by its code."""
    rows = (
        await Entry.filter(
            lead_id__isnull=True, version__state="published", version__starts_at__lte=at
        )
        .annotate(since=Min("version__starts_at"))
        .group_by("matter__code")
        .values("since", code="matter__code")
    )
    return {row["code"]: row["since"] for row in rows}


async def version_questions(version_id: int) -> list[dict[str, Any]]:
    """Return the questions of a draft that wait for a person; raises NotFound."""
    row = await ListVersion.get_or_none(id=version_id).values("questions")
    if row is None:
        raise NotFound(kind="version", id=version_id)
    found: list[dict[str, Any]] = row["questions"]
    return found


async def version_layout(version_id: int) -> OfficeLayout | None:
    """Return how the office wrote a version's table; None where nothing is kept."""
    row = await ListVersion.get_or_none(id=version_id).values("layout")
    return OfficeLayout(**row["layout"]) if row and row["layout"] else None


async def version(version_id: int) -> VersionView:
    """Return a version without its entries; raises NotFound."""
    row = await ListVersion.get_or_none(id=version_id).values(
        "id", "number", "label", list_type="list__type", list_name="list__name"
    )
    if row is None:
        raise NotFound(kind="version", id=version_id)
    return VersionView(**row)


async def answered(version_id: int) -> VersionView:
    """Return a version whose entries are all written; raises NotFound, QuestionsOpen."""
    found = await version(version_id)
    rows = await ListVersion.filter(id=version_id).values_list("questions", flat=True)
    if rows and rows[0]:
        raise QuestionsOpen(n_questions=len(rows[0]))
    return found


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
        .values(*_COLUMNS, **_OF_MATTER)
    )
    return await _views(rows)


async def entry(entry_id: int) -> EntryView:
    """Return one entry, of whatever version; raises NotFound."""
    rows = await Entry.filter(id=entry_id).limit(1).values(*_COLUMNS, **_OF_MATTER)
    if not rows:
        raise NotFound(kind="entry", id=entry_id)
    return (await _views(rows))[0]


async def all_entries(version_id: int) -> list[EntryView]:
    """Return every entry of a version."""
    return await entries(version_id, limit=_MOST_ENTRIES)


async def matter_name(code: str) -> str | None:
    """Return the name of a matter of the catalogue, on a list or not; None for no such code."""
    rows = await Matter.filter(code=code).limit(1).values("name")
    return str(rows[0]["name"]) if rows else None


_OF_MATTER: Final = {"matter_code": "matter__code"}
_COLUMNS: Final = ("id", "version_id", "row", *STORED, "extras", "township_until")


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


async def version_row(version_id: int, *, at: datetime) -> VersionRow:
    """Return one version as lists show it; raises NotFound."""
    found = [row for row in await versions(at=at, only=version_id) if row.id == version_id]
    if not found:
        raise NotFound(kind="version", id=version_id)
    return found[0]
