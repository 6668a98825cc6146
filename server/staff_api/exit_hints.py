"""Hints at a desk: which matters townships might give back."""

from typing import Annotated, Final, Self

from aiohttp import web

from server.cases.rules.basis import Basis
from server.clock import now
from server.governance import exit_hints
from server.governance.exit_hints import ExitHint, Thresholds
from server.http.answers import reply
from server.http.forms import Answer, Page, PageQuery
from server.http.keys import SETTINGS, basis
from server.http.paging import cursor, uncursor
from server.http.routes import Routes
from server.permissions import Permission
from server.texts.closed import one_of

routes: Final = Routes("/s/v1", tag="adjustments")


class FiguresAnswer(Answer):
    """Closed cases of the matter that the township led, and how they went."""

    n_cases: int
    n_returned: int
    n_redone: int
    n_overdue: int
    n_helped: int


class ReasonRow(Answer):
    """What speaks for giving the matter back: few, returned, redone, overdue or helped."""

    code: Annotated[str, one_of("few", "returned", "redone", "overdue", "helped")]
    text: str


class ExitHintRow(Answer):
    """A matter to be considered for giving back; no township means all of them."""

    matter_code: str
    matter_name: str
    township_code: str | None
    township: str
    figures: FiguresAnswer
    reasons: list[ReasonRow]
    text: str

    @classmethod
    def of(cls, hint: ExitHint, basis: Basis) -> Self:
        """Build the row of a hint."""
        unit = basis.units.township_unit(hint.township_code) if hint.township_code else None
        return cls(
            matter_code=hint.matter_code,
            matter_name=hint.matter_name,
            township_code=hint.township_code,
            township=unit.name if unit else "",
            figures=FiguresAnswer.model_validate(hint.figures, from_attributes=True),
            reasons=[ReasonRow(code=each.code, text=each.text) for each in hint.reasons],
            text=hint.text,
        )


class HintsQuery(PageQuery):
    """Where in the hints to go on."""


@routes.get(
    "/adjustments/hints",
    query=HintsQuery,
    answer=Page[ExitHintRow],
    permission=Permission.LIST_READ,
)
async def hints(request: web.Request, query: HintsQuery) -> web.Response:
    """List the matters whose figures speak for giving them back to a department (退出)."""
    known = basis(request)
    code, township = uncursor(query.after, str, str) or ("", "")
    found = await exit_hints.hints(
        Thresholds.of(request.app[SETTINGS]),
        at=now(),
        basis=known,
        after=(str(code), str(township)),
        limit=query.limit + 1,
    )
    shown = found[: query.limit]
    following = cursor(shown[-1].key) if len(found) > query.limit else None
    return reply(
        Page[ExitHintRow](items=[ExitHintRow.of(each, known) for each in shown], next=following)
    )
