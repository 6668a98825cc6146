"""Tables of the files slice."""

from typing import Any

from tortoise import fields

from server.db import Table


class Photo(Table):
    """A sealed original by one person, and what is known of it (照片)."""

    id = fields.UUIDField(primary_key=True)
    owner: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.RESTRICT
    )
    owner_id: int
    sha256 = fields.CharField(max_length=64, db_index=True)
    n_bytes = fields.IntField()
    media_type = fields.CharField(max_length=20)
    width = fields.IntField(null=True)
    height = fields.IntField(null=True)
    taken_at = fields.DatetimeField(null=True)
    lon = fields.FloatField(null=True)
    lat = fields.FloatField(null=True)
    # As the photo names it, `unknown` where it does not; empty without a position.
    datum = fields.CharField(max_length=8, default="")
    flags = fields.JSONField[list[str]](default=list)
    received_at = fields.DatetimeField()
    derived_at = fields.DatetimeField(null=True)

    class Meta:
        table = "photo"
        table_description = "照片"
        unique_together = (("owner", "sha256"),)
