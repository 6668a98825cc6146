"""Accounts by sheet: a row per person, checked as a whole, written all or none."""

import asyncio
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Final

from server.cases.rules.basis import Basis
from server.errors import AccountsRefused
from server.people import accounts
from server.people.accounts import NewAccount
from server.people.actor import Held
from server.people.queries import usernames_taken
from server.people.units import plain, without_unseen
from server.permissions import Role, acts_for_unit
from server.places.boundaries import Boundaries
from server.responsibility.files import spreadsheets
from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.files.workbook import Unreadable
from server.texts.catalogue import text

#: Hashing their passwords takes so many people some twenty seconds.
MOST_PEOPLE: Final = 300
_MOST_SHOWN: Final = 200
_LONGEST_NAME: Final = 80
_COLUMNS: Final = ("name", "username", "unit", "roles", "grids")
_NEEDED: Final = frozenset({"name", "username", "roles"})
_SEPARATORS: Final = re.compile("[\u3001\uff0c,;\uff1b\\n/]+")
_USERNAME: Final = re.compile(r"[0-9A-Za-z._-]{2,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account that a row asks for; `password` is its first, shown once, empty when checked."""

    row: int
    username: str
    name: str
    unit: str
    held: tuple[Held, ...]
    password: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a sheet says: whom to make, and which of its columns nobody reads."""

    people: tuple[Person, ...]
    ignored: tuple[str, ...]


@dataclass(slots=True)
class _Faults:
    """What is wrong, each with its row and column."""

    filename: str
    found: list[tuple[int, dict[str, object]]] = field(default_factory=list)

    def add(self, code: str, *, row: int = 0, column: str = "", **facts: object) -> None:
        told: dict[str, object] = {
            "file": self.filename,
            "row": row or None,
            "column": _heading(column) if column else None,
            "code": code,
            "reason": text(f"account_sheet.{code}", **facts),
        }
        self.found.append((row, told))

    def refuse_if_any(self) -> None:
        if self.found:
            raise self.refused()

    def refused(self) -> AccountsRefused:
        rows = [told for _, told in sorted(self.found, key=itemgetter(0))]
        return AccountsRefused(n_faults=len(rows), rows=rows[:_MOST_SHOWN])


async def check(data: bytes, filename: str, *, at: datetime, basis: Basis) -> Read:
    """Return whom a sheet would make, and write nothing.

    Raises AccountsRefused naming row, column and reason of everything wrong.
    """
    faults = _Faults(filename)
    try:
        sheets = await asyncio.to_thread(spreadsheets.read, data, filename)
    except Unreadable as error:
        said = {"code": error.code, "reason": text(f"sheet.{error.code}", **error.facts)}
        row = {"file": filename, "row": error.facts.get("row"), "column": None, **said}
        raise AccountsRefused(n_faults=1, rows=[row]) from error
    found = _table(sheets)
    if found is None:
        faults.add("no_table")
        raise faults.refused()
    sheet, top, columns = found
    people = _people(sheet, top, columns, _Known(at, basis), faults)
    taken = await usernames_taken([each.username for each in people])
    for each in people:
        if each.username in taken:
            faults.add("taken", row=each.row, column="username", value=each.username)
    faults.refuse_if_any()
    ignored = tuple(
        cell.text.strip()
        for number, cell in enumerate(sheet.rows[top])
        if cell.text.strip() and number not in columns.values()
    )
    return Read(tuple(people), ignored)


async def load(data: bytes, filename: str, *, at: datetime, basis: Basis) -> Read:
    """Make the accounts of a sheet, each with a password of its own, all in one transaction.

    Raises AccountsRefused as `check` does, and Duplicate where somebody was faster.
    """
    read = await check(data, filename, at=at, basis=basis)
    known = basis.units
    people = [replace(each, password=secrets.token_urlsafe(9)) for each in read.people]
    news = [
        NewAccount(
            name=each.name,
            username=each.username,
            password=each.password,
            unit_id=known.to_act(each.unit).id if each.unit else None,
            held=each.held,
        )
        for each in people
    ]
    await accounts.create_accounts(news, at=at)
    return Read(tuple(people), read.ignored)


class _Known:
    """What the words of a row may mean: units, roles, grids."""

    def __init__(self, at: datetime, basis: Basis) -> None:
        self.units = basis.units
        self.role_called = {plain(role.value): role for role in Role}
        self.role_called |= {plain(text(f"role.{role}")): role for role in Role}
        boundaries = basis.places.at(at)
        self._grids = _grids_called(boundaries) if boundaries is not None else {}

    def grid(self, written: str) -> str:
        """Return the code of the grid that is meant; empty for none or several."""
        codes = self._grids.get(plain(written), set())
        return next(iter(codes)) if len(codes) == 1 else ""


def _grids_called(boundaries: Boundaries) -> Mapping[str, set[str]]:
    """Return the codes of grids by whatever they may be called.

    That is the code, and the name alone or with village and township before it.
    """
    called = defaultdict[str, set[str]](set)
    for grid in boundaries.rows("grid"):
        village = boundaries.row(grid.parent_code)
        township = boundaries.row(village.parent_code) if village is not None else None
        names = [each.name if each is not None else "" for each in (grid, village, township)]
        for n_above in range(len(names)):
            called[plain("".join(reversed(names[: n_above + 1])))].add(grid.code)
    return called | {plain(grid.code): {grid.code} for grid in boundaries.rows("grid")}


def _heading(column: str) -> str:
    return text(f"account_sheet.heading.{column}").partition("|")[0]


def _table(sheets: Iterable[Sheet]) -> tuple[Sheet, int, dict[str, int]] | None:
    """Return the sheet with a row of headings, that row, and where each column stands."""
    called = {
        plain(word): column
        for column in _COLUMNS
        for word in text(f"account_sheet.heading.{column}").split("|")
    }
    for sheet in sheets:
        for top, row in enumerate(sheet.rows[:20]):
            columns = dict[str, int]()
            for number, cell in enumerate(row):
                column = called.get(plain(cell.text))
                if column is not None:
                    columns.setdefault(column, number)
            if columns.keys() >= _NEEDED:
                return sheet, top, columns
    return None


def _people(
    sheet: Sheet, top: int, columns: Mapping[str, int], known: _Known, faults: _Faults
) -> list[Person]:
    people, seen = list[Person](), dict[str, int]()
    for row, cells in enumerate(sheet.rows[top + 1 :], top + 2):
        said = {name: _at(cells, number) for name, number in columns.items()}
        if not any(cell.text.strip() for cell in said.values()):
            continue
        person = _person(row, said, known, faults)
        if person.username in seen:
            first = seen[person.username]
            faults.add("twice", row=row, column="username", value=person.username, first=first)
        elif person.username:
            seen[person.username] = row
        people.append(person)
    if not people:
        faults.add("no_rows", row=top + 1)
    if len(people) > MOST_PEOPLE:
        faults.add("too_many", row=top + 1, most=MOST_PEOPLE)
    return people


def _at(cells: Sequence[Cell], number: int) -> Cell:
    return cells[number] if number < len(cells) else EMPTY


def _person(row: int, said: Mapping[str, Cell], known: _Known, faults: _Faults) -> Person:
    texts = {column: said.get(column, EMPTY).text.strip() for column in _COLUMNS}
    texts["name"] = without_unseen(texts["name"]).strip()
    for column, cell in said.items():
        if cell.damaged:
            faults.add("damaged", row=row, column=column, value=cell.text.strip())
    for column in ("name", "username", "roles"):
        if not texts[column]:
            faults.add("missing", row=row, column=column)
    if len(texts["name"]) > _LONGEST_NAME:
        faults.add("too_long", row=row, column="name", most=_LONGEST_NAME)
    if texts["username"] and not _USERNAME.fullmatch(texts["username"]):
        faults.add("bad_username", row=row, column="username")
    unit = known.units.named(texts["unit"]) if texts["unit"] else None
    if texts["unit"] and (unit is None or known.units.acting(unit.id) is None):
        faults.add("unknown_unit", row=row, column="unit", value=texts["unit"])
    return Person(
        row=row,
        username=texts["username"].lower(),
        name=texts["name"],
        unit=texts["unit"],
        held=_held(row, texts, known, faults),
    )


def _held(row: int, texts: Mapping[str, str], known: _Known, faults: _Faults) -> tuple[Held, ...]:
    """Return the roles that a row gives: those of grids for each grid, the others as they are."""
    grids = list[str]()
    for written in _parts(texts["grids"]):
        code = known.grid(written)
        grids.append(code)
        if not code:
            faults.add("unknown_grid", row=row, column="grids", value=written)
    held = list[Held]()
    unit_missing = False
    for written in _parts(texts["roles"]):
        role = known.role_called.get(plain(written))
        if role is None:
            faults.add("unknown_role", row=row, column="roles", value=written)
            continue
        if acts_for_unit(role) and not texts["unit"] and not unit_missing:
            unit_missing = True  # once for a person
            faults.add("unit_missing", row=row, column="unit", role=text(f"role.{role}"))
        given = Held(role=role)
        if given.of_grid and not grids:
            faults.add("grid_missing", row=row, column="grids")
        held += [Held(role=role, place_code=g) for g in grids] if given.of_grid else [given]
    return tuple(dict.fromkeys(held))


def _parts(written: str) -> list[str]:
    return [each.strip() for each in _SEPARATORS.split(written) if each.strip()]
