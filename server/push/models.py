"""Tables of the push package."""

from typing import Any

from tortoise import fields

from server.db import Table


class Inbox(Table):
    """The counter of one person's messages; locked while one is appended.

    `loud_seq` is the last of which the person is told at any hour.
    """

    account_id = fields.IntField(primary_key=True, generated=False)
    last_seq = fields.IntField(default=0)
    read_seq = fields.IntField(default=0)
    loud_seq = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "inbox"
        table_description = "收件箱"


class Message(Table):
    """One message to one person; `event` makes a second writing of it impossible."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Account")
    account_id: int
    seq = fields.IntField()
    event = fields.CharField(max_length=80)
    kind = fields.CharField(max_length=40)
    no = fields.CharField(max_length=24)
    stage = fields.CharField(max_length=16)
    text = fields.TextField()
    at = fields.DatetimeField()
    # by itself; up to the inbox's `read_seq` all are read anyhow
    read = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "inbox_message"
        table_description = "站内消息"
        unique_together = (("account", "seq"), ("account", "event"))


class LiveTicket(Table):
    """A one-time ticket for opening a live socket."""

    hash = fields.CharField(max_length=64, unique=True)
    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Account")
    account_id: int
    family = fields.UUIDField(null=True)  # null: of before tickets knew their sign-in
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "live_ticket"
        table_description = "实时连接票据"
