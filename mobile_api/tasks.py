"""What an officer or a grid worker has to do on foot."""

from datetime import datetime
from typing import Self

from aiohttp import web

from mobile_api.checks import CheckCard
from mobile_api.verifications import VerificationCard
from server.cases.door.briefing import called
from server.cases.door.lineage import family
from server.cases.reading import briefs, made_calls, queries
from server.cases.reading.reporters import reporters_named, senders_names
from server.cases.rules.basis import Basis
from server.cases.rules.views import CallRow, CaseRow
from server.cases.work import requests
from server.clock import now
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import actor, basis, call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import return_verbs, task_verbs
from server.shared_api.acts.requests import AskForm
from server.shared_api.cases import CaseCard, card
from server.shared_api.enumerations import CallReason
from server.shared_api.processes import ProcessRow, process_of
from server.shared_api.said import Said
from server.shared_api.tasks import TaskCard, TaskQuery, page_of
from server.shared_api.timeline import PhotoRow, TimelineRow, photos_of, timeline

routes = Routes("/m/v1", tag="tasks")


class TaskPage(Answer):
    """My unit's tasks by deadline, and the checks and verifications that I have to make."""

    items: list[TaskCard]
    checks: list[CheckCard]
    verifications: list[VerificationCard]
    next: str | None


@routes.get("/tasks", query=TaskQuery, answer=TaskPage)
async def board(request: web.Request, query: TaskQuery) -> web.Response:
    """List what there is to do, the most urgent first."""
    by = actor(request)
    cards, following = await page_of(by, query, basis(request))
    checks = [] if query.after else await queries.open_checks(by, limit=100)
    looks = [] if query.after else await queries.open_verifications(by, limit=100)
    cases = {case.id: case for _, case in (*checks, *looks)}
    known = await briefs.briefs(list(cases.values()), queries.reader(by))
    told = {each.no for each in cards if each.result} | {case.no for case in cases.values()}
    return reply(
        TaskPage(
            items=cards,
            checks=[CheckCard.of(check, case, known[case.id]) for check, case in checks],
            verifications=[
                VerificationCard.of(look, case, known[case.id]) for look, case in looks
            ],
            next=following,
        ),
        hidden=await reporters_named(told),
    )


class CalledFor(Answer):
    """The call by which a unit has a task: why, where and when to meet, who calls, by what phone.

    `text` is what the call says of the situation; the position is that of the meeting place.
    """

    id: str
    reason: CallReason
    text: Said
    place: Said
    asked_at: datetime
    unit: str
    phone: str
    lon: float | None
    lat: float | None

    @classmethod
    async def of(cls, call: CallRow, case: CaseRow, known: Basis) -> Self:
        """Build it of a call."""
        unit = known.units.acting(call.caller_unit_id or 0)
        return cls(
            id=str(call.id),
            reason=call.reason,
            text=await made_calls.words_of(call, case),
            place=call.place_text,
            asked_at=call.asked_at,
            unit=called(call.caller_unit_id, known.units),
            phone=unit.phone if unit else "",
            lon=call.lon,
            lat=call.lat,
        )


class TaskAnswer(Answer):
    """A task with its case, the words it was reported in and where, history and photos.

    `others` are the tasks of the other units on the case; `call` is that by which the unit has it.
    """

    task: TaskCard
    call: CalledFor | None
    others: list[TaskCard]
    case: CaseCard
    process: list[ProcessRow]
    words: list[str]
    addresses: list[str]
    timeline: list[TimelineRow]
    photos: list[PhotoRow]


@routes.get("/tasks/{id}", answer=TaskAnswer)
async def one(request: web.Request) -> web.Response:
    """Show a task of my unit."""
    by, known = actor(request), basis(request)
    task, case = await queries.task_for(by, path_id(request, bits=64))
    of_all = await family(case)
    said, hidden = await briefs.reported(case, of_all), await senders_names(of_all)
    call = await made_calls.called_to(task)
    others = [other for other in await queries.tasks_of(case) if other.id != task.id]
    own, *cards = await TaskCard.all_of([task, *others], case, known, by, at=now())
    return reply(
        TaskAnswer(
            task=own,
            call=await CalledFor.of(call, case, known) if call else None,
            others=cards,
            case=CaseCard.of(case, known),
            process=await process_of(case, known),
            words=said.words,
            addresses=said.addresses,
            timeline=await timeline(case, known, hidden, reader=queries.reader(by)),
            photos=await photos_of(case, reader=queries.reader(by), of_all=of_all),
        ),
        hidden=hidden,
    )


@routes.post("/tasks/{id}/ask", body=AskForm, answer=CaseCard, permission=Permission.CASE_ASK)
async def ask(request: web.Request, form: AskForm) -> web.Response:
    """Ask for a pause, more time, or an exemption on the case of a task (申请)."""
    by, at, known = call_of(request)
    _, case = await queries.task_for(by, path_id(request, bits=64))
    wish = form.wish(known.zone)
    return card(await requests.ask(case.no, wish, by=by, at=at, basis=known), known)


task_verbs.declare(routes)
return_verbs.declare(routes)
