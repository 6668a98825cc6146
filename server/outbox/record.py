"""Writing down what is owed, inside the caller's transaction."""

from dataclasses import asdict

from server.events import AUDIENCE, Event
from server.outbox.models import Delivery


async def record(*events: Event) -> None:
    """Owe each event to each receiver named in AUDIENCE; call inside a transaction."""
    deliveries = [
        Delivery(
            receiver=receiver,
            kind=event.kind,
            stream=event.stream,
            facts=asdict(event) | {"at": event.at.isoformat()},
            recorded_at=event.at,
            due_at=event.at,
        )
        for event in events
        for receiver in AUDIENCE[type(event)]
    ]
    if deliveries:
        await Delivery.bulk_create(deliveries)
