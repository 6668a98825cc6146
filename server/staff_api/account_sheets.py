"""Staff handlers for accounts by sheet: the administrator's."""

from typing import Final

from aiohttp import web

from server.governance import account_sheets
from server.governance.account_sheets import Person, Read
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import call_of
from server.http.multipart import read_file_part
from server.http.routes import Routes
from server.permissions import Permission, Role
from server.shared_api.list_columns import said_columns

routes = Routes("/s/v1", tag="accounts")

_MAX_BYTES: Final = 2_000_000
_FIELDS: Final = frozenset({"columns"})


class SheetRoleAnswer(Answer):
    """A role, and for which grid."""

    role: Role
    place: str | None


class SheetPersonAnswer(Answer):
    """Somebody whom a row of the sheet asks for; the first password is shown this once."""

    row: int
    username: str
    name: str
    unit: str
    roles: list[SheetRoleAnswer]
    password: str

    @classmethod
    def of(cls, person: Person) -> "SheetPersonAnswer":
        """Return the answer about a person."""
        return cls(
            row=person.row,
            username=person.username,
            name=person.name,
            unit=person.unit,
            roles=[
                SheetRoleAnswer(role=each.role, place=each.place_code or None)
                for each in person.held
            ],
            password=person.password,
        )


class SheetOfAccountsAnswer(Answer):
    """Whom a sheet makes, the headings of columns that nobody reads, and what was left out."""

    people: list[SheetPersonAnswer]
    unknown_columns: list[str]
    notes: list[str]

    @classmethod
    def of(cls, read: Read) -> "SheetOfAccountsAnswer":
        """Return the answer about a sheet."""
        people = [SheetPersonAnswer.of(each) for each in read.people]
        return cls(people=people, unknown_columns=list(read.ignored), notes=list(read.notes))


@routes.post(
    "/accounts/sheets/check",
    each_time=True,
    answer=SheetOfAccountsAnswer,
    permission=Permission.ACCOUNT_MANAGE,
    upload="file",
)
async def check(request: web.Request) -> web.Response:
    """Say whom a sheet (xlsx, xls, et, csv) would make, or what is wrong by row; write nothing.

    `columns`, a JSON object, says what headings mean that the office calls otherwise: by heading a
    column or the heading that we write for it, {"岗位类别": "角色"}.
    """
    filename, data, texts = await read_file_part(request, "file", _MAX_BYTES, texts=_FIELDS)
    _, at, known = call_of(request)
    read = await account_sheets.check(
        data, filename, at=at, basis=known, columns=said_columns(texts)
    )
    return reply(SheetOfAccountsAnswer.of(read))


@routes.post(
    "/accounts/sheets",
    answer=SheetOfAccountsAnswer,
    status=201,
    permission=Permission.ACCOUNT_MANAGE,
    upload="file",
)
async def load(request: web.Request) -> web.Response:
    """Make the accounts of a sheet, all or none, and show their first passwords this once.

    `columns` is as in the check.
    """
    filename, data, texts = await read_file_part(request, "file", _MAX_BYTES, texts=_FIELDS)
    _, at, known = call_of(request)
    read = await account_sheets.load(
        data, filename, at=at, basis=known, columns=said_columns(texts)
    )
    return reply(SheetOfAccountsAnswer.of(read), status=201)
