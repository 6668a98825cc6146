"""Accounts by sheet: a row per person, checked as a whole, written all or none."""

import asyncio
import re
import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from server.cases.rules.basis import Basis
from server.errors import AccountsRefused, BadInput
from server.people import accounts
from server.people.accounts import NewAccount
from server.people.actor import Held
from server.people.fitting import misfits
from server.people.queries import usernames_taken
from server.people.units import plain, without_unseen
from server.permissions import Role
from server.places.boundaries import Boundaries
from server.responsibility.files import spreadsheets
from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.files.workbook import Unreadable
from server.responsibility.sheets import columns as headings
from server.responsibility.sheets.columns import words_of
from server.responsibility.sheets.layout import likely_headings
from server.responsibility.sheets.matching import UnitMatcher
from server.texts.catalogue import text

#: Hashing their passwords takes so many people some twenty seconds.
MOST_PEOPLE: Final = 300
_MOST_SHOWN: Final = 200
_LONGEST_NAME: Final = 80
_COLUMNS: Final = ("name", "username", "unit", "roles", "grids")
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_ALIKE: Final = 0.5
_BRACKETED: Final = re.compile(r"[(\uff08\[\u3010].*?[)\uff09\]\u3011]")
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
    """What a sheet says: whom to make, which of its columns nobody reads, what else to know."""

    people: tuple[Person, ...]
    ignored: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Faults:
    """What is wrong, each with its row and column."""

    filename: str
    found: list[tuple[int, dict[str, object]]] = field(default_factory=list)

    def add(
        self,
        code: str,
        *,
        row: int = 0,
        column: str = "",
        unsaid: Sequence[str] = (),
        **facts: object,
    ) -> None:
        """Note a fault; `unsaid` are headings whose meaning a person may say."""
        told: dict[str, object] = {
            "file": self.filename,
            "row": row or None,
            "column": _heading(column) if column else None,
            "code": code,
            "reason": text(f"account_sheet.{code}", **facts),
            "headings": list(unsaid),
        }
        self.found.append((row, told))

    def refuse_if_any(self) -> None:
        if self.found:
            raise self.refused()

    def refused(self) -> AccountsRefused:
        rows = [told for _, told in sorted(self.found, key=itemgetter(0))]
        return AccountsRefused(n_faults=len(rows), rows=rows[:_MOST_SHOWN])


async def check(
    data: bytes, filename: str, *, at: datetime, basis: Basis, columns: Mapping[str, str] = _NONE
) -> Read:
    """Return whom a sheet would make, and write nothing.

    `columns` says what headings mean that an office calls otherwise: by heading a column, or the
    heading that we write for it. Raises BadInput for a column there is not, and AccountsRefused
    naming row, column and reason of everything wrong.
    """
    meant = _meant(columns)
    faults = _Faults(filename)
    try:
        sheets = await asyncio.to_thread(spreadsheets.read, data, filename)
    except Unreadable as error:
        said = {"code": error.code, "reason": text(f"sheet.{error.code}", **error.facts)}
        row = {"file": filename, "row": error.facts.get("row"), "column": None, **said}
        raise AccountsRefused(n_faults=1, rows=[row]) from error
    found = _table(sheets, meant)
    if found is None:
        missing, likely = _likely(sheets, meant)
        joined = text("sheet.and").join
        faults.add("no_table", missing=joined(missing), headings=joined(likely), unsaid=likely)
        raise faults.refused()
    rows, sums = _without_sums(found)
    people = _people(found, rows, _Known(at, basis), faults)
    taken = await usernames_taken([each.username for each in people])
    for each in people:
        if each.username in taken:
            faults.add("taken", row=each.row, column="username", value=each.username)
    faults.refuse_if_any()
    return Read(tuple(people), tuple(found.unread), (*found.notes, *sums))


async def load(
    data: bytes, filename: str, *, at: datetime, basis: Basis, columns: Mapping[str, str] = _NONE
) -> Read:
    """Make the accounts of a sheet, each with a password of its own, all in one transaction.

    Raises AccountsRefused as `check` does, and Duplicate where somebody was faster.
    """
    read = await check(data, filename, at=at, basis=basis, columns=columns)
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
    await accounts.create_accounts(news, at=at, township_of=basis.township_of(at))
    return replace(read, people=tuple(people))


