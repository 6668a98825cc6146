"""The case, its history and its followers."""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.fields.db_defaults import SqlDefault

from server.cases.rules.deadlines import Alarm
from server.cases.rules.records import CasePlace, Suggested
from server.db import RecordField, Table
from server.responsibility.list.entries import Explanation


class Case(Table):
    """The work that one or many reports ask for (案件).

    Place, entry, limits and explanation are snapshots taken when they were decided.
    """

    id = fields.BigIntField(primary_key=True)
    no = fields.CharField(max_length=24, unique=True)
    stage = fields.CharField(max_length=16)
    version = fields.IntField(default=0)
    cycle = fields.SmallIntField(default=1)
    kind = fields.CharField(max_length=12)
    title = fields.CharField(max_length=120)
    # where
    lon = fields.FloatField(null=True)
    lat = fields.FloatField(null=True)
    generation_id = fields.IntField(null=True)
    county_code = fields.CharField(max_length=20, default="")
    township_code = fields.CharField(max_length=20, default="")
    village_code = fields.CharField(max_length=20, default="")
    grid_code = fields.CharField(max_length=20, default="")
    place = RecordField(CasePlace, default=CasePlace)
    # what
    matter_code = fields.CharField(max_length=20, default="")
    matter_name = fields.CharField(max_length=500, default="")
    off_list = fields.BooleanField(default=False)
    entry_id = fields.BigIntField(null=True)
    list_version_id = fields.IntField(null=True)
    explanation = RecordField(Explanation, default=Explanation)
    suggestion = RecordField(Suggested, default=Suggested)
    waits_for = fields.JSONField[list[str]](default=list)
    # who and until when
    lead: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT
    )
    lead_id: int | None
    owner_role = fields.CharField(max_length=16, default="")
    stage_due_at = fields.DatetimeField(null=True)
    # What the clock will do by itself, earliest first, and when it does the first of it.
    timers = RecordField(tuple[Alarm, ...], default=tuple, db_default=SqlDefault("'[]'"))
    wake_at = fields.DatetimeField(null=True)
    # The unit that is complained of: it neither reads nor handles the case.
    about_unit_id = fields.IntField(null=True)
    # Who received it first answers for it until another unit has accepted it.
    first_unit_id = fields.IntField(null=True)
    urgency = fields.CharField(max_length=12, default="")
    limit = fields.IntField(null=True)
    due_at = fields.DatetimeField(null=True)
    due_why = fields.TextField(default="")
    received_at = fields.DatetimeField()
    filed_at = fields.DatetimeField(null=True)
    dispatched_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    handled_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    filed_by_id = fields.IntField(null=True)
    dispatched_by_id = fields.IntField(null=True)
    handled_by_id = fields.IntField(null=True)
    result = fields.TextField(default="")
    self_handled = fields.BooleanField(default=False, db_default=False)
    n_redo = fields.SmallIntField(default=0)
    # the clock stopped, moved, overrun
    suspended_until = fields.DatetimeField(null=True)
    paused_s = fields.IntField(null=True)
    n_suspend = fields.SmallIntField(default=0, db_default=0)
    n_extend = fields.SmallIntField(default=0, db_default=0)
    overdue_at = fields.DatetimeField(null=True)
    # every deadline that was missed, in order; `overdue_at` is the first of them
    overruns = RecordField(tuple[datetime, ...], default=tuple, db_default=SqlDefault("'[]'"))
    exempted_at = fields.DatetimeField(null=True)
    # the one complete list of what the reporter is asked for
    notice = fields.JSONField[list[str]](default=list, db_default=SqlDefault("'[]'"))
    objected_at = fields.DatetimeField(null=True)
    merged_into_id = fields.BigIntField(null=True)

    class Meta:
        table = "case_file"
        table_description = "案件"
        indexes = (
            ("stage", "stage_due_at"),
            ("township_code", "stage", "id"),
            ("grid_code", "id"),
            ("lead_id", "stage", "due_at"),
            ("lon", "lat"),
        )


class Step(Table):
    """One line of a case's history; appended, never changed (流转记录)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("models.Case")
    case_id: int
    version = fields.IntField()
    verb = fields.CharField(max_length=16)
    way = fields.CharField(max_length=16, default="", db_default="")
    source = fields.CharField(max_length=16, default="")
    target = fields.CharField(max_length=16)
    by_id = fields.IntField(null=True)
    by_role = fields.CharField(max_length=16)
    unit_id = fields.IntField(null=True)
    task_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()
    reason = fields.TextField(default="")
    note = fields.TextField(default="")
    facts = fields.JSONField[dict[str, Any]](default=dict)
    content_hash = fields.CharField(max_length=64, default="", db_default="")

    class Meta:
        table = "case_step"
        table_description = "流转记录"
        unique_together = (("case", "version"),)


class Follower(Table):
    """Someone who hears what becomes of a case."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("models.Case")
    case_id: int
    account: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Account")
    account_id: int
    since = fields.DatetimeField()
    reporter = fields.BooleanField(default=False)

    class Meta:
        table = "case_follower"
        table_description = "关注人"
        unique_together = (("case", "account"),)
        indexes = (("account_id", "case_id"),)


class Attachment(Table):
    """A photo that belongs to a case: before, after or of a check."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField("models.Case")
    case_id: int
    photo: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Photo", on_delete=fields.RESTRICT
    )
    photo_id: Any
    purpose = fields.CharField(max_length=8)
    step_version = fields.IntField()

    class Meta:
        table = "case_attachment"
        table_description = "案件照片"
        unique_together = (("case", "photo", "purpose"),)
        indexes = (("photo_id",),)


class CaseWords(Table):
    """The words by which a case is found, as `server/cases/rules/words.py` keeps them.

    A column that the database fills by itself, `lexemes`, stands beside them and is indexed; that
    the case is there, it sees to as well.
    """

    case_id = fields.BigIntField(primary_key=True, generated=False)
    words = fields.TextField()

    class Meta:
        table = "case_words"
        table_description = "案件检索词"
