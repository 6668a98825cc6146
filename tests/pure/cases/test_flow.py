"""The table of stages and verbs: whole, consistent, and the only place that knows what may be."""

from itertools import product

import pytest

from server.cases.rules import flow
from server.cases.rules.deadlines import OWNERS
from server.cases.rules.flow import FINAL, FLOW, TASK_FLOW, Audience, Part, Stage, TaskStage, Verb
from server.errors import WrongStage, WrongTaskStage
from server.permissions import GRANTS, Permission

# The verbs that owe messages: who hears of them, by any of their ways.
TOLD = {
    Verb.REPORT: Audience.FOLLOWERS,
    Verb.CALL: Audience.ALL,
    Verb.DECLINE: Audience.FOLLOWERS,
    Verb.DISPATCH: Audience.ALL,
    Verb.CHECK_IN: Audience.ALL,
    Verb.RESOLVE: Audience.ALL,
    Verb.CLOSE: Audience.ALL,
    Verb.REWORK: Audience.ALL,
    Verb.REDO: Audience.ALL,
    Verb.SELF_HANDLE: Audience.ALL,
    Verb.SUSPEND: Audience.ALL,
    Verb.RESUME: Audience.ALL,
    Verb.EXTEND: Audience.ALL,
    Verb.DECIDE: Audience.ALL,
    Verb.INQUIRE: Audience.FOLLOWERS,
}
#: Of whose edges some owe more than others: the usual one, without a way of its own.
TOLD_USUALLY = {Verb.WITHDRAW: Audience.ALL, Verb.MERGE: Audience.ALL}
# Invariant 3 of the domain names these, further rows may ask for one as well.
WITH_REASON = {
    *(Verb.RETURN, Verb.DECLINE, Verb.WAIVE, Verb.SUSPEND, Verb.REWORK, Verb.REDO),
    *(Verb.CONTEST, Verb.REBIND, Verb.OBJECT, Verb.RULE, Verb.STATE, Verb.DECIDE),
    *(Verb.ASK, Verb.REFUSE, Verb.LAPSE, Verb.RECUSE, Verb.EXTEND, Verb.EXEMPT),
    *(Verb.MERGE, Verb.UNMERGE, Verb.INSTRUCT),
}
BY_CLOCK_ALONE = (Verb.ARCHIVE, Verb.ESCALATE, Verb.LAPSE)
STRAIGHT = [
    (None, Verb.REPORT, None, Stage.SUBMITTED),
    (Stage.SUBMITTED, Verb.FILE, None, Stage.FILED),
    (Stage.FILED, Verb.DISPATCH, None, Stage.DISPATCHED),
    (Stage.DISPATCHED, Verb.ACCEPT, Part.LEAD, Stage.HANDLING),
    (Stage.HANDLING, Verb.RESOLVE, Part.LEAD, Stage.HANDLED),
    (Stage.HANDLED, Verb.CHECK, None, Stage.CHECKING),
    (Stage.CHECKING, Verb.CHECK, None, None),
    (Stage.CHECKING, Verb.CLOSE, None, Stage.CLOSED),
    (Stage.CLOSED, Verb.ARCHIVE, None, Stage.ARCHIVED),
    (Stage.CLOSED, Verb.REDO, None, Stage.HANDLING),
    (Stage.ARCHIVED, Verb.REDO, None, Stage.HANDLING),
    (Stage.CHECKING, Verb.REWORK, None, Stage.HANDLING),
    (Stage.SUBMITTED, Verb.DECLINE, None, Stage.DECLINED),
    (Stage.SUBMITTED, Verb.WITHDRAW, None, Stage.WITHDRAWN),
    (None, Verb.CALL, None, Stage.DISPATCHED),
    (Stage.FILED, Verb.CALL, None, Stage.DISPATCHED),
]


@pytest.mark.parametrize(("source", "verb", "part", "target"), STRAIGHT)
def test_the_straight_way_and_its_branches_are_rows_of_the_table(source, verb, part, target):
    assert flow.edge(source, verb, part).target == target


def test_no_stage_verb_and_way_have_two_rows():
    seen = [(source, m.verb, m.part, m.way) for m in FLOW for source in m.sources]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("verb", list(Verb))
def test_what_is_no_row_is_refused_and_names_what_would_be_possible(verb):
    for stage, part in product([None, *Stage], [None, *Part]):
        rows = [m for m in FLOW if m.verb is verb and m.part is part and stage in m.sources]
        for row in rows:
            assert flow.edge(stage, verb, part, row.way) is row
            assert verb.value in flow.possible(stage)
        for way in {"", "no such way"} - {row.way for row in rows}:
            with pytest.raises(WrongStage) as refused:
                flow.edge(stage, verb, part, way)
            assert refused.value.facts["possible"] == flow.possible(stage), (stage, part, way)


@pytest.mark.parametrize("verb", list(Verb))
def test_a_task_moves_by_its_table_only(verb):
    for stage in TaskStage:
        rows = [move for move in TASK_FLOW if move.verb is verb and stage in move.sources]
        for row in rows:
            assert flow.task_after(stage, verb, row.way) == (row.target or stage)
        for way in {"", "no such way"} - {row.way for row in rows}:
            with pytest.raises(WrongTaskStage):
                flow.task_after(stage, verb, way)


def test_the_messages_owed_are_those_of_the_domain():
    for move in FLOW:
        if move.verb in TOLD:
            assert move.told is TOLD[move.verb], move
        if move.verb in TOLD_USUALLY and not move.way:
            assert move.told is TOLD_USUALLY[move.verb], move
    leads = [move.told for move in FLOW if move.verb is Verb.ACCEPT and move.part is Part.LEAD]
    assert leads == [Audience.ALL]
    silent = {Verb.FILE, Verb.PROGRESS, Verb.CHECK, Verb.APPRAISE, Verb.ARCHIVE}
    rows = [move for move in FLOW if move.verb in silent and move.way != "unsolved"]
    assert all(move.told is Audience.NOBODY for move in rows)
    unsolved = [move.told for move in FLOW if move.way == "unsolved"]
    assert unsolved == [Audience.UNITS]


def test_the_verbs_that_need_a_reason_demand_one():
    asking = {move.verb for move in FLOW if move.reason}
    assert asking >= WITH_REASON
    assert not asking & {Verb.REPORT, Verb.FILE, Verb.ACCEPT, Verb.RESOLVE, Verb.CLOSE}


def test_every_stage_that_can_be_reached_has_an_owner_or_is_final():
    reached = {move.target for move in FLOW if move.target}
    # Closed is final for deadlines of handling, but the reporter still has the word.
    assert {stage for stage in reached if stage not in FINAL} <= set(OWNERS)
    ways_on = {source for move in FLOW for source in move.sources}
    assert {stage for stage in reached if stage not in FINAL} <= ways_on


def test_every_verb_that_a_person_does_is_granted_to_somebody():
    granted = {permission for grants in GRANTS.values() for permission in grants}
    for move in FLOW:
        if move.verb in BY_CLOCK_ALONE:
            assert not any(permission == f"case.{move.verb}" for permission in Permission)
            continue
        noun = "task" if move.part and move.verb is not Verb.RESOLVE else "case"
        assert Permission(f"{noun}.{move.verb}") in granted
