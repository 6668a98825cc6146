"""Units and accounts, on a real database."""

from datetime import UTC, datetime

import pytest

from server.errors import (
    BadInput,
    Duplicate,
    NotFound,
    UnknownUnit,
)
from server.people import accounts, queries, reorganising
from server.people.accounts import Change, NewAccount
from server.people.actor import SYSTEM, Actor, Held
from server.people.actors import actor_for
from server.people.commands import Imported, NewUnit, create_unit, import_units
from server.people.in_memory import LiveUnits
from server.people.units import UnitKind, Units, UnitView
from server.permissions import Permission, Role
from server.settings import Settings

NOON = datetime(2025, 3, 1, 4, tzinfo=UTC)
SETTINGS = Settings(demo=True)
PASSWORD = "correct horse"

pytestmark = pytest.mark.usefixtures("db")

KEEPER = Actor(id=1, name="清单管理员")
UNITS = (
    NewUnit(
        code="S1",
        name="荣华派出所",
        kind=UnitKind.STATION,
        parent="区公安分局",
        township_code="T1",
    ),
    NewUnit(
        code="D1",
        name="区公安分局",
        kind=UnitKind.DEPARTMENT,
        short_names=("公安分局", "分局"),
    ),
    NewUnit(
        code="D2",
        name="区税务局",
        kind=UnitKind.DEPARTMENT,
        short_names=("税务局", "分局"),
        phone="0632-5550127",
    ),
    NewUnit(code="T1", name="荣华街道", kind=UnitKind.TOWNSHIP, township_code="T1"),
)


@pytest.fixture
async def units(db) -> Units:
    await import_units(UNITS)
    return await queries.units_index()


async def made(username: str, *held: Held, unit: UnitView | None = None, **more) -> int:
    new = NewAccount(
        username=username,
        name=username,
        unit_id=unit.id if unit else None,
        held=held,
        **more,
    )
    return await accounts.create_account(new, at=NOON)


async def test_units_are_found_by_name_place_and_parent(units):
    police, station = units.named("区公安分局"), units.named(" 荣华 派出所")
    assert units.named("公安分局") is police
    assert units.named("分局") is None  # two units call themselves so
    assert units.named("没有的局") is None
    assert units.named(police.code) is units.named("公安分局") is police
    assert units.named("D99") is None
    assert units.children(police.id) == (station,)
    assert units.station_for(police.id, "T1") is station
    assert units.station_for(police.id, "T2") is None
    assert units.township_unit("T1").name == "荣华街道"
    assert units.by_id[station.id].parent_id == police.id
    assert len(units) == 4


async def test_units_imported_twice_are_brought_up_to_date(units):
    changed = NewUnit(code="D2", name="区税务局", kind=UnitKind.DEPARTMENT, phone="12366")
    assert await import_units([*UNITS[:2], changed]) == Imported(3, ())
    after = await queries.units_index()
    assert len(after) == 4
    assert after.named("区税务局").phone == "12366"
    assert after.named("区税务局").id == units.named("区税务局").id


async def test_an_import_with_one_fault_changes_nothing(units):
    orphan = NewUnit(code="S9", name="孤儿所", kind=UnitKind.STATION, parent="没有的局")
    changed = NewUnit(code="D2", name="区税务总局", kind=UnitKind.DEPARTMENT)
    with pytest.raises(UnknownUnit):
        await import_units([changed, orphan])
    assert await queries.units_index() == units


async def test_a_unit_name_is_taken_once_however_it_is_written(units):
    for name in ("荣华街道", "荣华 街道", "公安分局", "分局"):
        with pytest.raises(Duplicate):
            await create_unit(NewUnit(code="X1", name=name, kind=UnitKind.VILLAGE))
    with pytest.raises(Duplicate):
        await import_units([NewUnit(code="X1", name="荣华　街道", kind=UnitKind.VILLAGE)])
    assert await queries.units_index() == units


async def test_what_was_renamed_or_merged_stays_so_when_the_file_is_read_again(units):
    police, tax = units.named("区公安分局"), units.named("D2")
    await reorganising.rename(police.id, "区公安局", "1号", by=KEEPER, at=NOON)
    await reorganising.merge(tax.id, police.id, "2号", by=KEEPER, at=NOON)
    before = await queries.units_index()
    station = NewUnit(
        code="S2",
        name="榴园派出所",
        kind=UnitKind.STATION,
        parent="区公安分局",
        township_code="T2",
    )
    done = await import_units([*UNITS, station])
    after = await queries.units_index()
    assert done == Imported(len(UNITS) - 1, ("区公安局", tax.name))
    for unit in (police, tax, units.named("荣华派出所")):
        assert after.by_id[unit.id] == before.by_id[unit.id]
    assert after.named("榴园派出所").parent_id == police.id
    other = NewUnit(code="S3", name="税务所", kind=UnitKind.STATION, parent=tax.name)
    await import_units([other])
    assert (await queries.units_index()).named("税务所").parent_id == police.id


