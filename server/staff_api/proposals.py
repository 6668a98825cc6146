"""Changing a list at a desk: admission, adjustment and exit, from proposal to approval."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, Protocol

from aiohttp import web
from pydantic import Field

from server.cases.rules.basis import Basis
from server.governance import admitted, deciding, proposing, queries, standing
from server.governance.procedure import ProcedureStage
from server.http.answers import reply
from server.http.forms import Answer, Form, Page, PageQuery
from server.http.keys import actor, basis, call_of
from server.http.paging import before_id, cursor, path_id
from server.http.routes import Routes
from server.people.actor import Actor
from server.permissions import Permission
from server.responsibility.list.list_types import list_types
from server.shared_api.acts import opinions
from server.shared_api.proposals import (
    AdjustmentForm,
    AdmissionForm,
    ProposalAnswer,
    ProposalRow,
    Words,
    rows_of,
)
from server.shared_api.said import NOBODY

routes: Final = Routes("/s/v1", tag="proposals")


class Moved(Protocol):
    """What moved, by its id."""

    id: int


class _Command(Protocol):
    """One verb of a proposal that needs nothing but words."""

    async def __call__(
        self, proposal_id: int, words: str, /, *, by: Actor, at: datetime, basis: Basis
    ) -> Moved: ...


class ProposalsQuery(PageQuery):
    """At which stage; `owed` leaves those on which my unit owes its opinion."""

    stage: ProcedureStage | None = None
    owed: bool = False


class AnyProposalsQuery(ProposalsQuery):
    """Of which kind besides, of all without; `open` leaves those that are not over."""

    kind: Literal["admission", "adjustment", "exit"] | None = None
    open: bool = False


class RemarkForm(Form):
    """Why, or what was agreed."""

    text: Words


class ApproveForm(Form):
    """A word to go with it, or none."""

    text: str = Field(default="", max_length=4000)


class AmendAdmissionForm(Form):
    """An admission as it is to read now, and what was changed in it."""

    text: Words
    to: AdmissionForm


class AmendAdjustmentForm(Form):
    """An adjustment as it is to read now, and what was changed in it."""

    text: Words
    to: AdjustmentForm


class NextDraftForm(Form):
    """What the next version is to be called."""

    label: Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]


class NextDraftAnswer(Answer):
    """The draft of a list's next version, and the proposals that it carries out."""

    version: str
    proposals: list[str]


@routes.post(
    "/admissions",
    body=AdmissionForm,
    answer=ProposalAnswer,
    status=201,
    permission=Permission.PROPOSAL_PROPOSE,
)
async def admit(request: web.Request, form: AdmissionForm) -> web.Response:
    """Propose as a department to hand a matter to townships (准入)."""
    by, at, known = call_of(request)
    made = await proposing.propose(form.proposal(known), by=by, at=at, basis=known)
    return await opinions.whole(request, made.id, status=201)


@routes.post(
    "/adjustments",
    body=AdjustmentForm,
    answer=ProposalAnswer,
    status=201,
    permission=Permission.PROPOSAL_PROPOSE,
)
async def adjust(request: web.Request, form: AdjustmentForm) -> web.Response:
    """Propose to change an entry (动态调整), or to take a matter back from townships (退出)."""
    by, at, known = call_of(request)
    made = await proposing.propose(form.proposal(known), by=by, at=at, basis=known)
    return await opinions.whole(request, made.id, status=201)


@routes.get(
    "/admissions",
    query=ProposalsQuery,
    answer=Page[ProposalRow],
    permission=Permission.PROPOSAL_READ,
)
async def admissions(request: web.Request, query: ProposalsQuery) -> web.Response:
    """List admissions, the newest first."""
    return await _listed(request, query, ("admission",))


@routes.get(
    "/adjustments",
    query=ProposalsQuery,
    answer=Page[ProposalRow],
    permission=Permission.PROPOSAL_READ,
)
async def adjustments(request: web.Request, query: ProposalsQuery) -> web.Response:
    """List adjustments and exits, the newest first."""
    return await _listed(request, query, ("adjustment", "exit"))


@routes.get(
    "/proposals",
    query=AnyProposalsQuery,
    answer=Page[ProposalRow],
    permission=Permission.PROPOSAL_READ,
)
async def proposals(request: web.Request, query: AnyProposalsQuery) -> web.Response:
    """List proposals of every kind, the newest first."""
    return await _listed(request, query, (query.kind,) if query.kind else ())


