"""Every verb that people can do to a case, each tried with chances of its own."""

from datetime import timedelta
from uuid import uuid4

from server.appraisal.commands import Opinion, appraise
from server.cases.calls import call_requests, calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch import dispatching, platforms, processes
from server.cases.dispatch.dispatching import Choice
from server.cases.ends import closing, merging, recusing
from server.cases.intake import inquiring, place_choice, reporting, screening, verifying
from server.cases.models.case import Case, Follower
from server.cases.models.steering import Request
from server.cases.models.task import Check, Verification
from server.cases.rules.flow import TaskStage
from server.cases.work import assigning, checking, handling, on_the_spot, requests, steering
from server.cases.work.handling import Spot
from server.cases.work.on_the_spot import Handled
from server.cases.work.requests import Wish
from server.governance.boundaries.rebinding import rebind as rebind_case
from server.texts.catalogue import names
from tests import casework
from tests.casework import OFF_LIST, PLACES, STAIRS_BLOCKED, STREET_LAMP, WALL, WALL_HOLE
from tests.domain.life.disputes import convene, decide, give_back, rule, state
from tests.domain.life.play import SMALL_ADS, UNITS, NothingToDo, Turn

LABOUR = "MS-011"
COMPLAINED_OF = ("荣华街道", "荣华派出所", "区住房和城乡建设局")
MATTERS = (
    STREET_LAMP,
    casework.ILLEGAL_BUILDING,
    WALL_HOLE,
    STAIRS_BLOCKED,
    SMALL_ADS,
    LABOUR,
    OFF_LIST,
)
SPOT = Spot(lon=WALL[0], lat=WALL[1])
PENDING, ACCEPTED, ARRIVED = TaskStage.PENDING, TaskStage.ACCEPTED, TaskStage.ARRIVED


async def report(t: Turn):
    by = await t.who("resident1", "resident2", "resident3", "grid0202", "township02")
    photos = () if t.rng.random() < 0.1 else (await t.photo(by),)
    place = t.rng.choice((*PLACES.values(), *t.play.borders, WALL, WALL, WALL))
    changes = {
        "matter": t.rng.choice(("", *MATTERS, *MATTERS)),
        "position": None if t.rng.random() < 0.1 else casework.position(place),
        "photos": photos,
        "captured_at": t.at,
        "about_unit": t.rng.choice(("",) * 9 + COMPLAINED_OF),
    }
    if by == await t.work.actor("grid0202") and t.rng.random() < 0.5:
        settled = Handled(result="顺手铲了", photos=(await t.photo(by),))
        changes |= {"matter": SMALL_ADS, "handled": settled, "about_unit": ""}
    elif by == await t.work.actor("grid0202") and t.rng.random() < 0.5:
        changes["on_behalf_of"] = (await t.work.actor("resident3")).id
    new = casework.new_report(**changes)
    taken = await reporting.report(new, by=by, at=t.at, basis=t.basis)
    again = await reporting.report(new, by=by, at=t.at, basis=t.basis)
    assert again.body == taken.body
    t.play.cases.append(await Case.get(no=taken.body["no"]))


async def call_new(t: Turn):
    by = await t.who("township02", "duty02", "head_D08")
    new = _call(t, matter=t.rng.choice((STREET_LAMP, WALL_HOLE, "")), position=casework.position())
    case = await calling.call(new, by=by, at=t.at, basis=t.basis)
    t.play.cases.append(case)


def _call(t: Turn, **changes) -> NewCall:
    free = changes.get("matter") == "" or t.rng.random() < 0.5
    choice = Choice(lead=t.rng.choice(UNITS), limit=2, urgency="work_day") if free else Choice()
    joining = changes.get("no") and t.rng.random() < 0.7
    given = {
        "reason": t.rng.choice(calling.REASONS),
        "place_text": "路口",
        "asked_at": t.rng.choice((None, t.at + timedelta(hours=1), t.at + timedelta(days=1))),
        "choice": Choice(cooperating=tuple(t.rng.sample(UNITS, 1))) if joining else choice,
        "team": t.rng.random() < 0.2,
    }
    return NewCall(**given | changes)


