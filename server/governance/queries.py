"""Reading proposals and burdens: lists, one whole, and how many burdens each unit gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, TypeVar

from tortoise import Tortoise
from tortoise.expressions import Q, Subquery

from server.cases.door.access import reaches
from server.errors import NotFound
from server.governance.journal import Row, number
from server.governance.models.burden import Burden
from server.governance.models.proposal import Event, Opinion, Proposal
from server.governance.procedure import OWNERS, ProcedureStage
from server.people.actor import Actor
from server.people.queries import names
from server.permissions import Permission, Reach

V = TypeVar("V", "ProposalView", "BurdenView")

_COUNTS: Final = """
SELECT against_id, count(*) AS n,
  count(*) FILTER (WHERE stage IN ('registered', 'answered')) AS n_open,
  count(*) FILTER (WHERE stage = 'upheld') AS n_upheld,
  count(*) FILTER (WHERE stage = 'unfounded') AS n_unfounded
FROM off_list_burden WHERE stage <> 'withdrawn' GROUP BY against_id
ORDER BY n DESC, against_id LIMIT $1
"""


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """A unit's opinion in a round; no stance while it is owed."""

    round: int
    unit_id: int
    stance: str
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A line of a history; who acted by name, for which unit."""

    verb: str
    target: str
    by: str
    unit_id: int | None
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal; `no` is the number by which people call it."""

    id: int
    no: str
    kind: str
    stage: str
    list_type: str
    matter_code: str
    matter_name: str
    unit_id: int
    ground: str
    reason: str
    change: Mapping[str, Any]
    support: Mapping[str, str]
    until: datetime | None
    round: int
    due_at: datetime | None
    created_at: datetime
    version_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BurdenView:
    """An objection to a burden; `no` is the number by which people call it."""

    id: int
    no: str
    stage: str
    form: str
    title: str
    text: str
    document: str
    unit_id: int
    against_id: int
    due_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProposalWhole:
    """A proposal with everything said about it."""

    proposal: ProposalView
    opinions: Sequence[OpinionRow]
    events: Sequence[EventRow]


@dataclass(frozen=True, slots=True)
class BurdenCount:
    """How many burdens townships object to that one unit gave, and what became of them."""

    against_id: int
    n: int
    n_open: int
    n_upheld: int
    n_unfounded: int


async def proposals(
    kinds: Sequence[str] = (),
    *,
    limit: int,
    before_id: int | None = None,
    stage: str = "",
    unfinished: bool = False,
    owed_by: Sequence[int] | None = None,
) -> list[ProposalView]:
    """Return proposals of some kinds, or of all, the newest first, those before an id.

    `unfinished` leaves those that are somebody's turn, `owed_by` those on which one of these
    units owes its opinion.
    """
    found = Proposal.filter(kind__in=list(kinds)) if kinds else Proposal.all()
    if stage:
        found = found.filter(stage=stage)
    if unfinished:
        found = found.filter(stage__in=[each.value for each in OWNERS])
    if owed_by is not None:
        owed = Opinion.filter(unit_id__in=list(owed_by), stance="").values("proposal_id")
        found = found.filter(stage=ProcedureStage.OPINIONS.value, id__in=Subquery(owed))
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return [_view(ProposalView, row) for row in await found.order_by("-id").limit(limit)]


async def proposal(proposal_id: int) -> ProposalWhole:
    """Return one proposal whole; raises NotFound."""
    found = await Proposal.get_or_none(id=proposal_id)
    if found is None:
        raise NotFound(kind="proposal", id=proposal_id)
    opinions = await Opinion.filter(proposal_id=proposal_id).order_by("round", "id")
    rows = [OpinionRow(o.round, o.unit_id, o.stance, o.text, o.at) for o in opinions]
    return ProposalWhole(_view(ProposalView, found), rows, await history("proposal", proposal_id))


async def history(noun: str, noun_id: int) -> list[EventRow]:
    """Return the history of a proposal or a burden, the oldest first."""
    events = await Event.filter(noun=noun, noun_id=noun_id).order_by("seq").limit(1000)
    known = await names({e.by_id for e in events if e.by_id is not None})
    return [
        EventRow(e.verb, e.target, known.get(e.by_id or 0, ""), e.unit_id, e.at, e.text)
        for e in events
    ]


async def burdens(
    by: Actor, *, limit: int, before_id: int | None = None, stage: str = ""
) -> list[BurdenView]:
    """Return the burdens that somebody may see, the newest first, those before an id."""
    found = Burden.filter(_mine(by))
    if stage:
        found = found.filter(stage=stage)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return [_view(BurdenView, row) for row in await found.order_by("-id").limit(limit)]


async def burden(burden_id: int, by: Actor) -> BurdenView:
    """Return one burden that somebody may see; raises NotFound."""
    found = await Burden.filter(_mine(by), id=burden_id).get_or_none()
    if found is None:
        raise NotFound(kind="burden", id=burden_id)
    return _view(BurdenView, found)


def _view(kind: type[V], row: Row) -> V:
    """Return a row as others see it: the fields that both have, and its number."""
    shown = {each.name for each in fields(kind)} - {"no"}
    return kind(no=number(row), **{name: getattr(row, name) for name in shown})


def _mine(by: Actor) -> Q:
    if Reach.EVERYWHERE in reaches(by, Permission.BURDEN_READ):
        return Q()
    units = list(by.unit_ids)
    return Q(unit_id__in=units) | Q(against_id__in=units)


async def burden_counts(*, limit: int = 200) -> list[BurdenCount]:
    """Return how many burdens each unit gave, those with most first."""
    rows: list[dict[str, Any]] = await Tortoise.get_connection("default").execute_query_dict(
        _COUNTS, [limit]
    )
    return [BurdenCount(**row) for row in rows]
