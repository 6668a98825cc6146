"""Boundaries from the command line: check a file, compare and export generations, print signs."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click
import shapely

from geo.files.mending import Proposal
from geo.picture import drawing as pictures
from gridwhistle.cli.running import running_settings
from server import db
from server.clock import now
from server.errors import NotFound, Problem
from server.governance.boundaries import generations as comparing
from server.governance.boundaries.generations import Comparison
from server.places import drawing, queries, saying, signs
from server.places.boundaries import LEVELS, Level
from server.places.changes import KINDS, PlaceChange
from server.places.drawing import Examined
from server.places.in_memory import PlacesInForce
from server.settings import Settings
from server.texts.catalogue import text

_MOST_SHOWN = 200


class Levels(NamedTuple):
    """What a person says of places that name no level: that of all, and of those in layers."""

    level: Level | None
    layers: dict[str, Level]


def _levels(ctx: click.Context, option: click.Parameter, said: tuple[str, ...]) -> Levels:
    """Read each LEVEL, or LAYER=LEVEL."""
    choice, of_all, layers = click.Choice(LEVELS), None, dict[str, Level]()
    for each in said:
        layer, _, named = each.rpartition("=")
        level = choice.convert(named, option, ctx)
        if layer:
            layers[layer] = level
        else:
            of_all = level
    return Levels(of_all, layers)


def naming(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options by which a person says what a file leaves open."""
    for option in (
        click.option("--name-field", default="", help="The property that holds the names."),
        click.option("--code-field", default="", help="The property that holds the codes."),
        click.option(
            "--level",
            "levels",
            multiple=True,
            callback=_levels,
            metavar="[LAYER=]LEVEL",
            help=f"Of features that name none, in all or in a layer: {', '.join(LEVELS)}.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", type=click.Choice(drawing.DATUMS), default="wgs84", show_default=True)
@naming
@click.option("--draw", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.html")
@click.option(
    "--mend",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.geojson",
    help="Write a mended file to be looked at, and say what moves in it.",
)
@click.option(
    "--outline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The county in WGS-84: tells a FILE in GCJ-02.",
)
@click.pass_context
def check(
    ctx: click.Context,
    file: Path,
    datum: str,
    levels: Levels,
    code_field: str,
    name_field: str,
    draw: Path | None,
    mend: Path | None,
    outline: Path | None,
) -> None:
    """Say what is wrong in a boundary FILE, and draw it; exits with 1 if it cannot be used.

    Needs neither a server nor a database.
    """
    if draw is not None and draw.suffix.lower() not in pictures.SUFFIXES:
        raise click.BadParameter(text("cli.draw_a_page", file=draw.name), param_hint="--draw")
    try:
        county = None
        if outline is not None:
            known = drawing.examine(outline.read_bytes(), "wgs84", "county").features
            county = shapely.union_all([each.geometry for each in known])
        data, names = file.read_bytes(), {"code_field": code_field, "name_field": name_field}
        found = drawing.examine(data, datum, levels.level, county, **names, layers=levels.layers)
        proposal = _proposed(data, datum, levels, names) if mend is not None else None
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
    click.echo("\n".join(_lines(found)))
    if draw is not None:
        draw.write_text(_drawn(found, file.name), encoding="utf-8")
        click.echo(text("cli.drawn", file=draw))
    if mend is not None:
        left = _left(proposal, datum, levels.level, names)
        click.echo("\n".join([*_mended(proposal, mend), *left]))
    ctx.exit(1 if found.n_faults else 0)


def _proposed(data: bytes, datum: str, levels: Levels, names: dict[str, str]) -> Proposal | None:
    return drawing.mended(data, datum, levels.level, **names, layers=levels.layers)


def _mended(proposal: Proposal | None, file: Path) -> list[str]:
    """Write a proposal to a file and return what it would move."""
    if proposal is None:
        return [text("coverage.mending_takes_too_long")]
    if not proposal.geojson:
        return [text("coverage.not_mended")]
    file.write_bytes(proposal.geojson)
    moved = [saying.moved(each) for each in proposal.moves[:_MOST_SHOWN]]
    return [*moved, text("coverage.mended", file=file, n=len(proposal.moves))]


def _left(
    proposal: Proposal | None, datum: str, level: Level | None, names: dict[str, str]
) -> list[str]:
    """Return that a mended file is still refused, where it is."""
    if proposal is None or not proposal.geojson:
        return []
    found = drawing.examine(
        proposal.geojson,
        datum,
        level,
        code_field=names["code_field"],
        name_field=names["name_field"],
    )
    still = [saying.line("coverage.a_fault", saying.shown(each)) for each in found.faults]
    return [text("coverage.mended_still", n=found.n_faults), *still] if still else []


def _lines(found: Examined) -> list[str]:
    held = [(level, sum(f.level == level for f in found.features)) for level in LEVELS]
    levels = text("coverage.and").join(
        text("coverage.level", level=text(f"level.{level}"), n=n) for level, n in held if n
    )
    facts = {"n_faults": found.n_faults, "n_warnings": found.n_warnings}
    verdict = text("coverage.refused" if found.n_faults else "coverage.accepted", **facts)
    return [
        text("coverage.read", n=len(found.features), levels=levels),
        *filter(None, [saying.columns(found.taken)]),
        *(saying.line("coverage.a_fault", saying.shown(each)) for each in found.faults),
        *(saying.line("coverage.a_warning", saying.shown(each)) for each in found.warnings),
        verdict,
    ]


def _drawn(found: Examined, title: str) -> str:
    words = {name: text(f"coverage.{name}") for name in ("places", "fault", "warning", "unplaced")}
    return pictures.page(
        pictures.Drawn(
            title,
            found.features,
            found.faults,
            found.warnings,
            found.n_faults,
            found.n_warnings,
        ),
        pictures.Words(
            sentence=saying.reason,
            refused=text("coverage.refused", n_faults="{n_faults}", n_warnings="{n_warnings}"),
            accepted=text("coverage.accepted", n_warnings="{n_warnings}"),
            unseen=text("coverage.unseen", n="{n}"),
            feature=text("coverage.feature", number="{number}"),
            **words,
        ),
    )


@click.command()
@click.argument("old", type=int)
@click.argument("new", type=int)
def compare(old: int, new: int) -> None:
    """Say which places generation NEW changes against OLD, and how many open cases lie there."""
    settings = running_settings()

    async def read() -> Comparison:
        async with db.opened(settings.database_url, n_connections=2):
            return await comparing.compare(old, new)

    try:
        found = asyncio.run(read())
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
    for line in summary(found):
        click.echo(line)
    for change in found.changes.places[:_MOST_SHOWN]:
        click.echo(_change(change))


def summary(found: Comparison) -> list[str]:
    """Return how many places of each level changed, in words."""
    if not found.changes.places:
        return [text("cli.no_changes")]
    return [
        text(
            "cli.changes",
            level=text(f"level.{level}"),
            **{kind: counts.get(kind, 0) for kind in KINDS},
        )
        for level, counts in found.changes.counts.items()
        if counts
    ]


def _change(change: PlaceChange) -> str:
    return text(
        "cli.change",
        level=text(f"level.{change.level}"),
        code=change.code,
        name=change.name or change.old_name,
        kinds=text("change.and").join(text(f"change.{kind}") for kind in change.kinds),
        won_m2=change.won_m2,
        lost_m2=change.lost_m2,
        n_open=change.n_open,
        n_moved=change.n_moved,
    )


@click.command()
# A word that may be left out before one that may not: any number, of which one is taken.
@click.argument("generation", type=int, nargs=-1, metavar="[GENERATION]")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(generation: tuple[int, ...], file: Path) -> None:
    """Write a GENERATION, or the one in force, whole to FILE as GeoJSON in WGS-84."""
    if len(generation) > 1:
        raise click.UsageError(str(generation[1]))
    settings = running_settings()

    async def read() -> tuple[int, bytes]:
        async with db.opened(settings.database_url, n_connections=2):
            wanted = generation[0] if generation else await _in_force_id()
            return wanted, await queries.export(wanted)

    try:
        wanted, data = asyncio.run(read())
    except Problem as problem:
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
    file.write_bytes(data)
    click.echo(text("cli.exported", id=wanted, file=file))


@click.command(name="signs")
@click.option("--township", required=True, help="The township's code.")
@click.option("--url", default="", help="Where phones go; GRIDWHISTLE_PUBLIC_URL without.")
@click.option("--per-page", type=click.Choice(["1", "2", "4", "6"]), default="4")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.html")
def print_signs(township: str, url: str, per_page: str, file: Path) -> None:
    """Write signs with QR codes for a township's grids to OUT.html, A4 sheets for printing."""
    settings = running_settings()

    async def read() -> list[signs.Sign]:
        async with db.opened(settings.database_url, n_connections=2):
            return await _signs(township, settings)

    try:
        found = asyncio.run(read())
    except NotFound as error:
        raise click.ClickException(text("cli.no_township", code=township)) from error
    n_each = next(each for each in signs.PER_PAGE if str(each) == per_page)
    file.write_text(signs.page(found, url or settings.address, n_each), encoding="utf-8")
    click.echo(text("cli.signs", n=len(found), file=file))


async def _signs(township: str, settings: Settings) -> list[signs.Sign]:
    known = PlacesInForce(settings.data_folder / "index")
    await known.refresh()
    boundaries = await known.generation(await _in_force_id())
    return signs.signs_of(boundaries, township)


async def _in_force_id() -> int:
    generation_id = await queries.in_force(now())
    if generation_id is None:
        raise click.ClickException(text("cli.no_places"))
    return generation_id
