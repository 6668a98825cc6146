"""Putting the demo county into an empty database, by the same doors that a customer uses."""

import csv
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Final

from tortoise.transactions import in_transaction

from gridwhistle.demo.geography import features
from gridwhistle.demo.people import AccountSpec, accounts
from gridwhistle.demo.spreadsheet import workbook
from server.calendar import commands as calendar
from server.governance import commands as governance
from server.people.accounts import NewAccount, create_accounts
from server.people.actor import SYSTEM, Held
from server.people.commands import NewUnit, import_units
from server.people.duty import roster, teams
from server.people.duty.roster import Seat
from server.people.duty.teams import Membership, NewMember
from server.people.queries import account_id_of, units_index
from server.people.units import UnitKind
from server.permissions import Role
from server.places import commands as places
from server.places.queries import generations
from server.responsibility.changing import commands as responsibility
from server.responsibility.list import versions
from server.texts.catalogue import text

SIGN_INS: Final = "sign-ins.json"
DEMO_KEY: Final = "demo-key"
_ANNOUNCED_YEARS: Final = (2024, 2025, 2026)
_PROVISIONAL_YEAR: Final = 2027
_AND: Final = "\u3001"  # between names in one cell


@dataclass(frozen=True, slots=True)
class SignIn:
    """One demo account as it is printed."""

    username: str
    password: str
    role: str
    name: str
    unit: str
    shown: bool


async def is_empty() -> bool:
    """Tell whether no boundaries were ever loaded here."""
    return not await generations(limit=1)


async def load(
    folder: Path | None, *, at: datetime, progress: Callable[[str], None] = lambda _: None
) -> list[SignIn]:
    """Load county, list, calendar, units and people; return the sign-ins, kept in `folder`.

    Without a folder nobody gets a password.
    """
    async with in_transaction():  # all or nothing: a half-loaded county would never be mended
        progress("places")
        townships = await _load_places(at)
        progress("units")
        await import_units(demo_units(townships))
        progress("calendar")
        await calendar.seed(_ANNOUNCED_YEARS)
        await calendar.seed_provisional(_PROVISIONAL_YEAR)
        progress("list")
        await _load_list(at)
        progress("people")
        made = await _load_people(folder, at)
        await _load_command_rooms(townships)
        return made


def sign_ins(folder: Path) -> list[SignIn]:
    """Return the sign-ins that an earlier loading kept, none without it."""
    path = folder / SIGN_INS
    if not path.exists():
        return []
    return [SignIn(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def demo_key(folder: Path) -> str:
    """Return the secret of this installation's demo door, made at the first call."""
    path = folder / DEMO_KEY
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), open(path, "x", opener=_owner_only) as file:
        file.write(secrets.token_urlsafe(16))
    return path.read_text(encoding="ascii")


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def _load_places(at: datetime) -> dict[str, str]:
    """Load and publish the boundaries; return the townships' codes by name."""
    collection = features()
    draft = await places.load(
        json.dumps(collection, ensure_ascii=False).encode(),
        label=text("demo.places"),
        datum="cgcs2000",
        by=SYSTEM,
        at=at,
    )
    await governance.publish_places(draft.id, starts_at=at, by=SYSTEM, at=at)
    found = (feature["properties"] for feature in collection["features"])
    return {p["name"]: p["code"] for p in found if p["level"] == "township"}


async def _load_command_rooms(townships: dict[str, str]) -> None:
    """Put duty leaders on the weekly roster, round the clock, and units into the teams."""
    seats = []
    for row in _rows("roster.csv"):
        account_id = await account_id_of(row["username"])
        if account_id is None:
            raise LookupError(row["username"])
        seats += [
            Seat(
                township_code=townships[row["township"]],
                shift=shift,
                account_id=account_id,
                weekday=int(weekday),
            )
            for weekday in row["weekdays"]
            for shift in row["shifts"].split(_AND)
        ]
    await roster.put_all(seats)
    units = await units_index()
    members = []
    for row in _rows("teams.csv"):
        unit = units.named(row["unit"])
        if unit is None:
            raise LookupError(row["unit"])
        member = NewMember(
            township_code=townships[row["township"]],
            unit_id=unit.id,
            standing=Membership(row["standing"]),
            contact=row["contact"],
            phone=row["phone"],
        )
        members.append(member)
    await teams.put_all(members)


def _rows(name: str) -> list[dict[str, str]]:
    source = resources.files("gridwhistle.demo").joinpath("data", name)
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def demo_units(townships: dict[str, str]) -> list[NewUnit]:
    """Return the demo units; `townships` are codes by name, empty where nobody asks."""
    return [
        NewUnit(
            code=row["code"],
            name=row["name"],
            kind=UnitKind(row["kind"]),
            short_names=tuple(name for name in row["short_names"].split(_AND) if name),
            parent=row["parent"],
            township_code=townships.get(row["township"], ""),
            phone=row["phone"],
        )
        for row in _rows("units.csv")
    ]


async def _load_list(at: datetime) -> None:
    draft = await responsibility.import_list(
        workbook(),
        text("demo.list_file"),
        list_type="main_and_cooperating",
        label=text("demo.list"),
        by=SYSTEM,
        at=at,
    )
    await versions.submit(draft.id, by=SYSTEM, at=at)
    await governance.publish_list(draft.id, starts_at=at, by=SYSTEM, at=at)


async def _load_people(folder: Path | None, at: datetime) -> list[SignIn]:
    units = await units_index()
    specs = accounts()
    made = [
        SignIn(
            username=spec.username,
            password=secrets.token_urlsafe(9),
            role=spec.role,
            name=spec.name,
            unit=spec.unit,
            shown=spec.demo,
        )
        for spec in specs
    ]
    news = []
    for spec, one in zip(specs, made, strict=True):
        unit = units.named(spec.unit) if spec.unit else None
        news.append(
            NewAccount(
                name=spec.name,
                username=spec.username,
                password=one.password if folder else None,
                sealed=folder is None,
                unit_id=unit.id if unit else None,
                held=_held(spec),
                demo=spec.demo,
            )
        )
    await create_accounts(news, at=at)
    if folder is None:
        return made
    path = folder / SIGN_INS
    path.touch(mode=0o600)
    path.write_text(
        json.dumps([_row(one) for one in made], ensure_ascii=False, indent=1), encoding="utf-8"
    )
    return made


def _held(spec: AccountSpec) -> tuple[Held, ...]:
    role = Role(spec.role)
    return tuple(Held(role=role, place_code=code) for code in spec.place_codes or ("",))


def _row(one: SignIn) -> dict[str, object]:
    return {name: getattr(one, name) for name in SignIn.__slots__}
