"""The matters with a fixed process over several units (一件事) at a desk."""

from aiohttp import web

from server.calendar.working import limit_text
from server.cases.rules.basis import Basis
from server.http.answers import reply
from server.http.forms import Answer
from server.http.keys import call_of
from server.http.routes import Routes
from server.permissions import Permission
from server.responsibility.list.fields import EntryView, ProcessStep
from server.shared_api.enumerations import LimitUnit
from server.texts.catalogue import text

routes = Routes("/s/v1", tag="processes")


class StepAnswer(Answer):
    """One step as the list has it; its time counts from when its turn comes."""

    position: int
    unit: str
    step: str
    limit: int | None
    urgency: LimitUnit | None
    limit_text: str


class ProcessAnswer(Answer):
    """A matter with its process; without a lead of its own the township of the place leads."""

    code: str
    name: str
    domain: str
    lead: str
    limit: int
    urgency: LimitUnit
    limit_text: str
    steps: list[StepAnswer]


class ProcessesAnswer(Answer):
    """The matters with a process, by their codes."""

    items: list[ProcessAnswer]


@routes.get("/processes", answer=ProcessesAnswer, permission=Permission.LIST_READ)
async def listed(request: web.Request) -> web.Response:
    """List the matters whose process is in force now."""
    _, at, known = call_of(request)
    entries = known.lists.at(at).entries()
    return reply(
        ProcessesAnswer(items=[_answer(entry, known) for entry in entries if entry.process])
    )


def _answer(entry: EntryView, basis: Basis) -> ProcessAnswer:
    lead = basis.units.by_id.get(entry.lead_id) if entry.lead_id else None
    return ProcessAnswer(
        code=entry.matter_code,
        name=entry.name,
        domain=entry.domain,
        lead=lead.name if lead else text("word.township"),
        limit=entry.limit,
        urgency=entry.urgency,
        limit_text=limit_text(entry.limit, entry.urgency),
        steps=[_step(step) for step in sorted(entry.process, key=lambda step: step.position)],
    )


def _step(step: ProcessStep) -> StepAnswer:
    timed = step.limit is not None and step.urgency is not None
    return StepAnswer(
        position=step.position,
        unit=step.unit,
        step=step.step,
        limit=step.limit,
        urgency=step.urgency,
        limit_text=limit_text(step.limit or 0, step.urgency or "") if timed else "",
    )
