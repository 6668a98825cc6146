"""Tables of the places slice."""

from typing import Any

from tortoise import fields

from server.db import Table


class Generation(Table):
    """A loaded set of boundaries with a start time (边界版本)."""

    id = fields.IntField(primary_key=True)
    label = fields.CharField(max_length=120)
    datum = fields.CharField(max_length=8)
    state = fields.CharField(max_length=12, db_index=True)
    starts_at = fields.DatetimeField(null=True)
    loaded_at = fields.DatetimeField()
    loaded_by_id = fields.IntField(null=True)
    sha256 = fields.CharField(max_length=64)
    report = fields.JSONField[dict[str, Any]]()

    class Meta:
        table = "place_generation"
        table_description = "边界版本"


class Place(Table):
    """One county, township, village or grid of a generation; geometry is WKB in WGS-84."""

    id = fields.BigIntField(primary_key=True)
    generation: fields.ForeignKeyRelation[Generation] = fields.ForeignKeyField("models.Generation")
    generation_id: int
    level = fields.CharField(max_length=8)
    code = fields.CharField(max_length=20)
    name = fields.CharField(max_length=80)
    parent_code = fields.CharField(max_length=20, default="")
    geometry = fields.BinaryField()

    class Meta:
        table = "place"
        table_description = "区划"
        unique_together = (("generation", "code"),)
