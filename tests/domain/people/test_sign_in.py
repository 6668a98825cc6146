"""Passwords, sessions and the throttle, on a real database."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from tortoise import Tortoise

from server.errors import (
    BadInput,
    NotFound,
    NotPermitted,
    NotSignedIn,
    WrongPassword,
)
from server.people import accounts
from server.people.accounts import Change
from server.people.actor import SYSTEM, Held
from server.people.actors import actor_for
from server.people.commands import NewUnit, create_unit
from server.people.models import Account
from server.people.queries import units_index
from server.people.sign_in import sessions, throttle
from server.people.sign_in.passwords import Passwords, hashed
from server.people.sign_in.sessions import Face, RefreshReused
from server.people.units import UnitKind
from server.permissions import Role
from server.settings import Settings
from tests.domain.people.signing import NOON, PASSWORD, SECOND, SETTINGS, made, signed_in, whose

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def passwords() -> Passwords:
    return Passwords()


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
    later = NOON + timedelta(seconds=61)
    with pytest.raises(RefreshReused) as caught:
        await sessions.refresh(first.refresh, at=later, settings=SETTINGS)
    assert caught.value.account_id == account
    assert caught.value.facts == {}
    assert await whose(first.token, NOON) is None
    assert await whose(second.token, NOON) is None
    with pytest.raises(NotSignedIn):
        await sessions.refresh(second.refresh, at=NOON, settings=SETTINGS)
    assert await whose(other.token, NOON) is not None


async def test_a_client_whose_answer_was_lost_asks_again_and_what_was_lost_is_void(passwords):
    await made("li", password=PASSWORD)
    first = await signed_in(passwords)
    lost = await sessions.refresh(first.refresh, at=NOON + SECOND, settings=SETTINGS)
    again = await sessions.refresh(first.refresh, at=NOON + 31 * SECOND, settings=SETTINGS)
    at = NOON + 60 * SECOND
    assert await whose(again.token, at) is not None
    assert await whose(lost.token, at) is None
    with pytest.raises(RefreshReused):
        await sessions.refresh(lost.refresh, at=NOON + 62 * SECOND, settings=SETTINGS)
    assert await whose(again.token, at) is None


async def test_a_used_token_is_reused_once_the_next_was_used_or_the_session_is_over(passwords):
    await made("li", password=PASSWORD)
    first, other = await signed_in(passwords), await signed_in(passwords)
    second = await sessions.refresh(first.refresh, at=NOON + SECOND, settings=SETTINGS)
    third = await sessions.refresh(second.refresh, at=NOON + 2 * SECOND, settings=SETTINGS)
    at = NOON + 3 * SECOND
    with pytest.raises(RefreshReused):
        await sessions.refresh(first.refresh, at=at, settings=SETTINGS)
    assert await whose(third.token, at) is None
    kept = await sessions.refresh(other.refresh, at=NOON + SECOND, settings=SETTINGS)
    await sessions.revoke(kept.token, at=NOON + 2 * SECOND)
    with pytest.raises(RefreshReused):
        await sessions.refresh(other.refresh, at=at, settings=SETTINGS)


async def test_of_refreshes_at_once_one_session_is_left(passwords):
    await made("li", password=PASSWORD)
    session = await signed_in(passwords)
    at = NOON + SECOND
    found = await asyncio.gather(
        *(sessions.refresh(session.refresh, at=at, settings=SETTINGS) for _ in range(5))
    )
    alive = [each for each in found if await whose(each.token, at) is not None]
    assert len(alive) == 1


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


async def test_of_administrators_who_close_each_other_at_once_one_stays():
    chief, admin = [
        await actor_for(await made(name, Held(role=Role.ADMIN))) for name in ("chief.a", "admin.b")
    ]
    done = await asyncio.gather(
        accounts.disable(admin.id, by=chief, at=NOON),
        accounts.disable(chief.id, by=admin, at=NOON),
        return_exceptions=True,
    )
    assert sorted(map(type, done), key=str) == sorted((type(None), NotSignedIn), key=str)
    assert await Account.filter(id__in=[chief.id, admin.id], active=True).count() == 1


async def test_who_may_not_manage_accounts_any_more_changes_none():
    chief, admin = [
        await actor_for(await made(name, Held(role=Role.ADMIN))) for name in ("chief.a", "admin.b")
    ]
    await accounts.change(admin.id, Change(held=(Held(role=Role.AUDITOR),)), by=chief, at=NOON)
    with pytest.raises(NotSignedIn):
        await accounts.change(chief.id, Change(held=()), by=admin, at=NOON)
    assert (await actor_for(chief.id)).roles == {Role.ADMIN}


async def test_a_withdrawn_role_and_a_new_password_end_all_sessions(passwords):
    account = await made("li", Held(role=Role.AUDITOR), password=PASSWORD)
    before = await signed_in(passwords)
    both = Change(held=(Held(role=Role.AUDITOR), Held(role=Role.LEADER)))
    await accounts.change(account, both, by=SYSTEM, at=NOON)
    assert await whose(before.token, NOON) is None
    assert (await actor_for(account)).roles == {Role.AUDITOR, Role.LEADER}
    await accounts.change(account, Change(held=(Held(role=Role.AUDITOR),)), by=SYSTEM, at=NOON)
    assert (await actor_for(account)).roles == {Role.AUDITOR}
    with pytest.raises(NotFound):
        await accounts.change(account + 1, both, by=SYSTEM, at=NOON)
    again = await signed_in(passwords)
    await accounts.set_password(account, "another horse", at=NOON)
    assert await whose(again.token, NOON) is None
    with pytest.raises(WrongPassword):
        await signed_in(passwords)
    assert await signed_in(passwords, password="another horse")


@pytest.mark.parametrize(
    ("role", "desk"),
    [
        (Role.DISPATCHER, True),
        (Role.ADMIN, True),
        (Role.GRID_WORKER, False),
        (Role.HANDLER, False),
    ],
)
async def test_the_account_and_not_the_asking_front_says_how_long_a_session_lives(
    passwords, role, desk
):
    grid = "g" if role is Role.GRID_WORKER else ""
    unit = await create_unit(NewUnit(code="D1", name="区公安分局", kind=UnitKind.DEPARTMENT))
    await made(
        "li",
        Held(role=role, place_code=grid),
        unit=(await units_index()).by_id[unit],
        password=PASSWORD,
    )
    session = await signed_in(passwords, face=Face.PHONE)
    assert (session.refresh is None) is desk
    assert (await whose(session.token, NOON + timedelta(minutes=31)) is None) is desk


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
    connection = Tortoise.get_connection("default")
    assert await connection.execute_query_dict("TABLE sign_in_throttle") == []
    assert len(await connection.execute_query_dict("TABLE known_address")) == 1
    await sessions.purge(at=NOON + throttle.KNOWN_FOR + SECOND)
    assert await connection.execute_query_dict("TABLE known_address") == []


async def test_an_unknown_name_takes_the_same_work_as_a_wrong_password(passwords, monkeypatch):
    worked_on = []

    class Counting(PasswordHasher):
        def verify(self, kept, password):
            worked_on.append(extract_parameters(kept))
            return super().verify(kept, password)

    same = Counting.from_parameters(extract_parameters(hashed(PASSWORD)))
    monkeypatch.setattr("server.people.sign_in.passwords._HASHER", same)
    await made("li", password=PASSWORD)
    for username in ("li", "nobody.here"):
        with pytest.raises(WrongPassword):
            await signed_in(passwords, username=username, password="wrong horse")
    wrong, unknown = worked_on
    assert wrong == unknown == extract_parameters(hashed(PASSWORD))
