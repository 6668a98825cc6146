"""Every route and every role: who gets in is what the tables say; no route is without a row."""

import re

import pytest

from gridwhistle.assembly import make_app
from server.cases.models.case import Case
from server.cases.rules.flow import FLOW, Part, Stage, TaskStage, Verb, task_after
from server.errors import WrongTaskStage
from server.http.routes import ROUTES
from server.people.models import Shift
from server.permissions import GRANTS, ON_SHIFT, Permission, Reach, Role
from tests.api.doors import CASE_DOORS, FAR, TASK_DOORS, sent
from tests.casework import Casework, everything, position
from tests.domain.acts.door import OF_REPORTERS, ONE_OF_EACH, relations

#: What a signed-in person of any role may call: one's own things, and what shows nothing personal.
ANYBODY = {
    "GET /me",
    "POST /me/password",
    "GET /me/sessions",
    "POST /me/sessions/{id}/end",
    "POST /me/sessions/end-others",
    "POST /auth/logout",
    "POST /m/v1/live-ticket",
    "GET /m/v1/leaves",
    "POST /m/v1/leaves",
    "POST /m/v1/leaves/{id}/end",
    "GET /m/v1/inbox",
    "POST /m/v1/inbox/read",
    "GET /m/v1/reports",
    "GET /m/v1/photos/{id}",
    "GET /m/v1/matters",
    "GET /m/v1/nearby",
    "GET /m/v1/place",
    "GET /m/v1/tasks",
    "GET /m/v1/todo",
    "GET /m/v1/reports/{no}",
    "GET /m/v1/calls/{id}",
    "GET /m/v1/tasks/{id}",
}
#: Routes that are no rows here, each with what holds it to the grants instead.
ELSEWHERE = {
    # Everybody follows what is shown to everybody: tests/domain/ends/test_closing.py.
    "POST /m/v1/reports/{no}/follow",
    # One's own messages; nothing happens to the case: tests/api/test_unfollowing.py.
    "POST /m/v1/reports/{no}/unfollow",
    "POST /s/v1/cases/{no}/unfollow",
    # One's own list; nothing happens to the case: tests/api/test_steering_api.py.
    "POST /s/v1/cases/{no}/watch",
    "POST /s/v1/cases/{no}/unwatch",
    # Who has it open; nothing happens to the case: tests/api/test_desk.py.
    "POST /s/v1/cases/{no}/look",
    "POST /s/v1/cases/{no}/leave",
    # Nothing happens to the case: tests/api/test_diligence_api.py.
    "POST /s/v1/cases/{no}/diligence",
    # A grid worker asks by the same route by which others call: tests/api/test_calls_api.py.
    "POST /m/v1/calls",
    # As /s/v1/tasks/{id}/confirm and contest, by the call: tests/api/test_calls_api.py.
    "POST /m/v1/calls/{call}/arrivals/{id}/confirm",
    "POST /m/v1/calls/{call}/arrivals/{id}/contest",
    # As /s/v1/cases/{no}/ask, by the number of one's task: done below.
    "POST /m/v1/tasks/{id}/ask",
}
#: Verbs without a door of their own, and why.
DOORLESS = {
    Verb.REPORT,  # there is no case yet: tests/api/test_reports.py
    Verb.CHECK,  # of the check that one was given: tests/domain/work/test_checking.py
    Verb.RESOLVE,  # the lead's DONE, by the same route
    Verb.ARCHIVE,  # by the clock, or with the appraisal
    Verb.ESCALATE,  # by the clock
    Verb.LAPSE,  # by what ends a case, or changes who leads it
}
STAGES = [stage.value for stage in Stage if stage is not Stage.HANDLED and stage != "withdrawn"]
#: On the number of a merged case these are done to the one that goes on.
GO_ON = {Verb.REDO, Verb.WITHDRAW, Verb.OBJECT, Verb.SUPPLEMENT, Verb.APPRAISE}


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
        if route.method == "POST" and re.search(r"/(cases|reports|tasks|calls)/\{", route.path)
    }
    assert verbs - known == set()
    assert known - set(names) == set()


