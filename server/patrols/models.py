"""Tables of the patrols slice."""

from typing import Any

from tortoise import fields

from server.db import Table


class Patrol(Table):
    """One round of a grid worker (巡查); `consented_at` is when they agreed to a track, if so."""

    id = fields.BigIntField(primary_key=True)
    key = fields.UUIDField()
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.RESTRICT
    )
    account_id: int
    started_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    consented_at = fields.DatetimeField(null=True)
    metres = fields.FloatField(default=0)

    class Meta:
        table = "patrol"
        table_description = "巡查"
        unique_together = (("account", "key"),)


class PatrolPoint(Table):
    """A place where a patrol was, in WGS-84; erased when it has served its time (轨迹点)."""

    id = fields.BigIntField(primary_key=True)
    patrol: fields.ForeignKeyRelation[Patrol] = fields.ForeignKeyField("models.Patrol")
    patrol_id: int
    at = fields.DatetimeField(db_index=True)
    lon = fields.FloatField()
    lat = fields.FloatField()
    accuracy = fields.FloatField(null=True)

    class Meta:
        table = "patrol_point"
        table_description = "巡查轨迹点"
        unique_together = (("patrol", "at"),)
