"""The tour's scripts as data: everything they name is there, and nothing is misspelt."""

import pytest
from pydantic import ValidationError

from gridwhistle.demo.geography import landmarks
from gridwhistle.demo.people import accounts
from gridwhistle.tour.acting import found
from gridwhistle.tour.deviation import Deviation
from gridwhistle.tour.playing import STEPS
from gridwhistle.tour.script import Act, Script, names, script
from server.cases.rules.flow import Stage, Verb

PARTS = {"reporter", "lead", "checker"}
SCRIPTS = {name: script(name) for name in names()}
EVERYBODY = accounts()
PLAYABLE = {one.username for one in EVERYBODY} | {
    one.unit for one in EVERYBODY if one.role in ("handler", "township")
}


def test_the_eight_stories_come_first_and_detours_have_numbers_from_one() -> None:
    stories, detours = list(SCRIPTS)[:8], list(SCRIPTS)[8:]
    assert stories == list("ABCDEFGH")
    assert detours == [str(n) for n in range(1, len(detours) + 1)]


@pytest.mark.parametrize("name", SCRIPTS)
def test_all_that_a_script_names_is_in_the_demo_county(name: str) -> None:
    told = SCRIPTS[name]
    assert told.landmark in landmarks()
    rows = [row.do for row in told.acts if row.do]
    assert {*told.steps, *told.ending, *rows} <= set(STEPS)
    cast = {told.reporter, *told.units, told.township, *told.also}
    assert cast <= PLAYABLE
    for row in told.acts:
        if row.do:
            assert row == Act(do=row.do)
        else:
            assert bool(row.post) != bool(row.get)
            assert row.say
            assert row.by in PLAYABLE | PARTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_only_who_listens_hears_in_a_script(name: str) -> None:
    told = SCRIPTS[name]
    listening = {"reporter", told.reporter, *told.units, told.township, *told.also}
    kinds = {f"{about}.{verb.value}" for verb in Verb for about in ("case", "work", "attention")}
    for row in told.acts:
        assert {kind.partition("@")[0] for kind in row.hears} <= kinds
        assert {each for heard in row.hears.values() for each in heard} <= listening
        assert row.stage in {"", *(stage.value for stage in Stage)}


def test_a_misspelt_word_in_a_script_is_refused() -> None:
    whole = SCRIPTS["A"].model_dump()
    with pytest.raises(ValidationError, match="landmrak"):
        Script.model_validate(whole | {"landmrak": "workshops"})


def test_what_an_answer_holds_is_found_by_a_dotted_path() -> None:
    answer = {"tasks": [{"unit": "甲", "due": 1}, {"unit": "乙", "due": 2}]}
    assert found(answer, "tasks.unit=乙.due") == 2
    assert found(answer, "tasks.0.unit") == "甲"
    assert found(answer, "tasks.-1.unit") == "乙"
    for nowhere in ("tasks.unit=丙", "tasks.2", "tasks.0.lead", "tasks.0.due.day"):
        with pytest.raises(Deviation):
            found(answer, nowhere)