def test_no_verb_is_without_a_door():
    doors = {door.verb for door in (*CASE_DOORS, *TASK_DOORS)}
    assert set(Verb) - doors == DOORLESS
    assert {move.verb for move in FLOW} == set(Verb)


def test_no_role_is_without_somebody_who_tries():
    assert ONE_OF_EACH.keys() == set(Role)


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


def declared(county) -> dict[str, bool]:
    """Whether a POST route asks for a permission before it looks at anything."""
    routes = make_app(county.parts)[ROUTES]
    return {each.path: each.permission is not None for each in routes if each.method == "POST"}


def refusal(role, permission, covers, follows, *, shut) -> int | None:
    """The status by which the grants refuse a verb on a case; None where they let in."""
    grants = GRANTS[role]
    if permission not in grants and shut:
        return 403
    if grants.get(Permission.CASE_READ) not in covers and not follows:
        return 404
    if permission not in grants:
        return 403
    # What a reporter may do to it, every role may.
    own = Reach.OWN_REPORTS in covers and permission in OF_REPORTERS
    return None if own or grants[permission] in covers else 403


async def expected(door, role, work, actor, case, *, shut) -> int | None:
    """The status of a refusal; None where it is to succeed, once what it needs is prepared."""
    return status_of(door, role, case, *await relations(work, actor, case), shut=shut)


def status_of(door, role, case, covers, follows, *, shut) -> int | None:
    """As `expected`, of what relates a person to a case."""
    by_grants = refusal(role, door.permission, covers, follows, shut=shut)
    if by_grants is not None:
        return by_grants
    if not door.legal(case.stage):
        return door.illegal
    return door.otherwise if door.only is not None and role not in door.only else None


async def far_cases(work) -> list[Case]:
    """Cases that nobody of these tests reported, in another township, with other units."""
    far = {"position": position(FAR)}
    return [
        await work.report("resident3", matter="CJ-001", **far),
        await work.report("grid0101", matter="HJ-001", **far),
        await work.checking(await work.report("grid0101", matter="HJ-001", **far)),
    ]


async def test_every_verb_of_a_case_is_refused_exactly_as_grants_and_flow_say(county, people):
    work = Casework(county)
    near = {stage: await work.at(stage) for stage in STAGES}
    far, other = await far_cases(work), await work.report("resident2")
    shut, before = declared(county), await everything()
    actors = {role: await work.actor(who) for role, who in ONE_OF_EACH.items()}
    statuses = []
    related = {}  # nothing happens to the cases, so once for each role

    async def attempt(door, role, case) -> int | None:
        if (role, case.id) not in related:
            related[role, case.id] = await relations(work, actors[role], case)
        status = status_of(door, role, case, *related[role, case.id], shut=shut[door.path])
        if status is None or (case.stage == "merged" and door.verb in GO_ON):
            return status
        path, body = door.path.format(no=case.no), sent(door.body, no=case.no, open=other.no)
        found = await people[role].call("POST", path, json=body)
        assert found[0] == status, (role, door.path, door.body, case.stage, found)
        statuses.append(status)
        return status

    for n, door in enumerate(CASE_DOORS):
        wrong = [stage for stage in STAGES if not door.legal(stage)]
        entitled = None
        for role in people:
            if await attempt(door, role, near[door.at]) is None:
                entitled = role
            await attempt(door, role, far[n % len(far)])
            if wrong:
                await attempt(door, role, near[wrong[n % len(wrong)]])
        assert entitled or door.make or door.only, door  # somebody may
        for stage in wrong if entitled else ():
            await attempt(door, entitled, near[stage])
    assert min(statuses.count(status) for status in (403, 404, 409)) > 50
    assert await everything() == before


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
async def test_every_verb_of_a_case_is_done_by_every_role_that_may(county, people, part):
    work = Casework(county)
    doors = CASE_DOORS[part::3]
    done = set()
    for door in doors:
        for role, person in people.items():
            if door.permission not in GRANTS[role] or (door.only and role not in door.only):
                continue
            case = await (door.make(work) if door.make else work.at(door.at))
            actor = await work.actor(person.username)
            if await expected(door, role, work, actor, case, shut=True) is not None:
                continue
            if door.prepare:
                await door.prepare(work, await Case.get(id=case.id))
            given = await door.sent(work, case, person.username) if door.sent else door.body
            path = door.path.format(no=case.no)
            status, answer = await person.call("POST", path, json=sent(given, no=case.no))
            assert status in (200, 201, 204), (role, door.path, given, answer)
            before = await everything()
            tapped = await person.call("POST", path, json=sent(given, no=case.no))
            assert (tapped, await everything()) == ((status, answer), before), (role, door.path)
            done.add((door.path, str(door.body)))
    assert done == {(door.path, str(door.body)) for door in doors}


