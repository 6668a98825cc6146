"""One list of all that waits for somebody, whatever their roles: by what is to be done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from aiohttp import web

from server.cases.disputes import queries as disputes
from server.cases.door.access import reaches
from server.cases.door.briefing import called
from server.cases.intake import place_choice
from server.cases.reading import queries, todo, watch_list
from server.cases.reading.reporters import reporters_named
from server.cases.reading.todo import Glimpse
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Verb
from server.cases.work import request_queries
from server.clock import now
from server.governance import queries as governance
from server.governance import standing
from server.governance.procedure import ProcedureVerb
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor, basis
from server.http.routes import Routes
from server.people.actor import Actor
from server.permissions import Permission
from server.shared_api.said import Said
from server.texts.catalogue import text

routes = Routes("/m/v1", tag="tasks")

#: How many of a section are counted, and how many shown.
_COUNTED: Final = 100
_SHOWN: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """Who asks, when, on what it rests."""

    by: Actor
    at: datetime
    known: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wait:
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


class TodoRow(Answer):
    """Something that waits: on which case, for which act, of what `id`, since when, until when.

    What is of a proposal or an objection and of no case says by `act` what is to be done.

    `words` are how the case was reported, in short, persons masked; `note` is what was asked,
    found or instructed, `unit` by or for whom; `photo` the first one of the report. Tasks
    that are `mine` to handle go before the others.
    """

    id: str
    no: str
    title: str
    words: str
    place: str
    photo: UUID | None
    verb: Verb | None
    act: ProcedureVerb | None
    verb_text: str
    unit: str
    note: Said
    part: Part | Literal[""]
    assignee: str
    assignee_name: str
    mine: bool
    stage_text: str
    since: datetime | None
    due_at: datetime | None


class TodoSection(Answer):
    """What waits for one kind of act; of `n`, of which at most 100 are counted, 30 are shown."""

    name: Literal[
        "instructions",
        "verifications",
        "checks",
        "file",
        "dispatch",
        "rule",
        "requests",
        "conferences",
        "late",
        "unheard",
        "close",
        "places",
        "opinions",
        "governance",
        "tasks",
    ]
    n: int
    items: list[TodoRow]


class TodoAnswer(Answer):
    """All that waits for me; a section where something does, the most urgent first in each."""

    sections: list[TodoSection]


@routes.get("/todo", answer=TodoAnswer)
async def waiting(request: web.Request) -> web.Response:
    """List all that waits for me to act: reports, returns, requests, checks, tasks."""
    found = await all_of(actor(request), basis(request), at=now())
    told = {each.no for section in found.sections for each in section.items if each.note}
    return reply(found, hidden=await reporters_named(told))


async def all_of(by: Actor, known: Basis, *, at: datetime) -> TodoAnswer:
    """Return all that waits for somebody to act."""
    asking = _Asking(by=by, at=at, known=known)
    found = {name: await section(asking) for name, section in _SECTIONS.items()}
    shown = {name: waits[:_SHOWN] for name, waits in found.items() if waits}
    nos = [each.no for waits in shown.values() for each in waits if not each.title]
    seen = await todo.glimpses(nos)
    return TodoAnswer(
        sections=[
            TodoSection.model_validate(
                {
                    "name": name,
                    "n": len(found[name]),
                    "items": [_row(each, seen.get(each.no), known) for each in waits],
                }
            )
            for name, waits in shown.items()
        ]
    )


def _row(wait: _Wait, found: Glimpse | None, known: Basis) -> TodoRow:
    word = f"procedure_verb.{wait.act}" if wait.act else f"verb.{wait.verb}" if wait.verb else ""
    seen = found or Glimpse(title=wait.title, place="", words="", photo=None, since=None)
    return TodoRow(
        id="" if wait.id is None else str(wait.id),
        no=wait.no,
        title=seen.title,
        words=seen.words,
        place=seen.place,
        photo=seen.photo,
        verb=wait.verb,
        act=wait.act,
        verb_text=text(word) if word else "",
        unit=called(wait.unit_id, known.units),
        note=wait.note,
        part=wait.part,
        assignee=wait.assignee,
        assignee_name=wait.assignee_name,
        mine=wait.mine,
        stage_text=wait.state,
        since=wait.since or seen.since,
        due_at=wait.due_at,
    )


async def _instructions(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
            no=case.no,
            verb=Verb.REPLY,
            due_at=each.reply_due_at,
            id=each.id,
            unit_id=each.unit_id,
            since=each.at,
            note=each.text,
        )
        for each, case in await watch_list.unanswered(asking.by, limit=_COUNTED)
    ]


async def _verifications(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
            no=case.no,
            verb=Verb.VERIFY,
            due_at=look.due_at,
            id=look.id,
            since=look.given_at,
            note=look.question,
        )
        for look, case in await queries.open_verifications(asking.by, limit=_COUNTED)
    ]


async def _checks(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
            no=case.no,
            verb=Verb.CHECK,
            due_at=check.due_at,
            id=check.id,
            since=check.given_at,
            note=case.result,
        )
        for check, case in await queries.open_checks(asking.by, limit=_COUNTED)
    ]


def _standing(verb: Verb) -> Callable[[_Asking], Awaitable[list[_Wait]]]:
    async def section(asking: _Asking) -> list[_Wait]:
        return [
            _Wait(no=case.no, verb=verb, due_at=case.stage_due_at)
            for case in await todo.at_hand(asking.by, verb, limit=_COUNTED)
        ]

    return section


async def _returns(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
            no=case.no,
            verb=Verb.RULE,
            due_at=given.due_at,
            id=given.id,
            unit_id=given.unit_id,
            since=given.at,
            note=given.reason,
        )
        for given, case in await disputes.waiting_returns(asking.by, limit=_COUNTED)
    ]


async def _requests(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
            no=wish.no,
            verb=Verb(wish.what),
            due_at=wish.due_at,
            id=wish.id,
            unit_id=wish.unit_id,
            since=wish.at,
            note=wish.reason,
        )
        for wish in await request_queries.waiting(asking.by, limit=_COUNTED, after=0)
    ]


async def _conferences(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(no=case.no, verb=Verb.DECIDE, due_at=each.due_at, id=each.id)
        for each, case in await disputes.to_decide(asking.by, at=asking.at, limit=_COUNTED)
    ]


async def _late(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
            no=case.no,
            verb=Verb.INSTRUCT,
            due_at=case.due_at,
            unit_id=case.lead_id,
            state=text(f"stage.{case.stage}"),
        )
        for case in await watch_list.late(asking.by, at=asking.at, limit=_COUNTED)
    ]


async def _unheard(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
            no=case.no,
            verb=Verb.URGE,
            due_at=each.reply_due_at,
            id=each.id,
            unit_id=each.unit_id,
            note=each.text,
        )
        for each, case in await watch_list.unheard(asking.by, at=asking.at, limit=_COUNTED)
    ]


async def _closing(asking: _Asking) -> list[_Wait]:
    def verb(passed: bool | None) -> Verb:
        return Verb.CHECK if passed is None else Verb.CLOSE if passed else Verb.REWORK

    return [
        _Wait(
            no=case.no,
            verb=verb(check.passed if check.done_at else None),
            due_at=case.stage_due_at,
            unit_id=None if check.note else case.lead_id,
            note=check.note or case.result,
        )
        for case, check in await todo.to_close(asking.by, limit=_COUNTED)
    ]


async def _places(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(no=case.no, verb=Verb.CONFIRM_PLACE, due_at=case.stage_due_at)
        for case in await place_choice.unconfirmed(asking.by, limit=_COUNTED)
    ]


async def _opinions(asking: _Asking) -> list[_Wait]:
    if not reaches(asking.by, Permission.PROPOSAL_OPINE):
        return []
    units = sorted(asking.by.unit_ids)
    owed = await governance.proposals(limit=_COUNTED, owed_by=units)
    return [
        _Wait(
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


async def _governance(asking: _Asking) -> list[_Wait]:
    found = await standing.turns(asking.by, at=asking.at, basis=asking.known, limit=_COUNTED)
    return [
        _Wait(
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


async def _tasks(asking: _Asking) -> list[_Wait]:
    return [
        _Wait(
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
        for each in await todo.own_tasks(asking.by, limit=_COUNTED, basis=asking.known)
    ]


_SECTIONS: Final[dict[str, Callable[[_Asking], Awaitable[list[_Wait]]]]] = {
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
