"""Whatever staff write of a case, nobody who reads it learns by it who reported the case."""

import importlib
import pkgutil

import mobile_api
import server.shared_api
import server.staff_api
from server.cases.calls import calling
from server.cases.calls.calling import NewCall
from server.cases.dispatch.dispatching import Choice
from server.cases.disputes import conferences, returns
from server.cases.disputes.conferences import Decision
from server.cases.disputes.returns import Claim, Ruling
from server.cases.ends import closing, merging
from server.cases.intake import inquiring, screening, verifying
from server.cases.models.case import Case, Step
from server.cases.models.task import Check, Verification
from server.cases.work import checking, handling, requests, steering
from server.cases.work.handling import Spot
from server.cases.work.requests import Wish
from server.clock import now
from server.http.forms import Answer
from server.staff_api.case_sheet import page_of
from tests.casework import WALL, Casework, rows_of

POWER = "区供电公司"
READERS = ("resident3", "township02", "head_D08", "handler_U01", "leader1", "auditor1", "keeper1")
PAGES = """
/m/v1/inbox /m/v1/todo /m/v1/tasks /m/v1/reports /m/v1/calls /m/v1/instructions
/m/v1/reports/{no} /m/v1/cases/{no}
/s/v1/cases/{no} /s/v1/cases/{no}/steps /s/v1/cases/{no}/requests /s/v1/requests
/s/v1/requests/mine /s/v1/returns /s/v1/conferences /s/v1/tasks /s/v1/instructions
/s/v1/precedents /s/v1/adjustments/suggested
"""
#: What fields are called that hold what staff wrote of a case.
WRITTEN = frozenset(
    {"answer", "instead", "lacking", "minutes", "note", "notice", "question"}
    | {"reason", "reply", "result", "ruling"}
)
#: Such fields that need not, and why.
OTHERS = {
    "Fault.reason": "a sentence of ours",
    "LeaveRow.reason": "of somebody's leave, and of no case",
    "ShownRow.note": "masked where the record is put together, which is printed as well",
    "StepRow.note": "masked where it is built, which is printed as well",
    "StepRow.reason": "masked where it is built, which is printed as well",
    "TimelineRow.note": "masked where it is built",
    "TimelineRow.reason": "masked where it is built",
    "WaitsFor.reason": "a sentence of ours",
    "Watched.note": "one's own, on one's own list",
    "Why.reason": "a sentence of ours",
    "WhyNotRow.reason": "a sentence of ours",
}


def words_about(name):
    """What an office may write of somebody: the name, a number, a chat name."""
    return f"已电话联系{name}13907140002（微信lampfinder88）"


def told_of(said, name):
    """By which of these words somebody could be found."""
    return [each for each in (name, "13907140002", "lampfinder88") if each in said]


async def reads(person, no):
    """All that somebody reads about a case, by page; pages that are not theirs left out."""
    found = {}
    for page in PAGES.format(no=no).split():
        status, body = await person.call("GET", page)
        if status == 200:
            found[page] = str(body)
    return found


async def nobody_learns(county, someone, case, name, *, readers=READERS):
    """Let everybody read all there is, and find nobody in it; return all that was read."""
    await county.deliver()
    read = []
    for username in readers:
        for face in ("phone", "console"):
            pages = await reads(await someone(username, face=face), case.no)
            found = {page: told_of(said, name) for page, said in pages.items()}
            assert not {page: each for page, each in found.items() if each}, username
            read += pages.values()
    return "".join(read)


async def username_of(actor):
    """By what somebody signs in."""
    [row] = await rows_of("SELECT username FROM account WHERE id = $1", actor.id)
    return row["username"]


async def followed(work, someone, case):
    """How who reported a case is called; resident3 merely follows it."""
    await (await someone("resident3")).post(f"/m/v1/reports/{case.no}/follow", expect=204)
    return (await work.actor("resident1")).name


