"""The working calendar from the command line."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from gridwhistle.cli.running import running_settings
from server import db
from server.bus.bus import opened as bus_opened
from server.calendar import commands
from server.cases.knowledge import CHANGED
from server.errors import Problem
from server.texts.catalogue import text


@click.group()
def calendar() -> None:
    """Load working days; a limit that reaches into a year not loaded is refused."""


@calendar.command()
@click.argument("years", nargs=-1, required=True, type=click.IntRange(2004, 2100))
def seed(years: tuple[int, ...]) -> None:
    """Load YEARS as the State Council announced them, from the chinesecalendar package."""
    _run(commands.seed(years))


@calendar.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Load FILE, a CSV with the header day,is_work,name; its days replace those there are."""
    _run(commands.load_csv(file.read_bytes()))


def _run(work: Coroutine[Any, Any, int]) -> None:
    settings = running_settings()

    async def within() -> int:
        async with (
            db.opened(settings.database_url, n_connections=2),
            bus_opened(settings) as bus,
        ):
            n_days = await work
            await bus.publish(CHANGED)
            return n_days

    try:
        click.echo(text("cli.calendar_loaded", n=asyncio.run(within())))
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
