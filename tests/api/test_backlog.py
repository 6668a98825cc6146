"""What is behind, as an operator reads it."""

from server.clock import now
from server.outbox.models import Delivery


async def test_what_is_owed_and_what_was_given_up_is_counted(county, someone):
    admin = await someone("admin1", face="console")
    before = await admin.get("/s/v1/backlog")
    at = now()
    for due in (None, at):
        await Delivery.create(
            receiver="inbox",
            kind="case.moved",
            stream="T-1",
            facts={},
            recorded_at=at,
            due_at=due,
            last_error="no route",
        )
    after = await admin.get("/s/v1/backlog")
    assert after["n_dead"] == before["n_dead"] + 1
    assert after["n_owed"] == before["n_owed"] + 1
    assert after["owed_since"] is not None
    assert (after["n_timers_due"], after["timers_lag_s"]) == (0, 0)
