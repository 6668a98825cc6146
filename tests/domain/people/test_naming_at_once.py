"""Names of units: given by one at a time, told to the unit's people, and after those of places."""

import asyncio
import json

import pytest

from gridwhistle.demo.geography import features
from server.clock import now
from server.errors import BadInput, Duplicate, UnknownUnit
from server.governance import commands as governance
from server.governance import regrouping
from server.people import reorganising, unit_plans
from server.people.actor import SYSTEM
from server.people.commands import NewUnit, create_unit, import_units
from server.people.queries import account_id_of, members, units_index
from server.people.unit_plans import NewPlan
from server.people.units import UnitKind, plain
from server.places import commands as places
from tests.casework import Casework, rows_of

DOCUMENT = "榴编〔2026〕12号"
#: One name to people, as it may be written.
WRITTEN = ("区城市更新局", "区城市 更新局", "区城市更新局　", "区城市\u3000更新局")


async def proposed(work: Casework, code: str, name: str) -> int:
    new = NewPlan(unit_id=work.basis.units.named(code).id, name=name, document=DOCUMENT)
    by = await work.actor("keeper1")
    return (await regrouping.propose(new, by=by, at=now(), basis=work.basis)).id


async def all_at_once(*several) -> list[type]:
    """What became of each: the type of its answer, or of what it was refused with."""
    return [type(each) for each in await asyncio.gather(*several, return_exceptions=True)]


async def require_one_bearer(of: str) -> None:
    names = [plain(unit.name) for unit in (await units_index()).all()]
    assert names.count(plain(of)) == 1


async def test_of_like_names_confirmed_at_once_one_is_given(work):
    codes = ("D05", "D06", "D08", "D10")
    plans = [await proposed(work, code, name) for code, name in zip(codes, WRITTEN, strict=True)]
    admin = await work.actor("admin1")
    became = await all_at_once(
        *(regrouping.confirm(each, by=admin, at=now(), basis=work.basis) for each in plans)
    )
    assert became.count(Duplicate) == len(plans) - 1
    await require_one_bearer(WRITTEN[0])


async def test_nor_is_it_given_while_a_unit_is_made_or_read_from_a_file(work):
    plan, admin = await proposed(work, "D05", WRITTEN[0]), await work.actor("admin1")
    new = NewUnit(code="X001", name=WRITTEN[1], kind=UnitKind.DEPARTMENT)
    other = NewUnit(code="X002", name=WRITTEN[3], kind=UnitKind.DEPARTMENT)
    became = await all_at_once(
        unit_plans.confirm(plan, by=admin, at=now()), create_unit(new), import_units([other])
    )
    assert became.count(Duplicate) == 2
    await require_one_bearer(WRITTEN[0])


async def test_merging_and_naming_at_once_leave_each_unit_one_name_and_one_who_acts(work):
    admin, units = await work.actor("admin1"), work.basis.units
    one, other = units.named("D05"), units.named("D06")
    merger = NewPlan(unit_id=other.id, into_id=one.id, document=DOCUMENT)
    by = await work.actor("keeper1")
    merging = (await regrouping.propose(merger, by=by, at=now(), basis=work.basis)).id
    naming = await proposed(work, "D05", WRITTEN[0])
    # What the merged unit is called goes on to mean the one that took it over.
    taking = await proposed(work, "D08", WRITTEN[1])
    became = await all_at_once(
        *(
            regrouping.confirm(each, by=admin, at=now(), basis=work.basis)
            for each in (merging, naming, taking)
        )
    )
    assert became.count(Duplicate) == 1
    await require_one_bearer(WRITTEN[0])
    with pytest.raises(Duplicate):
        await reorganising.rename(units.named("D10").id, other.name, DOCUMENT, by=by, at=now())
    assert (await units_index()).to_act(other.name).id == one.id


async def test_a_unit_that_was_merged_gets_no_other_name(work):
    """It is understood as the one that took it over; the people who had the name are there."""
    old, _ = await work.merge_units("D08", "D05")
    by = await work.actor("keeper1")
    with pytest.raises(UnknownUnit):
        await proposed(work, "D08", WRITTEN[0])
    with pytest.raises(UnknownUnit):
        await reorganising.rename(old, WRITTEN[0], DOCUMENT, by=by, at=now())


async def test_a_renaming_and_its_undoing_are_told_to_the_units_people_and_to_nobody_else(work):
    unit, admin = work.basis.units.named("D05"), await work.actor("admin1")
    plan = await proposed(work, "D05", WRITTEN[0])
    people = set(await members([unit.id]))
    assert await account_id_of("handler_D05") in people
    for verb, said in (
        ("renamed", f"贵单位已由“{unit.name}”更名为“{WRITTEN[0]}”"),
        ("called_back", f"恢复原名“{unit.name}”，不再称“{WRITTEN[0]}”"),
    ):
        if verb == "renamed":
            await regrouping.confirm(plan, by=admin, at=now(), basis=work.basis)
        else:
            await work.take_back(plan)
        await work.county.deliver()
        rows = await rows_of(
            "SELECT account_id, text FROM inbox_message WHERE kind = $1", f"staff.{verb}"
        )
        assert {row["account_id"] for row in rows} == people
        assert all(said in row["text"] for row in rows)


async def test_a_townships_unit_takes_the_new_name_of_its_township_and_no_other_place(work):
    renamed = {"荣华街道": "石榴街道", "梅泽街道": "梅花街道"}
    made = json.loads(json.dumps(features()))
    for each in made["features"]:
        name = each["properties"]["name"]
        each["properties"]["name"] = renamed.get(name, name)
    data = json.dumps(made).encode()
    before = await proposed(work, "D05", "石榴街道")  # no place's name yet
    again = await places.load(data, label="again", datum="wgs84", by=SYSTEM, at=now())
    at = now()
    await governance.publish_places(again.id, starts_at=at, by=SYSTEM, at=at)
    await work.county.parts.knowledge.refresh()
    admin, own = await work.actor("admin1"), work.basis.units.named("荣华街道")
    for act in (
        proposed(work, own.code, "梅花街道"),
        proposed(work, "D06", "梅花街道"),
        regrouping.confirm(before, by=admin, at=now(), basis=work.basis),
    ):
        with pytest.raises(BadInput):
            await act
    plan = await proposed(work, own.code, "石榴街道")
    await regrouping.confirm(plan, by=admin, at=now(), basis=work.basis)
    units = await units_index()
    assert units.named("石榴街道").id == units.named("荣华街道").id == own.id
    assert units.township_unit(own.township_code).name == "石榴街道"
