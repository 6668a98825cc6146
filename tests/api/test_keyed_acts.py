"""Acts written down without a network: sent with a key, they are known again at any time."""

from server.cases.models.case import Case
from tests.casework import Casework, everything

KEY = {"Idempotency-Key": "00000000-0000-4000-8000-000000000001"}


async def test_an_act_whose_answer_was_lost_is_answered_as_done_whatever_came_since(
    county, someone
):
    work = Casework(county)
    case = await work.handling()
    await work.helped(case)
    task, _ = await work.lead(case)
    officer = await someone("handler_D08")
    path, body = (
        f"/m/v1/tasks/{task.id}/resolve",
        {"result": "换了灯头", "photos": [await officer.photo()]},
    )
    first = await officer.call("POST", path, json=body, headers=KEY)
    assert first[0] == 200, first
    await work.check(await Case.get(id=case.id), passed=False)
    before = await everything()
    status, again = await officer.call("POST", path, json=body, headers=KEY)
    assert (status, again["id"]) == (200, first[1]["id"])
    for other in ({}, {"Idempotency-Key": "another"}):
        status, refused = await officer.call("POST", path, json=body, headers=other)
        assert (status, refused["code"]) == (409, "task.wrong_stage"), other
    assert await everything() == before
