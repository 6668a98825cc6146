"""What waits for somebody, by what is to be done, from every slice that asks it of people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from server.cases.disputes import queries as disputes
from server.cases.door.access import reaches
from server.cases.intake import place_choice
from server.cases.reading import queries, todo, watch_list
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Verb
from server.cases.work import request_queries
from server.governance import queries as governance
from server.governance import standing
from server.governance.procedure import ProcedureVerb
from server.people.actor import Actor
from server.permissions import Permission
from server.texts.catalogue import text

#: How many of a section are counted.
COUNTED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, when, on what it rests."""

    by: Actor
    at: datetime
    known: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something that waits, before one knows how its case begins."""

    no: str
    verb: Verb | None
    due_at: datetime | None
    id: int | None = None
    unit_id: int | None = None
    #: Since when; of what is not said, since the case stands where it does.
    since: datetime | None = None
    note: str = ""
    part: Part | Literal[""] = ""
    #: Who of the unit handles a task; it is `mine` also of whom I stand in for.
    assignee: str = ""
    assignee_name: str = ""
    mine: bool = False
    state: str = ""
    #: What it is about and what is to be done, where that is no case.
    title: str = ""
    act: ProcedureVerb | None = None


#: Finds what waits in one section, the most urgent first.
Section = Callable[[Asking], Awaitable[list[Wait]]]


async def _instructions(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=case.no,
            verb=Verb.REPLY,
            due_at=each.reply_due_at,
            id=each.id,
            unit_id=each.unit_id,
            since=each.at,
            note=each.text,
        )
        for each, case in await watch_list.unanswered(asking.by, limit=COUNTED)
    ]


async def _verifications(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=case.no,
            verb=Verb.VERIFY,
            due_at=look.due_at,
            id=look.id,
            since=look.given_at,
            note=look.question,
        )
        for look, case in await queries.open_verifications(asking.by, limit=COUNTED)
    ]


async def _checks(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=case.no,
            verb=Verb.CHECK,
            due_at=check.due_at,
            id=check.id,
            since=check.given_at,
            note=case.result,
        )
        for check, case in await queries.open_checks(asking.by, limit=COUNTED)
    ]


def _standing(verb: Verb) -> Section:
    async def waiting(asking: Asking) -> list[Wait]:
        return [
            Wait(no=case.no, verb=verb, due_at=case.stage_due_at)
            for case in await todo.at_hand(asking.by, verb, limit=COUNTED)
        ]

    return waiting


async def _returns(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=case.no,
            verb=Verb.RULE,
            due_at=given.due_at,
            id=given.id,
            unit_id=given.unit_id,
            since=given.at,
            note=given.reason,
        )
        for given, case in await disputes.waiting_returns(asking.by, limit=COUNTED)
    ]


async def _requests(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=wish.no,
            verb=Verb(wish.what),
            due_at=wish.due_at,
            id=wish.id,
            unit_id=wish.unit_id,
            since=wish.at,
            note=wish.reason,
        )
        for wish in await request_queries.waiting(asking.by, limit=COUNTED, after=0)
    ]


async def _conferences(asking: Asking) -> list[Wait]:
    decided = await disputes.to_decide(asking.by, at=asking.at, limit=COUNTED)
    stated = await disputes.to_state(asking.by, limit=COUNTED)
    return [
        Wait(no=case.no, verb=verb, due_at=each.due_at, id=each.id, since=each.convened_at)
        for verb, found in ((Verb.DECIDE, decided), (Verb.STATE, stated))
        for each, case in found
    ][:COUNTED]


async def _late(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=case.no,
            verb=Verb.INSTRUCT,
            due_at=case.due_at,
            unit_id=case.lead_id,
            state=text(f"stage.{case.stage}"),
        )
        for case in await watch_list.late(asking.by, at=asking.at, limit=COUNTED)
    ]


async def _unheard(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=case.no,
            verb=Verb.URGE,
            due_at=each.reply_due_at,
            id=each.id,
            unit_id=each.unit_id,
            note=each.text,
        )
        for each, case in await watch_list.unheard(asking.by, at=asking.at, limit=COUNTED)
    ]


async def _closing(asking: Asking) -> list[Wait]:
    def verb(passed: bool | None) -> Verb:
        return Verb.CHECK if passed is None else Verb.CLOSE if passed else Verb.REWORK

    return [
        Wait(
            no=case.no,
            verb=verb(check.passed if check.done_at else None),
            due_at=case.stage_due_at,
            unit_id=None if check.note else case.lead_id,
            note=check.note or case.result,
        )
        for case, check in await todo.to_close(asking.by, limit=COUNTED)
    ]


async def _places(asking: Asking) -> list[Wait]:
    return [
        Wait(no=case.no, verb=Verb.CONFIRM_PLACE, due_at=case.stage_due_at)
        for case in await place_choice.unconfirmed(asking.by, limit=COUNTED)
    ]


async def _opinions(asking: Asking) -> list[Wait]:
    if not reaches(asking.by, Permission.PROPOSAL_OPINE):
        return []
    units = sorted(asking.by.unit_ids)
    owed = await governance.proposals(limit=COUNTED, owed_by=units)
    return [
        Wait(
            no=each.no,
            verb=None,
            due_at=each.due_at,
            id=each.id,
            unit_id=each.unit_id,
            note=each.reason,
            title=each.matter_name,
            act=ProcedureVerb.OPINE,
        )
        for each in owed
    ]


async def _governance(asking: Asking) -> list[Wait]:
    found = await standing.turns(asking.by, at=asking.at, basis=asking.known, limit=COUNTED)
    return [
        Wait(
            no=each.no,
            verb=None,
            act=each.verb,
            due_at=each.due_at,
            id=each.id,
            unit_id=each.unit_id,
            since=each.since,
            note=each.note,
            title=each.title,
        )
        for each in found
    ]


async def _tasks(asking: Asking) -> list[Wait]:
    return [
        Wait(
            no=each.case.no,
            verb=each.verb,
            due_at=each.due_at,
            since=each.task.dispatched_at,
            id=each.task.id,
            unit_id=each.task.unit_id,
            part=Part(each.task.part),
            assignee=str(each.task.assignee_id or ""),
            assignee_name=each.assignee_name,
            mine=each.mine,
            state=text(f"task_stage.{each.task.stage}"),
        )
        for each in await todo.own_tasks(asking.by, limit=COUNTED, basis=asking.known)
    ]


#: Each kind of act by its section, in the order in which they are shown.
SECTIONS: Final[dict[str, Section]] = {
    "instructions": _instructions,
    "verifications": _verifications,
    "checks": _checks,
    "file": _standing(Verb.FILE),
    "dispatch": _standing(Verb.DISPATCH),
    "rule": _returns,
    "requests": _requests,
    "conferences": _conferences,
    "late": _late,
    "unheard": _unheard,
    "close": _closing,
    "places": _places,
    "opinions": _opinions,
    "governance": _governance,
    "tasks": _tasks,
}
