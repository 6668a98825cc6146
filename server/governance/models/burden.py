"""The table of burdens that a township was given outside the lists."""

from typing import Any

from tortoise import fields

from server.db import Table


class Burden(Table):
    """A township's objection to what a unit pushed down to it outside the lists (清单外负担)."""

    id = fields.IntField(primary_key=True)
    stage = fields.CharField(max_length=12)
    form = fields.CharField(max_length=16)
    title = fields.CharField(max_length=120)
    text = fields.TextField()
    document = fields.CharField(max_length=120, default="")
    unit: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Unit", on_delete=fields.RESTRICT, related_name="burdens_objected"
    )
    unit_id: int
    against: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Unit", on_delete=fields.RESTRICT, related_name="burdens_given"
    )
    against_id: int
    by_id = fields.IntField()
    due_at = fields.DatetimeField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "off_list_burden"
        table_description = "清单外负担异议"
        indexes = (("unit_id", "id"), ("against_id", "id"))
