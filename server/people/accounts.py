"""Every write of accounts and their roles."""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.errors import (
    BadInput,
    Duplicate,
    NotFound,
    NotPermitted,
    NotSignedIn,
    UnknownUnit,
)
from server.people.actor import Actor, Held
from server.people.actors import actors_for
from server.people.fitting import TownshipOf, anywhere, misfits
from server.people.models import Account, Grant
from server.people.queries import mark_of_account, units_index
from server.people.sign_in import sessions
from server.people.sign_in.passwords import Passwords, hashed, nobodys, require_fit
from server.people.units import Units, without_unseen
from server.permissions import Permission, Role
from server.seen import require_seen
from server.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is made from; without a password nobody signs in by one.

    Nor does anybody to one that is `sealed`, by a password that nobody knows: it counts as a
    person's all the same, who is given work.
    """

    name: str
    username: str | None = None
    password: str | None = None
    unit_id: int | None = None
    held: tuple[Held, ...] = ()
    demo: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes different about an account: None stays; `held` replaces every role and grid.

    `seen` is the mark of what it was when somebody looked; None for who replaces whatever it is.
    """

    seen: str | None = None
    held: tuple[Held, ...] | None = None
    moves: bool = False
    unit_id: int | None = None


async def create_account(
    new: NewAccount, *, at: datetime, township_of: TownshipOf = anywhere
) -> int:
    """Make an account and return its id.

    Raises Duplicate for a username that is taken, UnknownUnit, and BadInput for a password or
    roles that will not do.
    """
    made = await create_accounts([new], at=at, township_of=township_of)
    return made[0]


async def create_accounts(
    news: Iterable[NewAccount], *, at: datetime, township_of: TownshipOf = anywhere
) -> list[int]:
    """Make accounts, all or none, and return their ids in order; raises as `create_account`."""
    drafts = [(new, await _draft(new, at)) for new in news]
    async with in_transaction():
        made, units = list[int](), await units_index()
        for new, draft in drafts:
            _require_reach(new.held, new.unit_id, units, township_of)
            await _insert(draft)
            await Grant.bulk_create(_grants(draft.id, new.held))
            made.append(draft.id)
    return made


async def set_password(
    account_id: int, password: str, *, at: datetime, but: UUID | None = None
) -> None:
    """Set a password and end all sessions, but for one sign-in where that is to stay.

    Raises NotFound, and BadInput for one too weak.
    """
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise NotFound
    require_fit(password, username=account.username or "")
    kept = await asyncio.to_thread(hashed, password)
    async with in_transaction():
        await Account.filter(id=account_id).update(password_hash=kept)
        await sessions.revoke_all(account_id, at=at, but=but)


async def reset_password(account_id: int, *, by: Actor, at: datetime) -> str:
    """Give an account, not one's own, another password and return it; its sessions end.

    Raises NotFound, and NotPermitted also for who signs in by no password.
    """
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise NotFound
    if by.id == account_id or not account.username:
        raise NotPermitted(verb="reset_password")
    password = secrets.token_urlsafe(9)
    await set_password(account_id, password, at=at)
    return password


async def change_own_password(
    presented: str,
    old: str,
    new: str,
    *,
    address: str,
    at: datetime,
    settings: Settings,
    passwords: Passwords,
) -> None:
    """Set the password of whose token this is, who says the old one; other sessions end.

    Raises NotSignedIn, WrongOldPassword, TooManyTries as at signing in, BadInput for one too weak.
    """
    family, account_id = await sessions.own_password(
        presented, old, address=address, at=at, settings=settings, passwords=passwords
    )
    await set_password(account_id, new, at=at, but=family)


async def disable(account_id: int, *, by: Actor, at: datetime) -> None:
    """Close an account, not one's own, and end its sessions.

    Raises NotFound, NotPermitted, and NotSignedIn for who was closed or moved a moment before.
    """
    if by.id == account_id:
        raise NotPermitted(verb="disable")
    async with in_transaction():
        await _require_still(by, account_id, at)
        if not await Account.filter(id=account_id).update(active=False):
            raise NotFound
        await sessions.revoke_all(account_id, at=at)


