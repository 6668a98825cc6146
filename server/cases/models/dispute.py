"""Units that say a case is not theirs, and how that is settled."""

from typing import Any

from tortoise import fields

from server.db import Table


class Return(Table):
    """A unit gives a task back, with a ground and the unit it holds to be the right one (退单).

    `task_stage` is where the task stood, to which a refused return puts it back.
    """

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    task: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Task")
    task_id: int
    unit_id = fields.IntField()
    part = fields.CharField(max_length=12)
    task_stage = fields.CharField(max_length=12)
    ground = fields.CharField(max_length=16)
    reason = fields.TextField()
    proper_unit_id = fields.IntField()
    by_id = fields.IntField()
    at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    ruled_at = fields.DatetimeField(null=True)
    ruled_by_id = fields.IntField(null=True)
    upheld = fields.BooleanField(null=True)
    ruling = fields.TextField(default="")

    class Meta:
        table = "case_return"
        table_description = "退单"
        unique_together = (("case", "unit_id"),)
        indexes = (("proper_unit_id",), ("task_id",))


class Conference(Table):
    """A dispute that dispatch could not settle, on the docket of a conference (联席会议)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    unit_ids = fields.JSONField[list[int]](default=list)
    convened_at = fields.DatetimeField()
    convened_by_id = fields.IntField(null=True)
    due_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by_id = fields.IntField(null=True)
    lead_id = fields.IntField(null=True)
    minutes = fields.TextField(default="")

    class Meta:
        table = "conference"
        table_description = "联席会议"
        indexes = (("case_id", "id"), ("decided_at", "due_at"))


class Statement(Table):
    """What a unit has to say in a dispute, beside the reason of the return (陈述)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    unit_id = fields.IntField()
    by_id = fields.IntField()
    at = fields.DatetimeField()
    text = fields.TextField()

    class Meta:
        table = "case_statement"
        table_description = "陈述"
        indexes = (("case_id", "id"),)
