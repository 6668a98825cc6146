"""A field of an entry is one row: tables, views and sheets have what the row says."""

import dataclasses

from server.responsibility.list.entries import EntryView
from server.responsibility.list.fields import FIELDS, LONGEST, STORED
from server.responsibility.list.list_types import list_types
from server.responsibility.list.models import Entry
from server.responsibility.sheets import columns

#: What a sheet says beside an entry's fields.
BESIDE = {"number", "code", "flow"}


def test_every_field_has_its_column_its_place_in_the_view_and_its_heading():
    shown = {each.name for each in dataclasses.fields(EntryView)}
    assert {each.removesuffix("_id") for each in STORED} <= Entry._meta.fields
    assert set(STORED) <= shown
    assert set(columns.fields()) - BESIDE == {each.name for each in FIELDS}
    assert all(set(kind.columns) <= set(columns.fields()) for kind in list_types().values())


def test_a_text_is_as_long_as_its_column_holds():
    held = {name: getattr(Entry._meta.fields_map[name], "max_length", None) for name in LONGEST}
    assert held == LONGEST
