"""Tables of the responsibility slice."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Matter(Model):
    """The county's own catalogue row; entries of every list type point at it (事项)."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=20, unique=True)
    name = fields.CharField(max_length=120)
    domain = fields.CharField(max_length=40)

    class Meta:
        table = "matter"
        table_description = "事项"


class ResponsibilityList(Model):
    """A list of one type for the county (责任清单)."""

    id = fields.IntField(primary_key=True)
    type = fields.CharField(max_length=32, unique=True)
    name = fields.CharField(max_length=120)

    class Meta:
        table = "responsibility_list"
        table_description = "责任清单"


class ListVersion(Model):
    """A version of a list: draft, in review, published from a date, superseded."""

    id = fields.IntField(primary_key=True)
    list: fields.ForeignKeyRelation[ResponsibilityList] = fields.ForeignKeyField(
        "models.ResponsibilityList"
    )
    list_id: int
    number = fields.IntField()
    label = fields.CharField(max_length=120)
    state = fields.CharField(max_length=12, db_index=True)
    starts_at = fields.DatetimeField(null=True)
    loaded_at = fields.DatetimeField()
    loaded_by_id = fields.IntField(null=True)
    published_by_id = fields.IntField(null=True)
    source_name = fields.CharField(max_length=200)
    sha256 = fields.CharField(max_length=64)
    report = fields.JSONField[dict[str, Any]]()

    class Meta:
        table = "list_version"
        table_description = "清单版本"
        unique_together = (("list", "number"),)


class Entry(Model):
    """One matter's row in a version; a null lead means the township of the place."""

    id = fields.BigIntField(primary_key=True)
    version: fields.ForeignKeyRelation[ListVersion] = fields.ForeignKeyField("models.ListVersion")
    version_id: int
    matter: fields.ForeignKeyRelation[Matter] = fields.ForeignKeyField("models.Matter")
    matter_id: int
    row = fields.IntField()
    name = fields.CharField(max_length=120)
    domain = fields.CharField(max_length=40)
    description = fields.TextField(default="")
    kind = fields.CharField(max_length=12)
    platform = fields.CharField(max_length=20, default="")
    responsibility = fields.CharField(max_length=10)
    lead: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT
    )
    lead_id: int | None
    lead_duties = fields.TextField(default="")
    township_duties = fields.TextField(default="")
    legal_basis = fields.TextField(default="")
    contact_name = fields.CharField(max_length=80, default="")
    contact_phone = fields.CharField(max_length=40, default="")
    self_handle = fields.BooleanField(default=False)
    receives = fields.CharField(max_length=12, default="department")
    urgency = fields.CharField(max_length=12)
    limit = fields.IntField()
    filing_conditions = fields.JSONField[list[dict[str, Any]]](default=list)
    closing_condition = fields.TextField(default="")
    words = fields.JSONField[list[str]](default=list)
    process = fields.JSONField[list[dict[str, Any]]](default=list)

    class Meta:
        table = "list_entry"
        table_description = "清单条目"
        unique_together = (("version", "matter"),)


class EntryUnit(Model):
    """A cooperating unit of an entry; a null unit means the township of the place."""

    id = fields.BigIntField(primary_key=True)
    entry: fields.ForeignKeyRelation[Entry] = fields.ForeignKeyField("models.Entry")
    entry_id: int
    unit: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT
    )
    unit_id: int | None
    position = fields.SmallIntField()
    duties = fields.TextField(default="")

    class Meta:
        table = "list_entry_unit"
        table_description = "配合单位"
        unique_together = (("entry", "position"),)


class Precedent(Model):
    """How a conference decided a matter; binding where the list is silent or disputed (先例)."""

    id = fields.IntField(primary_key=True)
    matter_code = fields.CharField(max_length=20, db_index=True)
    matter_name = fields.CharField(max_length=120)
    case_no = fields.CharField(max_length=24)
    lead: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT
    )
    lead_id: int | None
    text = fields.TextField()
    decided_at = fields.DatetimeField()

    class Meta:
        table = "precedent"
        table_description = "先例"


class Adjustment(Model):
    """A proposal to change the list, with its ground (动态调整)."""

    id = fields.IntField(primary_key=True)
    matter_code = fields.CharField(max_length=20, db_index=True)
    matter_name = fields.CharField(max_length=120)
    ground = fields.CharField(max_length=16)
    text = fields.TextField()
    precedent: fields.ForeignKeyNullableRelation[Precedent] = fields.ForeignKeyField(
        "models.Precedent", null=True
    )
    precedent_id: int | None
    state = fields.CharField(max_length=12, default="proposed")
    created_at = fields.DatetimeField()

    class Meta:
        table = "list_adjustment"
        table_description = "清单调整建议"
