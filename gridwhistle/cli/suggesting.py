"""Trying the list out: which matter some words mean."""

import asyncio
import json
import sys
from collections.abc import Iterable

import click

from gridwhistle.demo.offline import entries
from gridwhistle.services import postgres
from server import db
from server.clock import now
from server.people.queries import units_index
from server.responsibility.live import ListsInForce
from server.responsibility.suggest import Suggester
from server.settings import Settings


@click.command()
@click.argument("text")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 20))
def suggest(text: str, limit: int) -> None:
    """Suggest matters for TEXT as JSON, best first; `-` reads one text per line.

    Uses the list in force of a running installation, or else the demo list, and needs neither
    a server nor a database for that.
    """
    suggester = _suggester()
    for line in _lines(text):
        found = [
            {
                "code": each.code,
                "name": each.name,
                "domain": each.domain,
                "score": round(each.score, 4),
                "why": list(each.why),
            }
            for each in suggester.suggest(line, limit)
        ]
        click.echo(json.dumps({"text": line, "matters": found}, ensure_ascii=False))


def _lines(text: str) -> Iterable[str]:
    if text != "-":
        return [text]
    return (line.rstrip("\r\n") for line in sys.stdin)


def _suggester() -> Suggester:
    settings = Settings.read()
    url = settings.database_url or postgres.running_url(
        settings.data_folder.resolve() / "postgres"
    )
    if url is None:
        return Suggester(entries())
    return asyncio.run(_in_force(url, settings))


async def _in_force(url: str, settings: Settings) -> Suggester:
    async with db.opened(url, n_connections=2):
        lists = ListsInForce(tuple(settings.list_order.split(",")))
        await lists.refresh(await units_index())
        return lists.suggester(now())
