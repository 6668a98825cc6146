"""How the county's open cases stand, side by side and day by day; what is counted is listed."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from tortoise import Tortoise

from server.cases.models.case import Case
from server.clock import now
from tests.casework import PLACES, Casework, position

DAY = timedelta(days=1)


@pytest.fixture
async def leader(someone):
    return await someone("leader1", face="console")


async def listed(leader, **narrowed) -> int:
    query = "&".join(f"{name}={quote(str(value))}" for name, value in narrowed.items())
    return len((await leader.get(f"/s/v1/cases?limit=100&{query}"))["items"])


async def test_every_figure_of_the_board_is_that_of_the_list_behind_it(county, leader, someone):
    work = Casework(county)
    late, soon = await work.handling(), await work.report(matter="CJ-002")
    await work.report(position=position(PLACES["market_gate"]))
    await Case.filter(id=late.id).update(due_at=now() - timedelta(hours=1))
    await Case.filter(id=soon.id).update(due_at=now() + timedelta(hours=1))
    old, closed = await work.closed(), await work.closed()
    await Case.filter(id=old.id).update(received_at=now() - 30 * DAY, closed_at=now() - 20 * DAY)
    await Case.filter(id=closed.id).update(received_at=now() - 3 * DAY, closed_at=now() - 2 * DAY)
    board = await leader.get("/s/v1/board")
    dates = board["dates"]
    assert len(dates) == 14
    assert (board["whole"]["n_open"], board["whole"]["n_overdue"]) == (3, 1)
    assert board["whole"]["n_soon"] == 1
    assert sum(board["whole"]["closed_by_day"]) == board["whole"]["closed_by_day"][-3] == 1
    assert (sum(board["whole"]["received_by_day"]), board["whole"]["received_by_day"][-4]) == (
        4,
        1,
    )
    rows = [(board["whole"], {})]
    rows += [(row, {"township": row["code"]}) for row in board["townships"]]
    rows += [(row, {"lead": row["code"]}) for row in board["departments"] if row["code"]]
    assert len(rows) >= 4
    for row, narrowed in rows:
        assert await listed(leader, **narrowed, open="true") == row["n_open"]
        assert await listed(leader, **narrowed, clock="late") == row["n_overdue"]
        assert await listed(leader, **narrowed, clock="soon") == row["n_soon"]
        for n, day in enumerate(dates):
            span = f"{day}T00:00:00+08:00", f"{day}T23:59:59+08:00"
            if came := row["received_by_day"][n]:
                within = {"from": span[0], "to": span[1]}
                assert await listed(leader, **narrowed, **within) == came
            if done := row["closed_by_day"][n]:
                within = {"closed_from": span[0], "closed_to": span[1]}
                assert await listed(leader, **narrowed, **within) == done
    for parts in ("townships", "departments"):
        assert sum(row["n_open"] for row in board[parts]) == 3
    status, answer = await leader.call("GET", "/s/v1/cases?lead=" + quote("没有的局"))
    assert (status, answer["errors"][0]["pointer"]) == (400, "/lead")
    other = await someone("handler_D08", face="console")
    assert (await other.call("GET", "/s/v1/board"))[0] == 403


async def test_the_board_is_read_in_as_many_statements_with_many_cases_as_with_one(
    county, leader, monkeypatch
):
    work = Casework(county)
    await work.report()
    connection = type(Tortoise.get_connection("default"))
    asked, plain = list[str](), connection.execute_query

    def heard(self, query, values=None):
        if '"case_file"' in query:
            asked.append(query)
        return plain(self, query, values)

    monkeypatch.setattr(connection, "execute_query", heard)
    await leader.get("/s/v1/board")
    few = len(asked)
    for _ in range(4):
        await work.report(position=position(PLACES["market_gate"]))
    asked.clear()
    await leader.get("/s/v1/board")
    assert len(asked) == few == 3
