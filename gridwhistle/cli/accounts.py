"""Accounts from the command line: the first administrator, a forgotten password."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

import click

from gridwhistle.cli.running import running_settings
from server import db
from server.clock import now
from server.errors import Problem
from server.people import accounts
from server.people.accounts import NewAccount
from server.people.actor import SYSTEM, Held
from server.people.queries import account_id_of, units_index
from server.permissions import Role
from server.texts.catalogue import text


@click.group()
def account() -> None:
    """Make accounts, set passwords, close accounts."""


@account.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", "role_name", required=True, type=click.Choice([r.value for r in Role]))
@click.option("--unit", default="", help="The unit's name or short name.")
@click.option("--place", "place_codes", multiple=True, help="Code of a grid; may be repeated.")
def create(
    username: str, name: str, role_name: str, unit: str, place_codes: tuple[str, ...]
) -> None:
    """Make an account and print its password, which is shown only this once."""
    password = secrets.token_urlsafe(9)

    async def make() -> None:
        found = (await units_index()).named(unit) if unit else None
        if unit and found is None:
            raise click.ClickException(text("problem.unit.unknown", name=unit))
        held = tuple(Held(role=Role(role_name), place_code=c) for c in place_codes or ("",))
        new = NewAccount(
            name=name,
            username=username,
            password=password,
            unit_id=found.id if found else None,
            held=held,
        )
        await accounts.create_account(new, at=now())

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
    """Close an account and end its sessions."""

    async def close() -> None:
        await accounts.disable(await _id(username), by=SYSTEM, at=now())

    _run(close)


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
        raise click.ClickException(text(f"problem.{problem.code}", **problem.facts)) from problem
