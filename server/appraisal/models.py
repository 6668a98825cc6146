"""Tables of the appraisal slice."""

from typing import Any

from tortoise import fields

from server.db import Table


class Appraisal(Table):
    """What somebody who called says of the answer (评价)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Account")
    account_id: int
    cycle = fields.SmallIntField()
    responded = fields.BooleanField()
    solved = fields.BooleanField()
    satisfaction = fields.SmallIntField()
    comment = fields.TextField(default="")
    at = fields.DatetimeField()

    class Meta:
        table = "appraisal"
        table_description = "评价"
        unique_together = (("case", "account", "cycle"),)
