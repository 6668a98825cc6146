"""Signing in and out: opaque tokens, their rotation and revocation, the throttle's verdict."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from tortoise import Tortoise
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from server.db import cannot_write
from server.errors import NotFound, NotSignedIn, WrongOldPassword, WrongPassword
from server.people import taps
from server.people.actor import Actor
from server.people.actors import ACTOR_COLUMNS, actor_of_row, moment_of
from server.people.models import Account, Grant, Token
from server.people.shifts import shift_hours_of
from server.people.sign_in import throttle
from server.people.sign_in.passwords import Passwords
from server.permissions import Role, works_at_desk
from server.settings import Settings

ACCESS: Final = "access"
REFRESH: Final = "refresh"
#: The face of a screen on a wall: nobody signs in by it, and it reads what the wall shows alone.
DISPLAY: Final = "display"

#: So long a client whose answer was lost may ask for it again.
_LOST: Final = timedelta(seconds=60)
_PRESENT: Final = """
SELECT DISTINCT token.family FROM token
JOIN account ON account.id = token.account_id AND account.active
WHERE token.family = ANY($1::uuid[]) AND token.revoked_at IS NULL AND token.expires_at > $2
"""


class Face(StrEnum):
    """Which front a session is for: they live differently long.

    Whoever reaches the whole county gets a desk's session, whichever front asks.
    """

    PHONE = "phone"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a client gets on signing in; `refresh` is None at the console."""

    token: str
    refresh: str | None
    expires_at: datetime
    account_id: int


_ACTOR: Final = f"""
SELECT token.id, token.face, token.used_at, token.expires_at, {ACTOR_COLUMNS}
FROM token
JOIN account ON account.id = token.account_id AND account.active
LEFT JOIN unit ON unit.id = account.unit_id
WHERE token.hash = $1 AND token.purpose = 'access' AND token.revoked_at IS NULL
"""


class RefreshReused(NotSignedIn):
    """A refresh token came a second time; all sessions of its family are over."""

    def __init__(self, account_id: int) -> None:
        super().__init__()
        self.account_id = account_id


def token_hash(token: str) -> str:
    """Return under what a token is stored; the token itself is kept nowhere."""
    return hashlib.sha256(token.encode()).hexdigest()


async def sign_in(
    username: str,
    password: str,
    *,
    face: Face,
    address: str,
    at: datetime,
    settings: Settings,
    passwords: Passwords,
) -> Session:
    """Return a new session of the account with this name and password.

    Raises WrongPassword without telling which was wrong, and TooManyTries; an unknown name
    takes as long as a wrong password.
    """
    username = username.strip().lower()
    keys = throttle.keys_of(username, address)
    async with throttle.trying(keys, at=at, allowed=settings.sign_in_failures):
        account = await Account.get_or_none(username=username, active=True)
        kept = account.password_hash if account is not None else ""
        if not await passwords.fits(password, kept) or account is None:
            raise WrongPassword
    return await open_session(account.id, face=face, at=at, settings=settings)


async def sign_in_demo(role: Role, *, face: Face, at: datetime, settings: Settings) -> Session:
    """Return a session of the demo account holding a role; raises NotFound without one."""
    demo = Grant.filter(role=role.value, account__demo=True, account__active=True)
    grant = await demo.order_by("account_id").first()
    if grant is None or not settings.demo:
        raise NotFound
    return await open_session(grant.account_id, face=face, at=at, settings=settings)


async def open_session(
    account_id: int, *, face: Face, at: datetime, settings: Settings
) -> Session:
    """Return a new session of an account, whoever vouched for it."""
    async with in_transaction():
        return await _issue(account_id, face, uuid4(), at, settings)


async def refresh(presented: str, *, at: datetime, settings: Settings) -> Session:
    """Return the next session for a refresh token, which thereby is used up.

    Raises NotSignedIn, and RefreshReused for a token used up before: two hold it, so the whole
    family ends; but not where the answer may have been lost, see `_lost`.
    """
    async with in_transaction():
        token = (
            await Token.filter(hash=token_hash(presented), purpose=REFRESH)
            .select_for_update()
            .first()
        )
        session = None
        used_up = token is not None and token.revoked_at is not None
        reused = token is not None and used_up and not await _lost(token, at)
        if token is not None and reused:
            await _revoke_family(token.family, at)
        elif token is not None and token.expires_at > at:
            if not used_up:
                token.revoked_at = token.used_at = at
                await token.save()
            if await Account.filter(id=token.account_id, active=True).exists():
                face = Face(token.face)
                # Made when this one was used up: by that `_lost` knows it for the next.
                made_at = token.used_at
                session = await _issue(token.account_id, face, token.family, made_at, settings)
    # Raised outside, or the family's revocation would be rolled back.
    if token is not None and reused:
        raise RefreshReused(token.account_id)
    if session is None:
        raise NotSignedIn
    return session


