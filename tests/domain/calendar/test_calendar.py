"""Loading the working calendar, on a real database."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from server.calendar import commands, queries
from server.calendar.in_memory import CalendarInForce
from server.errors import BadInput, CalendarMissing
from server.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
SPANS = Settings().work_spans

pytestmark = pytest.mark.usefixtures("db")


async def test_seeding_twice_loads_every_day_once_with_the_holidays_names():
    assert await commands.seed([2025, 2026]) == 730
    assert await commands.seed([2025, 2026]) == 0
    of = await queries.load(ZONE, SPANS)
    assert len(of) == 730
    assert of.day(date(2026, 4, 6)).name == "清明节"
    assert not of.day(date(2026, 4, 6)).is_work
    assert of.day(date(2026, 2, 14)).is_work
    assert of.day(date(2026, 2, 14)).name == "春节调休上班"
    assert await queries.years() == (2025, 2026)


async def test_a_year_not_announced_is_refused_and_nothing_is_written():
    with pytest.raises(CalendarMissing) as refused:
        await commands.seed([2026, 2027])
    assert refused.value.facts["year"] == 2027
    assert await queries.years() == ()


async def test_a_provisional_year_says_so_in_every_deadline_and_gives_way_to_a_real_one():
    await commands.seed([2026])
    assert await commands.seed_provisional(2027) == 365
    of = await queries.load(ZONE, SPANS)
    found = of.add(datetime(2026, 12, 31, 9, tzinfo=ZONE), 1, "work_day")
    assert found.at == datetime(2027, 1, 4, 1, tzinfo=UTC)
    assert found.skipped == ("元旦（暂定）", "周末（暂定）")
    assert (
        await commands.load_csv(b"day,is_work,name\n2027-01-04,0,\xe5\x85\x83\xe6\x97\xa6\n") == 1
    )
    found = (await queries.load(ZONE, SPANS)).add(
        datetime(2026, 12, 31, 9, tzinfo=ZONE), 1, "work_day"
    )
    assert found.at == datetime(2027, 1, 5, 1, tzinfo=UTC)
    assert "元旦" in found.skipped


async def test_seeding_replaces_provisional_days_and_keeps_those_imported_by_hand():
    await commands.seed_provisional(2026)
    await commands.load_csv(b"day,is_work,name\n2026-03-03,0,flood\n")
    assert await commands.seed([2026]) == 364
    of = await queries.load(ZONE, SPANS)
    assert of.day(date(2026, 2, 17)).name == "春节"
    assert of.day(date(2026, 3, 3)).name == "flood"


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (b"day,is_work,name\n2026-01-01,1,\n2026-02-30,1,\n", "/3"),
        (b"day,is_work,name\n2026-01-01,maybe,\n", "/2"),
        (b"day,is_work,name\n2026-01-01,1,\n2026-01-01,0,\n", "/3"),
        (b"date,work\n", "/1"),
        (b"\xff\xfe\x00", "/"),
    ],
)
async def test_a_calendar_file_with_a_fault_names_the_line_and_changes_nothing(data, pointer):
    with pytest.raises(BadInput) as refused:
        await commands.load_csv(data)
    assert refused.value.errors[0]["pointer"] == pointer
    assert await queries.years() == ()


async def test_the_calendar_in_force_takes_up_a_change_and_only_a_change():
    held = CalendarInForce(ZONE, SPANS)
    await commands.seed([2026])
    assert await held.refresh()
    assert not await held.refresh()
    await commands.load_csv(b"day,is_work,name\n2026-11-23,0,flood\n")
    assert await held.refresh()
    assert not held.current.is_open(datetime(2026, 11, 23, 10, tzinfo=ZONE))
