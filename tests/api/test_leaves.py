"""Leave over HTTP: one's own on the phone, a unit's at the desk."""

from datetime import timedelta

from server.clock import now
from server.people.models import Leave
from server.people.queries import account_id_of

OWN, STAFF = "/m/v1/leaves", "/s/v1/leaves"
DAY = timedelta(days=1)


async def id_of(username: str) -> str:
    return str(await account_id_of(username))


async def unit_of(person) -> str:
    return (await person.get("/me"))["unit"]["id"]


async def test_somebody_enters_their_own_leave_and_the_substitute_may_at_once(someone):
    handler, head = await someone("handler_D08"), await someone("head_D08", "console")
    before = await handler.get(OWN)
    assert before["items"] == []
    [other] = [
        each for each in before["substitutes"] if each["account"] == await id_of("head_D08")
    ]
    assert (await head.get("/me"))["stands_in_for"] == []
    until = (now() + DAY).isoformat()
    form = {"substitute": other["account"], "until": until, "reason": "年休"}
    done = await handler.post(OWN, form, expect=201)
    assert (done["n_checks"], done["n_verifications"]) == (0, 0)
    assert done["told"] == "没有待转交的核查和核实"
    assert done["leave"]["running"] is True
    me = await head.get("/me")
    assert me["stands_in_for"] == [done["leave"]["name"]]
    assert "handler" in {each["role"] for each in me["roles"]}
    assert (await head.get(OWN))["items"] == [done["leave"]]
    await handler.post(f"{OWN}/{done['leave']['id']}/end", expect=204)
    me = await head.get("/me")
    assert (me["stands_in_for"], [each["role"] for each in me["roles"]]) == ([], ["unit_head"])
    status, answer = await head.call("POST", f"{STAFF}/{done['leave']['id']}/end")
    assert (status, answer["code"]) == (409, "leave.over")


async def test_a_head_enters_and_takes_back_the_leave_of_the_own_unit_alone(someone):
    head, stranger = await someone("head_D08", "console"), await someone("head_D12", "console")
    unit = await unit_of(head)
    found = (await head.get(f"{STAFF}?unit={unit}"))["items"]
    account = await id_of("handler_D08")
    [row] = [each for each in found if each["account"] == account]
    assert (row["leaves"], row["roles"][0]["role"]) == ([], "handler")
    choices = await head.get(f"{STAFF}/substitutes?account={account}")
    assert await id_of("head_D08") in {each["account"] for each in choices["items"]}
    form = {
        "account": account,
        "substitute": await id_of("head_D08"),
        "since": (now() + DAY).isoformat(),
        "until": (now() + 2 * DAY).isoformat(),
    }
    for path in (f"?unit={unit}", f"/substitutes?account={account}"):
        status, answer = await stranger.call("GET", STAFF + path)
        assert (status, answer["code"]) == (403, "not_permitted")
    status, answer = await stranger.call("POST", STAFF, json=form)
    assert (status, answer["code"]) == (403, "not_permitted")
    done = await head.post(STAFF, form, expect=201)
    assert (done["leave"]["running"], done["told"]) == (False, "")
    assert await head.post(STAFF, form, expect=201) == done  # a second tap
    found = (await head.get(f"{STAFF}?unit={unit}"))["items"]
    assert [each["leaves"] for each in found if each["account"] == account] == [[done["leave"]]]
    end = f"{STAFF}/{done['leave']['id']}/end"
    assert (await stranger.call("POST", end))[0] == 403
    await head.post(end, expect=204)
    await head.post(end, expect=204)  # a second tap
    found = (await head.get(f"{STAFF}?unit={unit}"))["items"]
    assert [each["leaves"] for each in found if each["account"] == account] == [[]]


async def test_the_keeper_of_accounts_sees_in_the_list_who_is_away(someone):
    admin = await someone("admin1", "console")
    form = {
        "account": await id_of("dispatcher1"),
        "substitute": await id_of("dispatcher2"),
        "until": (now() + DAY).isoformat(),
    }
    done = await admin.post(STAFF, form, expect=201)
    [row] = (await admin.get("/s/v1/accounts?q=dispatcher1"))["items"]
    assert row["leaves"] == [done["leave"]]
    made = {"username": "new.one", "name": "新人", "roles": [{"role": "acceptor"}]}
    assert (await admin.post("/s/v1/accounts", made, expect=201))["leaves"] == []


