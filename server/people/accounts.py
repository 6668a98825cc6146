"""Every write of accounts and their roles."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.errors import BadInput, Duplicate, NotFound, NotPermitted, UnknownUnit
from server.people.actor import Actor, Held
from server.people.models import Account, Grant, Unit
from server.people.sign_in import sessions
from server.people.sign_in.passwords import hashed, require_fit
from server.permissions import FOR_GRIDS


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is made from; without a password nobody signs in by one."""

    name: str
    username: str | None = None
    password: str | None = None
    unit_id: int | None = None
    held: tuple[Held, ...] = ()
    demo: bool = False


async def create_account(new: NewAccount, *, at: datetime) -> int:
    """Make an account and return its id.

    Raises Duplicate for a username that is taken, UnknownUnit, and BadInput for a password or
    roles that will not do.
    """
    made = await create_accounts([new], at=at)
    return made[0]


async def create_accounts(news: Iterable[NewAccount], *, at: datetime) -> list[int]:
    """Make accounts, all or none, and return their ids in order; raises as `create_account`."""
    drafts = [(new, await _draft(new, at)) for new in news]
    async with in_transaction():
        made = list[int]()
        for new, draft in drafts:
            await _require_unit(new.unit_id)
            await _insert(draft)
            grants = [
                Grant(account_id=draft.id, role=held.role.value, place_code=held.place_code)
                for held in dict.fromkeys(new.held)
            ]
            await Grant.bulk_create(grants)
            made.append(draft.id)
    return made


async def set_password(account_id: int, password: str, *, at: datetime) -> None:
    """Set a password and end all sessions; raises NotFound, and BadInput for one too weak."""
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise NotFound
    require_fit(password, username=account.username or "")
    kept = await asyncio.to_thread(hashed, password)
    async with in_transaction():
        await Account.filter(id=account_id).update(password_hash=kept)
        await sessions.revoke_all(account_id, at=at)


async def disable(account_id: int, *, by: Actor, at: datetime) -> None:
    """Close an account, not one's own, and end its sessions; raises NotFound, NotPermitted."""
    if by.id == account_id:
        raise NotPermitted(verb="disable")
    async with in_transaction():
        if not await Account.filter(id=account_id).update(active=False):
            raise NotFound
        await sessions.revoke_all(account_id, at=at)


async def grant(account_id: int, held: Held) -> None:
    """Give a role to an account, once; raises NotFound, and BadInput for a role without place."""
    _require_place(held)
    async with in_transaction():
        if not await Account.filter(id=account_id).select_for_update().exists():
            raise NotFound
        await Grant.get_or_create(
            account_id=account_id, role=held.role.value, place_code=held.place_code
        )


async def withdraw(account_id: int, held: Held, *, at: datetime) -> None:
    """Take a role from an account and end its sessions; raises NotFound when it has none such."""
    async with in_transaction():
        n_gone = await Grant.filter(
            account_id=account_id, role=held.role.value, place_code=held.place_code
        ).delete()
        if not n_gone:
            raise NotFound
        await sessions.revoke_all(account_id, at=at)


async def _draft(new: NewAccount, at: datetime) -> Account:
    for held in new.held:
        _require_place(held)
    username = new.username.strip().lower() if new.username is not None else None
    kept = ""
    if new.password is not None:
        if not username:
            raise BadInput([{"pointer": "/username", "reason": "missing"}])
        require_fit(new.password, username=username)
        kept = await asyncio.to_thread(hashed, new.password)
    return Account(
        username=username,
        name=new.name,
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


async def _require_unit(unit_id: int | None) -> None:
    if unit_id is not None and not await Unit.filter(id=unit_id).exists():
        raise UnknownUnit(name=str(unit_id))


def _require_place(held: Held) -> None:
    # A grid worker without a grid would reach nothing, and nobody would notice.
    if held.role in FOR_GRIDS and not held.place_code:
        raise BadInput([{"pointer": "/roles", "reason": "grid_missing"}])