async def call(t: Turn):
    by = await t.who("township02", "duty02", "head_D08", "grid0202")
    new = _call(t, no=t.case.no, key=uuid4())
    if call_requests.through_township(by):
        await call_requests.ask(new, by=by, at=t.at, basis=t.basis)
        return
    waiting = await Request.filter(case_id=t.case.id, what="call", granted__isnull=True).first()
    if waiting is not None:
        new = _call(t, no=t.case.no, request=waiting.id)
    await calling.call(new, by=by, at=t.at, basis=t.basis)


async def verify(t: Turn):
    asked = await Verification.filter(case_id=t.case.id, done_at__isnull=True).first()
    if asked is None:
        by = await t.who("acceptor1", "acceptor2", "dispatcher1", "duty02")
        await verifying.verify(t.case.no, "看看", by=by, at=t.at, basis=t.basis)
        return
    by = await t.work.actor_by_id(asked.assignee_id)
    if t.rng.random() < 0.2:
        by = await t.who("acceptor1")
    found = t.rng.random() < 0.7
    await verifying.answer(asked.id, found=found, note="看过", by=by, at=t.at, basis=t.basis)


async def inquire(t: Turn):
    by = await t.who("acceptor1", "dispatcher1", "duty02")
    await inquiring.inquire(t.case.no, ["照片", "位置"], by=by, at=t.at, basis=t.basis)


async def supplement(t: Turn):
    await inquiring.supplement(
        t.case.no, "在", key=uuid4(), by=await _reporter(t), at=t.at, basis=t.basis
    )


async def _reporter(t: Turn):
    rows = await Follower.filter(case_id=t.case.id, reporter=True)
    if not rows or t.rng.random() < 0.1:
        return await t.who("resident1", "resident2", "resident3")
    return await t.work.actor_by_id(t.rng.choice(rows).account_id)


async def file(t: Turn):
    by = await t.who("acceptor1", "acceptor2", "dispatcher1", "duty02")
    matter = t.rng.choice(("", *MATTERS))
    await screening.file(t.case.no, matter=matter, by=by, at=t.at, basis=t.basis)


async def decline(t: Turn):
    by = await t.who("acceptor1", "acceptor2", "dispatcher1", "duty02")
    await screening.decline(t.case.no, "other", where_to_go="别处", by=by, at=t.at, basis=t.basis)


async def object_to(t: Turn):
    await screening.object_to(t.case.no, "就是有", by=await _reporter(t), at=t.at, basis=t.basis)


async def self_handle(t: Turn):
    room = t.basis.units.township_unit(t.case.township_code)
    by = await t.who("grid0202", "grid0203", *t.people_of(room.id if room else None))
    handled = Handled(result="铲了", photos=(await t.photo(by),))
    await on_the_spot.self_handle(
        t.case.no, handled, (await t.photo(by),), by=by, at=t.at, basis=t.basis
    )


async def dispatch(t: Turn):
    by = await t.who("dispatcher1", "dispatcher2", "duty02")
    lead, helper = t.rng.sample(UNITS, 2)
    choice = Choice(lead=lead, cooperating=(helper,), limit=2, urgency="work_day", note="如此")
    if t.rng.random() < 0.3:
        choice = Choice(lead=t.rng.choice(("荣华街道", "")), limit=1, urgency="urgent_hour")
    await dispatching.dispatch(t.case.no, choice, by=by, at=t.at, basis=t.basis)


async def accept(t: Turn):
    task = await t.task(PENDING)
    by = await t.who(*t.people_of(task.unit_id))
    await handling.accept(task.id, by=by, at=t.at, basis=t.basis)


async def route(t: Turn):
    task = await t.task(PENDING, ACCEPTED, kind="township")
    by = await t.who(*t.people_of(task.unit_id))
    platform = t.rng.choice(sorted(names("platform")))
    await platforms.route(task.id, platform, by=by, at=t.at, basis=t.basis)


