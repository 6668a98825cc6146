"""`gridwhistle tour`: to be written."""

import click


@click.command()
def tour() -> None:
    """Play the acceptance stories against the running server."""
    raise click.ClickException("not yet")
