"""Every route and every role: who gets in is what the tables say; no route is without a row."""

import re
from dataclasses import dataclass, field

import pytest

from gridwhistle.assembly import make_app
from server.cases.flow import FLOW, Part, Stage, TaskStage, Verb, task_after
from server.cases.models.case import Follower
from server.cases.models.task import Check
from server.errors import WrongTaskStage
from server.http.routes import ROUTES
from server.permissions import GRANTS, Permission, Reach
from tests.casework import PLACES, Casework, position
from tests.domain.test_access import OF_REPORTERS, ONE_OF_EACH

#: What a signed-in person of any role may call: one's own things, and what shows nothing personal.
ANYBODY = {
    "GET /me",
    "POST /auth/logout",
    "POST /m/v1/live-ticket",
    "GET /m/v1/inbox",
    "POST /m/v1/inbox/read",
    "GET /m/v1/reports",
    "GET /m/v1/photos/{id}",
    "GET /m/v1/matters",
    "GET /m/v1/nearby",
    "GET /m/v1/place",
    "GET /m/v1/tasks",
    "GET /m/v1/reports/{no}",
    "GET /m/v1/calls/{id}",
    "GET /m/v1/tasks/{id}",
}


@dataclass(frozen=True)
class Door:
    """A verb's route: the permission that the domain asks for, and a body that is in order."""

    path: str
    permission: Permission
    verb: Verb
    body: dict = field(default_factory=dict)


REASON = {"reason": "说明"}
DISPATCH = {"lead": "区住房和城乡建设局", "limit": 2, "urgency": "work_day"}
DECLINE = {"code": "other", "where_to_go": "别处"}
OPINION = {"responded": True, "solved": False, "satisfaction": 3}
CASE_DOORS = (
    Door("/m/v1/cases/{no}/file", Permission.CASE_FILE, Verb.FILE),
    Door("/s/v1/cases/{no}/file", Permission.CASE_FILE, Verb.FILE),
    Door("/m/v1/cases/{no}/dispatch", Permission.CASE_DISPATCH, Verb.DISPATCH, DISPATCH),
    Door("/s/v1/cases/{no}/dispatch", Permission.CASE_DISPATCH, Verb.DISPATCH, DISPATCH),
    Door("/s/v1/cases/{no}/decline", Permission.CASE_DECLINE, Verb.DECLINE, DECLINE),
    Door("/s/v1/cases/{no}/close", Permission.CASE_CLOSE, Verb.CLOSE),
    Door("/s/v1/cases/{no}/rework", Permission.CASE_REWORK, Verb.REWORK, REASON),
    Door("/s/v1/cases/{no}/redo", Permission.CASE_REDO, Verb.REDO, REASON),
    Door("/m/v1/reports/{no}/redo", Permission.CASE_REDO, Verb.REDO, REASON),
    Door("/m/v1/reports/{no}/withdraw", Permission.CASE_WITHDRAW, Verb.WITHDRAW, REASON),
    Door("/m/v1/reports/{no}/appraisal", Permission.CASE_APPRAISE, Verb.APPRAISE, OPINION),
    Door("/s/v1/cases/{no}/appraise", Permission.CASE_APPRAISE, Verb.APPRAISE, OPINION),
)
RESULT = {"result": "好了"}
ON_BOTH_FACES = (
    ("accept", Permission.TASK_ACCEPT, Verb.ACCEPT, {}),
    ("check-in", Permission.TASK_CHECK_IN, Verb.CHECK_IN, {}),
    ("progress", Permission.TASK_PROGRESS, Verb.PROGRESS, {"note": "在办"}),
    ("resolve", Permission.TASK_DONE, Verb.DONE, RESULT),
)
TASK_DOORS = (
    *(Door(f"/m/v1/tasks/{{id}}/{tail}", *about) for tail, *about in ON_BOTH_FACES),
    *(Door(f"/s/v1/tasks/{{id}}/{tail}", *about) for tail, *about in ON_BOTH_FACES),
    Door("/s/v1/tasks/{id}/confirm", Permission.TASK_CONFIRM, Verb.CONFIRM),
    Door("/s/v1/tasks/{id}/contest", Permission.TASK_CONTEST, Verb.CONTEST, REASON),
)
#: Verbs of cases that are held to the grants in tests of their own.
ELSEWHERE = {
    "POST /m/v1/reports/{no}/follow",
    "POST /m/v1/reports/{no}/place",
    "POST /s/v1/cases/{no}/place",
    "POST /s/v1/cases/{no}/rebind",
    "POST /m/v1/calls/{id}/arrivals/{task}/confirm",
    "POST /m/v1/calls/{id}/arrivals/{task}/contest",
    # platforms: tests/api/test_platforms_and_processes.py
    "POST /m/v1/tasks/{id}/route",
    "POST /s/v1/tasks/{id}/route",
}
STAGES = ("submitted", "filed", "dispatched", "handling", "checking", "closed")


