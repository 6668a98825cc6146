"""Reading a proposal to change a list, and a unit's opinion on it, at a desk or on a phone."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from server.errors import BadInput
from server.governance import deciding, queries, standing
from server.http.answers import reply
from server.http.forms import Form
from server.http.keys import call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.proposals import ProposalAnswer
from server.shared_api.said import NOBODY


class OpinionForm(Form):
    """A unit's written opinion; an objection needs words.

    `unit`, a name or code, is a station of one's own or one merged into it; without, one's own.
    """

    unit: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    agrees: bool
    text: str = Field(default="", max_length=4000)


def declare(routes: Routes) -> None:
    """Put a proposal and the opinions on it on a front."""
    routes.get("/proposals/{id}", answer=ProposalAnswer, permission=Permission.PROPOSAL_READ)(
        proposal
    )
    routes.post(
        "/proposals/{id}/opine",
        body=OpinionForm,
        answer=ProposalAnswer,
        permission=Permission.PROPOSAL_OPINE,
    )(opine)


async def whole(request: web.Request, proposal_id: int, *, status: int = 200) -> web.Response:
    """Answer a proposal whole."""
    by, at, known = call_of(request)
    found = await queries.proposal(proposal_id)
    return reply(await ProposalAnswer.whole(found, by, known, at), status=status, hidden=NOBODY)


async def proposal(request: web.Request) -> web.Response:
    """Answer a proposal whole: what it changes, every opinion, its history."""
    return await whole(request, path_id(request))


async def opine(request: web.Request, form: OpinionForm) -> web.Response:
    """Give the written opinion of my unit, or of one that it speaks for."""
    by, at, known = call_of(request)
    proposal_id = path_id(request)
    unit = known.units.named(form.unit) if form.unit is not None else None
    if form.unit is not None and unit is None:
        raise BadInput([{"pointer": "/unit", "reason": "unknown"}])
    async with standing.fitting("proposal", proposal_id, by=by, at=at, basis=known):
        await deciding.opine(
            proposal_id,
            form.text,
            agrees=form.agrees,
            unit_id=unit.id if unit else None,
            by=by,
            at=at,
            basis=known,
        )
    return await whole(request, proposal_id)
