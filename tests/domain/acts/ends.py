"""Merges undone and redone, and units that keep out."""

from datetime import timedelta

from hypothesis import strategies as st

from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.door.schedule import schedule
from server.cases.ends import merging
from server.cases.ends.recusing import recuse
from server.cases.models.case import Case
from server.cases.models.task import Task
from server.cases.reading import queries
from server.cases.reading.queries import Narrowing
from server.cases.rules import deadlines
from server.cases.rules.deadlines import MARKS
from server.clock import now
from server.errors import NotFound
from server.people.queries import unit_and_below
from tests.casework import STREET_LAMP, rows_of

MOVES = st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), max_size=14)
TOWNSHIP, STATION, DEPARTMENT, WORKS, POWER = (
    "荣华街道",
    "荣华派出所",
    "区公安分局",
    "区住房和城乡建设局",
    "区供电公司",
)


async def merge(work, case, into, who="acceptor1", reason="同一盏灯", at=None):
    by = await work.actor(who)
    await merging.merge(case.no, into.no, reason, by=by, at=at or now(), basis=work.basis)
    return await both(case, into)


async def unmerge(work, case, who="acceptor1", reason="不是同一盏"):
    by = await work.actor(who)
    await merging.unmerge(case.no, reason, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def both(*cases):
    return [await Case.get(id=case.id) for case in cases]


async def reported(work, who="resident1", hours=0, **changes):
    """A new case whose deadline is some hours earlier than it would be."""
    case = await work.report(who, **changes)
    if hours and case.due_at:
        case.due_at -= timedelta(hours=hours)
        kept = [each for each in case.timers if each.name not in MARKS]
        marks = deadlines.marks(
            case.dispatched_at, case.due_at, case.urgency, calendar=work.basis.calendar
        )
        schedule(case, (*kept, *marks))
        await case.save()
        await Task.filter(case_id=case.id).update(due_at=case.due_at)
    return await Case.get(id=case.id)


async def rows_about(cases):
    """What of some cases must come back: rows, but for their version, and those about them."""
    ids = [case.id for case in cases]
    queries_ = (
        "SELECT to_jsonb(c) - 'version' AS row FROM case_file c WHERE id = ANY($1) ORDER BY id",
        "SELECT to_jsonb(t) AS row FROM case_task t WHERE case_id = ANY($1) ORDER BY id",
        "SELECT to_jsonb(f) - 'id' - 'since' AS row FROM case_follower f"
        " WHERE case_id = ANY($1) ORDER BY case_id, account_id",
    )
    return [await rows_of(sql, ids) for sql in queries_]


def unit_id(work, name):
    return work.basis.units.named(name).id


async def mark(work, case, unit, who="acceptor1", reason="信里说的就是他们"):
    by = await work.actor(who)
    await recuse(case.no, unit, reason, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def dispatched(work, case, lead, **more):
    by = await work.actor("dispatcher1")
    choice = Choice(lead=lead, **more)
    await dispatching.dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    return await Case.get(id=case.id)


async def list_lead(work, matter=STREET_LAMP):
    """The name of the unit that the list has lead a matter."""
    case = await work.report(matter=matter)
    return work.basis.units.by_id[case.lead_id].name


async def sees(work, who, case) -> bool:
    """Whether somebody finds a case anywhere; all doors must agree."""
    by = await work.actor(who)
    found = set[bool]()
    for read in (queries.case_for, queries.report_for):
        try:
            await read(by, case.no)
            found.add(True)
        except NotFound:
            found.add(False)
    listed = await queries.cards(by, Narrowing(), limit=100, before_id=None, at=now())
    found.add(case.no in {each.no for each in listed})
    found.add(case.no in {each.no for each in await queries.visible(by)})
    assert len(found) == 1, (who, found)
    return found.pop()


async def people_of(name, work):
    return (await unit_and_below(unit_id(work, name))).account_ids
