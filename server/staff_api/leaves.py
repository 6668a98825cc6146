"""Leave at a desk (请假): who of a unit is away and who stands in; entered by head or keeper."""

from aiohttp import web
from pydantic import Field

from server.clock import now
from server.errors import NotPermitted
from server.http.answers import reply
from server.http.forms import ACCOUNT_ID, Answer, Page, PageQuery, Query
from server.http.keys import actor, basis
from server.http.paging import after_id, cursor
from server.http.routes import Routes
from server.people import queries
from server.people.duty import leaves
from server.permissions import Permission
from server.shared_api.leaves import (
    LeaveAnswer,
    LeaveForm,
    LeaveRow,
    SubstituteRow,
    end,
    enter,
    leaves_by_account,
)
from server.shared_api.narrowing import refuse
from server.staff_api.accounts import HeldAnswer

routes = Routes("/s/v1", tag="leaves")


class LeaveOfForm(LeaveForm):
    """Whose leave, by account; from when to when, and who stands in."""

    account: str = Field(pattern=ACCOUNT_ID)


class StaffQuery(PageQuery):
    """Of which unit, by its id."""

    unit: str = Field(pattern=ACCOUNT_ID)


class StaffRow(Answer):
    """Somebody of a unit, their leaves, the earliest first, and whether I may enter one."""

    account: str
    name: str
    roles: list[HeldAnswer]
    leaves: list[LeaveRow]
    may_enter: bool


class SubstituteQuery(Query):
    """For whom somebody is to stand in."""

    account: str = Field(pattern=ACCOUNT_ID)


class Substitutes(Answer):
    """Who can stand in."""

    items: list[SubstituteRow]


@routes.get("/leaves", query=StaffQuery, answer=Page[StaffRow], permission=Permission.LEAVE_MANAGE)
async def list_staff(request: web.Request, query: StaffQuery) -> web.Response:
    """List the people of a unit, with their leaves that run or are to come."""
    unit_id = int(query.unit)
    if not actor(request).covers_unit(Permission.LEAVE_MANAGE, unit_id):
        raise NotPermitted(verb="leave")
    if unit_id not in basis(request).units.by_id:
        refuse(["unit"])
    found = await queries.accounts_page(
        after=after_id(query.after, bits=32), limit=query.limit + 1, unit_ids=[unit_id]
    )
    shown = found[: query.limit]
    on = cursor([shown[-1].id]) if len(found) > query.limit else None
    away = await leaves_by_account([row.id for row in shown], at=now())
    items = [
        StaffRow(
            account=str(row.id),
            name=row.name,
            roles=[HeldAnswer.of(each) for each in row.held],
            leaves=away[row.id],
            may_enter=leaves.may_enter(
                row.id, row.unit_id, [held.role for held in row.held], by=actor(request)
            ),
        )
        for row in shown
        if row.active
    ]
    return reply(Page[StaffRow](items=items, next=on))


@routes.get(
    "/leaves/substitutes",
    query=SubstituteQuery,
    answer=Substitutes,
    permission=Permission.LEAVE_MANAGE,
)
async def list_substitutes(request: web.Request, query: SubstituteQuery) -> web.Response:
    """List who can stand in for somebody, of the same unit and roles first."""
    person = await queries.account(int(query.account))
    if not actor(request).covers_unit(Permission.LEAVE_MANAGE, person.unit_id):
        raise NotPermitted(verb="leave")
    found = await leaves.substitutes_for(person.id)
    return reply(Substitutes(items=[SubstituteRow.of(each) for each in found]))


@routes.post(
    "/leaves",
    body=LeaveOfForm,
    answer=LeaveAnswer,
    status=201,
    permission=Permission.LEAVE_MANAGE,
)
async def enter_leave(request: web.Request, body: LeaveOfForm) -> web.Response:
    """Enter somebody's leave; what waits for them goes to the substitute when it begins."""
    return await enter(request, body.of(int(body.account)))


@routes.post("/leaves/{id}/end", status=204, permission=Permission.LEAVE_MANAGE)
async def end_leave(request: web.Request) -> web.Response:
    """Take a leave back that is to come, or end one before its time."""
    return await end(request)
