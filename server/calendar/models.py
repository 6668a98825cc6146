"""Tables of the calendar slice."""

from tortoise import fields

from server.db import Table


class CalendarDay(Table):
    """One day of the county's working calendar."""

    day = fields.DateField(primary_key=True)
    is_work = fields.BooleanField()
    name = fields.CharField(max_length=40, default="")

    class Meta:
        table = "calendar_day"
        table_description = "工作日历"
