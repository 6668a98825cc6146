"""The responsibility list from the command line."""

import asyncio
from pathlib import Path

import click

from gridwhistle.cli.running import running_settings
from gridwhistle.demo.spreadsheet import workbook
from server import db
from server.bus.bus import opened as bus_opened
from server.cases.knowledge import CHANGED
from server.clock import now
from server.errors import ListRefused, Problem
from server.governance import commands as governance
from server.people.actor import SYSTEM
from server.responsibility import commands, queries
from server.texts.catalogue import text


@click.group()
def lists() -> None:
    """Import and publish responsibility lists."""


@lists.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def example(file: Path) -> None:
    """Write the demo list as a spreadsheet to FILE, to see how one looks."""
    file.write_bytes(workbook())


@lists.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--type", "list_type", default="main_and_cooperating", show_default=True)
@click.option("--label", default="", help="How the version is called; the file's name without.")
def import_(file: Path, list_type: str, label: str) -> None:
    """Read FILE (xlsx or csv) into a draft and print its id, or say row by row why not."""
    settings, data = running_settings(), file.read_bytes()

    async def load() -> int:
        async with db.opened(settings.database_url, n_connections=2):
            draft = await commands.import_list(
                data,
                file.name,
                list_type=list_type,
                label=label or file.name,
                by=SYSTEM,
                at=now(),
            )
            return draft.id

    try:
        click.echo(text("cli.draft", id=asyncio.run(load())))
    except ListRefused as refused:
        rows = refused.facts.get("rows", [])
        for row in rows if isinstance(rows, list) else []:
            click.echo(text("cli.row_refused", **row), err=True)
        raise click.ClickException(text("problem.list.refused", **refused.facts)) from refused
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem


@lists.command()
@click.argument("version", type=int)
def publish(version: int) -> None:
    """Put a draft VERSION into force from now; running processes take it up by themselves."""
    settings = running_settings()

    async def put() -> None:
        async with (
            db.opened(settings.database_url, n_connections=2),
            bus_opened(settings) as bus,
        ):
            at = now()
            await governance.publish_list(version, starts_at=at, by=SYSTEM, at=at)
            await bus.publish(CHANGED)

    try:
        asyncio.run(put())
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
    click.echo(text("cli.published"))


@lists.command()
def versions() -> None:
    """Show the versions there are, the newest first."""
    settings = running_settings()

    async def show() -> None:
        async with db.opened(settings.database_url, n_connections=2):
            for row in await queries.versions(at=now()):
                starts = f"{row.starts_at:%Y-%m-%d}" if row.starts_at else ""
                click.echo(f"{row.id}\t{row.list_type}\t{row.state}\t{starts}\t{row.label}")

    asyncio.run(show())
