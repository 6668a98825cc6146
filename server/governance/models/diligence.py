"""What units have tied to the duties that the list gave them."""

from typing import Any

from tortoise import fields

from server.db import Table


class ShownDuty(Table):
    """Evidence that a unit ties to one duty of a case; appended, never changed (尽职举证).

    `duty` is the duty's words as they were cited, `number` its place among the unit's duties in
    the entry; `steps` are versions of the case's history.
    """

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    unit_id = fields.IntField()
    entry_id = fields.BigIntField()
    number = fields.SmallIntField()
    duty = fields.TextField()
    note = fields.TextField()
    steps = fields.JSONField[list[int]](default=list)
    photos = fields.JSONField[list[str]](default=list)
    by_id = fields.IntField()
    by_role = fields.CharField(max_length=16)
    at = fields.DatetimeField()

    class Meta:
        table = "shown_duty"
        table_description = "尽职举证"
        indexes = (("case_id", "unit_id", "id"),)