async def reopen(account_id: int) -> None:
    """Open a closed account again, with the roles, unit and password it had; raises NotFound."""
    if not await Account.filter(id=account_id).update(active=True):
        raise NotFound


async def change(
    account_id: int,
    change: Change,
    *,
    by: Actor,
    at: datetime,
    township_of: TownshipOf = anywhere,
) -> None:
    """Give an account, not one's own, other roles or another unit, and end its sessions.

    Raises NotFound, NotPermitted, UnknownUnit, ChangedMeanwhile for who saw another state,
    BadInput for roles that do not fit the unit, and NotSignedIn as `disable`.
    """
    if by.id == account_id:
        raise NotPermitted(verb="change")
    async with in_transaction():
        await _require_still(by, account_id, at)
        account = await Account.filter(id=account_id).select_for_update(no_key=True).first()
        if account is None:
            raise NotFound
        before = await _held(account_id)
        held = before if change.held is None else change.held
        unit_id = change.unit_id if change.moves else account.unit_id
        stands, wanted = (
            mark_of_account(account.unit_id, before),
            mark_of_account(unit_id, held),
        )
        require_seen(change.seen, stands=stands, wanted=wanted)
        _require_reach(held, unit_id, await units_index(), township_of)
        if change.moves:
            account.unit_id = change.unit_id
            await account.save(update_fields=["unit_id"])
        if change.held is not None:
            await Grant.filter(account_id=account_id).delete()
            await Grant.bulk_create(_grants(account_id, change.held))
        await sessions.revoke_all(account_id, at=at)
        if account.substitute_id is not None:  # who does that work has other rights too
            await sessions.revoke_all(account.substitute_id, at=at)


async def _require_still(by: Actor, account_id: int, at: datetime) -> None:
    """Refuse who may not any more: of two who close each other one stays, and so an administrator.

    Both rows are locked in one order; who comes second sees what the first has done.
    """
    if by.id is None:
        return
    both = Account.filter(id__in=[by.id, account_id]).order_by("id")
    await both.select_for_update(no_key=True)  # of columns alone the ORM locks nothing
    still = (await actors_for([by.id], at=at)).get(by.id)
    if still is None or Permission.ACCOUNT_MANAGE not in still.permissions:
        raise NotSignedIn


async def _held(account_id: int) -> list[Held]:
    rows = Grant.filter(account_id=account_id)
    return [Held(role=Role(row.role), place_code=row.place_code) for row in await rows]


def _grants(account_id: int, held: Iterable[Held]) -> list[Grant]:
    return [
        Grant(account_id=account_id, role=each.role.value, place_code=each.place_code)
        for each in dict.fromkeys(held)
    ]


async def _draft(new: NewAccount, at: datetime) -> Account:
    name = without_unseen(new.name).strip()
    if not name:
        raise BadInput([{"pointer": "/name", "reason": "missing"}])
    username = new.username.strip().lower() if new.username is not None else None
    kept = nobodys() if new.sealed else ""
    if new.password is not None:
        if not username:
            raise BadInput([{"pointer": "/username", "reason": "missing"}])
        require_fit(new.password, username=username)
        kept = await asyncio.to_thread(hashed, new.password)
    return Account(
        username=username,
        name=name,
        password_hash=kept,
        unit_id=new.unit_id,
        demo=new.demo,
        created_at=at,
    )


async def _insert(draft: Account) -> None:
    try:
        async with in_transaction():
            await draft.save()
    except IntegrityError as error:
        raise Duplicate(value=draft.username) from error


def _require_reach(
    held: Iterable[Held], unit_id: int | None, units: Units, township_of: TownshipOf
) -> None:
    if unit_id is not None and unit_id not in units.by_id:
        raise UnknownUnit(name=str(unit_id))
    found = misfits(held, unit_id, units=units, township_of=township_of)
    # The unit is said once, however many roles need one.
    faults = {each.pointer: each.code for each in found}
    if faults:
        raise BadInput([{"pointer": at, "reason": code} for at, code in faults.items()])
