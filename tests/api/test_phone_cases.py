"""Open cases and units on a phone: what the map shows, to whom, and never more."""

from tests.casework import PLACES, WALL, Casework, position

BOX = f"{WALL[0] - 0.01},{WALL[1] - 0.01},{WALL[0] + 0.01},{WALL[1] + 0.01}"


async def grid_worker_of(county, case):
    """The username of somebody who looks after the grid of a case."""
    work = Casework(county)
    for username in ("grid0201", "grid0202", "grid0203"):
        if case.grid_code in (await work.actor(username)).grid_codes:
            return username
    raise LookupError(case.grid_code)


async def refusal(person, path):
    """Status and code of an answer to a question."""
    status, answer = await person.call("GET", path)
    return status, answer["code"]


async def test_a_grid_worker_sees_the_open_cases_of_the_own_grids_page_by_page(county, someone):
    work = Casework(county)
    cases = [await work.report() for _ in range(3)]
    worker = await someone(await grid_worker_of(county, cases[0]))
    first = await worker.get("/m/v1/cases?limit=2")
    assert [each["no"] for each in first["items"]] == [cases[2].no, cases[1].no]
    rest = await worker.get(f"/m/v1/cases?limit=2&after={first['next']}")
    assert [each["no"] for each in rest["items"]] == [cases[0].no]
    assert rest["next"] is None
    assert len((await worker.get(f"/m/v1/cases?bbox={BOX}"))["items"]) == 3
    assert (await worker.get("/m/v1/cases?bbox=1,1,2,2"))["items"] == []
    assert await refusal(worker, "/m/v1/cases?bbox=2,1") == (400, "bad_input")


async def test_a_list_says_how_a_case_was_reported_by_its_words_and_its_first_photo(
    county, someone
):
    work = Casework(county)
    case = await work.report(matter="", text="楼下烧烤摊呛人，\n打 13812345678")
    mine, acceptor = await someone("resident1"), await someone("acceptor1")
    [own] = (await mine.get("/m/v1/reports"))["items"]
    [card] = (await acceptor.get("/m/v1/cases"))["items"]
    assert card["title"] == card["words"]
    assert card["words"].startswith("楼下烧烤摊呛人， 打 ")
    assert "13812345678" not in card["words"]
    shown = await acceptor.get(f"/m/v1/cases/{case.no}")
    assert card["photo"] == own["photo"] == shown["photos"][0]["id"]
    follower = await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    [followed] = (await follower.get("/m/v1/reports"))["items"]
    assert (followed["photo"], followed["words"]) == (None, "")
    lamp = await work.report("resident2", text="灯不亮了")
    [named, _] = (await acceptor.get("/m/v1/cases"))["items"]
    assert (named["title"], named["words"]) == (lamp.title, "灯不亮了")


async def test_what_is_over_is_not_on_the_map_and_others_see_only_their_own(county, someone):
    work = Casework(county)
    case = await work.report()
    other = await someone("grid0101")
    assert case.no not in [each["no"] for each in (await other.get("/m/v1/cases"))["items"]]
    assert (await refusal(other, f"/m/v1/cases/{case.no}"))[0] == 404
    worker = await someone(await grid_worker_of(county, case))
    reporter = await someone("resident1")
    assert (await refusal(reporter, "/m/v1/cases"))[0] == 403
    await reporter.post(f"/m/v1/reports/{case.no}/withdraw", {"reason": "已经好了"})
    assert (await worker.get("/m/v1/cases"))["items"] == []


async def test_the_duty_leader_reads_what_waits_and_what_may_be_done(county, someone):
    work = Casework(county)
    submitted, filed = await work.submitted(), await work.filed()
    leader = await someone("duty02")
    waiting = await leader.get("/m/v1/cases?stage=submitted")
    assert [each["no"] for each in waiting["items"]] == [submitted.no]
    shown = await leader.get(f"/m/v1/cases/{filed.no}")
    assert {"dispatch", "call"} <= set(shown["may"])
    assert shown["may_ask"] == []  # who may call asks nobody for it
    assert shown["words"] == ["路灯不亮"]
    assert (shown["tasks"], shown["asked"]) == ([], [])
    assert shown["waits_for"]


async def test_numbers_in_the_words_are_masked_for_who_works_on_a_case(county, someone):
    work = Casework(county)
    case = await work.report(text="路灯不亮，打我电话 13812345678")
    worker = await someone(await grid_worker_of(county, case))
    [words] = (await worker.get(f"/m/v1/cases/{case.no}"))["words"]
    assert "13812345678" not in words


async def test_a_grid_workers_wish_for_a_call_is_seen_by_the_township(county, someone):
    work = Casework(county)
    case = await work.report(position=position(PLACES["load_bearing_wall"]))
    worker = await someone(await grid_worker_of(county, case))
    assert (await worker.get(f"/m/v1/cases/{case.no}"))["may_ask"] == ["call"]
    wish = {"reason": "cannot_solve_alone", "place": "小区门口", "no": case.no}
    asked = await worker.post("/m/v1/calls", wish, expect=201)
    room = await someone("township02")
    [row] = (await room.get(f"/m/v1/cases/{case.no}"))["asked"]
    assert (row["id"], row["what"], row["granted"]) == (asked["request"], "call", None)


async def test_units_are_found_by_any_part_of_their_names(county, someone):
    officer = await someone("township02")
    found = (await officer.get("/m/v1/units?q=住房"))["items"]
    assert "区住房和城乡建设局" in [each["name"] for each in found]
    assert (await officer.get("/m/v1/units?q=没有这样的单位"))["items"] == []
    assert (await refusal(officer, "/m/v1/units?q="))[0] == 400
    resident = await someone("resident1")
    assert len((await resident.get("/m/v1/units?q=局"))["items"]) == 20  # whom to complain of


async def test_a_task_names_the_other_units_on_its_case(county, someone):
    work = Casework(county)
    case = await work.handling()
    task, by = await work.lead(case)
    officer = await someone(work.officer_of(task.unit_id))
    shown = await officer.get(f"/m/v1/tasks/{task.id}")
    assert by.id
    assert [each["part"] for each in shown["others"]] == ["cooperating", "cooperating"]
