"""The responsibility list from the command line."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from gridwhistle.cli.running import running_settings
from gridwhistle.demo.spreadsheet import workbook
from server import db
from server.bus.bus import opened as bus_opened
from server.cases.door.knowledge import CHANGED
from server.clock import now
from server.errors import ListRefused, Problem
from server.governance import commands as governance
from server.people.actor import SYSTEM
from server.people.queries import units_index
from server.responsibility.changing import commands
from server.responsibility.changing.diffing import differences
from server.responsibility.list import list_types, queries
from server.responsibility.list import versions as versions_
from server.responsibility.sheets import files_out
from server.responsibility.sheets.exporting import table
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
@click.option("--column", "columns", multiple=True, help="What a heading means: HEADING=FIELD.")
def import_(file: Path, list_type: str, label: str, columns: tuple[str, ...]) -> None:
    """Read FILE (xlsx, xls, et, csv, docx) into a draft and print its id, or say why not.

    FIELD is a heading that `list example` writes, the name of a field, or `leave` to keep the
    column as it is. What a heading without such a word means is asked like all else.
    """
    settings, data = running_settings(), file.read_bytes()
    meant = dict(each.rpartition("=")[::2] for each in columns)

    async def load() -> tuple[int, list[dict[str, Any]], list[str]]:
        async with db.opened(settings.database_url, n_connections=2):
            draft = await commands.import_list(
                data,
                file.name,
                list_type=list_type,
                label=label or file.name,
                by=SYSTEM,
                at=now(),
                columns=meant,
            )
            return draft.id, draft.questions, draft.report["notes"]

    try:
        draft_id, questions, notes = asyncio.run(load())
    except ListRefused as refused:
        rows = refused.facts.get("rows", [])
        for row in rows if isinstance(rows, list) else []:
            click.echo(text("cli.row_refused", **row), err=True)
            if row.get("headings"):
                click.echo(text("cli.say_columns"), err=True)
        raise click.ClickException(text("problem.list.refused", **refused.facts)) from refused
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
    for note in notes:
        click.echo(note, err=True)
    _show(draft_id, questions)


@lists.command()
@click.argument("version", type=int)
@click.argument("answers", nargs=-1)
@click.option("--new-matters", is_flag=True, help="Give every other matter a code of its own.")
def answer(version: int, answers: tuple[str, ...], new_matters: bool) -> None:
    """Answer the questions of a draft VERSION, each as ID=VALUE; without any, show them."""
    said = dict(each.rpartition("=")[::2] for each in answers)

    async def give() -> None:
        if said or new_matters:
            await commands.answer(version, said, new_matters=new_matters, by=SYSTEM, at=now())
        _show(version, await queries.version_questions(version))

    _done(give)


@lists.command()
@click.argument("version", type=int)
def review(version: int) -> None:
    """Send a draft VERSION to review; once its questions are answered."""

    async def send() -> None:
        await versions_.submit(version, by=SYSTEM, at=now())
        click.echo(text("cli.in_review"))

    _done(send)


@lists.command()
@click.argument("version", type=int)
@click.option("--against", type=int, help="The one in force without.")
def diff(version: int, against: int | None) -> None:
    """Say what VERSION changes, by matter and field."""

    async def compare() -> None:
        view = await queries.version(version)
        other = against or await queries.version_in_force(view.list_type, at=now(), but=version)
        old = await queries.all_entries(other) if other else []
        new = await queries.all_entries(version)
        for change in differences(
            old, new, list_types.list_type(view.list_type), await units_index()
        ):
            click.echo(change.said)
            for field in change.fields:
                click.echo(f"    {field.said}")

    _done(compare)


@lists.command()
@click.argument("version", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(version: int, file: Path) -> None:
    """Write VERSION to FILE in its office's layout: xlsx, or csv by the file's name."""

    async def write() -> None:
        view = await queries.version(version)
        layout = await queries.version_layout(version)
        entries = await queries.all_entries(version)
        sheet = table(list_types.list_type(view.list_type), layout, entries, await units_index())
        as_csv = file.suffix.lower() == ".csv"
        await asyncio.to_thread(
            file.write_bytes, files_out.csv_file(sheet) if as_csv else files_out.xlsx(sheet)
        )
        click.echo(text("cli.list_written", id=version, file=file))

    _done(write)


def _done(work: Callable[[], Awaitable[None]]) -> None:
    """Do something with the database open; a refusal is said in its words."""
    settings = running_settings()

    async def opened() -> None:
        async with db.opened(settings.database_url, n_connections=2):
            await work()

    try:
        asyncio.run(opened())
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem


def _show(draft_id: int, questions: Sequence[Mapping[str, Any]]) -> None:
    for each in questions:
        candidates = text("sheet.and").join(
            text("cli.candidate", **candidate | {"confidence": candidate["confidence"] or None})
            for candidate in each["candidates"]
        )
        rows = text("sheet.and").join(map(str, each["rows"][:10]))
        samples = text("sheet.and").join(each.get("samples", ()))
        facts = {name: each[name] for name in ("id", "column", "written")} | {"samples": samples}
        click.echo(text("cli.question", rows=rows, candidates=candidates, **facts), err=True)
    if questions:
        click.echo(text("cli.questions_left", n=len(questions)), err=True)
    click.echo(text("cli.draft", id=draft_id))


@lists.command()
@click.argument("version", type=int)
@click.option("--order", default="", help="number of a decision that stands for admissions")
@click.option("--leave-proposals", is_flag=True, help="let approved proposals wait for another")
def publish(version: int, order: str, leave_proposals: bool) -> None:
    """Put a reviewed VERSION into force from now; running processes take it up by themselves."""
    settings = running_settings()

    async def put() -> None:
        async with (
            db.opened(settings.database_url, n_connections=2),
            bus_opened(settings) as bus,
        ):
            at = now()
            await governance.publish_list(
                version,
                starts_at=at,
                by=SYSTEM,
                at=at,
                order=order.strip(),
                leave_proposals=leave_proposals,
            )
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
