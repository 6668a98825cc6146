"""Loading and publishing generations of boundaries."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import shapely
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from geo.files.mending import Proposal
from server.errors import Duplicate, NotFound, PlacesDropped, PlacesRefused, VersionState
from server.places import drawing, queries
from server.places.boundaries import Level
from server.places.drawing import Drawn, Examined, draw
from server.places.geofiles import NO_LAYERS
from server.places.models import Generation, Place
from server.texts.catalogue import text


class Person(Protocol):
    """Whoever does something, reduced to the account; None for the system."""

    @property
    def id(self) -> int | None:
        """The account."""


async def load(
    data: bytes,
    *,
    label: str,
    datum: str,
    by: Person,
    at: datetime,
    level: Level | None = None,
    code_field: str = "",
    name_field: str = "",
    layers: Mapping[str, Level] = NO_LAYERS,
) -> Generation:
    """Store the boundaries of a file (see `drawing.examine`) as a draft generation.

    `datum` is the one the file is in; shapes are converted to WGS-84 once, here. `level` is that
    of features which name none, `layers` by their layers, the fields say where codes and names
    stand. A file that fits the county in force in another datum is warned of. Raises PlacesRefused
    with every fault; then nothing is written.
    """
    outline = await queries.outline(at)
    names = {"code_field": code_field, "name_field": name_field}
    drawn = await asyncio.to_thread(draw, data, datum, level, outline, **names, layers=layers)
    async with in_transaction():
        generation = await Generation.create(
            label=label,
            datum=datum,
            state="draft",
            loaded_at=at,
            loaded_by_id=by.id,
            sha256=drawn.sha256,
            report=drawn.report,
        )
        await Place.bulk_create(_rows(generation.id, drawn), batch_size=1000)
    return generation


async def mended(
    data: bytes,
    datum: str,
    level: Level | None = None,
    *,
    code_field: str = "",
    name_field: str = "",
    layers: Mapping[str, Level] = NO_LAYERS,
) -> Proposal:
    """Propose a mended file and what would move in it, to be looked at; nothing is stored.

    It is in the datum of the file given. Raises PlacesNeedPyogrio, and PlacesRefused for what
    cannot be read at all or takes too long.
    """
    names = {"code_field": code_field, "name_field": name_field}
    found = await asyncio.to_thread(drawing.mended, data, datum, level, **names, layers=layers)
    if found is not None and found.geojson:
        return found
    code = "not_mended" if found is not None else "mending_takes_too_long"
    fault = {"code": code, "reason": text(f"coverage.{code}")}
    raise PlacesRefused(n_faults=1, faults=[fault])


async def left_wrong(
    proposal: Proposal,
    datum: str,
    level: Level | None = None,
    *,
    code_field: str = "",
    name_field: str = "",
) -> Examined:
    """Return what checking a mended file finds: with faults it would still be refused."""
    return await asyncio.to_thread(
        drawing.examine,
        proposal.geojson,
        datum,
        level,
        code_field=code_field,
        name_field=name_field,
    )


async def publish(
    generation_id: int, *, starts_at: datetime, at: datetime, drop_places: bool = False
) -> Generation:
    """Put a draft into force from an instant; the generation before it ends there.

    Joins the caller's transaction. Raises NotFound, VersionState when it is no draft or begins
    before `at`, PlacesRefused when it has no township (no case could be placed in it), Duplicate
    when another begins at the same instant, PlacesDropped when it lacks a county or a level that
    the one before has, unless `drop_places` says that this is meant.
    """
    async with in_transaction():
        generation = await Generation.select_for_update().get_or_none(id=generation_id)
        if generation is None:
            raise NotFound(kind="generation", id=generation_id)
        if generation.state != "draft":
            raise VersionState(state=generation.state)
        if starts_at < at:
            raise VersionState(state=generation.state, starts_at=starts_at.isoformat())
        if not await Place.filter(generation_id=generation.id, level="township").exists():
            reason = text("boundary.no_township")
            raise PlacesRefused(n_faults=1, faults=[{"code": "no_township", "reason": reason}])
        before = await queries.in_force(starts_at)
        if before is not None and not drop_places:
            await _require_kept(before, generation.id)
        generation.state = "published"
        generation.starts_at = starts_at
        try:
            async with in_transaction():
                await generation.save(update_fields=["state", "starts_at"])
        except IntegrityError as error:
            raise Duplicate(value=starts_at.isoformat()) from error
    return generation


async def _require_kept(before: int, generation_id: int) -> None:
    gone = await queries.dropped(before, generation_id)
    if gone:
        named = [
            text("coverage.dropped", level=text(f"level.{level}"), n=n)
            for level, n in gone.items()
        ]
        raise PlacesDropped(places=text("format.and").join(named), n_places=gone)


def _rows(generation_id: int, drawn: Drawn) -> list[Place]:
    return [
        Place(
            generation_id=generation_id,
            level=each.level or "",
            code=each.code or "",
            name=(each.name or "").strip(),
            parent_code=drawn.parents.get(each.code or "", ""),
            geometry=shapely.to_wkb(each.geometry),
        )
        for each in drawn.features
    ]
