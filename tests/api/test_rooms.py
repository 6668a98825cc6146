"""Roster and teams over HTTP, and that a shift's end reaches a session that is open."""

from datetime import timedelta

from server import clock
from server.clock import now
from server.people.duty import roster
from server.people.queries import account_id_of
from server.people.sign_in import sessions
from server.people.sign_in.sessions import Face
from tests.casework import Casework, everything
from tests.county import Person
from tests.domain.acts.people import second_leader

DISPATCH = {"lead": "区住房和城乡建设局", "limit": 2, "urgency": "work_day"}


async def test_authority_ends_with_the_shift_in_the_midst_of_a_session(
    county, someone, monkeypatch
):
    work, shift_hours = Casework(county), county.basis.shift_hours
    room = await someone("township02", face="console")
    second = await second_leader(county)
    home = (await work.actor("township02")).township_code
    ending = shift_hours.at(now())
    following = shift_hours.after(ending)
    seat = {"township": home, "account": str(second)}
    await room.post(
        "/s/v1/roster", seat | {"shift": following.shift, "day": following.day.isoformat()}
    )
    session = await sessions.open_session(
        await account_id_of("duty02"),
        face=Face.PHONE,
        at=ending.ends_at - timedelta(minutes=5),
        settings=county.parts.settings,
    )
    leader = Person(room.client, "duty02", session.token)
    filed, other = await work.filed(), await work.filed("resident2")
    monkeypatch.setattr(clock, "now", lambda: ending.ends_at - timedelta(seconds=1))
    sent = await leader.post(f"/m/v1/cases/{filed.no}/dispatch", DISPATCH)
    assert sent["stage"] == "dispatched"
    before = await everything()
    monkeypatch.setattr(clock, "now", lambda: ending.ends_at)
    path = f"/m/v1/cases/{other.no}/dispatch"
    status, answer = await leader.call("POST", path, json=DISPATCH)
    assert (status, answer["code"]) == (403, "roster.not_on_shift")
    assert "派遣" in answer["title"]
    assert await everything() == before


async def test_a_change_of_the_roster_is_felt_at_once(county, someone):
    work, sitting = Casework(county), county.basis.shift_hours.at(now())
    room, leader = await someone("township02", face="console"), await someone("duty02")
    second = await second_leader(county)
    shown = await leader.get("/m/v1/shift")
    assert (shown["on_shift"], shown["now"]["shift"]) == (True, sitting.shift)
    assert shown["waiting"] == [
        {"name": "待受理", "stage": "submitted"},
        {"name": "待派遣", "stage": "filed"},
    ]
    assert shown["until"] == shown["now"]["ends_at"] == shown["next"]["starts_at"]
    assert [each["name"] for each in shown["next"]["sitters"]] == [
        (await work.actor("duty02")).name
    ]
    home = (await work.actor("duty02")).township_code
    seat = {
        "township": home,
        "shift": sitting.shift,
        "day": sitting.day.isoformat(),
        "account": str(second),
    }
    await room.post("/s/v1/roster", seat)
    shown = await leader.get("/m/v1/shift")
    assert (shown["on_shift"], shown["until"], shown["waiting"]) == (False, None, [])
    assert [(s["name"], s["weekly"]) for s in shown["now"]["sitters"]] == [("第二坐堂", False)]
    case = await work.filed()
    path = f"/m/v1/cases/{case.no}/dispatch"
    status, answer = await leader.call("POST", path, json=DISPATCH)
    assert (status, answer["code"]) == (403, "roster.not_on_shift")
    await room.post("/s/v1/roster/remove", seat)
    assert (await leader.get("/m/v1/shift"))["on_shift"]
    assert (await leader.post(path, DISPATCH))["stage"] == "dispatched"
    assert (await (await someone("leader1")).call("GET", "/m/v1/shift"))[0] == 404


