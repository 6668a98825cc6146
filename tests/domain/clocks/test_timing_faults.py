"""The clock broken off anywhere: all of a batch or nothing of it, and then again."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from gridwhistle import worker
from server.cases.clocks import timing
from server.cases.door.schedule import schedule
from server.cases.models.case import Case, Step
from server.cases.rules.deadlines import Timer
from server.cases.work import requests
from server.clock import now
from tests.casework import Casework, everything
from tests.domain.acts.door import Breaker, break_everywhere
from tests.domain.acts.work import answer, ask, pause_until


async def early(work) -> list[Case]:
    """Cases nobody works on yet."""
    return [await work.filed(), await work.submitted(), await work.report(), await work.disputed()]


async def late(work) -> list[Case]:
    """Cases at work and after it."""
    at = now()
    paused = await work.handling()
    await ask(work, paused, pause_until(at + timedelta(hours=1)), at=at)
    await answer(work, requests.suspend, paused, at=at)
    return [await work.checking(), await work.closed(), paused]


@pytest.mark.slow  # at every statement of a batch, so each is small
@pytest.mark.parametrize("some", [early, late])
async def test_a_batch_that_breaks_anywhere_leaves_nothing_behind(county, monkeypatch, some):
    """Of which the next timers are all different."""
    work = Casework(county)
    cases = await some(work)
    at = now() + timedelta(days=9)
    breaker = Breaker(monkeypatch)
    n = await break_everywhere(breaker, lambda: timing.fire(at=at, basis=work.basis))
    assert n >= 8
    for case in cases:
        steps = await Step.filter(case_id=case.id).order_by("version")
        assert [step.version for step in steps] == list(range(1, len(steps) + 1))
        assert steps[-1].target == (await Case.get(id=case.id)).stage


async def test_a_batch_cancelled_anywhere_is_done_once_by_the_next(county):
    work = Casework(county)
    cases = [await work.filed() for _ in range(6)]
    at = max(case.wake_at for case in cases)
    luck = random.Random(7)
    for _ in range(12):
        working = asyncio.create_task(timing.fire(at=at, basis=work.basis, limit=4))
        await asyncio.sleep(luck.random() * 0.03)
        working.cancel()
        await asyncio.wait([working])
    await work.until(at)
    for case in cases:
        assert await Step.filter(case_id=case.id, verb="escalate").count() == 1


async def test_the_job_drains_what_is_due_and_wakes_the_outbox(county):
    work = Casework(county)
    cases = [await work.filed() for _ in range(3)]
    for case in cases:
        schedule(case, [replace(each, at=now() - timedelta(hours=1)) for each in case.timers])
        await case.save()
    [job] = [job for job in worker.clocks(county.parts) if job.name == "timers"]
    with county.parts.bus.subscribed("outbox") as pokes:
        await job.run(now(), county.parts.settings)
        assert await pokes.wait(1)
    assert county.parts.fired[Timer.DISPATCH_LATE] == 3
    before = await everything()
    await job.run(now(), county.parts.settings)
    assert await everything() == before
