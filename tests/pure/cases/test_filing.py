"""When a report files and dispatches itself, and what it waits for otherwise."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases.rules.filing import Filing, Known, decide
from server.settings import Settings
from server.texts.catalogue import text

POLICY = Settings.read()
COMPLETE = Known(
    matter=True,
    off_list=False,
    urgency="work_day",
    kind="livelihood",
    place_certain=True,
    doubts=(),
    has_photo=True,
    photo_broken=False,
    lead=True,
    complaint=False,
    trusted=False,
)
SENT = Filing(file=True, dispatch=True, waits_for=())
OFF = {"off_list": True, "lead": False, "urgency": ""}
NOWHERE = {"place_certain": False, "lead": False}


def waits(*codes: str, file: bool = False) -> Filing:
    return Filing(file=file, dispatch=False, waits_for=codes)


@pytest.mark.parametrize(
    ("case", "changes", "expected"),
    [
        ("complete and certain", {}, SENT),
        ("no position", NOWHERE | {"doubts": ("no_position",)}, waits("no_position")),
        ("outside", NOWHERE | {"doubts": ("outside_county",)}, waits("outside_county")),
        ("at a border", {"place_certain": False, "doubts": ("border",)}, waits("border")),
        (
            "datum unknown",
            {"place_certain": False, "doubts": ("border", "datum_unknown")},
            waits("border", "datum_unknown"),
        ),
        ("a doubt that decides nothing", {"doubts": ("no_grid",)}, SENT),
        ("uncertain without a reason", {"place_certain": False}, waits("place_uncertain")),
        ("no matter", {"matter": False, "lead": False, "urgency": ""}, waits("no_matter")),
        ("no unit leads there", {"lead": False}, waits("no_lead")),
        (
            "the unit complained of has no superior",
            {"lead": False, "complaint": True},
            waits("recusal"),
        ),
        ("the superior leads", {"complaint": True}, SENT),
        ("no photo", {"has_photo": False}, waits("no_photo")),
        ("photo broken", {"photo_broken": True}, waits("photo_broken")),
        ("a resident's enforcement matter", {"kind": "enforcement"}, waits("screened")),
        (
            "a grid worker's enforcement matter",
            {"kind": "enforcement", "trusted": True},
            SENT,
        ),
        ("off the list", OFF, waits("off_list", file=True)),
        (
            "everything missing",
            NOWHERE | {"matter": False, "doubts": ("no_position",), "has_photo": False},
            waits("no_position", "no_matter", "no_photo"),
        ),
    ],
)
def test_what_is_certain_is_sent_and_the_rest_waits_for_a_stated_reason(case, changes, expected):
    assert decide(replace(COMPLETE, **changes), POLICY) == expected, case


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "enforcement"},
        {"has_photo": False},
        {"photo_broken": True},
    ],
)
def test_an_urgent_matter_is_sent_at_once_whoever_reports_it_and_however_badly(changes):
    assert decide(replace(COMPLETE, urgency="urgent_hour", **changes), POLICY) == SENT


@pytest.mark.parametrize("doubt", ["no_position", "outside_county", "border"])
def test_an_urgent_matter_of_no_certain_place_is_filed_and_the_dispatcher_asks_where(doubt):
    known = replace(COMPLETE, urgency="urgent_hour", **NOWHERE, doubts=(doubt,), has_photo=False)
    assert decide(known, POLICY) == waits(doubt, file=True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (NOWHERE | {"doubts": ("no_position",)}, "no_position"),
        (NOWHERE | {"doubts": ("outside_county",)}, "outside_county"),
        ({"has_photo": False}, "no_photo"),
        ({"kind": "enforcement"}, "screened"),
    ],
)
def test_off_the_list_hides_nothing_else_that_is_doubtful(changes, code):
    decided = decide(replace(COMPLETE, **(OFF | changes)), POLICY)
    assert not decided.file
    assert set(decided.waits_for) == {"off_list", code}


def test_the_county_may_leave_all_filing_to_people():
    by_hand = POLICY.model_copy(update={"auto_file": False})
    assert decide(COMPLETE, by_hand) == waits("policy")
    assert decide(replace(COMPLETE, has_photo=False), by_hand) == waits("no_photo")


def test_which_kinds_are_screened_is_the_countys_to_say():
    nothing = POLICY.model_copy(update={"screened_kinds": ""})
    assert decide(replace(COMPLETE, kind="enforcement"), nothing) == SENT
    more = POLICY.model_copy(update={"screened_kinds": "livelihood"})
    assert decide(COMPLETE, more) == waits("screened")


KNOWN = st.builds(
    Known,
    matter=st.booleans(),
    off_list=st.booleans(),
    urgency=st.sampled_from(["", "urgent_hour", "work_day"]),
    kind=st.sampled_from(["livelihood", "enforcement", "development"]),
    place_certain=st.booleans(),
    doubts=st.lists(
        st.sampled_from(["no_position", "outside_county", "border", "no_grid", "datum_unknown"]),
        max_size=2,
        unique=True,
    ).map(tuple),
    has_photo=st.booleans(),
    photo_broken=st.booleans(),
    lead=st.booleans(),
    trusted=st.booleans(),
)


@given(KNOWN)
def test_whatever_is_not_sent_says_why_and_nothing_is_sent_without_place_and_lead(known):
    decided = decide(known, POLICY)
    if decided.dispatch:
        assert decided.file
        assert not decided.waits_for
        assert known.matter
        assert known.place_certain
        assert known.lead
        assert not known.off_list
    else:
        assert decided.waits_for
        assert all(text(f"waits.{code}") for code in decided.waits_for)