async def test_a_file_that_knows_of_a_renaming_brings_the_unit_up_to_date(units):
    police = units.named("区公安分局")
    await reorganising.rename(police.id, "区公安局", "1号", by=KEEPER, at=NOON)
    row = NewUnit(code=police.code, name="区公安局", kind=UnitKind.DEPARTMENT, phone="110")
    assert await import_units([row]) == Imported(1, ())
    after = await queries.units_index()
    assert after.by_id[police.id].phone == "110"
    assert after.named("区公安分局").id == police.id


async def test_units_in_memory_change_only_when_they_did(units):
    live = LiveUnits()
    assert await live.refresh()
    before = live.now
    assert not await live.refresh()
    assert live.now is before
    await create_unit(NewUnit(code="U1", name="供电公司", kind=UnitKind.UTILITY))
    assert await live.refresh()
    assert live.now.named("供电公司") is not None


async def test_units_are_listed_in_parts_and_by_text(units):
    first = await queries.units_page(after=0, limit=3)
    rest = await queries.units_page(after=first[-1].id, limit=3)
    assert [unit.code for unit in first + rest] == [u.code for u in units.all()]
    stations = await queries.units_page(after=0, limit=9, kind=UnitKind.STATION)
    assert [unit.name for unit in stations] == ["荣华派出所"]
    named = await queries.units_page(after=0, limit=9, q="分局")
    assert {unit.code for unit in named} == {"D1", "D2"}
    assert await queries.units_page(after=0, limit=9, q="%") == []


async def test_an_actor_acts_for_the_own_unit_and_its_stations(units):
    police, station = units.named("区公安分局"), units.named("荣华派出所")
    head = await actor_for(await made("head", Held(role=Role.UNIT_HEAD), unit=police))
    assert head.unit_ids == {police.id, station.id}
    assert head.township_code == ""
    officer = await actor_for(await made("officer", Held(role=Role.HANDLER), unit=station))
    assert officer.unit_ids == {station.id}
    town = units.named("荣华街道")
    duty = await actor_for(
        await made("duty", Held(role=Role.DUTY_LEADER, place_code="T1"), unit=town)
    )
    assert duty.township_code == "T1"
    assert duty.roles == {Role.DUTY_LEADER}


async def test_people_are_found_by_unit_role_and_place(units):
    town, police = units.named("荣华街道"), units.named("区公安分局")
    grids = [Held(role=Role.GRID_WORKER, place_code=code) for code in ("G1", "G2")]
    worker = await made("worker", *grids, unit=town, sealed=True)
    operator = await made("op", Held(role=Role.TOWNSHIP, place_code="T1"), unit=town)
    officer = await made("officer", Held(role=Role.HANDLER), unit=police)
    gone = await made("gone", Held(role=Role.HANDLER), unit=police)
    await accounts.disable(gone, by=SYSTEM, at=NOON)
    resident = await made("res", Held(role=Role.RESIDENT))
    assert await queries.members([town.id, police.id]) == [operator, officer]
    assert await queries.members([town.id], Permission.CASE_CHECK) == [worker]
    assert await queries.members([]) == []
    assert await queries.holders(Role.TOWNSHIP, "T1") == [operator]
    assert await queries.holders(Role.TOWNSHIP, "T2") == []
    assert await queries.holders(Role.HANDLER) == [officer]
    assert await queries.grid_workers(["G1", "G9"]) == {"G1": [worker]}
    newcomer = await made("new", *grids, unit=town)  # nobody gave a password yet
    assert await queries.grid_workers(["G1"]) == {"G1": [worker]}
    await accounts.set_password(newcomer, PASSWORD, at=NOON)
    assert await queries.grid_workers(["G1"]) == {"G1": [worker, newcomer]}
    assert await queries.is_resident(resident)
    assert not await queries.is_resident(worker)
    assert not await queries.is_resident(10**9)
    assert await queries.names([worker, resident]) == {worker: "worker", resident: "res"}


async def test_a_username_is_taken_once_whatever_its_case():
    first = await made("Wang", Held(role=Role.ADMIN))
    with pytest.raises(Duplicate):
        await made("wang", Held(role=Role.ADMIN))
    assert await queries.account_id_of("WANG") == first


async def test_accounts_are_made_all_or_none():
    news = [NewAccount(name="a", username=name) for name in ("one", "two", "one")]
    with pytest.raises(Duplicate):
        await accounts.create_accounts(news, at=NOON)
    assert await queries.accounts_page(after=0, limit=9) == []


async def test_people_without_a_username_do_not_collide():
    news = [NewAccount(name="微信用户", held=(Held(role=Role.RESIDENT),))] * 2
    assert len(set(await accounts.create_accounts(news, at=NOON))) == 2


async def test_an_account_needs_a_unit_that_exists():
    with pytest.raises(UnknownUnit):
        await accounts.create_account(NewAccount(name="a", unit_id=77), at=NOON)


async def test_a_grid_worker_needs_a_grid():
    with pytest.raises(BadInput):
        await made("worker", Held(role=Role.GRID_WORKER))
    resident = await made("li", Held(role=Role.RESIDENT))
    change = Change(held=(Held(role=Role.GRID_WORKER),))
    with pytest.raises(BadInput):
        await accounts.change(resident, change, by=SYSTEM, at=NOON)


async def test_an_account_out_of_int4_is_not_found_rather_than_a_failure():
    with pytest.raises(NotFound):
        await actor_for(2**31 - 1)
