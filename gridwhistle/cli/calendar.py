"""The working calendar from the command line."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from gridwhistle.cli.running import running_settings
from server import db
from server.bus.bus import opened as bus_opened
from server.calendar import commands, queries
from server.calendar.outlook import Outlook, outlook
from server.cases.door.knowledge import CHANGED
from server.clock import now
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


@calendar.command()
def check() -> None:
    """Say how far the calendar reaches; fails when something is to be done about it."""
    settings = running_settings()

    async def within() -> Outlook:
        async with db.opened(settings.database_url, n_connections=2):
            known = await queries.load(settings.zone, settings.work_spans)
        today = now().astimezone(settings.zone).date()
        return outlook(known, today, wanted_days=settings.calendar_days_ahead)

    found = asyncio.run(within())
    facts = {"reaches": found.reaches or text("cli.calendar_nowhere"), "n": found.n_days_ahead}
    if found.warnings:
        said = text("calendar.and").join(text(f"calendar.warning.{c}") for c in found.warnings)
        raise click.ClickException(text("cli.calendar_warned", warnings=said, **facts))
    click.echo(text("cli.calendar_good", **facts))


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
