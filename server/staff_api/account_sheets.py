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

routes = Routes("/s/v1", tag="accounts")

_MAX_BYTES: Final = 2_000_000


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
    """Whom a sheet makes, and the headings of columns that nobody reads."""

    people: list[SheetPersonAnswer]
    unknown_columns: list[str]

    @classmethod
    def of(cls, read: Read) -> "SheetOfAccountsAnswer":
        """Return the answer about a sheet."""
        people = [SheetPersonAnswer.of(each) for each in read.people]
        return cls(people=people, unknown_columns=list(read.ignored))


@routes.post(
    "/accounts/sheets/check",
    each_time=True,
    answer=SheetOfAccountsAnswer,
    permission=Permission.ACCOUNT_MANAGE,
    upload="file",
)
async def check(request: web.Request) -> web.Response:
    """Say whom a sheet (xlsx, xls, et, csv) would make, or what is wrong by row; write nothing."""
    filename, data, _ = await read_file_part(request, "file", _MAX_BYTES)
    _, at, known = call_of(request)
    read = await account_sheets.check(data, filename, at=at, basis=known)
    return reply(SheetOfAccountsAnswer.of(read))


@routes.post(
    "/accounts/sheets",
    answer=SheetOfAccountsAnswer,
    status=201,
    permission=Permission.ACCOUNT_MANAGE,
    upload="file",
)
async def load(request: web.Request) -> web.Response:
    """Make the accounts of a sheet, all or none, and show their first passwords this once."""
    filename, data, _ = await read_file_part(request, "file", _MAX_BYTES)
    _, at, known = call_of(request)
    read = await account_sheets.load(data, filename, at=at, basis=known)
    return reply(SheetOfAccountsAnswer.of(read), status=201)