async def test_the_plan_says_who_stands_in_for_a_sitter_on_leave_while_the_leave_lasts(
    county, someone
):
    """What is on the plan stays the sitter's seat: it is taken away under that name."""
    room, leader = await someone("township02", face="console"), await someone("duty02")
    hours, second = county.basis.shift_hours, await second_leader(county)
    home = (await county.actor("duty02")).township_code
    sitting = hours.at(now())
    following = hours.after(sitting)

    async def stands_in() -> list[str]:
        shown = await leader.get("/m/v1/shift")
        return [each["sitters"][0]["substitute_name"] for each in (shown["now"], shown["next"])]

    assert await stands_in() == ["", ""]
    form = {"substitute": str(second), "until": following.starts_at.isoformat()}
    done = await leader.post("/m/v1/leaves", form, expect=201)
    assert await stands_in() == ["第二坐堂", ""]
    assert await roster.on_shift(home, at=now(), shift_hours=hours) == [second]
    rows = (await room.get(f"/s/v1/roster?township={home}"))["items"]
    [row] = [
        each for each in rows if (each["day"], each["shift"]) == (str(sitting.day), sitting.shift)
    ]
    [sitter] = row["sitters"]
    name = (await county.actor("duty02")).name
    assert (sitter["name"], sitter["substitute_name"]) == (name, "第二坐堂")
    await leader.post(f"/m/v1/leaves/{done['leave']['id']}/end", expect=204)
    assert await stands_in() == ["", ""]
    later = {
        "substitute": str(second),
        "since": (following.starts_at + timedelta(minutes=1)).isoformat(),
        "until": following.ends_at.isoformat(),
    }
    done = await leader.post("/m/v1/leaves", later, expect=201)
    assert await stands_in() == ["", "第二坐堂"]
    await leader.post(f"/m/v1/leaves/{done['leave']['id']}/end", expect=204)
    assert await stands_in() == ["", ""]  # taken back before it began


async def test_the_roster_shows_every_shift_of_the_days_asked_for(county, someone):
    room = await someone("township02", face="console")
    home = (await county.actor("township02")).township_code
    away = (await county.actor("township04")).township_code
    path = f"/s/v1/roster?township={home}"
    shown = (await room.get(f"{path}&from=2026-03-02&to=2026-03-03"))["items"]
    assert [(row["day"], row["shift"], row["shift_text"]) for row in shown[:4]] == [
        ("2026-03-02", "morning", "早班"),
        ("2026-03-02", "afternoon", "中班"),
        ("2026-03-02", "night", "夜班"),
        ("2026-03-03", "morning", "早班"),
    ]
    assert shown[2]["starts_at"].startswith("2026-03-02T14:00")
    assert shown[2]["ends_at"].startswith("2026-03-02T22:00")
    assert all(row["sitters"][0]["weekly"] for row in shown)
    assert len((await room.get(path))["items"]) == 21
    assert len((await room.get(f"{path}&from=2026-01-01&to=2026-03-03"))["items"]) == 62 * 3
    for query, status, code in (
        (f"township={home}&from=2026-01-01&to=2026-03-04", 400, "bad_input"),
        (f"township={home}&from=2026-01-02&to=2026-01-01", 400, "bad_input"),
        (f"township={home}&from=1999-12-31", 400, "bad_input"),
        (f"township={home}&from=soon", 400, "bad_input"),
        ("from=2026-01-02", 400, "bad_input"),
        (f"township={away}", 403, "not_permitted"),
    ):
        found = await room.call("GET", f"/s/v1/roster?{query}")
        assert (found[0], found[1]["code"]) == (status, code), query
    command = await someone("dispatcher1", face="console")
    assert (await command.get(f"/s/v1/roster?township={away}"))["items"]


async def test_what_is_no_seat_is_refused_and_changes_nothing(county, someone):
    room = await someone("township02", face="console")
    home = (await county.actor("township02")).township_code
    mine, other = await account_id_of("duty02"), await account_id_of("duty04")
    good = {"township": home, "shift": "night", "account": str(mine), "weekday": 0}
    before = await everything()
    for changes, status, code in (
        ({"account": str(other)}, 422, "roster.not_duty_leader"),
        ({"weekday": None}, 400, "bad_input"),
        ({"day": "2030-01-01"}, 400, "bad_input"),
        ({"weekday": 7}, 400, "bad_input"),
        ({"shift": "noon"}, 400, "bad_input"),
        ({"weekday": None, "day": "2020-01-01"}, 422, "moment.past"),
        ({"township": "999"}, 403, "not_permitted"),
    ):
        found = await room.call("POST", "/s/v1/roster", json=good | changes)
        assert (found[0], found[1]["code"]) == (status, code), changes
    gone = good | {"weekday": None, "day": "2030-01-01"}
    found = await room.call("POST", "/s/v1/roster/remove", json=gone)
    assert (found[0], found[1]["code"]) == (404, "not_found")
    assert await everything() == before


