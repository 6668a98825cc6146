"""Accounts from the command line: the first administrator, a forgotten password."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

import click

from gridwhistle.cli.running import running_settings
from server import db
from server.cases.door.knowledge import Knowledge
from server.cases.ends import staffing
from server.cases.rules.basis import Basis
from server.clock import now
from server.errors import BadInput, Problem
from server.people import accounts
from server.people.accounts import Change, NewAccount
from server.people.actor import SYSTEM, Held
from server.people.queries import account_id_of
from server.permissions import Role
from server.texts.catalogue import has, text


@click.group()
def account() -> None:
    """Make accounts, set passwords, change, close and reopen accounts."""


@account.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", "role_name", required=True, type=click.Choice([r.value for r in Role]))
@click.option("--unit", default="", help="The unit's name, short or former name, or code.")
@click.option("--place", "place_codes", multiple=True, help="Code of a grid; may be repeated.")
def create(
    username: str, name: str, role_name: str, unit: str, place_codes: tuple[str, ...]
) -> None:
    """Make an account and print its password, which is shown only this once."""
    password = secrets.token_urlsafe(9)

    async def make() -> None:
        known = await _known()
        found = known.units.to_act(unit) if unit else None
        held = tuple(Held(role=Role(role_name), place_code=c) for c in place_codes or ("",))
        new = NewAccount(
            name=name,
            username=username,
            password=password,
            unit_id=found.id if found else None,
            held=held,
        )
        at = now()
        await accounts.create_account(new, at=at, township_of=known.township_of(at))

    _run(make)
    click.echo(password)


@account.command()
@click.argument("username")
def password(username: str) -> None:
    """Give an account a new password, print it once, and end its sessions."""
    made = secrets.token_urlsafe(9)

    async def change() -> None:
        await accounts.set_password(await _id(username), made, at=now())

    _run(change)
    click.echo(made)


@account.command()
@click.argument("username")
def disable(username: str) -> None:
    """Close an account, end its sessions, hand on what waits for it, and say how much."""

    async def close() -> None:
        account_id = await _id(username)
        known = await _known()
        done = await staffing.close_account(account_id, by=SYSTEM, at=now(), basis=known)
        click.echo(staffing.said(done))

    _run(close)


@account.command()
@click.argument("username")
def enable(username: str) -> None:
    """Open a closed account again."""

    async def open_again() -> None:
        await accounts.reopen(await _id(username))

    _run(open_again)


@account.command()
@click.argument("username")
@click.option("--role", "roles", multiple=True, help="A role, or ROLE:GRID; replaces all held.")
@click.option("--unit", default=None, help="The new unit's name; empty for none.")
def change(username: str, roles: tuple[str, ...], unit: str | None) -> None:
    """Give an account other roles, grids or another unit, and hand on what it may do no more."""
    held = [_held(each) for each in roles]

    async def alter() -> None:
        account_id = await _id(username)
        known = await _known()
        unit_id = known.units.to_act(unit).id if unit else None
        wanted = Change(held=tuple(held) or None, moves=unit is not None, unit_id=unit_id)
        done = await staffing.change_account(account_id, wanted, by=SYSTEM, at=now(), basis=known)
        click.echo(staffing.said(done))

    _run(alter)


def _held(written: str) -> Held:
    role, _, place = written.partition(":")
    if role not in {each.value for each in Role}:
        choices = text("format.and").join(Role)
        raise click.BadParameter(text("cli.no_role", role=role, choices=choices))
    return Held(role=Role(role), place_code=place)


async def _known() -> Basis:
    knowledge = Knowledge(running_settings())
    await knowledge.refresh()
    return knowledge.basis


async def _id(username: str) -> int:
    found = await account_id_of(username)
    if found is None:
        raise click.ClickException(text("cli.no_account", username=username))
    return found


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    settings = running_settings()

    async def within() -> None:
        async with db.opened(settings.database_url, n_connections=2):
            await work()

    try:
        asyncio.run(within())
    except Problem as problem:
        said = [text(f"problem.{problem.code}", **problem.facts)]
        if isinstance(problem, BadInput):
            keys = [f"reason.{each['reason']}" for each in problem.errors]
            said += [text(key) for key in dict.fromkeys(keys) if has(key)]
        raise click.ClickException("".join(said)) from problem
