"""Boundaries from the command line: find a point, load a file, publish it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click
import shapely

from geo.index.places import PlaceIndex, build
from gridwhistle.cli import generations
from gridwhistle.cli.running import running_settings
from gridwhistle.demo.geography import features
from gridwhistle.services import postgres
from server import db
from server.bus.bus import opened as bus_opened
from server.cases.door.knowledge import CHANGED
from server.clock import now
from server.errors import PlacesRefused, Problem
from server.governance import commands as governance
from server.governance.boundaries import generations as comparing
from server.governance.boundaries.generations import Comparison
from server.people.actor import SYSTEM
from server.places import commands, queries, saying
from server.places.boundaries import LEVELS, About, Boundaries, Found, Level, Row
from server.places.in_memory import PlacesInForce
from server.places.position import to_wgs84
from server.settings import Settings
from server.texts.catalogue import text

_DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000", "unknown")


@click.group()
def places() -> None:
    """Find points in, load and publish boundaries."""


@places.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--datum", type=click.Choice(_DATUMS), default="wgs84", show_default=True)
def find(lon: float, lat: float, datum: str) -> None:
    """Say as JSON in which county, township, village and grid LON LAT lies.

    Uses the boundaries in force of a running installation, or else the demo county, and needs
    neither a server nor a database for that.
    """
    boundaries = _boundaries()
    try:
        x, y = to_wgs84(lon, lat, datum, boundaries.box)
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
    found = boundaries.find(x, y)
    answer: dict[str, Any] = {"lon": x, "lat": y} | {
        level: _named(found, level) for level in LEVELS
    }
    click.echo(json.dumps(answer, ensure_ascii=False))


def _named(found: Found, level: Level) -> dict[str, str] | None:
    place = {
        "county": found.county,
        "township": found.township,
        "village": found.village,
        "grid": found.grid,
    }[level]
    return {"code": place.code, "name": place.name} if place else None


def _boundaries() -> Boundaries:
    settings = Settings.read()
    url = settings.database_url or postgres.running_url(
        settings.data_folder.resolve() / "postgres"
    )
    if url is not None:
        in_force = asyncio.run(_in_force(url, settings))
        if in_force is not None:
            return in_force
    return _demo()


async def _in_force(url: str, settings: Settings) -> Boundaries | None:
    async with db.opened(url, n_connections=2):
        known = PlacesInForce(settings.data_folder / "index")
        await known.refresh()
        return known.at(now())


def _demo() -> Boundaries:
    collection = features()["features"]
    rows = [
        Row(p["level"], p["code"], p["name"], p["parent"])
        for p in (feature["properties"] for feature in collection)
    ]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in collection]
    indices: dict[Level, PlaceIndex] = {}
    for level in LEVELS:
        chosen = [i for i, row in enumerate(rows) if row.level == level]
        indices[level] = build([shapes[i] for i in chosen], [rows[i].code for i in chosen])
    west, south, east, north = shapely.total_bounds(shapes)
    box = (float(west), float(south), float(east), float(north))
    about = About(id=0, label=text("demo.places"), starts_at=None, sha256="", box=box)
    return Boundaries(about, rows, indices)


@places.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", type=click.Choice(_DATUMS[:-1]), required=True)
@generations.naming
@click.option("--label", default="", help="How the generation is called; the file's name without.")
def load(
    file: Path,
    datum: str,
    levels: generations.Levels,
    code_field: str,
    name_field: str,
    label: str,
) -> None:
    """Read FILE into a draft generation, or say what is wrong in it.

    GeoJSON, or with the extra `gis` a GeoPackage or zipped shapefile; four levels.
    """
    settings, data = running_settings(), file.read_bytes()

    async def read() -> tuple[int, dict[str, Any]]:
        async with db.opened(settings.database_url, n_connections=2):
            draft = await commands.load(
                data,
                label=label or file.name,
                datum=datum,
                by=SYSTEM,
                at=now(),
                level=levels.level,
                layers=levels.layers,
                code_field=code_field,
                name_field=name_field,
            )
            return draft.id, draft.report

    try:
        made, report = asyncio.run(read())
        click.echo(text("cli.draft", id=made))
        click.echo(saying.columns(report["taken"]))
        for each in report["warnings"]:
            click.echo(saying.line("coverage.a_warning", each), err=True)
    except PlacesRefused as refused:
        faults = refused.facts.get("faults", [])
        for each in faults if isinstance(faults, list) else []:
            click.echo(saying.line("coverage.a_fault", each), err=True)
        raise click.ClickException(text("problem.places.refused", **refused.facts)) from refused
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem


@places.command()
@click.argument("generation", type=int)
@click.option("--yes", is_flag=True, help="Although a county or a level is no longer in it.")
def publish(generation: int, yes: bool) -> None:
    """Put a draft GENERATION into force from now; open cases keep theirs."""
    settings = running_settings()

    async def put() -> Comparison:
        async with (
            db.opened(settings.database_url, n_connections=2),
            bus_opened(settings) as bus,
        ):
            at = now()
            before = await queries.in_force(at)
            await governance.publish_places(
                generation, starts_at=at, by=SYSTEM, at=at, drop_places=yes
            )
            await bus.publish(CHANGED)
            return await comparing.compare(before, generation)

    try:
        found = asyncio.run(put())
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
    for line in [*generations.summary(found), text("cli.published")]:
        click.echo(line)


places.add_command(generations.check)
places.add_command(generations.compare)
places.add_command(generations.export)
places.add_command(generations.print_signs)
