"""Off-list burdens: a township objects, the unit answers, an office rules, all are counted."""

from datetime import timedelta

import pytest

from server.clock import now
from server.errors import (
    AnswerPending,
    BadInput,
    NotFound,
    NotPermitted,
    ReasonMissing,
    WrongProcedureStage,
)
from server.governance import burdens, queries
from server.governance.reminding import remind_late
from tests.casework import Casework, everything
from tests.domain.acts.governance import told

TOWNSHIP, UNIT, HEAD = "township02", "区卫生健康局", "head_D03"
WORDS = "要求每月上报控烟台账，清单上没有这一项"


async def known(work: Casework, who: str, *, later: timedelta = timedelta()):
    return {"by": await work.actor(who), "at": now() + later, "basis": work.basis}


async def registered(work: Casework, who: str = TOWNSHIP, against: str = UNIT):
    return await burdens.register(
        "ledger", "控烟台账", WORDS, against=against, **await known(work, who)
    )


async def test_a_township_objects_the_unit_answers_and_an_office_rules(work):
    burden = await registered(work)
    assert (burden.stage, burden.due_at is not None) == ("registered", True)
    await burdens.answer(burden.id, "工作需要", **await known(work, HEAD))
    ruled = await burdens.rule(burden.id, "应当收回", upheld=True, **await known(work, "keeper1"))
    assert (ruled.stage, ruled.due_at) == ("upheld", None)
    [count] = await queries.burden_counts()
    assert (count.n, count.n_open, count.n_upheld, count.n_unfounded) == (1, 0, 1, 0)
    history = await queries.history("burden", burden.id)
    assert [event.verb for event in history] == ["register", "answer", "rule"]
    await work.county.deliver()
    assert len(await told(HEAD, "burden_registered")) == 1
    assert len(await told(TOWNSHIP, "burden_upheld")) == 1
    assert await told("township03", "burden_registered") == []


async def test_only_a_township_objects_and_only_to_who_may_give_burdens(work):
    before = await everything()
    for who in ("resident1", "grid0202", HEAD, "leader1", "keeper1"):
        with pytest.raises(NotPermitted):
            await registered(work, who)
    for against in ("没有的局", "梅泽街道"):
        with pytest.raises(BadInput):
            await registered(work, against=against)
    assert await everything() == before


async def test_no_other_unit_answers_rules_or_even_sees_it(work):
    burden = await registered(work)
    with pytest.raises(NotPermitted):
        await burdens.answer(burden.id, "不对", **await known(work, "head_D05"))
    with pytest.raises(NotPermitted):
        await burdens.rule(burden.id, "不", upheld=False, **await known(work, HEAD))
    with pytest.raises(NotPermitted):
        await burdens.withdraw(burden.id, "不", **await known(work, "township03"))
    for who, n in ((TOWNSHIP, 1), (HEAD, 1), ("keeper2", 1), ("township03", 0), ("head_D05", 0)):
        by = await work.actor(who)
        assert len(await queries.burdens(by, limit=9)) == n
        if not n:
            with pytest.raises(NotFound):
                await queries.burden(burden.id, by)


async def test_an_office_waits_for_the_answer_as_long_as_the_unit_has_time(work):
    burden = await registered(work)
    with pytest.raises(AnswerPending):
        await burdens.rule(burden.id, "不", upheld=False, **await known(work, "keeper1"))
    late = burden.due_at - now() + timedelta(hours=1)
    assert await remind_late(at=now() + late, basis=work.basis) == 1
    ruled = await burdens.rule(
        burden.id, "没有根据", upheld=False, **await known(work, "keeper1", later=late)
    )
    assert ruled.stage == "unfounded"


async def test_a_burden_taken_back_is_not_counted_and_ends(work):
    burden = await registered(work)
    with pytest.raises(ReasonMissing):
        await burdens.withdraw(burden.id, " ", **await known(work, TOWNSHIP))
    await burdens.withdraw(burden.id, "已经取消", **await known(work, TOWNSHIP))
    assert await queries.burden_counts() == []
    with pytest.raises(WrongProcedureStage):
        await burdens.answer(burden.id, "好", **await known(work, HEAD))
