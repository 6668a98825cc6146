"""Playing the acceptance stories against a running server."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import click

from gridwhistle.demo.loading import SIGN_INS
from gridwhistle.services import serving_note
from gridwhistle.tour.people import NoSignIns, read_sign_ins
from gridwhistle.tour.photos import jpegs_in
from gridwhistle.tour.playing import Outing
from gridwhistle.tour.playing import tour as played
from gridwhistle.tour.script import names as all_names
from server.settings import Settings
from server.texts.catalogue import text


@click.command()
@click.option(
    "--url", help="Where the server answers; by default the one that runs from the data folder."
)
@click.option(
    "--story",
    "names",
    multiple=True,
    type=click.Choice(all_names(), case_sensitive=False),
    help="Only this story or detour; may be given several times.",
)
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Send the JPEG files of this folder instead of photos made on the spot.",
)
@click.option(
    "--sign-ins",
    "sign_ins",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The demo accounts; by default sign-ins.json in the data folder.",
)
def tour(
    url: str | None, names: tuple[str, ...], photos: Path | None, sign_ins: Path | None
) -> None:
    """Play the acceptance stories A to H and the numbered detours over HTTP.

    Prints every step and every message that arrives; ends with 1 when anything deviates.
    """
    settings = Settings.read()
    files = jpegs_in(photos) if photos else ()
    if photos and not files:
        raise click.ClickException(text("tour.no_photos", folder=photos))
    found = url or serving_note.running_at(settings.data_folder)
    if not found:
        raise click.ClickException(text("tour.none_runs"))
    reached = found.rstrip("/")
    try:
        accounts = read_sign_ins(sign_ins or settings.data_folder / SIGN_INS)
        outing = Outing(url=reached, accounts=accounts, photos=files, zone=settings.zone)
        good = asyncio.run(played(outing, names or all_names(), click.echo))
    except NoSignIns as error:
        raise click.ClickException(text("tour.no_sign_ins", what=error)) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise click.ClickException(text("tour.away", url=reached, reason=error)) from error
    if not good:
        sys.exit(1)
