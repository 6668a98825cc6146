"""A column of the list is one line of `EntryView`: everything else has what the line says."""

import dataclasses

import pytest
from pydantic import ValidationError

from mobile_api.public import PublicEntry
from server.responsibility.changing.publication import publication
from server.responsibility.list.fields import COLUMNS, LONGEST, STORED, TEXTS, Addressee, EntryView
from server.responsibility.list.list_types import MAIN, list_type, list_types
from server.responsibility.list.models import Entry
from server.responsibility.sheets import columns
from server.shared_api.proposals import ChangeForm, ProposedChange
from server.staff_api.disputes import EntryWords
from server.staff_api.lists import EntryAnswer
from tests.parts import ROOT
from tests.pure.lists.sheets import UNITS

#: What a sheet says beside an entry's columns.
BESIDE = {"number", "code", "flow"}


def test_every_column_has_its_place_in_the_table_and_its_heading():
    shown = {each.name for each in dataclasses.fields(EntryView)}
    assert {each.removesuffix("_id") for each in STORED} <= Entry._meta.fields
    assert set(STORED) <= shown
    assert set(columns.fields()) - BESIDE == {each.name for each in COLUMNS}
    assert all(set(kind.columns) <= set(columns.fields()) for kind in list_types().values())


def test_every_column_of_the_table_is_one_of_an_entry():
    beside = {"id", "row", "extras", "found_by", "township_until"}
    keys = {"version_id", "matter_id", "lead_id"}  # known once the tables are set up
    assert set(Entry._meta.fields_db_projection) - beside - keys == set(STORED) - keys


def test_a_text_is_as_long_as_its_column_holds():
    held = {name: getattr(Entry._meta.fields_map[name], "max_length", None) for name in LONGEST}
    assert held == LONGEST


@pytest.mark.parametrize("text", [each for each in TEXTS if each.proposed], ids=lambda of: of.name)
def test_a_proposal_may_make_a_text_as_long_as_its_line_says(text):
    for length in (text.least, text.proposed):
        said = "字" * length
        assert ChangeForm.model_validate({text.name: said}).model_dump()[text.name] == said
    for length in {text.proposed + 1, max(text.least - 1, 0)} - {text.least}:
        with pytest.raises(ValidationError):
            ChangeForm.model_validate({text.name: "字" * length})
    assert text.name in ProposedChange.__annotations__


@pytest.mark.parametrize(
    ("addressee", "answer"),
    [
        (Addressee.DESK, EntryAnswer),
        (Addressee.CONFERENCE, EntryWords),
        (Addressee.PUBLIC, PublicEntry),
    ],
)
def test_an_addressee_is_answered_the_texts_that_name_it_and_no_other(addressee, answer):
    told = {each.name for each in TEXTS if addressee in each.addressees}
    assert told
    assert {each.name for each in TEXTS} & set(answer.model_fields) == told


def test_what_is_printed_has_its_width_and_the_rest_none():
    printed = publication(list_type(MAIN), "", [], UNITS)
    widths = {columns.heading(each.name): each.width for each in COLUMNS if each.width}
    assert dict(zip(printed.header, printed.widths, strict=True)) == widths | {"序号": 1}


def test_a_plain_text_is_named_by_its_line_and_its_table_alone():
    """What only has to be kept and shown; a name that means something may stand elsewhere."""
    found = {
        path.relative_to(ROOT / "server").as_posix()
        for path in (ROOT / "server").rglob("*.py")
        if "closing_condition" in path.read_text("utf-8") and path.parent.name != "migrations"
    }
    assert found == {"responsibility/list/fields.py", "responsibility/list/models.py"}
