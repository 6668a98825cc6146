"""When a list takes effect, and who may publish it."""

from datetime import timedelta

import pytest
from tortoise import Tortoise

from gridwhistle.demo.spreadsheet import workbook
from server.errors import (
    Duplicate,
    NotFound,
    NotPermitted,
    UnknownUnit,
    VersionState,
)
from server.governance import commands as governance
from server.people.actor import Actor, Held
from server.people.queries import units_index
from server.permissions import Role
from server.responsibility.answering.in_memory import ListsInForce
from server.responsibility.list import queries
from tests.domain.acts.lists import (
    DAY,
    GOOD,
    HEADER,
    KEEPER,
    NOON,
    altered,
    bring,
    make_demo_units,
    make_units,
    publish,
    xlsx,
)

pytestmark = pytest.mark.usefixtures("db")


async def test_a_list_takes_effect_from_its_start_and_the_one_before_ends_there():
    await make_units("区综合行政执法局", "公安分局")
    old = await bring(xlsx(HEADER, GOOD))
    new = await bring(xlsx(HEADER, altered(limit="3个工作日")))
    await publish(old)
    lists = ListsInForce(["main_and_cooperating"])
    units = await units_index()
    assert await lists.refresh(units, since=NOON, at=NOON)
    assert not await lists.refresh(units, since=NOON, at=NOON)
    await publish(new, NOON + DAY)
    assert await lists.refresh(units, since=NOON, at=NOON)
    limits = [
        lists.at(moment).lookup("ZH-002", "").limit
        for moment in (NOON, NOON + DAY - timedelta(seconds=1), NOON + DAY)
    ]
    assert limits == [1, 1, 3]
    assert lists.at(NOON - DAY).lookup("ZH-002", "").off_list
    assert [each.name for each in lists.suggester(NOON).suggest("犬只")] == ["犬只管理"]


async def test_a_list_in_force_stays_however_many_begin_later():
    await make_units("区综合行政执法局", "公安分局")
    await publish(await bring(xlsx(HEADER, GOOD)))
    for n in range(1, 6):
        await publish(await bring(xlsx(HEADER, altered(limit=f"{n + 1}个工作日"))), NOON + n * DAY)
    lists, units = ListsInForce(["main_and_cooperating"]), await units_index()
    await lists.refresh(units, since=NOON + DAY, at=NOON + 2 * DAY)
    limits = [lists.at(NOON + n * DAY).lookup("ZH-002", "").limit for n in range(1, 6)]
    assert limits == [2, 3, 4, 5, 6]
    assert lists.at(NOON).lookup("ZH-002", "").off_list
    assert (await lists.recall(NOON)).lookup("ZH-002", "").limit == 1
    assert (await lists.recall(NOON - DAY)).lookup("ZH-002", "").off_list


async def test_publishing_is_refused_to_others_twice_in_the_past_and_for_an_instant_taken():
    await make_units("区综合行政执法局", "公安分局")
    one, two = await bring(xlsx(HEADER, GOOD)), await bring(xlsx(HEADER, GOOD))
    admin = Actor(id=1, name="a", held=(Held(role=Role.ADMIN),))
    with pytest.raises(NotPermitted):
        await publish(one, by=admin)
    with pytest.raises(VersionState):
        await publish(one, NOON - DAY)
    with pytest.raises(NotFound):
        await governance.publish_list(999, starts_at=NOON, by=KEEPER, at=NOON)
    await publish(one)
    with pytest.raises(VersionState):
        await publish(one, NOON + DAY)
    with pytest.raises(Duplicate):
        await publish(two)
    states = {each.id: each.state for each in await queries.versions(at=NOON)}
    assert states == {one.id: "published", two.id: "in_review"}


async def test_a_version_that_names_a_unit_no_longer_there_is_not_published():
    await make_units("区综合行政执法局", "公安分局")
    version = await bring(xlsx(HEADER, GOOD))
    connection = Tortoise.get_connection("default")
    await connection.execute_query("UPDATE unit SET active = false WHERE code = 'D1'")
    with pytest.raises(UnknownUnit) as refused:
        await publish(version)
    assert refused.value.facts["matter"] == "犬只管理"


async def test_entries_matters_and_versions_come_in_pages():
    await make_demo_units()
    version = await bring(workbook())
    first = await queries.entries(version.id, limit=40)
    second = await queries.entries(version.id, limit=100, after=first[-1].row)
    assert (len(first), len(second)) == (40, 65)
    assert await queries.entry(first[3].id) == first[3]
    page = await queries.matters(limit=10)
    rest = await queries.matters(limit=10, after=page[-1].code)
    assert page[-1].code < rest[0].code
    assert {row.domain for row in await queries.matters(domain="生态环境")} == {"生态环境"}
    assert (await queries.versions("main_and_cooperating", at=NOON))[0].n_entries == 105
    assert (await queries.version_report(version.id))["n_refused"] == 0
    assert await queries.matter_name("CJ-002") == "破坏房屋承重结构和私开门洞查处"
    with pytest.raises(NotFound):
        await queries.version_report(999)
