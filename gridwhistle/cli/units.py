"""Units from the command line: the departments, townships and stations of a county."""

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from gridwhistle.cli.running import running_settings
from server import db
from server.bus.bus import opened as bus_opened
from server.cases.door.knowledge import CHANGED
from server.errors import Problem
from server.people.commands import Imported, NewUnit, import_units
from server.people.units import UnitKind
from server.texts.catalogue import text

_NEEDED: Final = frozenset({"code", "name", "kind"})


@click.group()
def units() -> None:
    """Load the county's units."""


@units.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Load FILE, a CSV with the header code,name,short_names,kind,parent,township_code,phone.

    All or none are taken; loading again brings units up to date by their codes, but for those
    that were renamed or merged meanwhile. `kind` is department, township, station, utility or
    village; `parent` is a unit's name; `township_code` is the code of the township's place.
    """
    settings = running_settings()
    news = list(_read(file))

    async def put() -> Imported:
        async with (
            db.opened(settings.database_url, n_connections=2),
            bus_opened(settings) as bus,
        ):
            done = await import_units(news)
            await bus.publish(CHANGED)
            return done

    try:
        done = asyncio.run(put())
        click.echo(text("cli.units_loaded", n=done.n_units))
        if done.kept:
            names = text("format.and").join(done.kept)
            click.echo(text("cli.units_kept", n=len(done.kept), names=names))
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem


def _read(file: Path) -> Iterator[NewUnit]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if missing := _NEEDED - set(rows.fieldnames or ()):
            raise click.ClickException(text("cli.column_missing", names=" ".join(sorted(missing))))
        for number, row in enumerate(rows, start=2):
            try:
                kind = UnitKind(row["kind"])
            except ValueError as error:
                said = text("cli.bad_kind", row=number, kind=row["kind"])
                raise click.ClickException(said) from error
            yield NewUnit(
                code=row["code"],
                name=row["name"],
                kind=kind,
                short_names=tuple(
                    name
                    for name in (row.get("short_names") or "").split(text("format.and"))
                    if name
                ),
                parent=row.get("parent") or "",
                township_code=row.get("township_code") or "",
                phone=row.get("phone") or "",
            )
