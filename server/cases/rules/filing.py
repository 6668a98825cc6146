"""The filing policy: what a report needs to file and dispatch itself. Pure."""

from dataclasses import dataclass

from server.cases.rules.deadlines import URGENT
from server.settings import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a report when it is received.

    `trusted` is who may report any matter without an acceptor's look: whose duty it is to report.
    """

    matter: bool
    off_list: bool
    urgency: str
    kind: str
    place_certain: bool
    doubts: tuple[str, ...]
    has_photo: bool
    photo_broken: bool
    lead: bool
    complaint: bool
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Whether a report is filed and dispatched by itself, and what it waits for otherwise."""

    file: bool
    dispatch: bool
    waits_for: tuple[str, ...]


def decide(known: Known, policy: Policy) -> Filing:
    """Return what becomes of a report by itself."""
    waits = _waits(known, policy)
    urgent = known.urgency == URGENT
    if not known.matter or not policy.auto_file:
        return Filing(file=False, dispatch=False, waits_for=waits or ("policy",))
    if known.off_list:
        return Filing(file=not waits, dispatch=False, waits_for=(*waits, "off_list"))
    if urgent:
        # Urgent matters are always filed at once; only where is still asked of the dispatcher.
        placed = known.place_certain and known.lead
        where = tuple(code for code in waits if code not in _NOT_FOR_URGENT)
        return Filing(file=True, dispatch=placed, waits_for=() if placed else where)
    if waits:
        return Filing(file=False, dispatch=False, waits_for=waits)
    return Filing(file=True, dispatch=True, waits_for=())


_NOT_FOR_URGENT = frozenset({"screened", "no_photo", "photo_broken"})


def _waits(known: Known, policy: Policy) -> tuple[str, ...]:
    doubts = known.doubts if not known.place_certain else ()
    reasons = {
        "no_matter": not known.matter,
        "place_uncertain": not known.place_certain and not doubts,
        "recusal" if known.complaint else "no_lead": (
            known.matter and not known.off_list and not known.lead and not doubts
        ),
        "screened": not known.trusted and known.kind in policy.screened,
        "no_photo": not known.has_photo,
        "photo_broken": known.photo_broken,
    }
    return tuple(doubts) + tuple(code for code, holds in reasons.items() if holds)
