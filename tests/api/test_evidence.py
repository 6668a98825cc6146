"""What somebody who looks at a place is shown of it: photos with their days and their doubts."""

from datetime import timedelta

from media.sample import jpeg
from server.cases.models.case import Attachment, Step
from server.cases.models.task import Check, Verification
from server.clock import now
from server.people.models import Account
from tests.casework import ILLEGAL_BUILDING, WALL, Casework
from tests.domain.acts.door import Breaker

BEIJING = (116.4, 39.9)


async def test_who_checks_sees_the_photos_before_and_after_and_what_is_doubtful_of_each(
    county, someone
):
    work = Casework(county)
    good = await work.photo("resident1", jpeg(48, 36, position=WALL, seed=901))
    old = {"taken_local": "2017:03:04 10:00:00", "offset": "+08:00"}
    bad = await work.photo("resident1", jpeg(48, 36, position=BEIJING, seed=902, **old))
    # An offline report of three days ago: its photo was fresh when it was captured.
    before = now() - timedelta(days=3)
    local = before.astimezone(county.basis.zone).strftime("%Y:%m:%d %H:%M:%S")
    late = await work.photo(
        "resident1", jpeg(48, 36, seed=903, taken_local=local, offset="+08:00")
    )
    case = await work.checking(
        await work.report("resident1", photos=(good, bad, late), captured_at=before)
    )
    check = await Check.get(case_id=case.id)
    worker = await someone((await Account.get(id=check.assignee_id)).username)
    [card] = (await worker.get("/m/v1/tasks"))["checks"]
    assert card["words"] == ["路灯不亮"]
    seen = {each["id"]: each for each in card["photos"]}
    assert seen[str(good)]["doubts"] == []
    assert seen[str(late)]["doubts"] == []
    assert seen[str(bad)]["doubts"] == ["photo_far", "photo_old"]
    after = [each for each in card["photos"] if each["purpose"] == "after"]
    assert len(after) == 1
    held = await Attachment.get(case_id=case.id, purpose="after")
    came = await Step.get(case_id=case.id, version=held.step_version)
    assert after[0]["at"].startswith(came.at.strftime("%Y-%m-%dT%H:%M:%S"))
    stranger = await someone("handler_U03")
    for each in card["photos"]:  # who is shown one may fetch it
        path = f"/m/v1/photos/{each['id']}"
        assert (await worker.call("GET", path))[0] in (200, 503)  # 503: no copy is made here yet
        assert (await stranger.call("GET", path))[0] == 404


async def test_many_checks_are_read_by_as_many_queries_as_one(county, someone, monkeypatch):
    work, breaker = Casework(county), Breaker(monkeypatch)
    cases = [
        await work.checking(await work.report("resident1", text=text))
        for text in ("甲", "乙", "丙")
    ]
    first = await Check.get(case_id=cases[0].id)
    worker = await someone((await Account.get(id=first.assignee_id)).username)

    async def asked() -> tuple[list, int]:
        breaker.left = 10_000
        cards = (await worker.get("/m/v1/tasks"))["checks"]
        used, breaker.left = 10_000 - breaker.left, None
        return cards, used

    others = Check.filter(case_id__in=[case.id for case in cases[1:]])
    await others.update(assignee_id=None)
    await asked()  # the first call of a session says that it is in use
    one, n_of_one = await asked()
    await others.update(assignee_id=first.assignee_id)
    three, n_of_three = await asked()
    assert [each["words"] for each in one] == [["甲"]]
    assert sorted(each["words"][0] for each in three) == sorted("甲乙丙")
    assert {tuple(p["purpose"] for p in each["photos"]) for each in three} == {
        tuple(p["purpose"] for p in one[0]["photos"])
    }
    assert n_of_three == n_of_one


async def test_who_verifies_sees_what_was_reported_and_nobody_else_is_given_the_card(
    county, someone
):
    work = Casework(county)
    case = await work.report(matter=ILLEGAL_BUILDING)
    desk = await someone("acceptor1", face="console")
    await desk.post(f"/s/v1/cases/{case.no}/verify", {"question": "在吗？"})
    look = await Verification.get(case_id=case.id)
    worker = await someone((await Account.get(id=look.assignee_id)).username)
    [card] = (await worker.get("/m/v1/tasks"))["verifications"]
    assert [each["purpose"] for each in card["photos"]] == ["before"]
    for other in ("handler_D08", "township04", "resident2"):
        found = await (await someone(other)).get("/m/v1/tasks")
        assert found["verifications"] == []


async def test_the_list_and_what_is_suggested_say_what_may_be_settled_on_the_spot(county, someone):
    phone = await someone("grid0202")
    public = (await phone.get("/m/v1/public/matters?limit=100"))["items"]
    allowed = {each["code"]: each["self_handle"] for each in public}
    assert (allowed["CJ-006"], allowed["CJ-001"]) == (True, False)
    found = (await phone.get("/m/v1/matters?q=楼道里贴满小广告"))["items"]
    assert {each["code"]: each["self_handle"] for each in found}["CJ-006"] is True
    found = (await phone.get("/m/v1/matters?q=拆除承重墙"))["items"]
    assert {each["self_handle"] for each in found if each["code"] == "CJ-002"} == {False}
