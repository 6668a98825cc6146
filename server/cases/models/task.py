"""What units and people have to do on a case."""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.fields.db_defaults import SqlDefault

from server.cases.rules.records import EarlierCall
from server.db import RecordField, Table


class Call(Table):
    """A township or department asks units to come to a place at a time (呼叫)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    caller_unit_id = fields.IntField(null=True)
    by_id = fields.IntField()
    key = fields.UUIDField(null=True)
    content_hash = fields.CharField(max_length=64, default="")
    reason = fields.CharField(max_length=20)
    place_text = fields.CharField(max_length=200)
    lon = fields.FloatField(null=True)
    lat = fields.FloatField(null=True)
    asked_at = fields.DatetimeField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "case_call"
        table_description = "呼叫"
        unique_together = (("by_id", "key"),)
        indexes = (("case_id",), ("caller_unit_id", "id"))


class Task(Table):
    """One unit's part of a case: one lead, any number of cooperating (任务)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    unit: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Unit", on_delete=fields.RESTRICT
    )
    unit_id: int
    call: fields.ForeignKeyNullableRelation[Call] = fields.ForeignKeyField(
        "models.Call", null=True, on_delete=fields.RESTRICT
    )
    call_id: int | None
    part = fields.CharField(max_length=12)
    stage = fields.CharField(max_length=12)
    duties = fields.TextField(default="")
    dispatched_at = fields.DatetimeField()
    accept_due_at = fields.DatetimeField(null=True)
    arrive_due_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(null=True)
    wake_at = fields.DatetimeField(null=True)
    platform = fields.CharField(max_length=20, default="", db_default="")
    # a step of the matter's process: its place in the order, its name
    position = fields.SmallIntField(null=True)
    step = fields.CharField(max_length=120, default="", db_default="")
    accepted_at = fields.DatetimeField(null=True)
    accepted_by_id = fields.IntField(null=True)
    accepted_by_clock = fields.BooleanField(default=False, db_default=False)
    # who of the unit handles it, if anybody was named; everybody of it may act all the same
    assignee_id = fields.IntField(null=True)
    arrived_at = fields.DatetimeField(null=True)
    arrived_in_time = fields.BooleanField(null=True)
    arrival = fields.CharField(max_length=12, default="")
    late_at = fields.DatetimeField(null=True)
    # how it answered the calls before the present one, in order
    earlier_calls = RecordField(
        tuple[EarlierCall, ...], default=tuple, db_default=SqlDefault("'[]'")
    )
    lon = fields.FloatField(null=True)
    lat = fields.FloatField(null=True)
    done_at = fields.DatetimeField(null=True)
    done_by_id = fields.IntField(null=True)
    result = fields.TextField(default="")
    refunded = fields.BooleanField(default=False, db_default=False)
    overdue_at = fields.DatetimeField(null=True)
    # every deadline that was missed, in order; `overdue_at` is the first of them
    overruns = RecordField(tuple[datetime, ...], default=tuple, db_default=SqlDefault("'[]'"))
    exempted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "case_task"
        table_description = "任务"
        indexes = (("unit_id", "case_id"), ("case_id", "unit_id"), ("call_id",))


class Verification(Table):
    """A look at the place before filing, asked of that grid's worker (核实)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    assignee_id = fields.IntField()
    asked_by_id = fields.IntField(null=True)
    question = fields.TextField(default="")
    given_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    found = fields.BooleanField(null=True)
    note = fields.TextField(default="")
    lon = fields.FloatField(null=True)
    lat = fields.FloatField(null=True)

    class Meta:
        table = "case_verification"
        table_description = "核实"
        indexes = (("assignee_id", "done_at"), ("case_id", "id"))


class Check(Table):
    """A look at the place after handling, by somebody who did not handle it (核查)."""

    id = fields.BigIntField(primary_key=True)
    case: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField("models.Case")
    case_id: int
    cycle = fields.SmallIntField()
    assignee_id = fields.IntField(null=True)
    given_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    # who was given it before and did not come in time
    passed_over = fields.JSONField[list[int]](default=list, db_default=SqlDefault("'[]'"))
    done_at = fields.DatetimeField(null=True)
    done_by_id = fields.IntField(null=True)
    passed = fields.BooleanField(null=True)
    note = fields.TextField(default="")
    lon = fields.FloatField(null=True)
    lat = fields.FloatField(null=True)

    class Meta:
        table = "case_check"
        table_description = "核查"
        unique_together = (("case", "cycle"),)
        indexes = (("assignee_id", "done_at"), ("assignee_id", "case_id"))
