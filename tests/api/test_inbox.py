"""The inbox and the dead letters over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from mobile_api import inbox as inbox_routes
from server.events import CaseMoved
from server.http.edge import make_app
from server.outbox.dead_letters import waiting
from server.outbox.receivers import Inside
from server.outbox.record import record
from server.outbox.relay import PATIENCE, pay_to
from server.people.models import Account, Grant
from server.people.sign_in.sessions import Face, open_session
from server.permissions import GRANTS, Permission, Role
from server.push import inbox
from server.settings import Settings
from server.staff_api import deliveries as delivery_routes

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SETTINGS = Settings()
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def client(aiohttp_client):
    app = make_app(SETTINGS)
    inbox_routes.routes.add_to(app)
    delivery_routes.routes.add_to(app)
    return await aiohttp_client(app)


async def signed_in(role: Role = Role.RESIDENT) -> tuple[int, dict[str, str]]:
    account = Account(name=role.value, created_at=AT)
    await account.save()
    await Grant(account=account, role=role.value).save()
    now = datetime.now(UTC)
    session = await open_session(account.id, face=Face.PHONE, at=now, settings=SETTINGS)
    return account.id, {"Authorization": f"Bearer {session.token}"}


async def tell(*accounts: int, n: int = 1, take=inbox.write) -> None:
    async with in_transaction():
        await record(
            *(
                CaseMoved(
                    stream="case:A",
                    at=AT + timedelta(minutes=version),
                    no="A",
                    version=version,
                    verb="accept",
                    stage="handling",
                    followers=accounts,
                    units=(),
                    facts={"title": "Street light"},
                )
                for version in range(1, n + 1)
            )
        )
    await pay_to("inbox", Inside(take=take), at=AT + timedelta(days=1))


async def test_messages_come_in_order_page_by_page_and_say_what_was_read(client):
    me, mine = await signed_in()
    await tell(me, n=5)
    first = await (await client.get("/m/v1/inbox?limit=3", headers=mine)).json()
    assert [item["seq"] for item in first["items"]] == [1, 2, 3]
    assert (first["next"], first["unread"]) == (3, 5)
    assert set(first["items"][0]) == {"seq", "kind", "no", "stage", "text", "at", "read"}
    assert first["items"][0]["at"] == "2026-03-02T01:01:00Z"
    rest = await (await client.get("/m/v1/inbox?limit=3&after=3", headers=mine)).json()
    assert [item["seq"] for item in rest["items"]] == [4, 5]
    assert rest["next"] is None

    marked = await client.post("/m/v1/inbox/read", headers=mine, json={"seq": 4})
    assert await marked.json() == {"unread": 1}
    await client.post("/m/v1/inbox/read", headers=mine, json={"seq": 2})
    page = await (await client.get("/m/v1/inbox", headers=mine)).json()
    assert [item["read"] for item in page["items"]] == [True] * 4 + [False]


async def test_nobody_reads_the_inbox_of_another(client):
    me, _ = await signed_in()
    _, other = await signed_in()
    await tell(me)
    page = await (await client.get("/m/v1/inbox", headers=other)).json()
    assert page == {"items": [], "next": None, "unread": 0}
    assert (await client.get("/m/v1/inbox")).status == 401
    assert (await client.post("/m/v1/inbox/read", json={"seq": 1})).status == 401


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=101", "else=1"])
async def test_a_parameter_that_fits_not_is_refused(client, query):
    _, mine = await signed_in()
    assert (await client.get(f"/m/v1/inbox?{query}", headers=mine)).status == 400


async def test_one_message_read_leaves_those_before_it_unread(client):
    me, mine = await signed_in()
    _, others = await signed_in()
    await tell(me, n=3)

    async def read(**body):
        answer = await client.post("/m/v1/inbox/read", json=body, headers=mine)
        return (await answer.json())["unread"]

    assert await read(seq=2, alone=True) == 2
    assert await read(seq=2, alone=True) == 2, "said again it changes nothing"
    assert await read(seq=9, alone=True) == 2
    page = await (await client.get("/m/v1/inbox", headers=mine)).json()
    assert [line["read"] for line in page["items"]] == [False, True, False]
    assert page["unread"] == 2
    theirs = await (await client.get("/m/v1/inbox", headers=others)).json()
    assert theirs["unread"] == 0
    assert await read(seq=3) == 0, "up to the last, whichever were read before"


async def fail(batch) -> None:
    raise ValueError("down")


async def test_dead_letters_are_listed_without_their_facts_and_replayed(client):
    me, _ = await signed_in()
    _, dispatcher = await signed_in(Role.DISPATCHER)
    await tell(me, take=fail)
    at = AT
    for _ in PATIENCE:
        at += timedelta(days=3)
        await pay_to("inbox", Inside(take=fail), at=at)
    page = await (await client.get("/s/v1/deliveries", headers=dispatcher)).json()
    (line,) = page["items"]
    assert (line["receiver"], line["due_at"], line["attempts"]) == ("inbox", None, 10)
    assert line["last_error"] == "ValueError('down')"
    assert "Street light" not in str(page)
    owed = await (await client.get("/s/v1/deliveries?dead=false", headers=dispatcher)).json()
    assert owed["items"] == []

    replay = f"/s/v1/deliveries/{line['id']}/replay"
    for _ in range(2):  # a second tap is answered as the first
        assert (await client.post(replay, headers=dispatcher)).status == 204
    assert [letter.attempts for letter in await waiting(limit=9)] == [0]
    assert (await client.post("/s/v1/deliveries/x/replay", headers=dispatcher)).status == 404


async def test_the_list_of_deliveries_goes_on_where_it_ended(client):
    me, _ = await signed_in()
    _, admin = await signed_in(Role.ADMIN)
    await tell(me, n=3, take=fail)
    seen = []
    after = ""
    for _ in range(4):
        url = f"/s/v1/deliveries?dead=false&limit=2{after}"
        page = await (await client.get(url, headers=admin)).json()
        seen += [line["id"] for line in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("role", Role)
async def test_who_reads_deliveries_sees_them_and_who_manages_them_tries_again(client, role):
    _, headers = await signed_in(role)
    allowed = Permission.DELIVERY_READ in GRANTS[role]
    assert (await client.get("/s/v1/deliveries", headers=headers)).status == (
        200 if allowed else 403
    )
    assert (await client.post("/s/v1/deliveries/1/replay", headers=headers)).status == (
        404 if Permission.DELIVERY_MANAGE in GRANTS[role] else 403
    )