class _Known:
    """What the words of a row may mean: units, roles, grids."""

    def __init__(self, at: datetime, basis: Basis) -> None:
        self.units = basis.units
        self.township_of = basis.township_of(at)
        self.role_called = {plain(role.value): role for role in Role}
        self.role_called |= {plain(text(f"role.{role}")): role for role in Role}
        boundaries = basis.places.at(at)
        self._matcher = UnitMatcher(basis.units)
        self._grids = _grids_called(boundaries) if boundaries is not None else {}

    def grid(self, written: str) -> str:
        """Return the code of the grid that is meant; empty for none or several."""
        codes = self._grids.get(plain(written), set())
        return next(iter(codes)) if len(codes) == 1 else ""

    def units_like(self, written: str) -> str | None:
        """Return the names of units that may be meant; None for none."""
        try:
            candidates = self._matcher.candidates(written)
        except Unreadable:  # too many that are none
            return None
        return text("sheet.and").join(each.name for each in candidates) or None

    def roles_like(self, written: str) -> str | None:
        """Return the names of roles that may be meant; None for none."""
        names = {plain(text(f"role.{role}")): text(f"role.{role}") for role in Role}
        alike = get_close_matches(plain(written), names, n=3, cutoff=_ALIKE)
        return text("sheet.and").join(names[each] for each in alike) or None


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


def _meant(columns: Mapping[str, str]) -> dict[str, str]:
    """Return columns by the headings that a person says; raises BadInput for none of ours."""
    called = _called()
    found = {
        heading: named if named in _COLUMNS else called.get(headings.plain(named))
        for heading, named in columns.items()
    }
    wrong = [heading for heading, column in found.items() if column is None or not heading.strip()]
    if wrong:
        raise BadInput([{"pointer": f"/columns/{each}", "reason": "unknown"} for each in wrong])
    return {headings.plain(heading): column for heading, column in found.items() if column}


def _called(of: Iterable[str] = _COLUMNS) -> dict[str, str]:
    return {
        headings.plain(word): column
        for column in of
        for word in text(f"account_sheet.heading.{column}").split("|")
    }


@dataclass(frozen=True, slots=True)
class _Table:
    """A sheet, the row of its headings, and where each column stands."""

    sheet: Sheet
    top: int
    columns: Mapping[str, int]

    @property
    def unread(self) -> list[str]:
        """The headings of columns that nobody reads."""
        cells = enumerate(self.sheet.rows[self.top])
        read = self.columns.values()
        return [cell.text.strip() for at, cell in cells if cell.text.strip() and at not in read]

    @property
    def notes(self) -> list[str]:
        """What to know of the headings: a telephone number that stands for the name."""
        at = self.columns["username"]
        heading = self.sheet.rows[self.top][at].text.strip()
        by_phone = headings.plain(heading) in _called(["phone"])
        return [text("account_sheet.by_phone", heading=heading)] if by_phone else []


def _table(sheets: Iterable[Sheet], meant: Mapping[str, str]) -> _Table | None:
    """Return the first table that has the columns which are needed."""
    tables = (_headed(sheet, top, meant) for sheet in sheets for top in range(_tops(sheet)))
    return next((each for each in tables if each.columns.keys() >= _NEEDED), None)


def _tops(sheet: Sheet) -> int:
    return min(len(sheet.rows), 20)


def _headed(sheet: Sheet, top: int, meant: Mapping[str, str]) -> _Table:
    """Return a table as if its headings stood in a row; a telephone number is a name for want."""
    columns, phones, said = dict[str, int](), _called(["phone"]), list[list[str]]()
    for cell in sheet.rows[top]:
        # What stands in brackets explains: 姓名（必填）.
        said.append([headings.plain(each) for each in (cell.text, _BRACKETED.sub("", cell.text))])
    for called in (meant, _called(), dict.fromkeys(phones, "username")):
        for at, words in enumerate(said):
            column = next((called[word] for word in words if word in called), None)
            if column is not None and at not in columns.values():
                columns.setdefault(column, at)
    return _Table(sheet, top, columns)


