"""Every command of a case's later life is broken at its every statement: all of it or nothing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.cases.calls import calling
from server.cases.dispatch import platforms
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences, returns
from server.cases.disputes.conferences import Decision
from server.cases.disputes.returns import Ruling
from server.cases.ends import closing, merging
from server.cases.intake import inquiring, reporting, screening, verifying
from server.cases.models.task import Verification
from server.cases.work import assigning, checking, handling, on_the_spot, requests, steering
from server.cases.work.on_the_spot import Handled
from server.cases.work.requests import Wish
from server.clock import now
from server.people.duty import roster, teams
from server.people.duty.roster import Seat
from server.people.duty.teams import Membership, NewMember
from tests.casework import STAIRS_BLOCKED, WALL_HOLE, Casework
from tests.domain.acts.calls import ENFORCEMENT, new_call
from tests.domain.acts.disputes import CLAIM, POWER, WORKS, disputed, give_back
from tests.domain.acts.door import Breaker, break_everywhere
from tests.domain.acts.people import colleague
from tests.domain.acts.work import SMALL_ADS, done_already, settle

Command = Callable[[], Awaitable[object]]
Row = Callable[[Casework], Awaitable[Command]]


class Hand:
    """Does one command as somebody, now."""

    def __init__(self, work: Casework, by: Any) -> None:
        self.work, self.by = work, by

    def __call__(self, command: Callable[..., Awaitable[object]], *about: Any, **more: Any):
        """The command, ready to be done again and again until it succeeds."""

        async def do() -> object:
            return await command(*about, by=self.by, at=now(), **more)

        return do

    def known(self, command: Callable[..., Awaitable[object]], *about: Any, **more: Any):
        """The same for a command that asks for what is known of the county."""
        return self(command, *about, basis=self.work.basis, **more)


async def hand(work: Casework, who: str) -> Hand:
    return Hand(work, await work.actor(who))


async def return_first(work):
    task, by = await work.lead(await work.report())
    return Hand(work, by).known(returns.give_back, task.id, CLAIM)


async def return_second(work):
    case = await work.disputed()
    desk = await hand(work, "dispatcher1")
    await desk.known(returns.rule, case.no, Ruling(upheld=True, reason="属实"))()
    task = (await work.tasks(case, "lead"))[-1]
    officer = await hand(work, work.officer_of(task.unit_id))
    claim = type(CLAIM)(ground="not_on_list", reason="也不是", proper_unit="D10")
    return officer.known(returns.give_back, task.id, claim)


async def helpers_return(work):
    case = await work.report()
    task = (await work.tasks(case, "cooperating"))[0]
    proper = POWER if work.basis.units.by_id[task.unit_id].name != POWER else WORKS
    return case, task, proper


async def return_of_a_helper(work):
    _, task, proper = await helpers_return(work)
    officer = await hand(work, work.officer_of(task.unit_id))
    claim = type(CLAIM)(ground="not_on_list", reason="不是", proper_unit=proper)
    return officer.known(returns.give_back, task.id, claim)


def rule(upheld: bool, stage: str = "dispatched") -> Row:
    async def row(work):
        case = await disputed(work, await work.at(stage))
        desk = await hand(work, "dispatcher1")
        return desk.known(returns.rule, case.no, Ruling(upheld=upheld, reason="看过"))

    return row


def rule_on_a_helper(upheld: bool) -> Row:
    async def row(work):
        case, task, proper = await helpers_return(work)
        await give_back(work, task, proper_unit=proper)
        desk = await hand(work, "dispatcher1")
        return desk.known(returns.rule, case.no, Ruling(upheld=upheld, reason="看过"))

    return row


async def convene(work):
    case = await work.disputed()
    return (await hand(work, "dispatcher1")).known(conferences.convene, case.no)


async def state(work):
    case = await work.disputed()
    return (await hand(work, "handler_D08")).known(conferences.state, case.no, "不归我们管")


def decide(**about: Any) -> Row:
    async def row(work):
        case = await work.in_conference()
        decision = Decision(minutes="由其办理", **about)
        return (await hand(work, "keeper1")).known(conferences.decide, case.no, decision)

    return row


async def waive(work):
    case = await work.report()
    task = (await work.tasks(case, "cooperating"))[0]
    return (await hand(work, "handler_D08")).known(handling.waive, task.id, "不需要")


async def verify(work):
    case = await work.submitted()
    return (await hand(work, "acceptor1")).known(verifying.verify, case.no, "在吗？")


async def answer(work):
    case = await work.verifying()
    asked = await Verification.get(case_id=case.id)
    by = await work.actor_by_id(asked.assignee_id)
    photos = (await _photo_of(work, by.id),)
    return Hand(work, by).known(
        verifying.answer, asked.id, found=True, note="在", photos=photos, spot=(117.5, 34.7)
    )


async def _photo_of(work, account_id):
    username = next(name for name, actor in work._actors.items() if actor.id == account_id)
    return await work.photo(username)


async def inquire(work):
    case = await work.submitted()
    return (await hand(work, "acceptor1")).known(inquiring.inquire, case.no, ["照片"])


async def supplement(work):
    case = await work.submitted()
    await (await hand(work, "acceptor1")).known(inquiring.inquire, case.no, ["照片"])()
    photos = (await work.photo("resident1"),)
    resident = await hand(work, "resident1")
    return resident.known(inquiring.supplement, case.no, "补", photos, key=uuid4())


async def object_to(work):
    case = await work.declined()
    return (await hand(work, "resident1")).known(screening.object_to, case.no, "不同意")


async def self_handle(work):
    case = await work.report(matter=SMALL_ADS)
    handled = Handled(result="已铲", photos=(await work.photo("grid0202"),))
    return (await hand(work, "grid0202")).known(on_the_spot.self_handle, case.no, handled)


async def report_as_handled(work):
    new = await done_already(work)
    return (await hand(work, "grid0202")).known(reporting.report, new)


async def merge(work):
    one, other = await work.handling(), await work.report("resident2")
    desk = await hand(work, "acceptor1")
    return desk.known(merging.merge, one.no, other.no, "同一盏灯")


async def unmerge(work):
    case = await work.merged()
    return (await hand(work, "acceptor1")).known(merging.unmerge, case.no, "不是同一盏")


async def ask(work):
    case = await work.handling()
    wish = Wish(what="extend", reason="材料未到", limit=1)
    return (await hand(work, "head_D08")).known(requests.ask, case.no, wish)


async def refuse(work):
    case = await work.ask(await work.handling())
    desk = await hand(work, "dispatcher1")
    return desk.known(requests.refuse, case.no, "extend", "不必")


def grant(command: Callable[..., Awaitable[object]], what: str) -> Row:
    async def row(work):
        case = await work.handling()
        late = case.due_at + timedelta(hours=1)
        await work.ask(case, what, at=late if what == "exempt" else None)
        return (await hand(work, "dispatcher1")).known(command, case.no)

    return row


async def resume(work):
    case = await work.suspended()
    return (await hand(work, "head_D08")).known(requests.resume, case.no)


async def watch(work):
    case = await work.report()
    return (await hand(work, "leader1"))(steering.watch, case.no)


def steer(command: Callable[..., Awaitable[object]], who: str, *, to: str = "report") -> Row:
    async def row(work):
        case = await getattr(work, to)()
        return (await hand(work, who)).known(command, case.no, "请抓紧")

    return row


async def reply(work):
    case = await work.report()
    await (await hand(work, "leader1")).known(steering.instruct, case.no, "请查")()
    return (await hand(work, "handler_D08")).known(steering.reply, case.no, "已查")


async def route(work):
    task, by = await work.lead(await work.report(matter=STAIRS_BLOCKED))
    other = "便民服务" if task.platform != "便民服务" else "综治"
    return Hand(work, by).known(platforms.route, task.id, other)


async def assign(work):
    task, by = await work.lead(await work.handling())
    head = await hand(work, "head_D08")
    await head.known(assigning.assign, task.id, by.id)()
    return head.known(assigning.assign, task.id, await colleague(work.county))


async def join(work):
    case = await work.handling(await work.report(matter=WALL_HOLE))
    choice = Choice(lead=ENFORCEMENT, cooperating=("区公安分局", "区消防救援大队"))
    new = new_call(no=case.no, matter="", position=None, choice=choice)
    return (await hand(work, "township02")).known(calling.call, new)


async def redo_to_lead(work):
    case = await settle(work, await work.report(matter=SMALL_ADS))
    await work.check(case)
    await (await hand(work, "acceptor1")).known(closing.close, case.no)()
    return (await hand(work, "resident1")).known(closing.redo, case.no, "又贴上了")


async def rework_to_lead(work):
    case = await settle(work, await work.report(matter=SMALL_ADS))
    await work.check(case, passed=False)
    return (await hand(work, "acceptor1")).known(checking.rework, case.no, "没铲净")


async def seat(work):
    admin, duty = await hand(work, "admin1"), await work.actor("duty02")
    day = now().date() + timedelta(days=9)
    seated = Seat(township_code=duty.township_code, shift="morning", account_id=duty.id, day=day)
    return admin(roster.put, seated, shift_hours=work.basis.shift_hours)


async def unseat(work):
    await (await seat(work))()
    admin, duty = await hand(work, "admin1"), await work.actor("duty02")
    day = now().date() + timedelta(days=9)
    seated = Seat(township_code=duty.township_code, shift="morning", account_id=duty.id, day=day)
    return admin(roster.remove, seated, shift_hours=work.basis.shift_hours)


def team(*, leaving: bool) -> Row:
    async def row(work):
        by = await work.actor("township02")
        unit = work.basis.units.named("区消防救援大队")
        new = NewMember(
            township_code=by.township_code,
            unit_id=unit.id,
            standing=Membership.RESIDENT,
            contact=uuid4().hex,
        )

        async def put() -> None:
            await teams.put(new, by=by)

        async def remove() -> None:
            await teams.remove(by.township_code, unit.id, by=by)

        if leaving:
            await put()
        return remove if leaving else put

    return row


#: Of each kind of effect one that has most of it.
ROWS: dict[str, Row] = {
    "return, the second": return_second,
    "rule: uphold": rule(True),
    "rule: refuse": rule(False, "handling"),
    "decide": decide(choice=Choice(lead=POWER)),
    "verify: answer": answer,
    "supplement": supplement,
    "self_handle": self_handle,
    "merge": merge,
    "unmerge": unmerge,
    "suspend": grant(requests.suspend, "suspend"),
    "resume": resume,
    "reply": reply,
    "call: join": join,
    "redo: to_lead": redo_to_lead,
}
#: The others write the same kinds of rows through the same door.
MORE_ROWS: dict[str, Row] = {
    "return": return_first,
    "return of a helper": return_of_a_helper,
    "rule: refuse_pending": rule(False),
    "rule: cooperating, upheld": rule_on_a_helper(True),
    "rule: cooperating, refused": rule_on_a_helper(False),
    "convene": convene,
    "state": state,
    "decide: the same": decide(choice=Choice(lead=WORKS)),
    "decide: decline": decide(declined=True, where_to_go="别处"),
    "waive": waive,
    "verify: ask": verify,
    "inquire": inquire,
    "object": object_to,
    "report as handled": report_as_handled,
    "ask": ask,
    "refuse": refuse,
    "extend": grant(requests.extend, "extend"),
    "exempt": grant(requests.exempt, "exempt"),
    "watch": watch,
    "instruct": steer(steering.instruct, "leader1"),
    "urge": steer(steering.urge, "dispatcher1"),
    "urge before there is a lead": steer(steering.urge, "dispatcher1", to="submitted"),
    "supervise": steer(steering.supervise, "leader1"),
    "route": route,
    "assign": assign,
    "rework: to_lead": rework_to_lead,
    "roster": seat,
    "roster: remove": unseat,
    "team": team(leaving=False),
    "team: remove": team(leaving=True),
}


async def broken(county, monkeypatch, row: Row) -> None:
    work = Casework(county)
    command = await row(work)
    await break_everywhere(Breaker(monkeypatch), command)


@pytest.mark.parametrize("name", ROWS)
async def test_a_command_that_breaks_anywhere_leaves_nothing_behind(county, monkeypatch, name):
    await broken(county, monkeypatch, ROWS[name])


@pytest.mark.slow  # about a minute more, for nothing that the ones above do not show in kind
@pytest.mark.parametrize("name", MORE_ROWS)
async def test_any_other_command_that_breaks_leaves_nothing_behind(county, monkeypatch, name):
    await broken(county, monkeypatch, MORE_ROWS[name])
