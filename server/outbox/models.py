"""Tables of the outbox."""

from typing import Any

from tortoise import fields

from server.db import Table


class Delivery(Table):
    """One event owed to one receiver; a null `due_at` means given up, and shown so."""

    id = fields.BigIntField(primary_key=True)
    receiver = fields.CharField(max_length=20)
    kind = fields.CharField(max_length=40)
    stream = fields.CharField(max_length=60)
    facts = fields.JSONField[dict[str, Any]]()
    recorded_at = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True)
    attempts = fields.SmallIntField(default=0)
    last_error = fields.TextField(default="")

    class Meta:
        table = "outbox_delivery"
        table_description = "待投递消息"
        indexes = (("receiver", "stream", "id"), ("receiver", "due_at"))
