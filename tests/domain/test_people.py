"""Accounts, units, sessions and the throttle, on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tortoise import Tortoise

from server.errors import (
    BadInput,
    Duplicate,
    NotFound,
    NotPermitted,
    NotSignedIn,
    TooManyTries,
    UnknownUnit,
    WrongPassword,
)
from server.people import accounts, queries, sessions, throttle
from server.people.accounts import NewAccount
from server.people.actor import SYSTEM, Actor, Held
from server.people.actors import actor_for
from server.people.commands import NewUnit, create_unit, import_units
from server.people.live import LiveUnits
from server.people.passwords import Passwords, hashed
from server.people.sessions import Face, RefreshReused
from server.people.units import UnitKind, Units, UnitView
from server.permissions import Role
from server.settings import Settings

NOON = datetime(2025, 3, 1, 4, tzinfo=UTC)
SETTINGS = Settings(demo=True)
PASSWORD = "correct horse"

pytestmark = pytest.mark.usefixtures("db")

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


@pytest.fixture
def passwords() -> Passwords:
    return Passwords()


async def made(username: str, *held: Held, unit: UnitView | None = None, **more) -> int:
    new = NewAccount(
        username=username,
        name=username,
        unit_id=unit.id if unit else None,
        held=held,
        **more,
    )
    return await accounts.create_account(new, at=NOON)


async def signed_in(passwords, *, password=PASSWORD, address="192.0.2.1", at=NOON, **more):
    return await sessions.sign_in(
        more.get("username", "li"),
        password,
        face=more.get("face", Face.PHONE),
        address=address,
        at=at,
        settings=SETTINGS,
        passwords=passwords,
    )


async def whose(token: str, at: datetime) -> Actor | None:
    return await sessions.actor_of(sessions.token_hash(token), at=at, settings=SETTINGS)


async def test_units_are_found_by_name_place_and_parent(units):
    police, station = units.by_name("区公安分局"), units.by_name(" 荣华 派出所")
    assert units.by_name("公安分局") is police
    assert units.by_name("分局") is None  # two units call themselves so
    assert units.by_name("没有的局") is None
    assert units.children(police.id) == (station,)
    assert units.station_for(police.id, "T1") is station
    assert units.station_for(police.id, "T2") is None
    assert units.township_unit("T1").name == "荣华街道"
    assert units.by_id[station.id].parent_id == police.id
    assert len(units) == 4


async def test_units_imported_twice_are_brought_up_to_date(units):
    changed = NewUnit(code="D2", name="区税务局", kind=UnitKind.DEPARTMENT, phone="12366")
    assert await import_units([*UNITS[:2], changed]) == 3
    after = await queries.units_index()
    assert len(after) == 4
    assert after.by_name("区税务局").phone == "12366"
    assert after.by_name("区税务局").id == units.by_name("区税务局").id


async def test_an_import_with_one_fault_changes_nothing(units):
    orphan = NewUnit(code="S9", name="孤儿所", kind=UnitKind.STATION, parent="没有的局")
    changed = NewUnit(code="D2", name="区税务总局", kind=UnitKind.DEPARTMENT)
    with pytest.raises(UnknownUnit):
        await import_units([changed, orphan])
    assert await queries.units_index() == units


async def test_a_unit_name_is_taken_once(units):
    with pytest.raises(Duplicate):
        await create_unit(NewUnit(code="X1", name="荣华街道", kind=UnitKind.VILLAGE))


async def test_units_in_memory_change_only_when_they_did(units):
    live = LiveUnits()
    assert await live.refresh()
    before = live.now
    assert not await live.refresh()
    assert live.now is before
    await create_unit(NewUnit(code="U1", name="供电公司", kind=UnitKind.UTILITY))
    assert await live.refresh()
    assert live.now.by_name("供电公司") is not None


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
    police, station = units.by_name("区公安分局"), units.by_name("荣华派出所")
    head = await actor_for(await made("head", Held(role=Role.UNIT_HEAD), unit=police))
    assert head.unit_ids == {police.id, station.id}
    assert head.township_code == ""
    officer = await actor_for(await made("officer", Held(role=Role.HANDLER), unit=station))
    assert officer.unit_ids == {station.id}
    town = units.by_name("荣华街道")
    duty = await actor_for(
        await made("duty", Held(role=Role.DUTY_LEADER, place_code="T1"), unit=town)
    )
    assert duty.township_code == "T1"
    assert duty.roles == {Role.DUTY_LEADER}


async def test_people_are_found_by_unit_role_and_place(units):
    town, police = units.by_name("荣华街道"), units.by_name("区公安分局")
    grids = [Held(role=Role.GRID_WORKER, place_code=code) for code in ("G1", "G2")]
    worker = await made("worker", *grids, unit=town)
    operator = await made("op", Held(role=Role.TOWNSHIP, place_code="T1"), unit=town)
    officer = await made("officer", Held(role=Role.HANDLER), unit=police)
    gone = await made("gone", Held(role=Role.HANDLER), unit=police)
    await accounts.disable(gone, by=SYSTEM, at=NOON)
    resident = await made("res", Held(role=Role.RESIDENT))
    assert await queries.members([town.id, police.id]) == [operator, officer]
    assert await queries.members([town.id], [Role.GRID_WORKER]) == [worker]
    assert await queries.members([]) == []
    assert await queries.holders(Role.TOWNSHIP, "T1") == [operator]
    assert await queries.holders(Role.TOWNSHIP, "T2") == []
    assert await queries.holders(Role.HANDLER) == [officer]
    assert await queries.grid_workers(["G1", "G9"]) == {"G1": [worker]}
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
    with pytest.raises(BadInput):
        await accounts.grant(resident, Held(role=Role.GRID_WORKER))


async def test_an_account_out_of_int4_is_not_found_rather_than_a_failure():
    with pytest.raises(NotFound):
        await actor_for(2**31 - 1)


@pytest.mark.parametrize(
    "password",
    ["short12", "x" * 129, "password123", "PASSWORD123", "zhang.wei.1988", "1" * 20, "88888888"],
)
async def test_a_password_that_is_easily_guessed_is_refused(password):
    with pytest.raises(BadInput):
        await made("Zhang.Wei.1988", password=password)


async def test_a_password_of_64_characters_and_spaces_is_good(passwords):
    long = "我 的 密 码 很 长 " * 6 + "ab12"
    await made("li", password=long)
    assert await signed_in(passwords, password=long)


async def test_a_password_is_kept_as_argon2id_of_the_owasp_profile():
    assert hashed("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await made("li", password=PASSWORD)
    rows = await Tortoise.get_connection("default").execute_query_dict("TABLE account")
    assert PASSWORD not in str(rows)


async def test_name_and_password_open_a_session_for_the_phone(passwords):
    account = await made("li", Held(role=Role.RESIDENT), password=PASSWORD)
    session = await signed_in(passwords, username=" LI ")
    assert session.expires_at == NOON + timedelta(hours=2)
    actor = await whose(session.token, NOON + timedelta(hours=2, seconds=-1))
    assert (actor.id, actor.face) == (account, "phone")
    assert await whose(session.token, NOON + timedelta(hours=2)) is None
    assert len(session.token) >= 43
    rows = await Tortoise.get_connection("default").execute_query_dict("TABLE token")
    assert session.token not in str(rows)
    assert session.refresh not in str(rows)


async def test_a_refresh_token_does_not_open_anything_itself(passwords):
    await made("li", password=PASSWORD)
    session = await signed_in(passwords)
    assert await whose(session.refresh, NOON) is None
    with pytest.raises(NotSignedIn):
        await sessions.refresh(session.token, at=NOON, settings=SETTINGS)


async def test_the_console_ends_after_idling_and_after_a_day_of_work(passwords):
    await made("li", password=PASSWORD)
    session = await signed_in(passwords, face=Face.CONSOLE)
    assert session.refresh is None
    at = NOON
    while at < NOON + timedelta(hours=11, minutes=30):
        at += timedelta(minutes=29)
        assert await whose(session.token, at) is not None
    assert await whose(session.token, NOON + timedelta(hours=12)) is None
    idle = await signed_in(passwords, face=Face.CONSOLE)
    assert await whose(idle.token, NOON + timedelta(minutes=29, seconds=59)) is not None
    assert await whose(idle.token, NOON + timedelta(minutes=60)) is None


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_family(passwords):
    account = await made("li", password=PASSWORD)
    other = await signed_in(passwords)
    first = await signed_in(passwords)
    second = await sessions.refresh(first.refresh, at=NOON, settings=SETTINGS)
    assert await whose(second.token, NOON) is not None
    with pytest.raises(RefreshReused) as caught:
        await sessions.refresh(first.refresh, at=NOON, settings=SETTINGS)
    assert caught.value.account_id == account
    assert caught.value.facts == {}
    assert await whose(first.token, NOON) is None
    assert await whose(second.token, NOON) is None
    with pytest.raises(NotSignedIn):
        await sessions.refresh(second.refresh, at=NOON, settings=SETTINGS)
    assert await whose(other.token, NOON) is not None


async def test_of_two_refreshes_at_once_only_one_gets_a_session(passwords):
    await made("li", password=PASSWORD)
    session = await signed_in(passwords)
    outcomes = await asyncio.gather(
        *(sessions.refresh(session.refresh, at=NOON, settings=SETTINGS) for _ in range(5)),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, NotSignedIn)]
    assert len(refused) == 4


async def test_a_refresh_token_ends_after_thirty_days(passwords):
    await made("li", password=PASSWORD)
    session = await signed_in(passwords)
    with pytest.raises(NotSignedIn):
        await sessions.refresh(session.refresh, at=NOON + timedelta(days=30), settings=SETTINGS)


async def test_signing_out_ends_the_session_and_its_refresh(passwords):
    await made("li", password=PASSWORD)
    session, other = await signed_in(passwords), await signed_in(passwords)
    await sessions.revoke(session.token, at=NOON)
    assert await whose(session.token, NOON) is None
    with pytest.raises(NotSignedIn):
        await sessions.refresh(session.refresh, at=NOON, settings=SETTINGS)
    assert await whose(other.token, NOON) is not None


async def test_a_disabled_account_is_out_at_once_and_cannot_come_back(passwords):
    account = await made("li", Held(role=Role.RESIDENT), password=PASSWORD)
    session = await signed_in(passwords)
    await accounts.disable(account, by=SYSTEM, at=NOON)
    assert await whose(session.token, NOON) is None
    with pytest.raises(NotSignedIn):
        await sessions.refresh(session.refresh, at=NOON, settings=SETTINGS)
    with pytest.raises(WrongPassword):
        await signed_in(passwords)
    with pytest.raises(NotFound):
        await actor_for(account)
    with pytest.raises(NotFound):
        await accounts.disable(10**9, by=SYSTEM, at=NOON)


async def test_nobody_closes_the_own_account():
    admin = await actor_for(await made("admin.wu", Held(role=Role.ADMIN)))
    with pytest.raises(NotPermitted):
        await accounts.disable(admin.id, by=admin, at=NOON)


async def test_a_withdrawn_role_and_a_new_password_end_all_sessions(passwords):
    account = await made("li", Held(role=Role.AUDITOR), password=PASSWORD)
    before = await signed_in(passwords)
    await accounts.grant(account, Held(role=Role.LEADER))
    await accounts.grant(account, Held(role=Role.LEADER))
    assert (await whose(before.token, NOON)).roles == {Role.AUDITOR, Role.LEADER}
    await accounts.withdraw(account, Held(role=Role.LEADER), at=NOON)
    assert await whose(before.token, NOON) is None
    with pytest.raises(NotFound):
        await accounts.withdraw(account, Held(role=Role.LEADER), at=NOON)
    again = await signed_in(passwords)
    await accounts.set_password(account, "another horse", at=NOON)
    assert await whose(again.token, NOON) is None
    with pytest.raises(WrongPassword):
        await signed_in(passwords)
    assert await signed_in(passwords, password="another horse")


async def test_ten_failures_block_a_name_from_every_address_and_ever_longer(passwords):
    await made("li", password=PASSWORD)
    for n in range(10):
        with pytest.raises(WrongPassword):
            await signed_in(passwords, password="wrong horse", address=f"192.0.2.{n}")
    with pytest.raises(TooManyTries) as caught:
        await signed_in(passwords, address="198.51.100.1")
    assert caught.value.facts == {"retry_after": throttle.FIRST_BLOCK_SECONDS}
    later = NOON + timedelta(seconds=throttle.FIRST_BLOCK_SECONDS)
    with pytest.raises(WrongPassword):
        await signed_in(passwords, password="wrong horse", at=later)
    with pytest.raises(TooManyTries) as caught:
        await signed_in(passwords, at=later)
    assert caught.value.facts == {"retry_after": 2 * throttle.FIRST_BLOCK_SECONDS}
    assert await signed_in(passwords, at=later + timedelta(seconds=60))
    with pytest.raises(WrongPassword):  # the success cleared the name
        await signed_in(passwords, password="wrong horse", at=later + timedelta(seconds=60))


async def test_an_unknown_name_is_blocked_like_a_known_one(passwords):
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await signed_in(passwords, username="nobody")
    with pytest.raises(TooManyTries):
        await signed_in(passwords, username="nobody")


async def test_guesses_sent_all_at_once_are_counted_too(passwords):
    await made("li", password=PASSWORD)
    tries = (signed_in(passwords, password=f"wrong horse {n}") for n in range(14))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, WrongPassword) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, TooManyTries) for outcome in outcomes) == 4


async def test_an_address_that_tries_many_names_is_blocked():
    for n in range(50):
        keys = throttle.keys_of(f"name{n}", "192.0.2.7")
        await throttle.count_try(keys, at=NOON, allowed=10)
    keys = throttle.keys_of("another", "192.0.2.7")
    with pytest.raises(TooManyTries):
        await throttle.count_try(keys, at=NOON, allowed=10)
    elsewhere = throttle.keys_of("another", "192.0.2.8")
    await throttle.count_try(elsewhere, at=NOON, allowed=10)


async def test_an_office_behind_one_address_signs_in_as_often_as_it_likes():
    for n in range(70):
        keys = throttle.keys_of(f"name{n}", "192.0.2.7")
        await throttle.count_try(keys, at=NOON, allowed=10)
        await throttle.forgive(keys, allowed=10)


async def test_failures_are_forgotten_after_a_day():
    keys = throttle.keys_of("li", "192.0.2.7")
    for _ in range(9):
        await throttle.count_try(keys, at=NOON, allowed=10)
    later = NOON + timedelta(days=1, seconds=1)
    for _ in range(9):
        await throttle.count_try(keys, at=later, allowed=10)


async def test_the_demo_signs_in_only_its_own_people():
    await made("ordinary", Held(role=Role.ADMIN))
    with pytest.raises(NotFound):
        await sessions.sign_in_demo(Role.ADMIN, face=Face.PHONE, at=NOON, settings=SETTINGS)
    shown = await made("shown", Held(role=Role.ADMIN), demo=True)
    session = await sessions.sign_in_demo(Role.ADMIN, face=Face.PHONE, at=NOON, settings=SETTINGS)
    assert session.account_id == shown
    with pytest.raises(NotFound):
        await sessions.sign_in_demo(
            Role.ADMIN, face=Face.PHONE, at=NOON, settings=Settings(demo=False)
        )


async def test_what_is_long_over_is_swept_away(passwords):
    await made("li", password=PASSWORD)
    await signed_in(passwords)
    assert await sessions.purge(at=NOON + timedelta(days=2)) == 1
    assert await sessions.purge(at=NOON + timedelta(days=32)) == 1
    rows = await Tortoise.get_connection("default").execute_query_dict("TABLE sign_in_throttle")
    assert rows == []


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(passwords):
    kept = hashed(PASSWORD)
    loop = asyncio.get_running_loop()

    async def seconds(kept: str) -> float:
        start = loop.time()
        assert not await passwords.fits("wrong horse", kept)
        return loop.time() - start

    known = min([await seconds(kept) for _ in range(5)])
    unknown = min([await seconds("") for _ in range(5)])
    assert 0.5 < unknown / known < 2
