"""Writing down what is owed, inside the caller's transaction."""

from dataclasses import fields

from server.db import insert
from server.events import AUDIENCE, Event
from server.outbox.models import Delivery


async def record(*events: Event) -> None:
    """Owe each event to each receiver named in AUDIENCE; call inside a transaction."""
    await insert(*deliveries(*events))


def deliveries(*events: Event) -> list[Delivery]:
    """Return the rows that owe each event to its receivers, for who inserts them with others."""
    return [
        Delivery(
            receiver=receiver,
            kind=event.kind,
            stream=event.stream,
            facts=facts,
            recorded_at=event.at,
            due_at=event.due_at or event.at,
        )
        for event in events
        for facts in [_facts(event)]
        for receiver in AUDIENCE[type(event)]
    ]


def _facts(event: Event) -> dict[str, object]:
    """Return an event's fields; what they hold is only read, and so is not copied."""
    told = {field.name: getattr(event, field.name) for field in fields(event)}
    del told["due_at"]  # the delivery's own
    return told | {"at": event.at.isoformat()}
