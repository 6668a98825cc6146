"""How a list is changed, and an off-list burden objected to: stages, verbs, which leads where.

No effects here. S0 names the stations: the townships' written opinions, what was agreed with them,
review by the offices that keep the list, approval, publication.
"""

from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from typing import Final

from server.errors import WrongProcedureStage


class ProcedureStage(StrEnum):
    """Where a proposal or a burden stands."""

    OPINIONS = "opinions"
    SETTLING = "settling"
    REVIEW = "review"
    APPROVAL = "approval"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REGISTERED = "registered"
    ANSWERED = "answered"
    UPHELD = "upheld"
    UNFOUNDED = "unfounded"


class ProcedureVerb(StrEnum):
    """What can be done to a proposal or a burden; also the tail of its permission."""

    PROPOSE = "propose"
    OPINE = "opine"
    AMEND = "amend"
    SETTLE = "settle"
    REVIEW = "review"
    SEND_BACK = "send_back"
    REFUSE = "refuse"
    APPROVE = "approve"
    PUBLISH = "publish"
    TAKE_BACK = "take_back"
    WITHDRAW = "withdraw"
    REMIND = "remind"
    REGISTER = "register"
    ANSWER = "answer"
    RULE = "rule"


class ProcedureAudience(Flag):
    """To whom an act owes a message."""

    NOBODY = 0
    PROPOSER = auto()
    CONSULTED = auto()
    KEEPERS = auto()
    LEADERS = auto()


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge; `way` tells edges of one verb from one stage apart, the empty way is the usual.

    `reason` marks verbs that need words.
    """

    verb: ProcedureVerb
    sources: frozenset[ProcedureStage | None]
    target: ProcedureStage
    told: ProcedureAudience = ProcedureAudience.NOBODY
    reason: bool = False
    way: str = ""


def _edge(
    verb: ProcedureVerb,
    sources: ProcedureStage | tuple[ProcedureStage, ...] | None,
    target: ProcedureStage,
    told: ProcedureAudience = ProcedureAudience.NOBODY,
    *,
    reason: bool = False,
    way: str = "",
) -> Edge:
    each = sources if isinstance(sources, tuple) else (sources,)
    return Edge(verb, frozenset(each), target, told, reason, way)


_S, _V = ProcedureStage, ProcedureVerb
PROPOSALS: Final = (
    _edge(_V.PROPOSE, None, _S.OPINIONS, ProcedureAudience.CONSULTED),
    _edge(_V.PROPOSE, None, _S.REVIEW, ProcedureAudience.KEEPERS, way="nobody_asked"),
    _edge(_V.OPINE, _S.OPINIONS, _S.OPINIONS),
    _edge(
        _V.OPINE,
        _S.OPINIONS,
        _S.REVIEW,
        ProcedureAudience.PROPOSER | ProcedureAudience.KEEPERS,
        way="agreed",
    ),
    _edge(_V.OPINE, _S.OPINIONS, _S.SETTLING, ProcedureAudience.PROPOSER, way="disagreed"),
    _edge(_V.AMEND, _S.SETTLING, _S.OPINIONS, ProcedureAudience.CONSULTED, reason=True),
    _edge(
        _V.AMEND,
        _S.SETTLING,
        _S.REVIEW,
        ProcedureAudience.KEEPERS,
        reason=True,
        way="nobody_asked",
    ),
    _edge(
        _V.SETTLE,
        _S.SETTLING,
        _S.REVIEW,
        ProcedureAudience.CONSULTED | ProcedureAudience.KEEPERS,
        reason=True,
    ),
    _edge(_V.REVIEW, _S.REVIEW, _S.REVIEW, reason=True),
    _edge(_V.REVIEW, _S.REVIEW, _S.APPROVAL, ProcedureAudience.LEADERS, reason=True, way="last"),
    _edge(_V.SEND_BACK, _S.REVIEW, _S.SETTLING, ProcedureAudience.PROPOSER, reason=True),
    _edge(
        _V.REFUSE,
        (_S.REVIEW, _S.APPROVAL),
        _S.REFUSED,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED,
        reason=True,
    ),
    _edge(
        _V.APPROVE,
        _S.APPROVAL,
        _S.APPROVED,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED | ProcedureAudience.KEEPERS,
    ),
    _edge(
        _V.PUBLISH,
        _S.APPROVED,
        _S.IN_FORCE,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED,
    ),
    _edge(
        _V.TAKE_BACK,
        _S.IN_FORCE,
        _S.APPROVED,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED | ProcedureAudience.KEEPERS,
    ),
    _edge(
        _V.WITHDRAW,
        (_S.OPINIONS, _S.SETTLING, _S.REVIEW, _S.APPROVAL),
        _S.WITHDRAWN,
        ProcedureAudience.CONSULTED,
        reason=True,
    ),
)
#: What happens to a proposal with the version that carries it out.
_OF_LISTS: Final = (_V.PUBLISH, _V.TAKE_BACK)
BURDENS: Final = (
    _edge(
        _V.REGISTER, None, _S.REGISTERED, ProcedureAudience.CONSULTED | ProcedureAudience.KEEPERS
    ),
    _edge(
        _V.ANSWER,
        _S.REGISTERED,
        _S.ANSWERED,
        ProcedureAudience.PROPOSER | ProcedureAudience.KEEPERS,
        reason=True,
    ),
    # Who does not answer in time cannot hold up the ruling by it.
    _edge(
        _V.RULE,
        _S.ANSWERED,
        _S.UPHELD,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED,
        reason=True,
        way="upheld",
    ),
    _edge(
        _V.RULE,
        _S.ANSWERED,
        _S.UNFOUNDED,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED,
        reason=True,
    ),
    _edge(
        _V.RULE,
        _S.REGISTERED,
        _S.UPHELD,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED,
        reason=True,
        way="upheld",
    ),
    _edge(
        _V.RULE,
        _S.REGISTERED,
        _S.UNFOUNDED,
        ProcedureAudience.PROPOSER | ProcedureAudience.CONSULTED,
        reason=True,
    ),
    _edge(
        _V.WITHDRAW,
        (_S.REGISTERED, _S.ANSWERED),
        _S.WITHDRAWN,
        ProcedureAudience.CONSULTED | ProcedureAudience.KEEPERS,
        reason=True,
    ),
)
#: Work days until which it is whose turn, by the stage; the settings may say otherwise.
OWNERS: Final = {
    ProcedureStage.OPINIONS: ProcedureAudience.CONSULTED,
    ProcedureStage.SETTLING: ProcedureAudience.PROPOSER,
    ProcedureStage.REVIEW: ProcedureAudience.KEEPERS,
    ProcedureStage.APPROVAL: ProcedureAudience.LEADERS,
    ProcedureStage.APPROVED: ProcedureAudience.KEEPERS,
    ProcedureStage.REGISTERED: ProcedureAudience.CONSULTED,
    ProcedureStage.ANSWERED: ProcedureAudience.KEEPERS,
}


def edge(
    table: tuple[Edge, ...], stage: ProcedureStage | None, verb: ProcedureVerb, way: str = ""
) -> Edge:
    """Return the edge that a verb takes from a stage; raises WrongProcedureStage without one."""
    for each in table:
        if each.verb is verb and stage in each.sources and each.way == way:
            return each
    raise WrongProcedureStage(stage=stage, verb=verb, possible=possible(table, stage))


def possible(table: tuple[Edge, ...], stage: ProcedureStage | None) -> list[ProcedureVerb]:
    """Return the verbs that people may do from a stage, in the order of the table."""
    found = [each.verb for each in table if stage in each.sources and each.verb not in _OF_LISTS]
    return list(dict.fromkeys(found))
