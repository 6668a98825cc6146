"""Tables of the calendar slice."""

from tortoise import fields
from tortoise.models import Model


class CalendarDay(Model):
    """One day of the county's working calendar."""

    day = fields.DateField(primary_key=True)
    is_work = fields.BooleanField()
    name = fields.CharField(max_length=40, default="")

    class Meta:
        table = "calendar_day"
        table_description = "工作日历"