async def assign(t: Turn):
    task = await t.task(PENDING, ACCEPTED, ARRIVED)
    by = await t.who(*t.people_of(task.unit_id))
    person = await t.who(*t.people_of(task.unit_id))
    given = t.rng.choice((None, person.id))
    await assigning.assign(task.id, given, by=by, at=t.at, basis=t.basis)


async def check_in(t: Turn):
    task = await t.task(ACCEPTED)
    by = await t.who(*t.people_of(task.unit_id))
    await handling.check_in(task.id, SPOT, by=by, at=t.at, basis=t.basis)


async def confirm(t: Turn):
    task, by = await t.task(ARRIVED), await t.who("township02", "duty02")
    await handling.confirm(task.id, by=by, at=t.at, basis=t.basis)


async def contest(t: Turn):
    task, by = await t.task(ARRIVED), await t.who("township02", "duty02")
    await handling.contest(task.id, "没到", by=by, at=t.at, basis=t.basis)


async def progress(t: Turn):
    task = await t.task(ACCEPTED, ARRIVED, part="lead")
    by = await t.who(*t.people_of(task.unit_id))
    steps = await processes.standings(await Case.get(id=t.case.id))
    mine = [step for step in steps if step.by_lead and step.state == "open"]
    if mine:
        await processes.complete(task.id, mine[0].position, "已办", by=by, at=t.at, basis=t.basis)
        return
    await handling.progress(task.id, "在办", by=by, at=t.at, basis=t.basis)


async def waive(t: Turn):
    task = await t.task(PENDING, ACCEPTED, part="cooperating")
    by = await t.who(*t.people_of(t.case.lead_id))
    await handling.waive(task.id, "不必了", by=by, at=t.at, basis=t.basis)


async def done(t: Turn):
    task = await t.task(PENDING, ACCEPTED, ARRIVED, part="cooperating")
    by = await t.who(*t.people_of(task.unit_id))
    if task.stage == PENDING:
        await handling.accept(task.id, by=by, at=t.at, basis=t.basis)
    await handling.done(task.id, "已配合", by=by, at=t.at, basis=t.basis)


async def resolve(t: Turn):
    task = await t.task(ACCEPTED, ARRIVED, part="lead")
    by = await t.who(*t.people_of(task.unit_id))
    photo = await t.photo(by)
    await handling.resolve(task.id, "办好了", (photo,), by=by, at=t.at, basis=t.basis)


async def ask(t: Turn):
    what = t.rng.choice(("suspend", "extend", "exempt"))
    until = t.at + t.rng.choice((timedelta(hours=5), timedelta(days=3), timedelta(days=20)))
    wish = Wish(what=what, reason="下雨", until=until, ground="season", limit=1)
    by = await t.who(*t.people_of(t.case.lead_id))
    await requests.ask(t.case.no, wish, by=by, at=t.at, basis=t.basis)


async def refuse(t: Turn):
    waiting = await Request.filter(case_id=t.case.id, granted__isnull=True).first()
    what = waiting.what if waiting else "extend"
    if what == "call":
        by = await t.who("township02", "duty02")
        await call_requests.refuse(t.case.no, "不必", by=by, at=t.at, basis=t.basis)
        return
    by = await t.who("leader1" if what == "redo" else "dispatcher1")
    await requests.refuse(t.case.no, what, "不必", by=by, at=t.at, basis=t.basis)


def _grants(command):
    async def grant(t: Turn):
        by = await t.who("dispatcher1", "dispatcher2")
        await command(t.case.no, by=by, at=t.at, basis=t.basis)

    return grant


async def resume(t: Turn):
    by = await t.who("dispatcher1", *t.people_of(t.case.lead_id))
    await requests.resume(t.case.no, by=by, at=t.at, basis=t.basis)


async def check(t: Turn):
    asked = await Check.filter(case_id=t.case.id).order_by("-cycle").first()
    if asked is None:
        raise NothingToDo
    by = await t.who("acceptor1", "acceptor2")
    if asked.assignee_id and t.rng.random() < 0.8:
        by = await t.work.actor_by_id(asked.assignee_id)
    await checking.check(
        asked.id, passed=t.rng.random() < 0.7, note="看过", by=by, at=t.at, basis=t.basis
    )


