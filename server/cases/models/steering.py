"""What is asked of those who steer a case, and what they ask of units."""

from typing import Any

from tortoise import fields

from server.cases.rules.records import BeforeMerging, Terms
from server.db import RecordField, Table


class Request(Table):
    """Something asked for on a case and granted or refused by somebody else (申请).

    `what` is suspend, extend, exempt, redo or call; `terms` holds its particulars.
    """

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    what = fields.CharField(max_length=8)
    unit_id = fields.IntField(null=True)
    by_id = fields.IntField()
    at = fields.DatetimeField()
    reason = fields.TextField()
    terms = RecordField(Terms, default=Terms)
    granted = fields.BooleanField(null=True)
    answered_at = fields.DatetimeField(null=True)
    answered_by_id = fields.IntField(null=True)
    answer = fields.TextField(default="")

    class Meta:
        table = "case_request"
        table_description = "申请"
        indexes = (("case_id", "id"), ("granted", "id"))


class Instruction(Table):
    """A leader's words on a case that its unit must answer (批示)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    by_id = fields.IntField()
    unit_id = fields.IntField(null=True)
    at = fields.DatetimeField()
    text = fields.TextField()
    reply_due_at = fields.DatetimeField()
    reply = fields.TextField(default="")
    replied_at = fields.DatetimeField(null=True)
    replied_by_id = fields.IntField(null=True)

    class Meta:
        table = "case_instruction"
        table_description = "批示"
        indexes = (("case_id", "id"), ("by_id", "id"), ("unit_id", "replied_at"))


class Watch(Table):
    """A case on a leader's own list (领导关注)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Account")
    account_id: int
    since = fields.DatetimeField()
    note = fields.TextField(default="")

    class Meta:
        table = "case_watch"
        table_description = "领导关注"
        unique_together = (("account", "case"),)
        indexes = (("case_id",),)


class Merge(Table):
    """One case put into another, with all that is needed to take them apart again (并案)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    into_id = fields.BigIntField()
    by_id = fields.IntField()
    at = fields.DatetimeField()
    before = RecordField(BeforeMerging, default=BeforeMerging)
    undone_at = fields.DatetimeField(null=True)
    undone_by_id = fields.IntField(null=True)

    class Meta:
        table = "case_merge"
        table_description = "并案记录"
        indexes = (("case_id", "id"), ("into_id",))