def verb_paths():
    return {f"POST {door.path}" for door in (*CASE_DOORS, *TASK_DOORS)}


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", "999999", path)


@pytest.fixture
async def people(someone):
    return {
        role: await someone(username, face="console") for role, username in ONE_OF_EACH.items()
    }


async def test_no_route_is_without_a_row_in_these_tables(county):
    routes = make_app(county.parts)[ROUTES]
    names = [f"{route.method} {route.path}" for route in routes]
    assert len(names) == len(set(names))
    known = ANYBODY | verb_paths() | ELSEWHERE
    unknown = [
        f"{route.method} {route.path}"
        for route in routes
        if not route.public
        and route.permission is None
        and f"{route.method} {route.path}" not in known
    ]
    assert unknown == []
    verbs = {
        f"{route.method} {route.path}"
        for route in routes
        if route.method == "POST" and re.search(r"/(cases|reports|tasks)/\{", route.path)
    }
    assert verbs <= known
    assert verb_paths() <= set(names)


async def test_without_a_token_only_the_public_is_shown(county, someone):
    nobody = await someone("resident1")
    nobody.token = "no-such-token"
    for route in make_app(county.parts)[ROUTES]:
        status, answer = await nobody.call(route.method, filled(route.path), json={})
        if route.public:
            assert status not in (403, 500), route.path
        else:
            assert (status, answer["code"]) == (401, "not_signed_in"), route.path


async def test_a_route_of_a_permission_is_shut_to_every_role_without_it(county, people):
    for route in make_app(county.parts)[ROUTES]:
        if route.public or route.permission is None:
            continue
        for role, person in people.items():
            status, answer = await person.call(route.method, filled(route.path), json={"x": 1})
            if route.permission in GRANTS[role]:
                assert status not in (401, 403, 500), (role, route.path, answer)
            else:
                assert (status, answer["code"]) == (403, "not_permitted"), (role, route.path)


async def covering(work, actor, case) -> set[Reach]:
    """Which reaches cover a case for an actor; None among them where the actor follows it."""
    units = {task.unit_id for task in await work.tasks(case)}
    mine = bool(units & actor.unit_ids)
    home = bool(actor.township_code) and actor.township_code == case.township_code
    given = await Check.filter(case_id=case.id, assignee_id=actor.id).exists()
    following = await Follower.get_or_none(case_id=case.id, account_id=actor.id)
    holds = {
        Reach.EVERYWHERE: True,
        Reach.OWN_UNIT: mine,
        Reach.OWN_TOWNSHIP: mine or home,
        Reach.OWN_GRIDS: given or case.grid_code in actor.grid_codes,
        Reach.OWN_REPORTS: following is not None,
    }
    return {reach for reach, held in holds.items() if held}


def refusal(role, read, permission, covers, *, declared) -> int | None:
    """The status by which the grants refuse; None where they let in."""
    grants = GRANTS[role]
    if permission not in grants and declared:
        return 403
    own = Reach.OWN_REPORTS in covers  # what a reporter may do to it, every role may
    if grants.get(read) not in covers and not own:
        return 404
    if grants.get(permission) in covers or (
        own and permission in OF_REPORTERS and grants.get(permission)
    ):
        return None
    return 403


