"""A report becomes a case: once, with its place, its entry and a reason for whatever waits."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from geo.ground.datum import to_wgs84
from media.sample import jpeg
from server.cases.intake.reporting import report
from server.cases.models.case import Attachment, Case, Follower
from server.cases.models.report import Report
from server.clock import now
from server.errors import BadPosition, KeyReused, NotPermitted, UnknownMatter, UnknownPhoto
from tests.casework import (
    ILLEGAL_BUILDING,
    PLACES,
    STAIRS_BLOCKED,
    STREET_LAMP,
    WALL,
    WALL_HOLE,
    Casework,
    everything,
    new_report,
    position,
)


async def test_a_complete_report_is_filed_and_dispatched_in_one_go_and_says_so(county):
    work = Casework(county)
    by, photo = await work.actor("resident1"), await work.photo("resident1")
    at = now()
    taken = await report(new_report(photos=(photo,)), by=by, at=at, basis=work.basis)
    assert taken.created
    body = taken.body
    assert body["stage"] == "dispatched"
    assert body["why"] == []
    assert body["place"]["village"]["name"] == "荣华里社区"
    assert body["place"]["certain"]
    assert body["place"]["generation"] == str(work.basis.places.at(at).generation_id)
    assert body["matter"] == {"code": STREET_LAMP, "name": "城区路灯故障维修"}
    assert body["lead"]["unit"] == "区住房和城乡建设局"
    case = await Case.get(no=body["no"])
    assert case.due_at == at + timedelta(days=2)
    assert case.dispatched_at == case.received_at == at
    assert case.explanation.rule == "lead"
    assert case.explanation.text
    assert (case.entry_id, case.list_version_id) == (
        work.basis.lists.at(at).entry(STREET_LAMP).id,
        work.basis.lists.at(at).versions[0].version.id,
    )
    units = {work.basis.units.by_id[t.unit_id].name: t.part for t in await work.tasks(case)}
    assert units == {
        "区住房和城乡建设局": "lead",
        "区供电公司": "cooperating",
        "荣华街道": "cooperating",
    }
    [held] = await Attachment.filter(case_id=case.id)
    assert (held.photo_id, held.purpose) == (photo, "before")
    [follower] = await Follower.filter(case_id=case.id)
    assert (follower.account_id, follower.reporter) == (by.id, True)


async def test_a_matter_that_the_township_leads_goes_to_the_township_of_the_place(county):
    work = Casework(county)
    case = await work.report(matter=STAIRS_BLOCKED)
    assert work.basis.units.by_id[case.lead_id].name == "荣华街道"
    assert case.explanation.rule == "township_of_place"


WAITING = [
    ("resident1", {"position": None}, "submitted", {"no_position"}),
    ("resident1", {"position": position(PLACES["outside"])}, "submitted", {"outside_county"}),
    ("resident1", {"matter": ""}, "submitted", {"no_matter"}),
    ("resident1", {"photos": ()}, "submitted", {"no_photo"}),
    ("resident1", {"matter": ILLEGAL_BUILDING}, "submitted", {"screened"}),
    ("grid0202", {"matter": ILLEGAL_BUILDING}, "dispatched", set()),
    ("resident1", {"matter": WALL_HOLE}, "dispatched", set()),
    ("resident1", {"matter": WALL_HOLE, "photos": ()}, "dispatched", set()),
    ("resident1", {"matter": WALL_HOLE, "position": None}, "filed", {"no_position"}),
]


async def test_what_is_certain_goes_on_and_what_is_not_waits_and_says_for_what(county):
    work = Casework(county)
    for who, changes, stage, why in WAITING:
        case = await work.report(who, **changes)
        stored = await Report.get(case_id=case.id)
        assert case.stage == stored.receipt["stage"] == stage, changes
        assert {each["code"] for each in stored.receipt["why"]} == set(case.waits_for) == why
        assert all(each["reason"] for each in stored.receipt["why"])
        assert (stored.receipt["lead"] is None) == (stage != "dispatched")
        assert case.owner_role
        assert case.stage_due_at > case.received_at
        assert bool(case.suggestion.matters) is (stage != "dispatched")


def _shares(case):
    assignments = {}
    for each in case.place.candidates:
        assignments[each.township] = assignments.get(each.township, 0) + each.p
    return assignments


async def test_between_two_townships_the_acceptor_is_asked_which(county):
    work = Casework(county)
    spot = _between_townships(work)
    case = await work.report(position=position(spot, accuracy=300.0))
    assert case.stage == "submitted"
    assert case.waits_for == ["border"]
    assert len(_shares(case)) > 1
    assert case.lead_id is None


def _between_townships(work):
    """Walk east from the wall until the township changes; return the change."""
    boundaries = work.basis.places.at(now())
    lon, lat = WALL
    home = boundaries.find(lon, lat).township.code
    while (there := boundaries.find(lon, lat)).township and there.township.code == home:
        lon += 0.0005
    assert there.township is not None, "walked out of the county"
    return lon, lat


async def test_a_point_of_unknown_datum_is_certain_only_if_the_shift_would_not_matter(county):
    work = Casework(county)
    spot = _between_townships(work)
    near = await work.report(position=position((spot[0] - 0.003, spot[1]), datum="unknown"))
    assert near.stage == "submitted"
    assert "datum_unknown" in near.waits_for
    stored = await Report.get(case_id=near.id)
    assert (stored.datum, stored.lon, stored.wgs_lon) == ("unknown", spot[0] - 0.003, stored.lon)


async def test_a_broken_photo_is_kept_and_flagged_and_the_report_taken(county):
    work = Casework(county)
    broken = await work.photo("resident1", jpeg(320, 240, seed=5)[:3000])
    case = await work.report(photos=(broken,))
    assert case.stage == "submitted"
    assert case.waits_for == ["photo_broken"]
    assert "photo_broken" in (await Report.get(case_id=case.id)).evidence.flags
    urgent = await work.report(photos=(broken,), matter=WALL_HOLE)
    assert urgent.stage == "dispatched"


async def test_off_the_list_is_filed_for_the_dispatcher_and_never_falls_on_a_township(county):
    work = Casework(county)
    case = await work.filed()
    assert case.waits_for == ["off_list"]
    assert case.off_list
    assert case.lead_id is None
    assert case.owner_role == "dispatcher"
    assert case.explanation.rule == "off_list"
    assert await work.tasks(case) == []


async def test_a_point_keeps_what_was_given_beside_what_it_became(county):
    work = Casework(county)
    for datum in ("wgs84", "gcj02", "bd09", "cgcs2000", "unknown"):
        given = position(WALL, datum=datum, accuracy=12.5, source="map")
        case = await work.report(position=given)
        stored = await Report.get(case_id=case.id)
        assert (stored.lon, stored.lat) == WALL
        assert (stored.datum, stored.accuracy, stored.source) == (datum, 12.5, "map")
        assert (stored.wgs_lon, stored.wgs_lat) == to_wgs84(*WALL, datum)
        assert (case.lon, case.lat) == (stored.wgs_lon, stored.wgs_lat)


async def test_the_same_report_again_is_answered_with_the_same_receipt_for_ever(county):
    work = Casework(county)
    by = await work.actor("resident1")
    new = new_report(photos=(await work.photo("resident1"),))
    first = await report(new, by=by, at=now(), basis=work.basis)
    case = await work.closed(await Case.get(no=first.body["no"]))
    before = await everything()
    again = await report(new, by=by, at=now() + timedelta(days=400), basis=work.basis)
    assert (again.created, again.body) == (False, first.body)
    assert again.body["stage"] == "dispatched"
    assert case.stage == "closed"
    assert await everything() == before


OTHER_CONTENT = [
    {"text": "别的话"},
    {"matter": STAIRS_BLOCKED},
    {"position": position((WALL[0] + 1e-9, WALL[1]))},
    {"position": None},
    {"position": position(WALL, datum="gcj02")},
    {"photos": ()},
    {"anonymous": False},
    {"kind": "development"},
    {"channel": "patrol"},
    {"address": "门口"},
    {"captured_at": now() - timedelta(minutes=1)},
]


async def test_a_key_with_any_other_content_is_refused_and_changes_nothing(county):
    work = Casework(county)
    by = await work.actor("resident1")
    new = new_report(photos=(await work.photo("resident1"),))
    await report(new, by=by, at=now(), basis=work.basis)
    before = await everything()
    for change in OTHER_CONTENT:
        with pytest.raises(KeyReused):
            await report(replace(new, **change), by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_two_people_may_use_the_same_key(county):
    work = Casework(county)
    key = uuid4()
    first = await work.report("resident1", key=key)
    other = await work.report("resident2", key=key, text="另一件")
    assert first.no != other.no


async def test_sixteen_copies_at_once_make_one_case_and_one_receipt(county):
    work = Casework(county)
    by = await work.actor("resident1")
    new = new_report(photos=(await work.photo("resident1"),))
    copies = [report(new, by=by, at=now(), basis=work.basis) for _ in range(16)]
    taken = await asyncio.gather(*copies)
    assert [each.created for each in taken].count(True) == 1
    assert all(each.body == taken[0].body for each in taken)
    assert await Case.all().count() == await Report.all().count() == 1
    assert len(await work.tasks(await Case.get())) == 3


async def test_of_rivals_for_one_key_one_wins_and_the_others_are_told(county):
    work = Casework(county)
    by = await work.actor("resident1")
    new = new_report()
    rivals = [replace(new, text=f"第{n}种说法") for n in range(8)]
    found = await asyncio.gather(
        *(report(each, by=by, at=now(), basis=work.basis) for each in rivals),
        return_exceptions=True,
    )
    assert sum(isinstance(each, KeyReused) for each in found) == 7
    assert await Case.all().count() == 1


BAD = [
    ({"matter": "ZZ-999"}, UnknownMatter),
    ({"photos": (uuid4(),)}, UnknownPhoto),
    ({"position": position((34.77, 117.58))}, BadPosition),
    ({"position": position((WALL[1], WALL[0]))}, BadPosition),
    ({"position": position((181.0, 34.0))}, BadPosition),
    ({"position": position((117.0, -91.0))}, BadPosition),
    ({"position": position((float("nan"), 34.0))}, BadPosition),
    ({"position": position((117.0, float("inf")))}, BadPosition),
]


async def test_bad_input_is_refused_and_changes_nothing(county):
    work = Casework(county)
    by = await work.actor("resident1")
    before = await everything()
    for change, problem in BAD:
        with pytest.raises(problem):
            await report(new_report(**change), by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_exchanged_axes_are_said_to_be(county):
    work = Casework(county)
    with pytest.raises(BadPosition) as refused:
        await work.report(position=position((WALL[1], WALL[0])))
    assert refused.value.facts["swapped"] is True


async def test_somebody_elses_photo_is_refused(county):
    work = Casework(county)
    theirs = await work.photo("resident2")
    by, before = await work.actor("resident1"), await everything()
    with pytest.raises(UnknownPhoto):
        await report(new_report(photos=(theirs,)), by=by, at=now(), basis=work.basis)
    assert await everything() == before


async def test_a_grid_worker_reports_for_a_resident_who_then_owns_the_appraisal(county):
    work = Casework(county)
    worker, resident = await work.actor("grid0202"), await work.actor("resident1")
    case = await work.report("grid0202", on_behalf_of=resident.id)
    followers = await Follower.filter(case_id=case.id).values_list("account_id", "reporter")
    assert sorted(followers) == sorted([(worker.id, False), (resident.id, True)])


async def test_nobody_else_stands_in_and_only_for_residents(county):
    work = Casework(county)
    for who, whom in (("resident1", "resident2"), ("grid0202", "acceptor1")):
        by, other = await work.actor(who), await work.actor(whom)
        before = await everything()
        with pytest.raises(NotPermitted):
            await report(new_report(on_behalf_of=other.id), by=by, at=now(), basis=work.basis)
        assert await everything() == before


async def test_every_role_that_may_report_can(county):
    work = Casework(county)
    for who in ("grid0202", "township02", "duty02", "handler_D08", "acceptor1", "leader1"):
        case = await work.report(who)
        assert case.stage == "dispatched", who
