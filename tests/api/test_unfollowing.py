"""Stopping to follow: for whoever hears of a case and is owed no answer, on a phone and a desk."""

from server.cases.ends import closing, merging
from server.cases.models.case import Follower
from server.clock import now
from server.push.models import Message
from tests.api.refusals import refused
from tests.casework import Casework, everything


async def heard(account) -> int:
    return await Message.filter(account_id=account.id).count()


async def test_whoever_follows_may_stop_and_hears_nothing_more(county, someone):
    work = Casework(county)
    case, other = await work.report(), await someone("resident2")
    path = f"/m/v1/reports/{case.no}"
    await other.post(f"{path}/follow", expect=204)
    assert (await other.get(path))["follows"]
    for _ in range(2):  # the second tap is answered as the first
        await other.post(f"{path}/unfollow", expect=204)
    assert (await other.get("/m/v1/reports"))["items"] == []
    refused(*await other.call("GET", path), 404, "not_found")
    await work.handling(case)
    await county.deliver()
    assert await heard(await work.actor("resident2")) == 0
    await other.post("/m/v1/reports/000000-00000000/unfollow", expect=204)


async def test_who_reported_hears_of_it_until_the_report_is_withdrawn(county, someone):
    work = Casework(county)
    case, mine = await work.report(), await someone("resident1")
    path = f"/m/v1/reports/{case.no}"
    assert not (await mine.get(path))["follows"]
    before = await everything()
    refused(*await mine.call("POST", f"{path}/unfollow"), 409, "follow.still_reported")
    assert await everything() == before
    await closing.follow(case.no, by=await work.actor("resident2"), at=now())  # so it goes on
    await mine.post(f"{path}/withdraw", {"reason": "算了"})
    await county.deliver()
    so_far = await heard(await work.actor("resident1"))
    assert (await mine.get(path))["follows"]
    await mine.post(f"{path}/unfollow", expect=204)
    await work.handling(case)
    await county.deliver()
    assert await heard(await work.actor("resident1")) == so_far
    assert await heard(await work.actor("resident2")) > 0


async def test_who_registered_it_for_somebody_stops_at_the_desk(county, someone):
    work = Casework(county)
    resident = await work.actor("resident1")
    case = await work.report("grid0202", on_behalf_of=resident.id)
    worker = await someone("grid0202")
    assert (await worker.get(f"/m/v1/cases/{case.no}"))["follows"]
    await worker.post(f"/s/v1/cases/{case.no}/unfollow", expect=204)
    assert not (await worker.get(f"/m/v1/cases/{case.no}"))["follows"]
    desk = await someone("acceptor1", face="console")
    assert (await desk.get(f"/s/v1/cases/{case.no}"))["follows"] is False
    assert await Follower.filter(case_id=case.id).values_list("account_id", flat=True) == [
        resident.id
    ]


async def test_who_stops_after_a_merger_is_not_brought_back_when_it_is_undone(county, someone):
    work = Casework(county)
    one, two = await work.report("resident1"), await work.report("resident2")
    by, other = await work.actor("acceptor1"), await someone("resident3")
    await other.post(f"/m/v1/reports/{one.no}/follow", expect=204)
    await merging.merge(one.no, two.no, "同一盏", by=by, at=now(), basis=work.basis)
    await other.post(f"/m/v1/reports/{one.no}/unfollow", expect=204)
    await merging.unmerge(one.no, "两盏灯", by=by, at=now(), basis=work.basis)
    third = (await work.actor("resident3")).id
    assert not await Follower.filter(account_id=third).exists()