def _likely(sheets: Sequence[Sheet], meant: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return what the likeliest headings lack, and what they are."""
    tables = (_headed(sheet, top, meant) for sheet in sheets for top in range(_tops(sheet)))
    best = max(tables, key=lambda each: len(each.columns), default=None)
    if best is not None and best.columns:
        missing = [_heading(each) for each in _COLUMNS if each in _NEEDED - best.columns.keys()]
        row = [cell.text.strip() for cell in best.sheet.rows[best.top] if cell.text.strip()]
    else:
        missing, row = (
            [],
            max((list(likely_headings(each)) for each in sheets), key=len, default=[]),
        )
    return missing, row[:30]


def _without_sums(table: _Table) -> tuple[list[int], list[str]]:
    """Return the numbers of rows with people, from 1, and a note of those that only add up."""
    rows, sums = list[int](), list[int]()
    for row, cells in enumerate(table.sheet.rows[table.top + 1 :], table.top + 2):
        first = next((cell.text.strip() for cell in cells if cell.text.strip()), "")
        is_sum = re.match(words_of("parts")["total"], first)
        # Whoever has a role is no sum, whatever they are called.
        has_role = _at(cells, table.columns["roles"]).text.strip()
        (sums if is_sum and not has_role else rows).append(row)
    notes = [text("account_sheet.total", row=row) for row in sums]
    return rows, notes


def _people(table: _Table, rows: Iterable[int], known: _Known, faults: _Faults) -> list[Person]:
    people, seen, top = list[Person](), dict[str, int](), table.top
    for row in rows:
        cells = table.sheet.rows[row - 1]
        said = {name: _at(cells, number) for name, number in table.columns.items()}
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
    texts["username"] = unicodedata.normalize("NFKC", texts["username"])
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
    acting = known.units.acting(unit.id) if unit is not None else None
    if texts["unit"] and acting is None:
        like = known.units_like(texts["unit"])
        faults.add("unknown_unit", row=row, column="unit", value=texts["unit"], like=like)
    held = _held(row, texts, known, faults)
    if acting is not None or not texts["unit"]:
        _fit(row, held, acting.id if acting else None, known, faults)
    return Person(
        row=row,
        username=texts["username"].lower(),
        name=texts["name"],
        unit=texts["unit"],
        held=held,
    )


def _fit(
    row: int, held: Sequence[Held], unit_id: int | None, known: _Known, faults: _Faults
) -> None:
    """Note which roles do not fit the unit or the grids: each kind of fault once for a person."""
    found = list(misfits(held, unit_id, units=known.units, township_of=known.township_of))
    for code, each in {each.code: each for each in reversed(found)}.items():
        column, one = "grids" if each.field == "place" else "unit", held[each.number]
        facts = {"role": text(f"role.{one.role}"), "value": one.place_code}
        faults.add(code, row=row, column=column, **facts)


def _held(row: int, texts: Mapping[str, str], known: _Known, faults: _Faults) -> tuple[Held, ...]:
    """Return the roles that a row gives: those of grids for each grid, the others as they are."""
    grids = list[str]()
    for written in _parts(texts["grids"]):
        code = known.grid(written)
        grids.append(code)
        if not code:
            faults.add("unknown_grid", row=row, column="grids", value=written)
    held = list[Held]()
    for written in _parts(texts["roles"]):
        role = known.role_called.get(plain(written))
        if role is None:
            like = known.roles_like(written)
            faults.add("unknown_role", row=row, column="roles", value=written, like=like)
            continue
        given = Held(role=role)
        placed = [Held(role=role, place_code=grid) for grid in grids if grid]
        held += placed if given.of_grid and grids else [given]  # an unknown grid was noted
    return tuple(dict.fromkeys(held))


def _parts(written: str) -> list[str]:
    return [each.strip() for each in _SEPARATORS.split(written) if each.strip()]
