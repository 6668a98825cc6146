"""One list of all that waits for somebody, whatever their roles: by what is to be done."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from aiohttp import web

from mobile_api.waits import SECTIONS, Asking, Wait
from server.cases.door.briefing import called
from server.cases.reading import todo
from server.cases.reading.reporters import reporters_named
from server.cases.reading.todo import Glimpse
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Verb
from server.clock import now
from server.governance.procedure import ProcedureVerb
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor, basis
from server.http.routes import Routes
from server.people.actor import Actor
from server.shared_api.said import Said
from server.texts.catalogue import text

routes = Routes("/m/v1", tag="tasks")

#: How many of a section are shown.
_SHOWN: Final = 30


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
    asking = Asking(by=by, at=at, known=known)
    found = {name: await section(asking) for name, section in SECTIONS.items()}
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


def _row(wait: Wait, found: Glimpse | None, known: Basis) -> TodoRow:
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