async def _listed(
    request: web.Request, query: ProposalsQuery, kinds: Sequence[str]
) -> web.Response:
    rows = await queries.proposals(
        kinds,
        limit=query.limit + 1,
        before_id=before_id(query.after, bits=32),
        stage=query.stage or "",
        unfinished=isinstance(query, AnyProposalsQuery) and query.open,
        owed_by=sorted(actor(request).unit_ids) if query.owed else None,
    )
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    items = await rows_of(shown, basis(request))
    return reply(Page[ProposalRow](items=items, next=following), hidden=NOBODY)


@routes.post(
    "/admissions/{id}/amend",
    body=AmendAdmissionForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_AMEND,
)
async def amend_admission(request: web.Request, form: AmendAdmissionForm) -> web.Response:
    """Change an admission that was objected to or sent back, and ask again."""
    return await _amended(request, form)


@routes.post(
    "/adjustments/{id}/amend",
    body=AmendAdjustmentForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_AMEND,
)
async def amend_adjustment(request: web.Request, form: AmendAdjustmentForm) -> web.Response:
    """Change an adjustment that was objected to or sent back, and ask again."""
    return await _amended(request, form)


async def _amended(
    request: web.Request, form: AmendAdmissionForm | AmendAdjustmentForm
) -> web.Response:
    by, at, known = call_of(request)
    proposal_id = path_id(request)
    to = form.to.proposal(known)
    async with standing.fitting("proposal", proposal_id, by=by, at=at, basis=known):
        await proposing.amend(proposal_id, to, form.text, by=by, at=at, basis=known)
    return await opinions.whole(request, proposal_id)


@routes.post(
    "/proposals/{id}/settle",
    body=RemarkForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_SETTLE,
)
async def settle(request: web.Request, form: RemarkForm) -> web.Response:
    """Report how the objections were talked over (协商意见)."""
    return await _done(request, proposing.settle, form.text)


@routes.post(
    "/proposals/{id}/withdraw",
    body=RemarkForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_WITHDRAW,
)
async def withdraw(request: web.Request, form: RemarkForm) -> web.Response:
    """Give a proposal up."""
    return await _done(request, proposing.withdraw, form.text)


@routes.post(
    "/proposals/{id}/review",
    body=RemarkForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_REVIEW,
)
async def review(request: web.Request, form: RemarkForm) -> web.Response:
    """Pass a proposal as my office; the second office's sends it to approval."""
    return await _done(request, deciding.review, form.text)


@routes.post(
    "/proposals/{id}/send-back",
    body=RemarkForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_SEND_BACK,
)
async def send_back(request: web.Request, form: RemarkForm) -> web.Response:
    """Send a proposal back to be amended or talked over."""
    return await _done(request, deciding.send_back, form.text)


@routes.post(
    "/proposals/{id}/refuse",
    body=RemarkForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_REFUSE,
)
async def refuse(request: web.Request, form: RemarkForm) -> web.Response:
    """Turn a proposal down."""
    return await _done(request, deciding.refuse, form.text)


@routes.post(
    "/proposals/{id}/approve",
    body=ApproveForm,
    answer=ProposalAnswer,
    permission=Permission.PROPOSAL_APPROVE,
)
async def approve(request: web.Request, form: ApproveForm) -> web.Response:
    """Approve a reviewed proposal."""
    return await _done(request, deciding.approve, form.text)


async def _done(request: web.Request, command: _Command, words: str) -> web.Response:
    by, at, known = call_of(request)
    proposal_id = path_id(request)
    async with standing.fitting("proposal", proposal_id, by=by, at=at, basis=known):
        await command(proposal_id, words, by=by, at=at, basis=known)
    return await opinions.whole(request, proposal_id)


@routes.post(
    "/lists/{type}/drafts",
    body=NextDraftForm,
    answer=NextDraftAnswer,
    status=201,
    permission=Permission.LIST_MANAGE,
    among={"type": list_types()},
)
async def draft(request: web.Request, form: NextDraftForm) -> web.Response:
    """Write the draft of a list's next version, with everything that was approved for it."""
    by, at, known = call_of(request)
    list_type = request.match_info["type"]
    version_id, carried = await admitted.draft_next(
        list_type, label=form.label, by=by, at=at, basis=known
    )
    found = NextDraftAnswer(version=str(version_id), proposals=[str(each) for each in carried])
    return reply(found, status=201)


opinions.declare(routes)
