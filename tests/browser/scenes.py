"""A county with something on every page of the phone."""

import json
from dataclasses import dataclass
from datetime import timedelta

from server.cases.calls import call_requests, calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.intake import inquiring, verifying
from server.cases.models.task import Check, Verification
from server.cases.work import steering
from server.clock import now
from server.governance import proposing
from server.shared_api.proposals import AdmissionForm
from tests.api.proposing import admission
from tests.casework import Casework, rows_of

PROCESS = "CJ-021"


@dataclass(frozen=True)
class Scene:
    """Pages worth looking at, each with who looks, none where nobody: name, username, path."""

    pages: tuple[tuple[str, str, str], ...]


async def everywhere(county) -> Scene:
    """Bring cases to where every page has something to show; return the pages."""
    work = Casework(county)
    basis, at = county.basis, now()
    acceptor = await work.actor("acceptor1")
    working = await work.handling()
    lead, _ = await work.lead(working)
    await steering.instruct(
        working.no,
        "群众反映强烈，请尽快处理，今天下班前回复。",
        by=await work.actor("leader1"),
        at=at,
        basis=basis,
    )
    closed = await work.closed(await work.report("resident1"))
    asked = await work.submitted()
    await inquiring.inquire(
        asked.no, ["具体是哪一栋楼", "墙体照片"], by=acceptor, at=at, basis=basis
    )
    looked_at = await work.submitted()
    await verifying.verify(looked_at.no, "看看三楼是否正在拆墙", by=acceptor, at=at, basis=basis)
    look = await Verification.get(case_id=looked_at.id)
    checker = await work.checking(await work.report("resident2"))
    check = await Check.get(case_id=checker.id)
    call = await _called(work, at)
    wished = await work.handling()
    grid = await work.actor_by_id(look.assignee_id)
    wish = NewCall(
        reason="cannot_solve_alone",
        place_text="小区门口",
        no=wished.no,
        choice=Choice(),
    )
    await call_requests.ask(wish, by=grid, at=at, basis=basis)
    waiting = await work.filed()
    cases = {
        "working": working,
        "closed": closed,
        "asked": asked,
        "waiting": waiting,
        "wished": wished,
    }
    return Scene(
        pages=_pages(
            {name: case.no for name, case in cases.items()},
            {
                "look": look.id,
                "check": check.id,
                "task": lead.id,
                "call": call,
                "proposal": await _proposed(work, at),
            },
            grid=await username_of(look.assignee_id),
            checker=await username_of(check.assignee_id),
            handler=work.officer_of(lead.unit_id),
        )
    )


async def _called(work, at) -> int:
    """A call of the township's to a case that waited: its id."""
    filed = await work.filed("resident2")
    room = await work.actor("township02")
    meeting = NewCall(
        reason="joint_enforcement",
        place_text="小区南门",
        asked_at=at + timedelta(hours=1),
        no=filed.no,
        text="请带上工具",
        choice=Choice(lead="区住房和城乡建设局", limit=2, urgency="work_day"),
    )
    called = await calling.call(meeting, by=room, at=at, basis=work.basis)
    return (await work.tasks(called))[0].call_id


async def _proposed(work, at) -> int:
    """A proposal on which townships owe their opinions: its id."""
    form = AdmissionForm.model_validate_json(json.dumps(admission()))
    by = await work.actor("head_D02")
    made = await proposing.propose(form.proposal(work.basis), by=by, at=at, basis=work.basis)
    return made.id


def _pages(
    nos: dict[str, str], ids: dict[str, int], *, grid: str, checker: str, handler: str
) -> tuple[tuple[str, str, str], ...]:
    return (
        ("welcome", "", "/"),
        ("sign-in", "", "/sign-in"),
        ("home", "resident1", "/"),
        ("report", "resident1", "/report"),
        ("queue", "resident1", "/queue"),
        ("mine", "resident1", "/mine"),
        ("case-working", "resident1", f"/mine/{nos['working']}"),
        ("case-closed", "resident1", f"/mine/{nos['closed']}"),
        ("case-notice", "resident1", f"/mine/{nos['asked']}"),
        ("inbox", "resident1", "/inbox"),
        ("list", "resident1", "/list"),
        ("closed", "resident1", "/closed"),
        ("settings", "resident1", "/settings"),
        ("work-grid", grid, "/work"),
        ("my-grids", grid, "/work/map"),
        ("work-case", grid, f"/work/cases/{nos['working']}"),
        ("verification", grid, f"/work/verifications/{ids['look']}"),
        ("patrol", grid, "/work/patrol"),
        ("call-request", grid, f"/work/call?no={nos['working']}"),
        ("check", checker, f"/work/checks/{ids['check']}"),
        ("work-unit", handler, "/work"),
        ("settings-staff", handler, "/settings"),
        ("tasks", handler, "/work/tasks"),
        ("task", handler, f"/work/tasks/{ids['task']}"),
        ("instructions", handler, "/work/instructions"),
        ("work-desk", "dispatcher1", "/work"),
        ("desk-case", "acceptor1", f"/work/cases/{nos['asked']}"),
        ("proposal", "township02", f"/work/proposals/{ids['proposal']}"),
        ("work-room", "duty02", "/work"),
        ("dispatch", "duty02", f"/work/cases/{nos['waiting']}"),
        ("wish", "duty02", f"/work/cases/{nos['wished']}"),
        ("call", "township02", "/work/call"),
        ("calls", "township02", "/work/calls"),
        ("called", "township02", f"/work/calls/{ids['call']}"),
    )


async def username_of(account_id: int) -> str:
    """The username of an account."""
    rows = await rows_of("SELECT username FROM account WHERE id = $1", account_id)
    return rows[0]["username"]
