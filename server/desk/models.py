"""Tables of the desk slice."""

from typing import Any

from tortoise import fields

from server.db import Table


class SavedView(Table):
    """A list as somebody narrowed it, under a name; their own, or shared with a unit (视图)."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.RESTRICT
    )
    account_id: int
    #: The unit that it is shared with.
    unit_id = fields.IntField(null=True)
    name = fields.CharField(max_length=40)
    query = fields.CharField(max_length=1000)
    created_at = fields.DatetimeField()

    class Meta:
        table = "saved_view"
        table_description = "视图"
        unique_together = (("account", "name"),)
        indexes = (("unit_id", "id"),)


class Onlooker(Table):
    """Who has a case open at a desk, and when that was last said (正在查看)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Account")
    account_id: int
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "case_onlooker"
        table_description = "正在查看的人"
        unique_together = (("case", "account"),)
        indexes = (("account_id",),)


class StandardText(Table):
    """Words that the office keeps for reasons and notices (标准用语)."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=10)
    #: Of which matter; empty for whichever.
    matter_code = fields.CharField(max_length=20, default="")
    text = fields.CharField(max_length=500)
    #: Who kept it last.
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.RESTRICT
    )
    account_id: int
    kept_at = fields.DatetimeField()

    class Meta:
        table = "standard_text"
        table_description = "标准用语"
        unique_together = (("kind", "matter_code", "text"),)
        indexes = (("account_id",),)
