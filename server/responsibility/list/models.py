"""Tables of the responsibility slice."""

import builtins
from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.db_defaults import SqlDefault

from server.db import Table


class Matter(Table):
    """The county's own catalogue row; entries of every list type point at it (事项)."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=20, unique=True)
    name = fields.CharField(max_length=500)
    domain = fields.CharField(max_length=40)

    class Meta:
        table = "matter"
        table_description = "事项"


class ResponsibilityList(Table):
    """A list of one type for the county (责任清单)."""

    id = fields.IntField(primary_key=True)
    type = fields.CharField(max_length=32, unique=True)
    name = fields.CharField(max_length=120)

    class Meta:
        table = "responsibility_list"
        table_description = "责任清单"


class ListVersion(Table):
    """A version of a list: draft, in review, published from a date; or withdrawn.

    `questions` waits for a person before the entries are written; `answers` holds what they said;
    `layout` is how the office wrote its columns, so that an export looks the same.
    """

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
    questions = fields.JSONField[builtins.list[dict[str, Any]]](
        default=builtins.list, db_default=SqlDefault("'[]'")
    )
    answers = fields.JSONField[dict[str, Any]](default=dict, db_default=SqlDefault("'{}'"))
    layout = fields.JSONField[dict[str, Any]](default=dict, db_default=SqlDefault("'{}'"))
    submitted_at = fields.DatetimeField(null=True)
    submitted_by_id = fields.IntField(null=True)

    class Meta:
        table = "list_version"
        table_description = "清单版本"
        unique_together = (("list", "number"),)


class ListSource(Table):
    """The file a version was read from; read again when its questions are answered."""

    id = fields.IntField(primary_key=True)
    version: fields.OneToOneRelation[ListVersion] = fields.OneToOneField("models.ListVersion")
    version_id: int
    data = fields.BinaryField()

    class Meta:
        table = "list_source"
        table_description = "清单来源文件"


class Entry(Table):
    """One matter's row in a version; a null lead means the township of the place.

    `tags` are bundles of powers and the like; `extras` keeps columns that we have no field for;
    `found_by` is every two characters by which a search finds it; `township_until`, written at
    publication, ends what townships have to do with it, where an admission has a term.
    """

    id = fields.BigIntField(primary_key=True)
    version: fields.ForeignKeyRelation[ListVersion] = fields.ForeignKeyField("models.ListVersion")
    version_id: int
    matter: fields.ForeignKeyRelation[Matter] = fields.ForeignKeyField("models.Matter")
    matter_id: int
    row = fields.IntField()
    name = fields.CharField(max_length=500)
    short_title = fields.CharField(max_length=40, default="", db_default="")
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
    tags = fields.JSONField[list[str]](default=list, db_default=SqlDefault("'[]'"))
    extras = fields.JSONField[dict[str, str]](default=dict, db_default=SqlDefault("'{}'"))
    found_by = ArrayField(element_type="text", default=list, db_default=SqlDefault("'{}'"))
    township_until = fields.DatetimeField(null=True)

    class Meta:
        table = "list_entry"
        table_description = "清单条目"
        unique_together = (("version", "matter"),)
        indexes = (("lead_id",), ("domain",))


class EntryUnit(Table):
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
        indexes = (("unit_id",),)


class Precedent(Table):
    """How a conference decided a matter; binding where the list is silent or disputed (先例)."""

    id = fields.IntField(primary_key=True)
    matter_code = fields.CharField(max_length=20, db_index=True)
    matter_name = fields.CharField(max_length=500)
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


class Adjustment(Table):
    """A proposal to change the list, with its ground (动态调整)."""

    id = fields.IntField(primary_key=True)
    matter_code = fields.CharField(max_length=20, db_index=True)
    matter_name = fields.CharField(max_length=500)
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


class Word(Table):
    """An everyday word of a matter over the published lists: in force, proposed or turned down.

    A word that was turned down hides the same word of a version.
    """

    id = fields.IntField(primary_key=True)
    matter_code = fields.CharField(max_length=20)
    word = fields.CharField(max_length=40)
    state = fields.CharField(max_length=10)
    source = fields.CharField(max_length=10)
    n_cases = fields.IntField(default=0)
    proposed_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by_id = fields.IntField(null=True)

    class Meta:
        table = "list_word"
        table_description = "群众常用说法"
        unique_together = (("matter_code", "word"),)
        indexes = (("state", "id"),)


class Confirmation(Table):
    """A report whose matter was confirmed by its handling: its grams, never its text."""

    id = fields.BigIntField(primary_key=True)
    case_no = fields.CharField(max_length=24, unique=True)
    matter_code = fields.CharField(max_length=20, db_index=True)
    suggested_code = fields.CharField(max_length=20, default="")
    grams = fields.JSONField[list[str]]()
    band = fields.CharField(max_length=10)
    township_code = fields.CharField(max_length=20, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "list_confirmation"
        table_description = "派遣确认"


class Experience(Table):
    """What the confirmations of one matter add up to."""

    matter_code = fields.CharField(max_length=20, primary_key=True)
    n = fields.IntField()
    grams = fields.JSONField[dict[str, int]]()
    bands = fields.JSONField[dict[str, int]]()
    townships = fields.JSONField[dict[str, int]]()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "list_experience"
        table_description = "派遣经验"
