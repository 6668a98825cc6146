"""The photos of a case that was merged: for the survivor's units, not for its reporters."""

from server.cases.door.lineage import family
from server.cases.ends import merging
from server.cases.models.case import Case
from server.cases.reading import queries
from server.cases.rules.shown import Reader
from server.clock import now
from server.shared_api.timeline import photos_of


async def merge(work, case, into) -> None:
    by = await work.actor("acceptor1")
    await merging.merge(case.no, into.no, "同", by=by, at=now(), basis=work.basis)


async def test_the_survivors_units_see_the_photos_of_all_that_was_merged_into_it(work):
    photo = await work.photo("resident2")
    owner = (await work.actor("resident2")).id
    case = await work.report("resident2", matter=await work.off_list(), photos=(photo,))
    between, survivor = await work.filed("resident3"), await work.report()
    _, by = await work.lead(survivor)
    assert not await queries.may_see_photo(by, photo, owner)
    await merge(work, case, between)
    await merge(work, between, survivor)
    assert await queries.may_see_photo(by, photo, owner)
    found = await Case.get(id=survivor.id)
    of_all = await family(found)
    assert str(photo) in {
        each.id for each in await photos_of(found, reader=Reader.UNIT, of_all=of_all)
    }
    assert await queries.holds_photo(found, photo)
    await merging.unmerge(
        between.no, "不同", by=await work.actor("acceptor1"), at=now(), basis=work.basis
    )
    assert not await queries.may_see_photo(by, photo, owner)


async def test_the_survivors_reporter_sees_no_photo_of_somebody_elses_report(work):
    photo = await work.photo("resident2")
    case, survivor = await work.report("resident2", photos=(photo,)), await work.report()
    await merge(work, case, survivor)
    owner, other = await work.actor("resident2"), await work.actor("resident1")
    assert not await queries.may_see_photo(other, photo, owner.id)
    found = await Case.get(id=survivor.id)
    assert str(photo) not in {each.id for each in await photos_of(found, reader=Reader.REPORTER)}