async def test_what_is_written_while_a_case_is_worked_on_tells_nobody_who_reported_it(
    county, someone
):
    work = Casework(county)
    case = await work.report()
    name = await followed(work, someone, case)
    said, at, basis = words_about(name), now(), work.basis
    leader, township = await work.actor("leader1"), await work.actor("township02")
    acceptor, dispatcher = await work.actor("acceptor1"), await work.actor("dispatcher1")
    await work.handling(case)
    task, officer = await work.lead(case)
    await steering.instruct(case.no, said, by=leader, at=at, basis=basis)
    await steering.reply(case.no, said, by=officer, at=at, basis=basis)
    await steering.instruct(case.no, said, by=leader, at=at, basis=basis)
    await steering.urge(case.no, said, by=leader, at=at, basis=basis)
    await steering.supervise(case.no, said, by=leader, at=at, basis=basis)
    new = NewCall(
        reason="cannot_solve_alone", place_text=said, no=case.no, text=said, choice=Choice()
    )
    await calling.call(new, by=township, at=at, basis=basis)
    head = await work.actor(f"head_{basis.units.by_id[case.lead_id].code}")
    wish = Wish(what="extend", reason=said, until=None, ground="season", limit=1)
    await requests.ask(case.no, wish, by=head, at=at, basis=basis)
    assert "***" in await nobody_learns(county, someone, case, name)
    await requests.refuse(case.no, "extend", said, by=dispatcher, at=at, basis=basis)
    await handling.progress(task.id, said, by=officer, at=at, basis=basis)
    spot = Spot(lon=WALL[0], lat=WALL[1])
    for helper in await work.tasks(case, "cooperating"):
        by = await work.actor(work.officer_of(helper.unit_id))
        if helper.stage == "pending":
            await handling.accept(helper.id, by=by, at=at, basis=basis, note=said)
        await handling.check_in(helper.id, spot, by=by, at=at, basis=basis, note=said)
        await handling.done(helper.id, said, by=by, at=at, basis=basis)
    await work.helped(case)
    case = await work.resolve(await Case.get(id=case.id), said)
    check = await Check.get(case_id=case.id)
    looks = await work.actor_by_id(check.assignee_id)
    await nobody_learns(county, someone, case, name, readers=[*READERS, await username_of(looks)])
    await checking.check(check.id, passed=False, note=said, by=looks, at=at, basis=basis)
    await checking.rework(case.no, said, by=acceptor, at=at, basis=basis)
    case = await work.resolve(await Case.get(id=case.id), said)
    await work.check(case)
    case = await closing.close(case.no, by=acceptor, at=at, basis=basis, note=said)
    read = await nobody_learns(county, someone, case, name, readers=[*READERS, "resident1"])
    assert "已电话联系***" in read
    printed = await page_of(case, basis, at=at)
    sheet = "".join(each for row in printed.rows for each in row)
    assert "已电话联系***" in sheet
    assert not told_of(sheet, name)
    assert case.result == said  # what was written stays as it was written
    assert await Step.filter(case_id=case.id, note=said).exists()


async def test_what_is_written_before_a_case_is_taken_on_tells_nobody_who_reported_it(
    county, someone
):
    work = Casework(county)
    case = await work.submitted()
    name = await followed(work, someone, case)
    said, at, basis = words_about(name), now(), work.basis
    acceptor = await work.actor("acceptor1")
    await verifying.verify(case.no, said, by=acceptor, at=at, basis=basis)
    look = await Verification.get(case_id=case.id)
    worker = await work.actor_by_id(look.assignee_id)
    readers = [*READERS, await username_of(worker), "acceptor1", "resident1"]
    assert "***" in await nobody_learns(county, someone, case, name, readers=readers)
    await verifying.answer(
        look.id, found=True, note=said, photos=(), spot=None, by=worker, at=at, basis=basis
    )
    await inquiring.inquire(case.no, [said], by=acceptor, at=at, basis=basis)
    assert "***" in await nobody_learns(county, someone, case, name, readers=readers)


async def test_what_is_written_in_a_dispute_tells_nobody_who_reported_the_case(county, someone):
    work = Casework(county)
    case = await work.report()
    name = await followed(work, someone, case)
    said, at, basis = words_about(name), now(), work.basis
    dispatcher = await work.actor("dispatcher1")
    readers = [*READERS, "dispatcher1"]
    claim = Claim(ground="wrong_matter", reason=said, proper_unit=POWER)
    task, officer = await work.lead(case)
    await returns.give_back(task.id, claim, by=officer, at=at, basis=basis)
    await conferences.state(case.no, said, by=officer, at=at, basis=basis)
    assert "***" in await nobody_learns(county, someone, case, name, readers=readers)
    ruling = Ruling(upheld=True, reason=said, choice=Choice(lead=POWER))
    await returns.rule(case.no, ruling, by=dispatcher, at=at, basis=basis)
    assert "***" in await nobody_learns(county, someone, case, name, readers=readers)
    task, officer = await work.lead(case)
    claim = Claim(ground="wrong_matter", reason=said, proper_unit="区住房和城乡建设局")
    await returns.give_back(task.id, claim, by=officer, at=at, basis=basis)  # a conference now
    await nobody_learns(county, someone, case, name, readers=readers)
    decision = Decision(minutes=said, choice=Choice(lead="区住房和城乡建设局"))
    by = await work.actor("keeper1")
    await conferences.decide(case.no, decision, by=by, at=at, basis=basis)
    assert "***" in await nobody_learns(county, someone, case, name, readers=readers)