async def test_a_duty_leader_off_shift_is_refused_what_the_shift_alone_gives(county, people):
    work = Casework(county)
    duty = people[Role.DUTY_LEADER]
    cases = {stage: await work.at(stage) for stage in ("submitted", "filed")}
    await Shift.filter(account_id=(await work.actor(duty.username)).id).delete()
    refused = set()
    for door in CASE_DOORS:
        if door.permission in ON_SHIFT:
            path = door.path.format(no=cases[door.at].no)
            status, answer = await duty.call("POST", path, json=door.body)
            assert (status, answer["code"]) == (403, "roster.not_on_shift"), door.path
            refused.add(door.permission)
    assert refused == ON_SHIFT


@pytest.mark.slow
async def test_every_verb_of_a_task_is_refused_exactly_as_grants_and_flow_say(county, people):
    work = Casework(county)
    shut = declared(county)
    far = {"position": position(FAR)}
    cases = [
        await work.report(),
        await work.checking(),
        await work.report("grid0101", matter="HJ-001", **far),
    ]
    before, statuses = await everything(), []
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
        status = refusal_of_task(
            role,
            permission,
            await work.actor(people[role].username),
            case,
            task,
            shut=shut[door.path] and door.permission not in GRANTS[role],
        )
        if status is None and _moves(case, task, verb):
            continue
        path = door.path.format(id=task.id)
        found, answer = await people[role].call("POST", path, json=door.body)
        assert found == (status or 409), (role, door, task.part, task.stage, answer)
        statuses.append(found)
    assert min(statuses.count(status) for status in (403, 404, 409)) > 30
    assert await everything() == before


def refusal_of_task(role, permission, actor, case, task, *, shut) -> int | None:
    """The status by which the grants refuse a verb on a task; None where they let in.

    What a lead waives is a part of its case, whosever the task.
    """
    home = bool(actor.township_code) and actor.township_code == case.township_code
    waives = permission is Permission.TASK_WAIVE
    leads = case.lead_id in actor.unit_ids
    own = task.unit_id in actor.unit_ids

    def holds(reach, mine):
        return (
            reach is Reach.EVERYWHERE
            or (reach in (Reach.OWN_UNIT, Reach.OWN_TOWNSHIP) and mine)
            or (reach is Reach.OWN_TOWNSHIP and home)
        )

    grants = GRANTS[role]
    if shut:
        return 403
    if not holds(grants.get(Permission.TASK_READ), own or (waives and leads)):
        return 404
    return None if holds(grants.get(permission), leads if waives else own) else 403


def _moves(case, task, verb) -> bool:
    try:
        task_after(TaskStage(task.stage), verb)
    except WrongTaskStage:
        return False
    stage, part = Stage(case.stage), Part(task.part)
    return any(m.verb is verb and m.part is part and stage in m.sources for m in FLOW)