async def close(t: Turn):
    by = await t.who("acceptor1", "acceptor2")
    await closing.close(t.case.no, by=by, at=t.at, basis=t.basis)


async def rework(t: Turn):
    await checking.rework(t.case.no, "返工", by=await t.who("acceptor1"), at=t.at, basis=t.basis)


async def appraise_it(t: Turn):
    opinion = Opinion(responded=True, solved=t.rng.random() < 0.4, satisfaction=3)
    await appraise(t.case.no, opinion, by=await _reporter(t), at=t.at, basis=t.basis)


async def redo(t: Turn):
    by = await (t.who("leader1") if t.rng.random() < 0.3 else _reporter(t))
    await closing.redo(t.case.no, "又坏了", by=by, at=t.at, basis=t.basis)


async def merge(t: Turn):
    by = await t.who("acceptor1", "acceptor2", "dispatcher1")
    await merging.merge(t.case.no, t.other().no, "同一件事", by=by, at=t.at, basis=t.basis)


async def unmerge(t: Turn):
    by = await t.who("acceptor1", "acceptor2", "dispatcher1")
    await merging.unmerge(t.case.no, "不是一件事", by=by, at=t.at, basis=t.basis)


async def withdraw(t: Turn):
    await closing.withdraw(t.case.no, "算了", by=await _reporter(t), at=t.at, basis=t.basis)


async def follow(t: Turn):
    by = await t.who("resident1", "resident2", "resident3")
    await closing.follow(t.case.no, by=by, at=t.at)


async def urge(t: Turn):
    await steering.urge(
        t.case.no, by=await t.who("leader1", "dispatcher1"), at=t.at, basis=t.basis
    )


async def supervise(t: Turn):
    await steering.supervise(t.case.no, "快办", by=await t.who("leader1"), at=t.at, basis=t.basis)


async def instruct(t: Turn):
    by, urgent = await t.who("leader1"), t.rng.random() < 0.5
    await steering.instruct(t.case.no, "速办", urgent=urgent, by=by, at=t.at, basis=t.basis)


async def reply(t: Turn):
    by = await t.who(*t.people_of(t.case.lead_id))
    await steering.reply(t.case.no, "在办", by=by, at=t.at, basis=t.basis)


async def rebind(t: Turn):
    by, place = await t.who("dispatcher1"), t.rng.choice(("", t.case.grid_code))
    await rebind_case(t.case.no, "边界变了", place=place, by=by, at=t.at, basis=t.basis)


async def recuse(t: Turn):
    by = await t.who("acceptor1", "dispatcher2", "leader1")
    unit = t.rng.choice(("", "", *COMPLAINED_OF, *UNITS))
    await recusing.recuse(t.case.no, unit, "说的是它", by=by, at=t.at, basis=t.basis)


async def confirm_place(t: Turn):
    case = await Case.get(id=t.case.id)
    grids = [each.code for each in case.place.candidates] or [case.grid_code]
    by = await (_reporter(t) if t.rng.random() < 0.5 else t.who("grid0202"))
    grid = t.rng.choice(grids)
    await place_choice.confirm_place(case.no, grid, by=by, at=t.at, basis=t.basis)


#: One for every verb that people do, and some that are no verbs of the flow.
ACTS = {
    **{each.__name__: each for each in (
        report, call, verify, inquire, supplement, file, decline, self_handle, dispatch, accept,
        route, assign, rule, convene, state, decide, check_in, confirm, contest, progress, waive,
        done, ask, refuse, resume, resolve, check, close, rework, redo, merge, unmerge, withdraw,
        urge, supervise, instruct, reply, rebind, confirm_place, recuse, call_new, follow,
    )},
    "object": object_to,
    "return": give_back,
    "appraise": appraise_it,
    "suspend": _grants(requests.suspend),
    "extend": _grants(requests.extend),
    "exempt": _grants(requests.exempt),
}  # fmt: skip
