"""Loading and publishing versions of responsibility lists."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from tortoise.exceptions import IntegrityError
from tortoise.functions import Max
from tortoise.transactions import in_transaction

from server.errors import Duplicate, NotFound, UnknownUnit, VersionState
from server.people.actor import Actor
from server.people.queries import units_index
from server.responsibility import columns
from server.responsibility.importing import Understood, understand
from server.responsibility.models import (
    Entry,
    EntryUnit,
    ListVersion,
    Matter,
    ResponsibilityList,
)
from server.responsibility.rows import Draft
from server.texts.catalogue import has, text

MAIN: Final = "main_and_cooperating"
_BATCH: Final = 1000


async def import_list(
    data: bytes,
    filename: str,
    *,
    label: str,
    by: Actor,
    at: datetime,
    list_type: str = MAIN,
) -> ListVersion:
    """Store a spreadsheet as a draft version of a list; its `report` tells what was understood.

    Raises ListRefused naming sheet, row, column and reason of everything wrong; then nothing is
    written. Matters not yet in the catalogue enter it.
    """
    units = await units_index()
    names = await Matter.all().limit(100_000).values_list("code", "name")
    by_name = {columns.plain(str(name)): str(code) for code, name in names}
    understood = await asyncio.to_thread(understand, data, filename, units, by_name)
    async with in_transaction():
        of = await _list(list_type)
        # Locked, so that two imports at once get two numbers.
        await ResponsibilityList.select_for_update().get(id=of.id)
        last = await ListVersion.filter(list_id=of.id).annotate(n=Max("number")).values("n")
        version = await ListVersion.create(
            list_id=of.id,
            number=(last[0]["n"] or 0) + 1,
            label=label,
            state="draft",
            loaded_at=at,
            loaded_by_id=by.id,
            source_name=filename[:200],
            sha256=understood.sha256,
            report=understood.report,
        )
        await _write(version.id, understood)
    return version


async def publish(version_id: int, *, starts_at: datetime, by: Actor, at: datetime) -> ListVersion:
    """Put a draft into force from an instant; the version before it ends there.

    Joins the caller's transaction. Raises NotFound; VersionState when it is no draft or begins
    before `at`; UnknownUnit when a unit it names is gone; Duplicate for an instant taken.
    """
    async with in_transaction():
        version = await ListVersion.select_for_update().get_or_none(id=version_id)
        if version is None:
            raise NotFound(kind="version", id=version_id)
        if version.state != "draft":
            raise VersionState(state=version.state)
        if starts_at < at:
            raise VersionState(state=version.state, starts_at=starts_at.isoformat())
        await _require_units(version_id)
        version.state, version.starts_at, version.published_by_id = "published", starts_at, by.id
        try:
            async with in_transaction():
                await version.save(update_fields=["state", "starts_at", "published_by_id"])
        except IntegrityError as error:
            raise Duplicate(value=starts_at.isoformat()) from error
    return version


async def _require_units(version_id: int) -> None:
    units = await units_index()
    leads = await Entry.filter(version_id=version_id, lead_id__not_isnull=True).values_list(
        "lead_id", "name"
    )
    helpers = await EntryUnit.filter(
        entry__version_id=version_id, unit_id__not_isnull=True
    ).values_list("unit_id", "entry__name")
    for unit_id, matter in [*leads, *helpers]:
        unit = units.by_id.get(int(unit_id))
        if unit is None or not unit.active:
            raise UnknownUnit(name=unit.name if unit else unit_id, matter=matter)


async def _list(list_type: str) -> ResponsibilityList:
    if not has(f"list_type.{list_type}"):
        raise NotFound(kind="list_type", id=list_type)
    name = text(f"list_type.{list_type}")
    of, _ = await ResponsibilityList.get_or_create(type=list_type, defaults={"name": name})
    return of


async def _write(version_id: int, understood: Understood) -> None:
    drafts = understood.drafts
    matters = await _matters(drafts)
    entries = [_entry(version_id, matters[draft.code], draft) for draft in drafts]
    await Entry.bulk_create(entries, batch_size=_BATCH)
    stored = await Entry.filter(version_id=version_id).values_list("row", "id")
    ids = {int(row): int(entry_id) for row, entry_id in stored}
    helpers = [
        EntryUnit(entry_id=ids[draft.row], unit_id=unit_id, position=position, duties=duties)
        for draft in drafts
        for position, (unit_id, duties) in enumerate(draft.cooperating, 1)
    ]
    await EntryUnit.bulk_create(helpers, batch_size=_BATCH)


async def _matters(drafts: Sequence[Draft]) -> Mapping[str, int]:
    """Return the catalogue's id of each code, new matters entered."""
    rows = [
        Matter(code=draft.code, name=draft.texts["name"], domain=draft.texts["domain"])
        for draft in drafts
    ]
    await Matter.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    stored = await Matter.all().limit(100_000).values_list("code", "id")
    return {str(code): int(matter_id) for code, matter_id in stored}


def _entry(version_id: int, matter_id: int, draft: Draft) -> Entry:
    return Entry(
        version_id=version_id,
        matter_id=matter_id,
        row=draft.row,
        kind=draft.kind,
        responsibility=draft.responsibility,
        lead_id=draft.lead_id,
        self_handle=draft.self_handle,
        receives=draft.receives,
        urgency=draft.urgency,
        limit=draft.limit,
        filing_conditions=[asdict(each) for each in draft.filing_conditions],
        words=list(draft.words),
        process=[asdict(each) for each in draft.process],
        **draft.texts,
    )
