"""What one person sent, once."""

from typing import Any, Final

from tortoise import fields

from server.cases.rules.records import Evidence
from server.db import RecordField, Table

_BEGINNING: Final = 24


class Report(Table):
    """One person's report, as it came, with the receipt it was answered with (上报)."""

    id = fields.BigIntField(primary_key=True)
    key = fields.UUIDField()
    reporter: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.RESTRICT
    )
    reporter_id: int
    on_behalf_of_id = fields.IntField(null=True)
    content_hash = fields.CharField(max_length=64)
    receipt = fields.JSONField[dict[str, Any]](null=True)
    case: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "models.Case", null=True, on_delete=fields.RESTRICT
    )
    case_id: int | None
    kind = fields.CharField(max_length=12)
    text = fields.TextField()
    matter_code = fields.CharField(max_length=20, default="")
    anonymous = fields.BooleanField()
    channel = fields.CharField(max_length=12)
    lon = fields.FloatField(null=True)
    lat = fields.FloatField(null=True)
    datum = fields.CharField(max_length=8, default="")
    accuracy = fields.FloatField(null=True)
    source = fields.CharField(max_length=8, default="")
    wgs_lon = fields.FloatField(null=True)
    wgs_lat = fields.FloatField(null=True)
    address = fields.CharField(max_length=200, default="")
    captured_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    evidence = RecordField(Evidence, default=Evidence, whole=True)
    withdrawn_at = fields.DatetimeField(null=True)

    @property
    def senders(self) -> list[int]:
        """The accounts whose report it is: who sent it, and the resident for whom."""
        return [each for each in (self.reporter_id, self.on_behalf_of_id) if each is not None]

    @property
    def beginning(self) -> str:
        """How it begins: by that its reporter tells it from others while its matter is open."""
        words = " ".join(self.text.split())
        return words if len(words) <= _BEGINNING else words[: _BEGINNING - 1] + "…"

    class Meta:
        table = "report"
        table_description = "上报"
        unique_together = (("reporter", "key"),)
        indexes = (("reporter_id", "id"), ("case_id",))