async def family_of(presented: str) -> UUID:
    """Return the sign-in that a token belongs to; raises NotSignedIn for none."""
    token = await Token.get_or_none(hash=token_hash(presented))
    if token is None:
        raise NotSignedIn
    return token.family


async def family_and_account(presented: str) -> tuple[UUID, int]:
    """Return the sign-in that a token belongs to, and whose it is; raises NotSignedIn for none."""
    token = await Token.get_or_none(hash=token_hash(presented))
    if token is None:
        raise NotSignedIn
    return token.family, token.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One sign-in that still holds; `here` for the one that asks."""

    family: UUID
    face: str
    began_at: datetime
    used_at: datetime
    expires_at: datetime
    here: bool


async def open_sessions(presented: str, *, at: datetime, settings: Settings) -> list[OpenSession]:
    """Return the sign-ins that hold of whose token this is, the last used first.

    Raises NotSignedIn for a token that is none.
    """
    family, account_id = await family_and_account(presented)
    found = await sessions_of(account_id, at=at, settings=settings)
    return [replace(each, here=each.family == family) for each in found]


async def sessions_of(account_id: int, *, at: datetime, settings: Settings) -> list[OpenSession]:
    """Return the sign-ins of an account that hold, the last used first; none of them `here`."""
    idle = at - timedelta(minutes=settings.console_idle_minutes)
    held: dict[UUID, OpenSession] = {}
    tokens = Token.filter(account_id=account_id, revoked_at=None, expires_at__gt=at)
    for each in await tokens.order_by("used_at"):
        if each.face != Face.CONSOLE or each.used_at > idle:
            held[each.family] = OpenSession(
                family=each.family,
                face=each.face,
                began_at=each.created_at,
                used_at=each.used_at,
                expires_at=each.expires_at,
                here=False,
            )
    began = dict[UUID, datetime]()
    for each in await Token.filter(family__in=list(held)).order_by("-created_at"):
        began[each.family] = each.created_at
    found = [replace(each, began_at=began[each.family]) for each in held.values()]
    return sorted(found, key=lambda each: each.used_at, reverse=True)


async def end_session(account_id: int, family: UUID, *, at: datetime) -> None:
    """End one sign-in of an account; raises NotFound for one that is over, or somebody else's."""
    held = Token.filter(account_id=account_id, family=family, revoked_at=None)
    if not await held.update(revoked_at=at):
        raise NotFound


async def own_password(
    presented: str,
    password: str,
    *,
    address: str,
    at: datetime,
    settings: Settings,
    passwords: Passwords,
) -> tuple[UUID, int]:
    """Return the session and account of whose token this is, who says their password once more.

    Raises NotSignedIn, WrongOldPassword, TooManyTries as at signing in.
    """
    family, account_id = await family_and_account(presented)
    account = await Account.get(id=account_id)
    keys = throttle.keys_of(account.username or str(account_id), address)
    async with throttle.trying(keys, at=at, allowed=settings.sign_in_failures):
        if not await passwords.fits(password, account.password_hash):
            raise WrongOldPassword
    return family, account_id


async def open_display(
    presented: str,
    password: str,
    *,
    address: str,
    at: datetime,
    settings: Settings,
    passwords: Passwords,
) -> str:
    """Turn the session of whose token this is into a wall's, and return the wall's token.

    It lasts for weeks and is left alone: who opens it says their password once more, and nothing
    of their own session stays there. It ends as every other of the account does. Raises
    NotSignedIn, WrongOldPassword, TooManyTries as at signing in.
    """
    family, account_id = await own_password(
        presented, password, address=address, at=at, settings=settings, passwords=passwords
    )
    until = at + timedelta(days=settings.display_days)
    async with in_transaction():
        await _revoke_family(family, at)
        return await _write(account_id, DISPLAY, uuid4(), at, ACCESS, until)