async def test_what_will_not_do_is_refused_with_a_code_and_a_sentence(someone):
    handler = await someone("handler_D08")
    mine, head = await id_of("handler_D08"), await id_of("head_D08")
    tomorrow, far = (now() + DAY).isoformat(), (now() + 500 * DAY).isoformat()
    past = (now() - DAY).isoformat()
    refused = [
        ({"substitute": mine, "until": tomorrow}, 422, "leave.not_substitute", "代班人"),
        ({"substitute": head, "until": past}, 400, "bad_input", "这个时间已经过去"),
        ({"substitute": head, "until": far}, 400, "bad_input", "最长一年"),
        ({"substitute": head, "until": tomorrow, "since": far}, 400, "bad_input", "应早于截止"),
    ]
    for form, status, code, words in refused:
        found, answer = await handler.call("POST", OWN, json=form)
        assert (found, answer["code"]) == (status, code)
        assert words in str(answer)
    assert (await handler.get(OWN))["items"] == []
    form = {"substitute": head, "until": tomorrow}
    await handler.post(OWN, form, expect=201)
    other = form | {"reason": "又点了"}
    found, answer = await handler.call("POST", OWN, json=other)
    assert (found, answer["code"]) == (409, "leave.overlaps")


async def test_who_stands_in_loses_it_at_once_when_the_absent_is_closed_or_changed(someone):
    handler, admin = await someone("handler_D08"), await someone("admin1", "console")
    head, away = await someone("head_D08", "console"), await id_of("handler_D08")
    form = {"substitute": await id_of("head_D08"), "until": (now() + DAY).isoformat()}
    await handler.post(OWN, form, expect=201)
    assert (await head.get("/me"))["stands_in_for"] != []
    [seen] = (await admin.get("/s/v1/accounts?q=handler_D08"))["items"]
    changed = {"roles": [{"role": "auditor"}], "mark": seen["mark"]}
    await admin.post(f"/s/v1/accounts/{away}/change", changed)
    status, _ = await head.call("GET", "/me")
    assert status == 401
    head = await someone("head_D08", "console")
    assert "auditor" in {each["role"] for each in (await head.get("/me"))["roles"]}
    await admin.post(f"/s/v1/accounts/{away}/disable")
    me = await head.get("/me")
    assert (me["stands_in_for"], [each["role"] for each in me["roles"]]) == ([], ["unit_head"])


async def test_nobody_stands_in_past_the_time_where_no_worker_ends_it(someone):
    handler, head = await someone("handler_D08"), await someone("head_D08", "console")
    form = {"substitute": await id_of("head_D08"), "until": (now() + DAY).isoformat()}
    await handler.post(OWN, form, expect=201)
    assert (await head.get("/me"))["stands_in_for"] != []
    await Leave.all().update(since=now() - DAY, until=now())
    later = await someone("head_D08", "console")
    me = await later.get("/me")
    assert (me["stands_in_for"], [each["role"] for each in me["roles"]]) == ([], ["unit_head"])
    assert (await handler.get(OWN))["items"] == []


async def test_whose_leave_one_may_enter_stands_in_the_list_and_is_what_is_taken(someone):
    """Of who sits on duty it is for the person and the administrator, and for no colleague."""
    room, admin = await someone("township02", "console"), await someone("admin1", "console")
    unit = await unit_of(room)
    duty = await id_of("duty02")
    for person, may in ((room, False), (admin, True)):
        rows = (await person.get(f"{STAFF}?unit={unit}&limit=100"))["items"]
        shown = {each["account"]: each["may_enter"] for each in rows}
        assert shown[duty] is may
        assert shown[await id_of("township02")] is True
        choices = (await person.get(f"{STAFF}/substitutes?account={duty}"))["items"]
        other = [
            each["account"] for each in choices if each["account"] != await id_of("township02")
        ]
        form = {"account": duty, "substitute": other[0], "until": (now() + DAY).isoformat()}
        status, answer = await person.call("POST", STAFF, json=form)
        assert status == (201 if may else 403), answer
