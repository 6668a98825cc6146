"""What desks and phones say of leave (请假): whose, until when, and who stands in."""

from collections.abc import Collection
from datetime import datetime
from typing import Self

from aiohttp import web
from pydantic import Field

from server.cases.ends import leaving
from server.cases.ends.leaving import Entered
from server.cases.ends.staffing import said
from server.http.answers import no_content, reply
from server.http.forms import ACCOUNT_ID, Answer, Form, Moment
from server.http.keys import call_of
from server.http.paging import path_id
from server.http.sign_in import SIGN_INS
from server.people.duty import leaves
from server.people.duty.leaves import LeaveView, NewLeave, Substitute


class LeaveForm(Form):
    """From when to when, and who stands in; from now on without `since`."""

    substitute: str = Field(pattern=ACCOUNT_ID)
    since: Moment | None = Field(default=None, strict=False)
    until: Moment = Field(strict=False)
    reason: str = Field(default="", max_length=80)

    def of(self, account_id: int) -> NewLeave:
        """Return it as the domain takes it, of whose leave it is."""
        return NewLeave(
            account_id=account_id,
            substitute_id=int(self.substitute),
            since=self.since,
            until=self.until,
            reason=self.reason.strip(),
        )


class SubstituteRow(Answer):
    """Somebody who can stand in; `same_roles` tells that they do such work anyway."""

    account: str
    name: str
    same_roles: bool

    @classmethod
    def of(cls, found: Substitute) -> Self:
        """Build the row of a person."""
        return cls(account=str(found.id), name=found.name, same_roles=found.same_roles)


class LeaveRow(Answer):
    """A leave that is `running` or to come: who is away, by id and name, and who stands in."""

    id: str
    account: str
    name: str
    substitute: str
    substitute_name: str
    since: datetime
    until: datetime
    reason: str
    running: bool

    @classmethod
    def of(cls, found: LeaveView) -> Self:
        """Build the row of a leave."""
        return cls(
            id=str(found.id),
            account=str(found.account.id),
            name=found.account.name,
            substitute=str(found.substitute.id),
            substitute_name=found.substitute.name,
            since=found.since,
            until=found.until,
            reason=found.reason,
            running=found.begun_at is not None,
        )


async def leaves_by_account(
    account_ids: Collection[int], *, at: datetime
) -> dict[int, list[LeaveRow]]:
    """Return for each of these accounts its leaves that run or are to come."""
    found = dict[int, list[LeaveRow]]((each, []) for each in account_ids)
    for each in await leaves.leaves_of(account_ids, at=at):
        found[each.account.id].append(LeaveRow.of(each))
    return found


class LeaveAnswer(Answer):
    """A leave as it was entered, and what went to the substitute; `told` says it in words."""

    leave: LeaveRow
    n_checks: int
    n_verifications: int
    told: str

    @classmethod
    def of(cls, done: Entered) -> Self:
        """Return the answer about a leave just entered; nothing goes over before it begins."""
        handed_on = done.handed_on
        return cls(
            leave=LeaveRow.of(done.leave),
            n_checks=handed_on.n_checks if handed_on else 0,
            n_verifications=handed_on.n_verifications if handed_on else 0,
            told=said(handed_on) if handed_on else "",
        )


async def enter(request: web.Request, new: NewLeave) -> web.Response:
    """Enter a leave; what the substitute may, and what waits for them, is known at once."""
    by, at, known = call_of(request)
    done = await leaving.enter(new, by=by, at=at, basis=known)
    request.app[SIGN_INS].forget(new.substitute_id)
    return reply(LeaveAnswer.of(done), status=201)


async def end(request: web.Request) -> web.Response:
    """Take a leave back, or end it: the person is at work again at once."""
    by, at, _ = call_of(request)
    ended = await leaving.end(path_id(request), by=by, at=at)
    request.app[SIGN_INS].forget(ended.substitute.id)
    return no_content()
