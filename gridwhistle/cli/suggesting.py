"""Trying the list out: which matter some words mean."""

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import click

from gridwhistle.demo import offline
from gridwhistle.services import postgres
from server import db
from server.clock import now
from server.people.queries import units_index
from server.people.units import Units
from server.responsibility.answering.in_memory import ListsInForce
from server.responsibility.list.fields import EntryView
from server.responsibility.search.suggest import Suggester
from server.settings import Settings
from server.texts.catalogue import text as said


@dataclass(frozen=True, slots=True)
class _Source:
    """Where suggestions come from, and who leads what, by matter code."""

    suggester: Suggester
    leads: Mapping[str, str]


@click.command()
@click.argument("text")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 20))
def suggest(text: str, limit: int) -> None:
    """Suggest matters for TEXT as JSON, best first; `-` reads one text per line.

    Uses the list in force of a running installation, or else the demo list, and needs neither
    a server nor a database for that.
    """
    source = _source()
    for line in _lines(text):
        items = [
            {
                "code": each.code,
                "name": each.name,
                "domain": each.domain,
                "lead": source.leads.get(each.code, ""),
                "score": round(each.score, 4),
                "why": list(each.why),
            }
            for each in source.suggester.suggest(line, limit)
        ]
        click.echo(json.dumps({"text": line, "items": items}, ensure_ascii=False))


def _lines(text: str) -> Iterable[str]:
    if text != "-":
        return [text]
    return (line.rstrip("\r\n") for line in sys.stdin)


def _source() -> _Source:
    settings = Settings.read()
    url = settings.database_url or postgres.running_url(
        settings.data_folder.resolve() / "postgres"
    )
    if url is None:
        entries, units = offline.entries()
        return _Source(Suggester(entries), _leads(entries, units))
    return asyncio.run(_in_force(url, settings))


async def _in_force(url: str, settings: Settings) -> _Source:
    async with db.opened(url, n_connections=2):
        units = await units_index()
        lists = ListsInForce(tuple(settings.list_order.split(",")))
        at = now()
        await lists.refresh(units, since=at, at=at)
        return _Source(lists.suggester(at), _leads(lists.at(at).entries(), units))


def _leads(entries: Iterable[EntryView], units: Units) -> dict[str, str]:
    return {
        entry.matter_code: units.by_id[entry.lead_id].name
        if entry.lead_id
        else said("word.township")
        for entry in entries
    }
