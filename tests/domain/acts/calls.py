"""Calls that townships make and grid workers ask for."""

from datetime import timedelta

from server.cases.calls import call_requests
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.clock import now
from tests.casework import WALL_HOLE, position

ENFORCEMENT = "区综合行政执法局"


def wish(case, **changes):
    return new_call(**{"no": case.no, "matter": "", "position": None} | changes)


async def ask_for_call(work, new, who="grid0202"):
    by = await work.actor(who)
    return await call_requests.ask(new, by=by, at=now(), basis=work.basis)


def new_call(**changes) -> NewCall:
    given = {
        "reason": "joint_enforcement",
        "place_text": "荣华里3号楼",
        "asked_at": now() + timedelta(hours=2),
        "matter": WALL_HOLE,
        "position": position(),
        "choice": Choice(),
    }
    return NewCall(**given | changes)
