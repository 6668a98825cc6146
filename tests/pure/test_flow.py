"""The table of stages and verbs: whole, consistent, and the only place that knows what may be."""

import pytest

from server.cases import flow
from server.cases.deadlines import OWNERS
from server.cases.flow import FINAL, FLOW, TASK_FLOW, Part, Stage, TaskStage, Told, Verb
from server.errors import WrongStage, WrongTaskStage
from server.permissions import GRANTS, Permission

# The rows of domain.md, section 6, that exist so far: what each verb leads to and who hears.
TOLD = {
    Verb.REPORT: Told.FOLLOWERS,
    Verb.CALL: Told.ALL,
    Verb.DECLINE: Told.FOLLOWERS,
    Verb.DISPATCH: Told.ALL,
    Verb.CHECK_IN: Told.ALL,
    Verb.RESOLVE: Told.ALL,
    Verb.CLOSE: Told.ALL,
    Verb.REWORK: Told.ALL,
    Verb.REDO: Told.ALL,
    Verb.WITHDRAW: Told.ALL,
}
WITH_REASON = {Verb.DECLINE, Verb.REWORK, Verb.REDO, Verb.CONTEST, Verb.REBIND}
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


def test_no_stage_and_verb_have_two_rows():
    seen = [(source, move.verb, move.part) for move in FLOW for source in move.sources]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("stage", [None, *Stage])
@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("part", [None, *Part])
def test_what_is_no_row_is_refused_and_names_what_would_be_possible(stage, verb, part):
    rows = [m for m in FLOW if m.verb is verb and m.part is part and stage in m.sources]
    if rows:
        assert flow.edge(stage, verb, part) is rows[0]
        assert verb.value in flow.possible(stage)
        return
    with pytest.raises(WrongStage) as refused:
        flow.edge(stage, verb, part)
    assert refused.value.facts["possible"] == flow.possible(stage)


@pytest.mark.parametrize("stage", list(TaskStage))
@pytest.mark.parametrize("verb", list(Verb))
def test_a_task_moves_by_its_table_only(stage, verb):
    rows = [move for move in TASK_FLOW if move.verb is verb and stage in move.sources]
    if rows:
        assert flow.task_after(stage, verb) == (rows[0].target or stage)
        return
    with pytest.raises(WrongTaskStage):
        flow.task_after(stage, verb)


def test_the_messages_owed_are_those_of_the_domain():
    for move in FLOW:
        if move.verb in TOLD:
            assert move.told is TOLD[move.verb], move
    leads = [move.told for move in FLOW if move.verb is Verb.ACCEPT and move.part is Part.LEAD]
    assert leads == [Told.ALL]
    silent = {Verb.FILE, Verb.PROGRESS, Verb.CHECK, Verb.APPRAISE, Verb.ARCHIVE}
    assert all(move.told is Told.NOBODY for move in FLOW if move.verb in silent)


def test_the_verbs_that_need_a_reason_demand_one():
    assert {move.verb for move in FLOW if move.reason} == WITH_REASON


def test_every_stage_that_can_be_reached_has_an_owner_or_is_final():
    reached = {move.target for move in FLOW if move.target}
    # Closed is final for deadlines of handling, but the reporter still has the word.
    assert {stage for stage in reached if stage not in FINAL} <= set(OWNERS)
    ways_on = {source for move in FLOW for source in move.sources}
    assert {stage for stage in reached if stage not in FINAL} <= ways_on


def test_every_verb_that_a_person_does_is_granted_to_somebody():
    granted = {permission for grants in GRANTS.values() for permission in grants}
    for move in FLOW:
        if move.verb is Verb.ARCHIVE:  # the system's alone
            assert not any(permission == "case.archive" for permission in Permission)
            continue
        noun = "task" if move.part and move.verb is not Verb.RESOLVE else "case"
        assert Permission(f"{noun}.{move.verb}") in granted
