"""Staff handlers for accounts: the administrator's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import structlog
from aiohttp import web
from pydantic import Field

from server import clock
from server.cases.ends import staffing
from server.errors import BadInput, UnknownUnit
from server.http.answers import no_content, reply
from server.http.forms import Answer, Form, Mark, Page, PageQuery
from server.http.keys import SETTINGS, actor, basis
from server.http.paging import after_id, cursor, path_id, path_uuid
from server.http.routes import Routes
from server.http.sign_in import SIGN_INS
from server.people import accounts, queries
from server.people.actor import Held
from server.people.sign_in import sessions
from server.permissions import FOR_GRIDS, Permission, Role
from server.shared_api.leaves import LeaveRow, leaves_by_account
from server.shared_api.sign_ins import SessionsAnswer
from server.texts.catalogue import text

routes = Routes("/s/v1", tag="accounts")
_log = structlog.get_logger(__name__)


class HeldForm(Form):
    """A role, and for which township or grid."""

    role: Role
    place: str = Field(default="", pattern=r"^[0-9A-Za-z_-]{0,20}$")


class AccountForm(Form):
    """A new account; `unit` is a unit by id, name, short name or code."""

    username: str = Field(pattern=r"^[0-9A-Za-z._-]{2,64}$")
    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    password: str | None = Field(default=None, max_length=128)
    unit: str | None = None
    roles: list[HeldForm] = Field(min_length=1, max_length=200)


class AccountChangeForm(Form):
    """What becomes different: `roles` replaces all that are held; an empty `unit` is none.

    `mark` is the account's as it was read; where somebody changed it since, nothing is replaced.
    """

    mark: Mark
    unit: str | None = Field(default=None, max_length=80)
    roles: list[HeldForm] | None = Field(default=None, min_length=1, max_length=200)


class HandedOnAnswer(Answer):
    """What waited for somebody and went on to others, or is nobody's for now.

    `told` says it in words; `empty` names what nobody is in any more.
    """

    n_checks: int
    n_verifications: int
    n_unassigned: int
    empty: list[str]
    told: str

    @classmethod
    def of(cls, done: staffing.HandedOn) -> "HandedOnAnswer":
        """Return the answer about what was handed on."""
        return cls(
            n_checks=done.n_checks,
            n_verifications=done.n_verifications,
            n_unassigned=done.n_unassigned,
            empty=list(done.empty),
            told=staffing.said(done),
        )


class AccountQuery(PageQuery):
    """Which accounts: of a unit, with a role, with a text in their names."""

    unit: str | None = Field(default=None, min_length=1, max_length=80)
    role: Role | None = None
    q: str | None = Field(default=None, max_length=80)


class HeldAnswer(Answer):
    """A role, what people call it, and for which township or grid."""

    role: Role
    name: str
    place: str | None

    @classmethod
    def of(cls, held: Held) -> Self:
        """Return the answer about a role held."""
        return cls(role=held.role, name=_name(held.role), place=held.place_code or None)


class RoleChoice(Answer):
    """A role that can be given, and whether it is held for grids."""

    role: Role
    name: str
    for_grids: bool


class RoleChoices(Answer):
    """The roles that can be given."""

    items: list[RoleChoice]


class FirstPasswordAnswer(Answer):
    """A password to be handed over; it is shown this once."""

    username: str
    password: str


class UnitName(Answer):
    """A unit by id and name."""

    id: str
    name: str


class AccountAnswer(Answer):
    """One account as its keeper sees it."""

    id: str
    username: str | None
    name: str
    unit: UnitName | None
    roles: list[HeldAnswer]
    active: bool
    demo: bool
    created_at: datetime
    leaves: list[LeaveRow]
    mark: str

    @classmethod
    async def of(cls, *rows: queries.AccountView) -> list[Self]:
        """Return the answers about some accounts."""
        away = await leaves_by_account([row.id for row in rows], at=clock.now())
        return [cls._of(row, away[row.id]) for row in rows]

    @classmethod
    def _of(cls, row: queries.AccountView, leaves: list[LeaveRow]) -> Self:
        unit = UnitName(id=str(row.unit_id), name=row.unit_name) if row.unit_name else None
        return cls(
            id=str(row.id),
            username=row.username,
            name=row.name,
            unit=unit,
            roles=[HeldAnswer.of(each) for each in row.held],
            active=row.active,
            demo=row.demo,
            created_at=row.created_at,
            leaves=leaves,
            mark=row.mark,
        )


def _name(role: str) -> str:
    return text(f"role.{role}")


@routes.get("/account-roles", answer=RoleChoices, permission=Permission.ACCOUNT_MANAGE)
async def list_roles(request: web.Request) -> web.Response:
    """List the roles that an account can be given."""
    items = [RoleChoice(role=each, name=_name(each), for_grids=each in FOR_GRIDS) for each in Role]
    return reply(RoleChoices(items=items))


@routes.get(
    "/accounts",
    query=AccountQuery,
    answer=Page[AccountAnswer],
    permission=Permission.ACCOUNT_MANAGE,
)
async def list_accounts(request: web.Request, query: AccountQuery) -> web.Response:
    """List the accounts."""
    found = await queries.accounts_page(
        after=after_id(query.after, bits=32),
        limit=query.limit + 1,
        unit_ids=await _house(query.unit),
        role=query.role,
        q=query.q,
    )
    shown = found[: query.limit]
    on = cursor([shown[-1].id]) if len(found) > query.limit else None
    return reply(Page[AccountAnswer](items=await AccountAnswer.of(*shown), next=on))


@routes.post(
    "/accounts",
    body=AccountForm,
    answer=AccountAnswer,
    status=201,
    permission=Permission.ACCOUNT_MANAGE,
)
async def create_account(request: web.Request, body: AccountForm) -> web.Response:
    """Make an account."""
    held = _held(request, body.roles)
    new = accounts.NewAccount(
        username=body.username,
        name=body.name.strip(),
        password=body.password,
        unit_id=await _unit_id(body.unit),
        held=held,
    )
    at, known = clock.now(), basis(request)
    made = await accounts.create_account(new, at=at, township_of=known.township_of(at))
    [answer] = await AccountAnswer.of(await queries.account(made))
    return reply(answer, status=201)


async def _house(written: str | None) -> tuple[int, ...] | None:
    """Return the unit that is meant with all that are one house with it; raises UnknownUnit."""
    if written is None:
        return None
    units = await queries.units_index()
    return units.house(units.identified(written).id)


async def _unit_id(written: str | None) -> int | None:
    """Return the unit that is meant, as the table has it now, or who took it over.

    Raises UnknownUnit.
    """
    if written is None:
        return None
    units = await queries.units_index()
    unit = units.identified(written)
    acting = units.acting(unit.id)
    if acting is None:
        raise UnknownUnit(name=unit.name)
    return acting.id


def _held(request: web.Request, roles: Sequence[HeldForm]) -> tuple[Held, ...]:
    """Return the roles that are given.

    Raises BadInput for a place that is none of the boundaries in force, or of a wrong level.
    """
    given = tuple(Held(role=each.role, place_code=each.place) for each in roles)
    placed = [(number, held) for number, held in enumerate(given) if held.place_code]
    boundaries = basis(request).places.at(clock.now()) if placed else None
    faults = []
    for number, held in placed:
        row = boundaries.row(held.place_code) if boundaries else None
        if row is None or (held.of_grid and row.level != "grid"):
            faults.append({"pointer": f"/roles/{number}/place", "reason": "unknown"})
    if faults:
        raise BadInput(faults)
    return given


@routes.post("/accounts/{id}/disable", answer=HandedOnAnswer, permission=Permission.ACCOUNT_MANAGE)
async def disable_account(request: web.Request) -> web.Response:
    """Close an account; its sessions end at once, and what waits for it goes on to others."""
    account_id = path_id(request)
    done = await staffing.close_account(
        account_id, by=actor(request), at=clock.now(), basis=basis(request)
    )
    request.app[SIGN_INS].forget_all()  # and who stands in
    return reply(HandedOnAnswer.of(done))


@routes.post("/accounts/{id}/enable", answer=AccountAnswer, permission=Permission.ACCOUNT_MANAGE)
async def enable_account(request: web.Request) -> web.Response:
    """Open a closed account again, with the roles, unit and password that it had."""
    account_id = path_id(request)
    await accounts.reopen(account_id)
    [answer] = await AccountAnswer.of(await queries.account(account_id))
    return reply(answer)


@routes.post(
    "/accounts/{id}/password", answer=FirstPasswordAnswer, permission=Permission.ACCOUNT_MANAGE
)
async def reset_password(request: web.Request) -> web.Response:
    """Give an account a new password, shown this once; its sessions end at once."""
    account_id = path_id(request)
    password = await accounts.reset_password(account_id, by=actor(request), at=clock.now())
    request.app[SIGN_INS].forget(account_id)
    known = await queries.account(account_id)
    return reply(FirstPasswordAnswer(username=known.username or "", password=password))


@routes.post(
    "/accounts/{id}/change",
    body=AccountChangeForm,
    answer=HandedOnAnswer,
    permission=Permission.ACCOUNT_MANAGE,
)
async def change_account(request: web.Request, body: AccountChangeForm) -> web.Response:
    """Give an account other roles and grids, or another unit; its sessions end at once."""
    account_id = path_id(request)
    held = _held(request, body.roles) if body.roles is not None else None
    change = accounts.Change(
        seen=body.mark,
        held=held,
        moves=body.unit is not None,
        unit_id=await _unit_id(body.unit or None),
    )
    done = await staffing.change_account(
        account_id, change, by=actor(request), at=clock.now(), basis=basis(request)
    )
    request.app[SIGN_INS].forget_all()  # and who stands in
    return reply(HandedOnAnswer.of(done))


@routes.get("/accounts/{id}/sessions", answer=SessionsAnswer, permission=Permission.ACCOUNT_MANAGE)
async def sessions_of_account(request: web.Request) -> web.Response:
    """List where somebody is signed in, walls that they opened among them."""
    account_id = path_id(request)
    await queries.account(account_id)
    found = await sessions.sessions_of(account_id, at=clock.now(), settings=request.app[SETTINGS])
    return reply(SessionsAnswer.of(found))


@routes.post(
    "/accounts/{id}/sessions/{session}/end", status=204, permission=Permission.ACCOUNT_MANAGE
)
async def end_session_of_account(request: web.Request) -> web.Response:
    """End one of somebody's sign-ins at once; they may sign in anew."""
    account_id = path_id(request)
    await sessions.end_session(account_id, path_uuid(request, "session"), at=clock.now())
    request.app[SIGN_INS].forget(account_id)
    _log.info("session_ended", account=account_id, by=actor(request).id)
    return no_content()


@routes.post("/accounts/{id}/sessions/end", status=204, permission=Permission.ACCOUNT_MANAGE)
async def end_sessions_of_account(request: web.Request) -> web.Response:
    """End all of somebody's sign-ins at once; they may sign in anew."""
    account_id = path_id(request)
    await queries.account(account_id)
    await sessions.revoke_all(account_id, at=clock.now())
    request.app[SIGN_INS].forget(account_id)
    _log.info("sessions_ended", account=account_id, by=actor(request).id)
    return no_content()
