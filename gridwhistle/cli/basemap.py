"""The county's base map from the command line: built from an extract or the county's survey."""

import asyncio
from pathlib import Path
from time import monotonic

import click
import shapely
from shapely.geometry.base import BaseGeometry

from geo.basemap.building import build
from geo.files.coverage import Limits, read
from geo.ground.errors import CoverageError, GeoError
from gridwhistle.cli.running import running_settings
from server import db
from server.clock import now
from server.errors import NotFound, Problem
from server.places import queries
from server.settings import Settings
from server.texts.catalogue import text

_LIMITS = Limits(max_bytes=500_000_000, max_values=30_000_000, max_vertices=2_000_000)
_SECONDS_BETWEEN = 2.0


@click.group()
def basemap() -> None:
    """Build the map of streets, water, estates and names under the boundaries."""


@basemap.command(name="build")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it goes; without, where the server of this data folder reads it.",
)
@click.option(
    "--outline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The county as GeoJSON in CGCS2000 or WGS-84; without, the boundaries in force.",
)
@click.option("--attribution", help="Whom the map names as its source; OpenStreetMap for its own.")
def build_file(
    source: Path, output: Path | None, outline: Path | None, attribution: str | None
) -> None:
    """Build the base map of SOURCE, of which only what lies in the county gets in.

    An OpenStreetMap extract (.osm, .osm.pbf; needs the extra `osm`), or a folder of the county's
    own survey in CGCS2000: GeoJSON and (extra `gis`) shapefiles, each named by what it holds.
    """
    county = _read_outline(outline) if outline else _county()
    target = output or Settings.read().basemap_file
    progress = _Progress()
    try:
        built = build(source, target, county, attribution=attribution, tell=progress.tell)
    except GeoError as error:
        raise click.ClickException(text(error.code, **_shown(error))) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.ClickException(text("basemap.unwritable", reason=reason)) from error
    click.echo(
        text(
            "basemap.built",
            file=target,
            megabytes=f"{built.n_bytes / 1e6:.1f}",
            tiles=built.n_tiles,
            **built.counts,
        )
    )


def _shown(error: GeoError) -> dict[str, object]:
    facts = error.facts.items()
    return {name: "、".join(map(str, v)) if isinstance(v, tuple) else v for name, v in facts}


class _Progress:
    """Says how far it is, but not more often than somebody reads."""

    def __init__(self) -> None:
        self._said = monotonic()

    def tell(self, stage: str, number: int) -> None:
        """Say it, if the last time is long enough ago."""
        if monotonic() - self._said < _SECONDS_BETWEEN:
            return
        self._said = monotonic()
        click.echo(text(f"basemap.{stage}", n=number), err=True)


def _read_outline(file: Path) -> BaseGeometry:
    """Return the union of the county's features in a file, of all where none says its level."""
    try:
        features = read(file.read_bytes(), limits=_LIMITS).features
    except CoverageError as error:
        raise click.ClickException(text("basemap.outline", file=file.name)) from error
    county = [each.geometry for each in features if each.level == "county"]
    return shapely.union_all(county or [each.geometry for each in features])


def _county() -> BaseGeometry:
    """Return the county of the boundaries in force, of the installation that is running."""
    try:
        data = asyncio.run(_in_force(running_settings()))
    except (Problem, click.ClickException) as error:
        raise click.ClickException(text("basemap.needs_outline")) from error
    return shapely.union_all(shapely.get_parts(shapely.from_geojson(data)))


async def _in_force(settings: Settings) -> bytes:
    async with db.opened(settings.database_url, n_connections=2):
        generation = await queries.in_force(now())
        if generation is None:
            raise NotFound(kind="generation")
        return await queries.geojson(generation, "county")