async def until(presented: str) -> datetime:
    """Return when the session of a token ends at the latest; raises NotSignedIn for none."""
    token = await Token.get_or_none(hash=token_hash(presented))
    if token is None:
        raise NotSignedIn
    return token.expires_at


async def revoke(presented: str, *, at: datetime) -> None:
    """End the session that a token belongs to, with all that came of the same sign-in."""
    token = await Token.get_or_none(hash=token_hash(presented))
    if token is not None:
        await _revoke_family(token.family, at)


async def revoke_all(account_id: int, *, at: datetime, but: UUID | None = None) -> None:
    """End every session of an account, but for one sign-in where that is to stay."""
    held = Token.filter(account_id=account_id, revoked_at=None)
    await (held.exclude(family=but) if but else held).update(revoked_at=at)


async def actor_of(hashed: str, *, at: datetime, settings: Settings) -> Actor | None:
    """Return whom an access token stands for now, None when for nobody; notes the use."""
    connection = Tortoise.get_connection("default")
    sitting = shift_hours_of(settings).at(at)
    rows = await connection.execute_query_dict(_ACTOR, [hashed, *moment_of(sitting), at])
    if not rows or rows[0]["expires_at"] <= at:
        return None
    row = rows[0]
    if row["face"] != Face.PHONE:
        idle = timedelta(minutes=settings.console_idle_minutes)
        if row["face"] == Face.CONSOLE and at - row["used_at"] >= idle:
            return None
        # A write per request would be dear; a fiftieth of the idle time is exact enough.
        if at - row["used_at"] >= idle / 50:
            await _note_use(row["id"], at)
    return actor_of_row(row, face=row["face"])


async def _note_use(token_id: int, at: datetime) -> None:
    """Keep when a session was last used; a database without room is no reason to refuse a read."""
    try:
        await Token.filter(id=token_id, used_at__lt=at).update(used_at=at)
    except Exception as error:
        if not cannot_write(error):
            raise


async def purge(*, at: datetime) -> int:
    """Delete tokens, throttles and taps that no longer matter; returns how many tokens went."""
    await throttle.purge(at=at)
    await taps.purge(at=at)
    return await Token.filter(expires_at__lt=at - timedelta(days=1)).delete()


async def _issue(
    account_id: int, face: Face, family: UUID, at: datetime, settings: Settings
) -> Session:
    held = Grant.filter(Q(account_id=account_id) | Q(account__substitute_id=account_id))
    roles = held.values_list("role", flat=True)
    if works_at_desk(await roles):
        face = Face.CONSOLE
    on_phone = face is Face.PHONE
    hours = settings.phone_token_hours if on_phone else settings.console_hours
    expires_at = at + timedelta(hours=hours)
    access = await _write(account_id, face, family, at, ACCESS, expires_at)
    refreshing = None
    if on_phone:
        in_a_unit = await Account.filter(id=account_id, unit_id__isnull=False).exists()
        days = settings.staff_refresh_days if in_a_unit else settings.phone_refresh_days
        until = at + timedelta(days=days)
        refreshing = await _write(account_id, face, family, at, REFRESH, until)
    return Session(token=access, refresh=refreshing, expires_at=expires_at, account_id=account_id)


async def _write(
    account_id: int, face: str, family: UUID, at: datetime, purpose: str, expires_at: datetime
) -> str:
    token = secrets.token_urlsafe(32)
    issued = Token(
        account_id=account_id,
        hash=token_hash(token),
        purpose=purpose,
        face=face,
        family=family,
        created_at=at,
        used_at=at,
        expires_at=expires_at,
    )
    await issued.save()
    return token


async def _lost(token: Token, at: datetime) -> bool:
    """Tell whether the answer to this token may never have come; what was in it is void then.

    That is so for a minute, and as long as nobody has used the refresh token in it.
    """
    made = Token.filter(family=token.family, created_at=token.used_at, revoked_at=None)
    if at - token.used_at > _LOST or not await made.filter(purpose=REFRESH).exists():
        return False
    await made.update(revoked_at=at)
    return True


async def _revoke_family(family: UUID, at: datetime) -> None:
    await Token.filter(family=family, revoked_at=None).update(revoked_at=at)


async def present(families: Collection[UUID], *, at: datetime) -> frozenset[UUID]:
    """Which of these sign-ins are neither over nor revoked, and their accounts active."""
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_PRESENT, [list(families), at])
    return frozenset(row["family"] for row in rows)
