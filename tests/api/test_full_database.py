"""A database that takes nothing more is read on, and says so to people and to machines."""

from datetime import timedelta

import pytest
from tortoise import Tortoise

from server.clock import now
from server.http.sign_in import SIGN_INS
from server.people.models import Leave
from server.people.queries import account_id_of
from tests.api.refusals import refused
from tests.api.reporting import report
from tests.casework import Casework, rows_of

FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""


async def _fill() -> None:
    """Refuse every row that is written from now on, as a disk without room does."""
    connection = Tortoise.get_connection("default")
    await connection.execute_query(FULL)
    for row in await rows_of("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        await connection.execute_query(
            f'CREATE TRIGGER no_room BEFORE INSERT OR UPDATE OR DELETE ON "{row["tablename"]}"'
            " FOR EACH ROW EXECUTE FUNCTION no_room()"
        )


async def _read_only() -> None:
    """Let the connections that are opened from now on write nothing."""
    [row] = await rows_of("SELECT current_database() AS name")
    connection = Tortoise.get_connection("default")
    name = row["name"]
    await connection.execute_query(
        f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'
    )
    await connection._pool.expire_connections()


@pytest.mark.parametrize("filled", [_fill, _read_only])
async def test_a_leave_that_ran_out_is_over_though_nobody_can_write_it_down(
    county, someone, filled
):
    away, stands_in = await someone("handler_D08"), await someone("head_D08", "console")
    until = (now() + timedelta(days=1)).isoformat()
    form = {"substitute": str(await account_id_of("head_D08")), "until": until}
    await away.post("/m/v1/leaves", form, expect=201)
    assert (await stands_in.get("/me"))["stands_in_for"] != []
    await Leave.all().update(since=now() - timedelta(days=1), until=now())
    stands_in.client.app[SIGN_INS].forget_all()
    await filled()
    assert (await stands_in.get("/me"))["stands_in_for"] == []
    for path in ("/me", "/m/v1/tasks", "/m/v1/todo", "/m/v1/inbox"):
        for person in (stands_in, away):
            status, answer = await person.call("GET", path)
            assert status == 200, (person.username, path, answer)
    assert (await away.get("/m/v1/leaves"))["items"] == []


@pytest.mark.parametrize("filled", [_fill, _read_only])
async def test_desks_and_phones_go_on_reading_while_nothing_can_be_written(
    county, someone, filled
):
    case = await Casework(county).report()
    people = [await someone(name, "console") for name in ("acceptor1", "leader1", "keeper1")]
    resident, acceptor = await someone("resident1"), people[0]
    assert (await acceptor.get("/readyz"))["status"] == "ready"
    aged = "UPDATE token SET used_at = used_at - $1::interval"
    await Tortoise.get_connection("default").execute_query(aged, [timedelta(minutes=5)])
    acceptor.client.app[SIGN_INS].forget_all()
    await filled()
    for person in people:
        assert (await person.get("/me"))["name"]
    for path in ("/s/v1/cases", f"/s/v1/cases/{case.no}", "/m/v1/todo", "/m/v1/inbox"):
        status, answer = await acceptor.call("GET", path)
        assert status == 200, (path, answer)
    assert (await resident.get(f"/m/v1/reports/{case.no}"))["case"]["no"] == case.no
    status, answer = await resident.call("POST", "/m/v1/reports", json=report())
    refused(status, answer, 507, "database.full")
    assert "照片" not in answer["title"]
    assert (await acceptor.get("/readyz"))["status"] == "read_only"
