"""The doors to a case: every route of a verb, a body in order, and when and for whom it opens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from server.cases.intake import inquiring
from server.cases.models.steering import Request
from server.cases.rules.flow import FLOW, Stage, Verb
from server.cases.work import steering
from server.clock import now
from server.permissions import Permission, Role
from tests.casework import PLACES, Casework, rows_of
from tests.domain.acts.intake import between_grids

SMALL_ADS = "CJ-006"  # livelihood; may be settled on the spot
WORKS, POWER = "区住房和城乡建设局", "区供电公司"
#: Of the unit that leads what the reports of these tests are about.
LEADING = frozenset({Role.HANDLER, Role.UNIT_HEAD})

Body = Callable[[Casework, Any, str], Awaitable[dict]]
Preparation = Callable[[Casework, Any], Awaitable[object]]


@dataclass(frozen=True)
class Door:
    """A verb's route: a body that is in order, and the stage of a case at which it is done.

    `only` are the roles of these tests to which the command narrows what the grants give, since
    it asks for more than a reach can say; any other is answered `otherwise`.
    """

    path: str
    verb: Verb
    body: dict = field(default_factory=dict)
    at: str = ""
    #: What is sent instead where the verb is to succeed.
    sent: Body | None = None
    prepare: Preparation | None = None
    make: Callable[[Casework], Awaitable[Any]] | None = None
    only: frozenset[Role] | None = None
    otherwise: int = 403
    illegal: int = 409
    stages: frozenset[str] | None = None
    noun: str = "case"

    @property
    def permission(self) -> Permission:
        """The permission that the domain asks for."""
        return Permission(f"{self.noun}.{self.verb}")

    def legal(self, stage: str) -> bool:
        """Whether the flow knows the verb at a stage."""
        if self.stages is not None:
            return stage in self.stages
        return any(m.verb is self.verb and Stage(stage) in m.sources for m in FLOW)


REASON = {"reason": "说明"}
DISPATCH = {"lead": WORKS, "limit": 2, "urgency": "work_day"}
DECLINE = {"code": "other", "where_to_go": "别处"}
RECUSE = REASON | {"about_unit": "荣华派出所"}
OPINION = {"responded": True, "solved": False, "satisfaction": 3}
MORE_TIME = {"what": "extend", "reason": "材料未到", "limit": 1}
CALL = {"reason": "cannot_solve_alone", "place": "路口", "no": "{no}"} | DISPATCH
NOBODYS_PHOTO = "00000000-0000-4000-8000-000000000000"
HANDLED = {"result": "好了", "after": [NOBODYS_PHOTO]}
DECIDE = {"minutes": "由供电公司办理", "lead": POWER}


async def _settled(work: Casework, case: Any, who: str) -> dict:
    return HANDLED | {"after": [str(await work.photo(who))]}


async def _into(work: Casework, case: Any, who: str) -> dict:
    return REASON | {"into": (await work.report()).no}


async def _candidate(work: Casework, case: Any, who: str) -> dict:
    return {"grid": case.place.candidates[0].code}


async def _asked_for_more(work: Casework, case: Any) -> None:
    by = await work.actor("acceptor1")
    await inquiring.inquire(case.no, ["照片"], by=by, at=now(), basis=work.basis)


async def _instructed(work: Casework, case: Any) -> None:
    by = await work.actor("leader1")
    await steering.instruct(case.no, "请查", by=by, at=now(), basis=work.basis)


async def _overdue(work: Casework, case: Any) -> None:
    await work.ask(case, "exempt", at=case.due_at + timedelta(hours=1))


async def _over_time(work: Casework, case: Any) -> None:
    sql = "UPDATE conference SET due_at = convened_at - interval '1 day' WHERE case_id = $1"
    await rows_of(sql, case.id)


def _wanted(what: str, who: str) -> Preparation:
    async def prepare(work: Casework, case: Any) -> None:
        by = await work.actor(who)
        await Request.create(case_id=case.id, what=what, by_id=by.id, at=now(), reason="请")

    return prepare


def _faces(tail: str, *about: Any, **more: Any) -> tuple[Door, ...]:
    return tuple(Door(f"{face}{tail}", *about, **more) for face in ("/m/v1", "/s/v1"))


_C, _R = "/s/v1/cases/{no}", "/m/v1/reports/{no}"
CASE_DOORS = (
    *_faces("/cases/{no}/file", Verb.FILE, at="submitted"),
    *_faces("/cases/{no}/dispatch", Verb.DISPATCH, DISPATCH, at="filed"),
    *_faces("/cases/{no}/recuse", Verb.RECUSE, RECUSE, at="dispatched"),
    *_faces("/cases/{no}/decline", Verb.DECLINE, DECLINE, at="submitted"),
    *_faces("/cases/{no}/close", Verb.CLOSE, at="checking", prepare=Casework.check),
    *_faces("/cases/{no}/rework", Verb.REWORK, REASON, at="checking"),
    *_faces("/cases/{no}/redo", Verb.REDO, REASON, at="closed"),
    Door(f"{_R}/redo", Verb.REDO, REASON, at="closed"),
    Door(f"{_R}/withdraw", Verb.WITHDRAW, REASON, at="submitted"),
    Door(f"{_R}/appraisal", Verb.APPRAISE, OPINION, at="closed"),
    Door(f"{_C}/appraise", Verb.APPRAISE, OPINION, at="closed"),
    Door("/s/v1/calls", Verb.CALL, CALL, at="filed"),
    # Before filing, and the reporter's side.
    *_faces(
        "/cases/{no}/verify",
        Verb.VERIFY,
        {"question": "在吗"},
        at="submitted",
        stages=frozenset({"submitted"}),
    ),
    *_faces("/cases/{no}/inquire", Verb.INQUIRE, {"missing": ["照片"]}, at="submitted"),
    Door(
        f"{_R}/supplement",
        Verb.SUPPLEMENT,
        {"key": str(uuid4()), "text": "在三号楼"},
        at="submitted",
        prepare=_asked_for_more,
    ),
    Door(f"{_R}/object", Verb.OBJECT, REASON, at="declined"),
    *_faces(
        "/cases/{no}/self-handle",
        Verb.SELF_HANDLE,
        HANDLED,
        at="dispatched",
        sent=_settled,
        make=lambda work: work.report(matter=SMALL_ADS),
    ),
    Door(
        f"{_R}/place",
        Verb.CONFIRM_PLACE,
        {"grid": "x"},
        at="dispatched",
        sent=_candidate,
        make=between_grids,
    ),
    Door(f"{_C}/rebind", Verb.REBIND, REASON, at="dispatched"),
    Door(
        f"{_C}/merge",
        Verb.MERGE,
        REASON | {"into": "{open}"},
        at="dispatched",
        sent=_into,
        illegal=422,
    ),
    Door(f"{_C}/unmerge", Verb.UNMERGE, REASON, at="merged", stages=frozenset({"merged"})),
    # Returns.
    *_faces("/cases/{no}/rule", Verb.RULE, REASON | {"upheld": False}, at="disputed"),
    *_faces("/cases/{no}/convene", Verb.CONVENE, at="disputed"),
    *_faces("/cases/{no}/state", Verb.STATE, {"text": "不归我们管"}, at="disputed", only=LEADING),
    *_faces("/cases/{no}/decide", Verb.DECIDE, DECIDE, at="in_conference", prepare=_over_time),
    # Time.
    Door(f"{_C}/ask", Verb.ASK, MORE_TIME, at="handling", only=LEADING),
    *_faces(
        "/cases/{no}/refuse",
        Verb.REFUSE,
        REASON | {"what": "extend"},
        at="handling",
        prepare=Casework.ask,
        only=frozenset({Role.DISPATCHER}),
    ),
    *_faces(
        "/cases/{no}/refuse",
        Verb.REFUSE,
        REASON | {"what": "call"},
        at="handling",
        prepare=_wanted("call", "grid0202"),
        only=frozenset({Role.TOWNSHIP, Role.DUTY_LEADER}),
    ),
    *_faces(
        "/cases/{no}/refuse",
        Verb.REFUSE,
        REASON | {"what": "redo"},
        at="closed",
        prepare=_wanted("redo", "resident1"),
        only=frozenset({Role.LEADER}),
        stages=frozenset({"closed", "archived"}),
    ),
    *_faces(
        "/cases/{no}/suspend",
        Verb.SUSPEND,
        at="handling",
        prepare=lambda work, case: work.ask(case, "suspend"),
    ),
    *_faces("/cases/{no}/extend", Verb.EXTEND, at="handling", prepare=Casework.ask),
    *_faces("/cases/{no}/exempt", Verb.EXEMPT, at="handling", prepare=_overdue),
    *_faces(
        "/cases/{no}/resume",
        Verb.RESUME,
        at="suspended",
        only=frozenset({Role.UNIT_HEAD, Role.DISPATCHER}),
    ),
    # From above.
    *_faces("/cases/{no}/instruct", Verb.INSTRUCT, {"text": "请查"}, at="dispatched"),
    *_faces("/cases/{no}/urge", Verb.URGE, at="dispatched"),
    *_faces("/cases/{no}/supervise", Verb.SUPERVISE, at="dispatched"),
    *_faces(
        "/cases/{no}/reply",
        Verb.REPLY,
        {"text": "已查"},
        at="dispatched",
        prepare=_instructed,
        only=LEADING,
        otherwise=409,
    ),
)

RESULT = {"result": "好了"}
CLAIM = {"ground": "wrong_matter", "reason": "是供电设施", "proper_unit": POWER}
_T = "/tasks/{id}"
#: For tasks `at` is the stage of the task.
TASK_DOORS = (
    *_faces(f"{_T}/accept", Verb.ACCEPT, at="pending", noun="task"),
    *_faces(f"{_T}/check-in", Verb.CHECK_IN, at="accepted", noun="task"),
    *_faces(f"{_T}/progress", Verb.PROGRESS, {"note": "在办"}, at="accepted", noun="task"),
    *_faces(f"{_T}/resolve", Verb.DONE, RESULT, at="accepted", noun="task"),
    *_faces(f"{_T}/return", Verb.RETURN, CLAIM, at="pending", noun="task"),
    *_faces(f"{_T}/waive", Verb.WAIVE, REASON, at="pending", noun="task"),
    *_faces(f"{_T}/route", Verb.ROUTE, {"platform": "综合执法"}, at="pending", noun="task"),
    *_faces(f"{_T}/assign", Verb.ASSIGN, {"person": None}, at="pending", noun="task"),
    Door(f"/s/v1{_T}/confirm", Verb.CONFIRM, at="arrived", noun="task"),
    Door(f"/s/v1{_T}/contest", Verb.CONTEST, REASON, at="arrived", noun="task"),
)
FAR = PLACES["workshops"]


def sent(body: dict, **facts: str) -> dict:
    """A body with numbers of cases in its texts where it has names for them."""
    return {k: v.format(**facts) if isinstance(v, str) else v for k, v in body.items()}