async def test_a_township_keeps_its_team_and_everybody_on_staff_reads_it(county, someone):
    room = await someone("township02", face="console")
    home = (await county.actor("township02")).township_code
    path = f"/s/v1/teams?township={home}"
    shown = (await room.get(path))["items"]
    assert [(row["unit"], row["standing"]) for row in shown] == [
        ("荣华派出所", "resident"),
        ("荣华市场监督管理所", "resident"),
        ("区消防救援大队", "on_call"),
        ("荣华自然资源所", "on_call"),
    ]
    assert all(row["contact"] and row["phone"] for row in shown)
    joining = {"township": home, "unit": "区住建局", "contact": "张三", "phone": "1"}
    await room.post("/s/v1/teams", joining)
    await room.post("/s/v1/teams", joining | {"standing": "resident", "phone": "2"})
    shown = (await room.get(path))["items"]
    [row] = [row for row in shown if row["contact"] == "张三"]
    assert (row["unit"], row["standing"], row["phone"]) == ("区住房和城乡建设局", "resident", "2")
    on_foot = await someone("duty02")
    assert (await on_foot.get(f"/m/v1/teams?township={home}"))["items"] == shown
    await room.post("/s/v1/teams/remove", {"township": home, "unit": "区住建局"})
    assert len((await room.get(path))["items"]) == 4
    before = await everything()
    for tail, changes, status, code in (
        ("", {"unit": "没有这个局"}, 422, "unit.unknown"),
        ("", {"unit": "荣华街道"}, 422, "team.no_such_unit"),
        ("", {"standing": "sometimes"}, 400, "bad_input"),
        ("", {"township": "999"}, 403, "not_permitted"),
        ("/remove", {"unit": "区卫健局"}, 404, "not_found"),
        ("/remove", {"township": "999"}, 403, "not_permitted"),
    ):
        body = (joining if not tail else {"township": home, "unit": "区住建局"}) | changes
        found = await room.call("POST", f"/s/v1/teams{tail}", json=body)
        assert (found[0], found[1]["code"]) == (status, code), (tail, changes)
    assert await everything() == before
    resident = await someone("resident1")
    assert (await resident.call("GET", f"/m/v1/teams?township={home}"))[0] == 403


async def test_of_two_who_change_a_team_at_once_the_slower_overwrites_nothing(county, someone):
    room = await someone("township02", face="console")
    home = (await county.actor("township02")).township_code
    path = f"/s/v1/teams?township={home}"
    joining = {"township": home, "unit": "区住房和城乡建设局", "contact": "张三", "phone": "1"}
    await room.post("/s/v1/teams", joining | {"mark": ""})
    late = joining | {"mark": "", "contact": "李四"}
    assert (await room.call("POST", "/s/v1/teams", json=late))[1]["code"] == "changed_meanwhile"
    [row] = [row for row in (await room.get(path))["items"] if row["unit"] == joining["unit"]]
    assert row["contact"] == "张三"
    await room.post("/s/v1/teams", late | {"mark": row["mark"]})
    # Whoever asks for what stands there already is in nobody's way.
    await room.post("/s/v1/teams", late | {"mark": row["mark"]})
    stale = late | {"mark": row["mark"], "phone": "2"}
    assert (await room.call("POST", "/s/v1/teams", json=stale))[1]["code"] == "changed_meanwhile"
    await room.post("/s/v1/teams/remove", {"township": home, "unit": "区住建局"})


async def test_who_keeps_a_roster_reads_who_may_be_put_on_it(county, someone):
    room, away = await someone("township02", "console"), await someone("township04", "console")
    work = Casework(county)
    home, first = (await work.actor("township02")).township_code, await work.actor("duty02")
    path = f"/s/v1/roster/leaders?township={home}"
    assert await room.get(path) == {"items": [{"account": str(first.id), "name": first.name}]}
    second = await second_leader(county)
    listed = (await room.get(path))["items"]
    assert {each["account"] for each in listed} == {str(first.id), str(second)}
    assert (await away.call("GET", path))[0] == 403
    leader = await someone("duty02", "console")  # who sits may dispatch: another puts them there
    assert {each["account"] for each in (await leader.get(path))["items"]} == {str(second)}
    own = {"township": home, "shift": "night", "account": str(first.id), "weekday": 0}
    status, refused = await leader.call("POST", "/s/v1/roster", json=own)
    assert (status, refused["code"]) == (403, "roster.own_seat")
    assert "不能把自己排进值班" in refused["title"]
