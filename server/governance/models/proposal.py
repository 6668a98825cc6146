"""Tables of what changes a list: proposals, the opinions asked for, the history of both nouns."""

from typing import Any

from tortoise import fields
from tortoise.fields.db_defaults import SqlDefault

from server.db import Table


class Proposal(Table):
    """A proposal to change a list: admission, adjustment or exit of a matter (准入、调整、退出).

    `change` is what the entry is to say, `support` what goes with it to the townships; `round`
    counts how often opinions were asked for; `version_id` is the version that put it into force.
    """

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(max_length=12)
    stage = fields.CharField(max_length=12)
    list_type = fields.CharField(max_length=32)
    matter_code = fields.CharField(max_length=20)
    matter_name = fields.CharField(max_length=500)
    unit: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Unit", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    by_id = fields.IntField()
    ground = fields.CharField(max_length=20)
    reason = fields.TextField()
    change = fields.JSONField[dict[str, Any]]()
    support = fields.JSONField[dict[str, str]](default=dict, db_default=SqlDefault("'{}'"))
    until = fields.DatetimeField(null=True)
    round = fields.SmallIntField(default=1)
    due_at = fields.DatetimeField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    version_id = fields.IntField(null=True)

    class Meta:
        table = "list_proposal"
        table_description = "准入、调整、退出申请"
        indexes = (("kind", "id"), ("matter_code", "kind"))


class Opinion(Table):
    """A unit's written opinion on a proposal, asked for in a round; no stance while it is owed."""

    id = fields.BigIntField(primary_key=True)
    proposal: fields.ForeignKeyRelation[Proposal] = fields.ForeignKeyField("models.Proposal")
    proposal_id: int
    round = fields.SmallIntField()
    unit: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Unit", on_delete=fields.RESTRICT
    )
    unit_id: int
    stance = fields.CharField(max_length=8, default="")
    text = fields.TextField(default="")
    by_id = fields.IntField(null=True)
    at = fields.DatetimeField(null=True)

    class Meta:
        table = "list_opinion"
        table_description = "书面意见"
        unique_together = (("proposal", "round", "unit"),)
        indexes = (("unit_id", "stance"),)


class Event(Table):
    """One line of the history of a proposal or a burden; appended, never changed."""

    id = fields.BigIntField(primary_key=True)
    noun = fields.CharField(max_length=8)
    noun_id = fields.IntField()
    seq = fields.IntField()
    verb = fields.CharField(max_length=12)
    source = fields.CharField(max_length=12)
    target = fields.CharField(max_length=12)
    by_id = fields.IntField(null=True)
    unit_id = fields.IntField(null=True)
    at = fields.DatetimeField()
    text = fields.TextField(default="")

    class Meta:
        table = "governance_event"
        table_description = "清单治理流转记录"
        unique_together = (("noun", "noun_id", "seq"),)
