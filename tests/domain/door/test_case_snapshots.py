"""What is decided stays decided: snapshots, history, and all of an act or nothing of it."""

import json

import pytest
from asyncpg import RaiseError

from gridwhistle.demo.geography import features
from gridwhistle.demo.spreadsheet import workbook
from server.cases.dispatch import dispatching
from server.cases.dispatch.dispatching import Choice
from server.cases.ends import closing
from server.cases.intake import reporting
from server.cases.models.case import Case, Step
from server.cases.work import handling
from server.clock import now
from server.governance import commands as governance
from server.people.actor import SYSTEM
from server.places import commands as places
from server.responsibility.changing import commands as responsibility
from server.responsibility.list import versions
from tests.casework import WALL_HOLE, Casework, everything, new_report, rows_of
from tests.domain.acts.door import Breaker, break_everywhere

LONGER = """
    UPDATE list_entry SET "limit" = "limit" + 5, name = name || '（新）'
    WHERE version_id = $1 RETURNING id
"""
SNAPSHOT = (
    "place",
    "generation_id",
    "township_code",
    "grid_code",
    "matter_name",
    "entry_id",
    "list_version_id",
    "explanation",
    "lead_id",
    "limit",
    "urgency",
    "due_at",
    "due_why",
)


def snapshot(case):
    return {name: getattr(case, name) for name in SNAPSHOT}


async def publish_everything_anew(work):
    """Another list that gives every matter another limit, other boundaries, another calendar."""
    at = now()
    version = await responsibility.import_list(
        workbook(), "again.xlsx", list_type="main_and_cooperating", label="新版", by=SYSTEM, at=at
    )
    assert await rows_of(LONGER, version.id)
    await versions.submit(version.id, by=SYSTEM, at=at)
    await governance.publish_list(version.id, starts_at=now(), by=SYSTEM, at=at)
    collection = features(2)
    drawn = await places.load(
        json.dumps(collection, ensure_ascii=False).encode(),
        label="新界",
        datum="cgcs2000",
        by=SYSTEM,
        at=at,
    )
    await governance.publish_places(drawn.id, starts_at=now(), by=SYSTEM, at=at)
    assert await rows_of("UPDATE calendar_day SET is_work = NOT is_work RETURNING day")
    await work.county.parts.knowledge.refresh()


@pytest.mark.slow
async def test_a_new_list_new_boundaries_and_a_new_calendar_move_no_running_case(county):
    work = Casework(county)
    cases = [await work.report(), await work.report(matter=WALL_HOLE), await work.handling()]
    filed, waiting = await work.report(matter=WALL_HOLE, position=None), await work.submitted()
    before = {case.id: snapshot(case) for case in cases}
    rows = await everything()
    await publish_everything_anew(work)
    after = await everything()
    changed = {name for name in rows if rows[name] != after[name]}
    assert not {name for name in changed if name.startswith(("case_", "report", "inbox"))}
    # They go on as they began; what is decided only now goes by what was in force at receipt.
    by = await work.actor("dispatcher1")
    await dispatching.dispatch(filed.no, Choice(), by=by, at=now(), basis=work.basis)
    sent = await Case.get(id=filed.id)
    assert sent.list_version_id == cases[1].list_version_id
    assert (sent.limit, sent.matter_name) == (cases[1].limit, cases[1].matter_name)
    for case in cases[:2]:
        await work.handling(case)
    for case in cases:
        assert snapshot(await Case.get(id=case.id)) == before[case.id]
    new = await work.report()
    assert new.list_version_id != cases[0].list_version_id
    assert new.generation_id != cases[0].generation_id
    assert new.limit == cases[0].limit + 5
    assert waiting.list_version_id == cases[0].list_version_id


async def test_history_cannot_be_changed_or_deleted_even_by_hand(county):
    work = Casework(county)
    case = await work.closed()
    before = await everything()
    for sql in (
        "UPDATE case_step SET reason = 'x' WHERE case_id = $1",
        "UPDATE case_step SET by_id = NULL WHERE case_id = $1",
        "DELETE FROM case_step WHERE case_id = $1",
    ):
        with pytest.raises(RaiseError, match="append-only"):
            await rows_of(sql, case.id)
    with pytest.raises(RaiseError, match="append-only"):
        await Step.filter(case_id=case.id).delete()
    assert await everything() == before


@pytest.mark.slow
async def test_a_report_dispatch_or_resolution_that_breaks_anywhere_leaves_nothing_behind(
    county, monkeypatch
):
    work = Casework(county)
    breaker = Breaker(monkeypatch)
    resident = await work.actor("resident1")
    new = new_report(photos=(await work.photo("resident1"),))
    n_report = await break_everywhere(
        breaker, lambda: reporting.report(new, by=resident, at=now(), basis=work.basis)
    )
    filed, dispatcher = await work.filed(), await work.actor("dispatcher1")
    choice = Choice(lead="区住房和城乡建设局", limit=3, urgency="work_day")
    n_dispatch = await break_everywhere(
        breaker,
        lambda: dispatching.dispatch(filed.no, choice, by=dispatcher, at=now(), basis=work.basis),
    )
    case = await work.handling()
    await work.helped(case)
    lead, by = await work.lead(case)
    photo = await work.photo("handler_D08")
    n_resolve = await break_everywhere(
        breaker,
        lambda: handling.resolve(lead.id, "好了", (photo,), by=by, at=now(), basis=work.basis),
    )
    assert min(n_report, n_dispatch, n_resolve) >= 3
    case = await work.report()
    assert (
        await break_everywhere(
            breaker,
            lambda: closing.withdraw(case.no, "算了", by=resident, at=now(), basis=work.basis),
        )
        >= 5
    )