async def pairs(work):
    """A case of resident1 in the home of everybody here, and one that is far from all, a stage."""
    far = {"position": position(PLACES["workshops"])}
    found = {}
    for stage in STAGES:
        found[stage] = [await work.at(stage)]
    found["submitted"].append(await work.report("resident3", matter="CJ-001", **far))
    found["dispatched"].append(await work.report("grid0101", matter="HJ-001", **far))
    found["checking"].append(
        await work.checking(await work.report("grid0101", matter="HJ-001", **far))
    )
    return found


async def test_every_verb_of_a_case_is_refused_exactly_as_grants_and_flow_say(county, people):
    work = Casework(county)
    declared = {r.path: r.permission for r in make_app(county.parts)[ROUTES] if r.method == "POST"}
    statuses = []
    for stage, cases in (await pairs(work)).items():
        for case in cases:
            for role, person in people.items():
                covers = await covering(work, await work.actor(person.username), case)
                for door in CASE_DOORS:
                    expected = refusal(
                        role,
                        Permission.CASE_READ,
                        door.permission,
                        covers,
                        declared=declared[door.path] is not None,
                    )
                    legal = any(m.verb is door.verb and stage in m.sources for m in FLOW)
                    if expected is None and legal:
                        continue  # done below
                    path = door.path.format(no=case.no)
                    status, answer = await person.call("POST", path, json=door.body)
                    assert status == (expected or 409), (role, door, stage, answer)
                    statuses.append(status)
    assert min(statuses.count(status) for status in (403, 404, 409)) > 50


async def test_every_verb_of_a_case_is_done_by_every_role_that_may(county, people):
    work = Casework(county)
    done = set()
    for door in CASE_DOORS:
        for role, person in people.items():
            if door.permission not in GRANTS[role]:
                continue
            stage = next(
                stage
                for stage in STAGES
                if any(m.verb is door.verb and stage in m.sources for m in FLOW)
            )
            case = await work.at(stage)
            if door.verb is Verb.CLOSE:
                await work.check(case)
            covers = await covering(work, await work.actor(person.username), case)
            if GRANTS[role][door.permission] not in covers:
                continue
            status, answer = await person.call(
                "POST", door.path.format(no=case.no), json=door.body
            )
            assert status in (200, 204), (role, door, answer)
            done.add(door.path)
    assert done == {door.path for door in CASE_DOORS}


async def test_every_verb_of_a_task_is_refused_exactly_as_grants_and_flow_say(county, people):
    work = Casework(county)
    declared = {r.path: r.permission for r in make_app(county.parts)[ROUTES] if r.method == "POST"}
    far = {"position": position(PLACES["workshops"])}
    cases = [
        await work.report(),
        await work.checking(),
        await work.report("grid0101", matter="HJ-001", **far),
    ]
    statuses = []
    combinations = [
        (case, task, role, door)
        for case in cases
        for task in await work.tasks(case)
        for role in people
        for door in TASK_DOORS
    ]
    for case, task, role, door in combinations:
        permission, verb = door.permission, door.verb
        if task.part == Part.LEAD and verb is Verb.DONE:
            permission, verb = Permission.CASE_RESOLVE, Verb.RESOLVE
        covers = task_covering(await work.actor(people[role].username), case, task)
        expected = refusal(
            role, Permission.TASK_READ, permission, covers, declared=bool(declared[door.path])
        )
        if expected is None and _moves(case, task, verb):
            continue
        path = door.path.format(id=task.id)
        status, answer = await people[role].call("POST", path, json=door.body)
        assert status == (expected or 409), (role, door, task.part, task.stage, answer)
        statuses.append(status)
    assert min(statuses.count(status) for status in (403, 404, 409)) > 30


def task_covering(actor, case, task) -> set[Reach]:
    """Which reaches cover a task for an actor."""
    own = task.unit_id in actor.unit_ids
    home = bool(actor.township_code) and actor.township_code == case.township_code
    holds = {Reach.EVERYWHERE: True, Reach.OWN_UNIT: own, Reach.OWN_TOWNSHIP: own or home}
    return {reach for reach, held in holds.items() if held}


def _moves(case, task, verb) -> bool:
    try:
        task_after(TaskStage(task.stage), verb)
    except WrongTaskStage:
        return False
    stage, part = Stage(case.stage), Part(task.part)
    return any(m.verb is verb and m.part is part and stage in m.sources for m in FLOW)