async def test_whom_to_ask_instead_stays_readable_and_the_person_beside_it_does_not(
    county, someone
):
    work = Casework(county)
    case = await work.submitted()
    name = await followed(work, someone, case)
    where = f"区司法局 0632-5550103（{name}13907140002）"
    by = await work.actor("acceptor1")
    await screening.decline(
        case.no, "other", where_to_go=where, missing=(where,), by=by, at=now(), basis=work.basis
    )
    await county.deliver()
    for reader in ("resident1", "resident3"):
        person = await someone(reader)
        page = await person.get(f"/m/v1/reports/{case.no}")
        assert page["declined"]["instead"] == "区司法局 0632-5550103（***）"
        told = (await person.get("/m/v1/inbox"))["items"][-1]["text"]
        assert "区司法局 0632-5550103（" in told
        assert not told_of(told, name)


async def test_who_reported_reads_their_own_words_and_everybody_else_reads_them_masked(
    county, someone
):
    work = Casework(county)
    name = (await work.actor("resident1")).name
    said = words_about(name)
    case = await work.report(text=said)
    mine = await (await someone("resident1")).get(f"/m/v1/reports/{case.no}")
    assert mine["own"][0]["text"] == said
    await nobody_learns(county, someone, case, name)


async def test_nobody_is_named_who_reported_what_was_merged_or_took_their_report_back(
    county, someone
):
    work = Casework(county)
    gone, case = await work.report("resident2"), await work.report()
    at, basis, acceptor = now(), work.basis, await work.actor("acceptor1")
    await merging.merge(gone.no, case.no, "同一处", by=acceptor, at=at, basis=basis)
    other, leader = await work.actor("resident2"), await work.actor("leader1")
    await closing.withdraw(case.no, "不用了", by=other, at=at, basis=basis)
    await steering.urge(case.no, words_about(other.name), by=leader, at=at, basis=basis)
    read = await nobody_learns(county, someone, case, other.name, readers=("head_D08", "auditor1"))
    assert "催办" in read
    assert "已电话联系***" in read


async def test_an_objection_to_a_burden_is_read_without_the_persons_number_in_it(county, someone):
    township = await someone("township02", face="console")
    said = "要我们报表，找刘某13907140002（微信lampfinder88），局里电话0632-5550103"
    body = {"form": "ledger", "title": "台账", "text": said, "against": "区城乡水务局"}
    made = await township.post("/s/v1/burdens", body)
    shown = "要我们报表，找刘某***（微信***），局里电话0632-5550103"
    assert (made["burden"]["text"], made["events"][0]["text"]) == (shown, shown)
    await county.deliver()
    against = await someone("head_D10", face="console")
    told = [each["text"] for each in (await against.get("/m/v1/inbox"))["items"]]
    assert [shown in each for each in told] == [True]


def test_a_field_for_what_staff_write_is_of_a_type_that_masks_it():
    answers = set(_below(Answer))
    assert len(answers) > 100
    open_ones = {
        f"{each.__name__}.{field}"
        for each in answers
        for field, known in each.model_fields.items()
        if field in WRITTEN and _plain(known)
    }
    assert open_ones == set(OTHERS)


def _below(kind):
    for package in (server.shared_api, server.staff_api, mobile_api):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    for each in kind.__subclasses__():
        yield from (each, *_below(each))


def _plain(known):
    return known.annotation in (str, list[str]) and not known.metadata


async def test_a_second_tap_is_answered_with_no_more_than_the_first(county, someone):
    work = Casework(county)
    case = await work.handling()
    name = await followed(work, someone, case)
    lead, _ = await work.lead(case)
    leader = await someone("leader1", face="console")
    officer = await someone("handler_D08")
    body = {"text": words_about(name)}
    twice = [await leader.post(f"/s/v1/cases/{case.no}/instruct", body) for _ in range(2)]
    await work.helped(case)
    body = {"result": words_about(name), "photos": [await officer.photo()]}
    twice += [await officer.post(f"/m/v1/tasks/{lead.id}/resolve", body) for _ in range(2)]
    assert [told_of(str(each), name) for each in twice] == [[], [], [], []]
    assert twice[0] == twice[1]
