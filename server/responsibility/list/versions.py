"""The life of a version: draft, in review, published from a date; or withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.errors import (
    DatesOutOfOrder,
    Duplicate,
    NotFound,
    QuestionsOpen,
    UnknownUnit,
    VersionState,
)
from server.people.actor import Actor
from server.people.queries import units_index
from server.responsibility.list.models import Entry, EntryUnit, ListVersion

#: What can be done to a version.
VERBS: Final = ("answer", "review", "publish", "take_back", "withdraw")


def possible(
    state: str, *, questions: bool, starts_at: datetime | None, at: datetime
) -> list[str]:
    """Return the verbs that a version's state allows at an instant, whoever may."""
    if state == "draft":
        return ["answer" if questions else "review", "withdraw"]
    if state == "in_review":
        return ["publish", "take_back", "withdraw"]
    later = state == "published" and starts_at is not None and starts_at > at
    return ["take_back"] if later else []


async def submit(version_id: int, *, by: Actor, at: datetime) -> ListVersion:
    """Send a draft to review; raises NotFound, VersionState, QuestionsOpen."""
    async with in_transaction():
        version = await _locked(version_id, "draft")
        if version.questions:
            raise QuestionsOpen(n_questions=len(version.questions))
        version.state, version.submitted_at, version.submitted_by_id = "in_review", at, by.id
        await version.save(update_fields=["state", "submitted_at", "submitted_by_id"])
    return version


async def take_back(version_id: int, *, at: datetime) -> ListVersion:
    """Make a draft again of a version in review, or of one published for a later date.

    Joins the caller's transaction. Raises NotFound; VersionState for one that is in force or was;
    DatesOutOfOrder for one that a later one builds upon.
    """
    async with in_transaction():
        version = await _locked(version_id, "in_review", "published")
        if version.starts_at is not None:
            if version.starts_at <= at:
                raise VersionState(state=version.state)
            await _require_last(version, version.starts_at)
            await admit(version_id, {})
        version.state, version.starts_at, version.published_by_id = "draft", None, None
        version.submitted_at, version.submitted_by_id = None, None
        await version.save()
    return version


async def withdraw(version_id: int) -> ListVersion:
    """Give up a draft or a version in review for good; raises NotFound, VersionState."""
    async with in_transaction():
        version = await _locked(version_id, "draft", "in_review")
        version.state = "withdrawn"
        await version.save(update_fields=["state"])
    return version


async def publish(
    version_id: int, *, starts_at: datetime, by: Actor, at: datetime, order: str = ""
) -> ListVersion:
    """Put a reviewed version into force from an instant; the version before it ends there.

    Joins the caller's transaction; `order`, a superior's decision, is kept in the report. Raises
    NotFound; VersionState when it was not reviewed or begins before `at`; DatesOutOfOrder when a
    later one is published; UnknownUnit when a unit it names is gone; Duplicate for an instant
    taken.
    """
    async with in_transaction():
        version = await _locked(version_id, "in_review")
        if starts_at < at:
            raise VersionState(state=version.state, starts_at=starts_at.isoformat())
        await _require_last(version, starts_at)
        await _require_units(version_id)
        version.state, version.starts_at, version.published_by_id = "published", starts_at, by.id
        if order:
            version.report |= {"order": order}
        try:
            async with in_transaction():
                await version.save()
        except IntegrityError as error:
            raise Duplicate(value=starts_at.isoformat()) from error
    return version


async def admit(version_id: int, terms: Mapping[str, datetime]) -> None:
    """Say until when townships have a part in a version's matters, by code; in others for good."""
    entries = Entry.filter(version_id=version_id)
    await entries.filter(township_until__not_isnull=True).update(township_until=None)
    for code, until in terms.items():
        await entries.filter(matter__code=code).update(township_until=until)


async def _require_last(version: ListVersion, starts_at: datetime) -> None:
    later = await ListVersion.filter(
        list_id=version.list_id, state="published", starts_at__gt=starts_at
    ).first()
    if later is not None:
        raise DatesOutOfOrder(label=later.label, starts_at=str(later.starts_at))


async def _locked(version_id: int, *states: str) -> ListVersion:
    version = await ListVersion.select_for_update().get_or_none(id=version_id)
    if version is None:
        raise NotFound(kind="version", id=version_id)
    if version.state not in states:
        raise VersionState(state=version.state)
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
        if units.acting(int(unit_id)) is None:
            raise UnknownUnit(name=unit.name if unit else unit_id, matter=matter)
