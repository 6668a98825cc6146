"""Making accounts and signing in as them, for tests of sign-in."""

from datetime import UTC, datetime, timedelta

from server.people import accounts
from server.people.accounts import NewAccount
from server.people.actor import Actor, Held
from server.people.sign_in import sessions
from server.people.sign_in.sessions import Face
from server.people.units import UnitView
from server.settings import Settings

NOON = datetime(2025, 3, 1, 4, tzinfo=UTC)
SETTINGS = Settings(demo=True)
PASSWORD = "correct horse"
SECOND = timedelta(seconds=1)


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
