"""Open cases under new boundaries, at a desk: which would lie elsewhere, and moving one."""

from aiohttp import web
from pydantic import Field

from server.cases.rules.flow import Stage
from server.clock import now
from server.governance.boundaries import rebinding
from server.governance.boundaries.rebinding import Rebinding
from server.http.answers import reply
from server.http.forms import Answer, Form, Page, PageQuery
from server.http.keys import actor, basis
from server.http.paging import after_id, cursor, path_no
from server.http.routes import Routes
from server.permissions import Permission
from server.places.boundaries import Found
from server.shared_api.cases import CaseCard
from server.texts.catalogue import text

routes = Routes("/s/v1", tag="places")


class RebindingRow(Answer):
    """A case, where it is held to lie, and where it would under the boundaries in force.

    `now` is empty where nothing is left there and a person has to name the place.
    """

    no: str
    stage: Stage
    stage_text: str
    title: str
    held: str
    held_code: str
    now: str
    now_code: str
    generation: str
    in_force: str

    @classmethod
    def of(cls, item: Rebinding, in_force: int) -> "RebindingRow":
        """Build the row of a case."""
        place, case = item.place, item.case
        return cls(
            no=case.no,
            stage=Stage(case.stage),
            stage_text=text(f"stage.{case.stage}"),
            title=case.title,
            held=case.text,
            held_code=case.code,
            now=_words(place) if place else "",
            now_code=place.finest.code if place and place.finest else "",
            generation=str(case.generation_id),
            in_force=str(in_force),
        )


def _words(place: Found) -> str:
    levels = (place.township, place.village, place.grid)
    return "".join(each.name for each in levels if each)


@routes.get(
    "/places/rebindings",
    query=PageQuery,
    answer=Page[RebindingRow],
    permission=Permission.CASE_REBIND,
)
async def listed(request: web.Request, query: PageQuery) -> web.Response:
    """List the open cases whose place would differ under the boundaries in force.

    A page may hold fewer than asked for, or none, and not be the last: `next` says so.
    """
    found = await rebinding.rebindings(
        by=actor(request),
        at=now(),
        basis=basis(request),
        after_id=after_id(query.after),
        limit=query.limit,
    )
    rows = [RebindingRow.of(item, found.generation_id) for item in found.items]
    following = cursor([found.after_id]) if found.after_id else None
    return reply(Page[RebindingRow](items=rows, next=following))


class RebindForm(Form):
    """Why, and where its position does not settle it, the code of the place."""

    reason: str = Field(min_length=1, max_length=500)
    place: str = Field(default="", max_length=20)


@routes.post(
    "/cases/{no}/rebind", body=RebindForm, answer=CaseCard, permission=Permission.CASE_REBIND
)
async def rebind(request: web.Request, form: RebindForm) -> web.Response:
    """Give an open case its place under the boundaries in force; lead and limits stay."""
    known = basis(request)
    case = await rebinding.rebind(
        path_no(request),
        form.reason,
        place=form.place,
        by=actor(request),
        at=now(),
        basis=known,
    )
    return reply(CaseCard.of(case, known))
