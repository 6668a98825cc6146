"""Live sockets: tickets, replay, what comes live, and the end of a session."""

import asyncio
import socket as sockets_of_the_system
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from mobile_api import live as live_routes
from server.bus.local import LocalBus
from server.desk.models import Onlooker
from server.events import CaseChanged, CaseMoved, CaseWaits
from server.http.edge import make_app
from server.outbox.receivers import Inside
from server.outbox.record import record
from server.people.models import Account, Grant, Leave, Unit
from server.people.sign_in.sessions import Face, open_session, revoke, revoke_all
from server.push import inbox, live, sockets
from server.push.models import LiveTicket
from server.settings import Settings
from tests.casework import Casework
from tests.domain.acts.push import pay

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SETTINGS = Settings(poll_seconds=60)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def bus():
    return LocalBus()


@pytest.fixture
async def client(aiohttp_client, bus):
    app = make_app(SETTINGS)
    live_routes.routes.add_to(app)
    live_routes.install(app, bus)
    return await aiohttp_client(app)


async def signed_in() -> tuple[int, dict[str, str]]:
    account = Account(name="x", created_at=AT)
    await account.save()
    now = datetime.now(UTC)
    session = await open_session(account.id, face=Face.PHONE, at=now, settings=SETTINGS)
    return account.id, {"Authorization": f"Bearer {session.token}"}


async def tell(bus, account: int, *versions: int) -> None:
    async with in_transaction():
        await record(
            *(
                CaseMoved(
                    stream="case:A",
                    at=AT,
                    no="A",
                    version=version,
                    verb="accept",
                    stage="handling",
                    followers=(account,),
                    units=(),
                    facts={},
                )
                for version in versions
            )
        )
    woken = {"inbox": Inside(take=inbox.write, then=live.waker(bus))}
    await pay(woken, at=datetime.now(UTC), limit=1000)


async def ticket(client, headers) -> str:
    return (await (await client.post("/m/v1/live-ticket", headers=headers)).json())["ticket"]


async def connect(client, headers, since: int | None = 0, *, cases=False, **more):
    at = "" if since is None else f"&since={since}"
    at += "&cases=true" if cases else ""
    return await client.ws_connect(
        f"/m/v1/live?ticket={await ticket(client, headers)}{at}", **more
    )


async def frames(socket, n: int) -> list[int]:
    return [(await asyncio.wait_for(socket.receive_json(), 5))["seq"] for _ in range(n)]


async def open_are(held: sockets.Sockets, n: int) -> None:
    for _ in range(2000):
        if held.n_open == n:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(held.n_open)


async def ended(socket) -> int:
    message = await asyncio.wait_for(socket.receive(), 5)
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    return message.data


async def test_what_was_missed_comes_first_then_what_happens_in_order(client, bus):
    me, mine = await signed_in()
    await tell(bus, me, *range(1, 6))
    socket = await connect(client, mine, since=2)
    assert await frames(socket, 3) == [3, 4, 5]
    await tell(bus, me, 6, 7)
    assert await frames(socket, 2) == [6, 7]
    await tell(bus, me, 8)
    frame = await socket.receive_json()
    assert frame == {
        "seq": 8,
        "kind": "case.accept",
        "no": "A",
        "stage": "handling",
        "at": "2026-03-02T01:00:00+00:00",
    }


@pytest.mark.slow
async def test_a_long_absence_is_made_up_for_completely(client, bus):
    me, mine = await signed_in()
    await tell(bus, me, *range(1, 251))
    socket = await connect(client, mine, since=10)
    assert await frames(socket, 240) == list(range(11, 251))


async def test_without_a_number_only_what_comes_from_now_on_is_sent(client, bus):
    me, mine = await signed_in()
    await tell(bus, me, 1, 2)
    socket = await connect(client, mine, since=None)
    await tell(bus, me, 3)
    assert await frames(socket, 1) == [3]


async def test_nobody_hears_of_the_messages_of_another(client, bus):
    me, _ = await signed_in()
    other, theirs = await signed_in()
    socket = await connect(client, theirs)
    await tell(bus, me, 1)
    await tell(bus, other, 2)
    frame = await asyncio.wait_for(socket.receive_json(), 5)
    assert frame["seq"] == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(socket.receive_json(), 0.2)


async def test_a_ticket_that_was_used_or_is_wrong_opens_nothing(client):
    _, mine = await signed_in()
    once = await ticket(client, mine)
    await client.ws_connect(f"/m/v1/live?ticket={once}")
    for refused in (once, "wrong", ""):
        with pytest.raises(WSServerHandshakeError) as caught:
            await client.ws_connect(f"/m/v1/live?ticket={refused}")
        assert caught.value.status == 403
    assert (await client.post("/m/v1/live-ticket")).status == 401


async def test_a_page_of_another_site_opens_nothing_and_uses_up_no_ticket(client):
    _, mine = await signed_in()
    once = await ticket(client, mine)
    for origin in ("https://elsewhere.example", "null", "http://localhost:1"):
        with pytest.raises(WSServerHandshakeError) as caught:
            await client.ws_connect(f"/m/v1/live?ticket={once}", origin=origin)
        assert caught.value.status == 403
    own = f"http://{client.host}:{client.port}"
    socket = await client.ws_connect(f"/m/v1/live?ticket={once}", origin=own)
    assert not socket.closed


async def test_a_plain_request_is_refused_and_uses_up_no_ticket(client):
    _, mine = await signed_in()
    once = await ticket(client, mine)
    assert (await client.get(f"/m/v1/live?ticket={once}")).status == 400
    assert await LiveTicket.all().count() == 1


async def test_a_socket_ends_when_every_session_of_its_account_was_ended(client):
    me, mine = await signed_in()
    other, theirs = await signed_in()
    socket, kept = await connect(client, mine), await connect(client, theirs)
    await revoke_all(me, at=datetime.now(UTC))
    looking = asyncio.ensure_future(client.app[live_routes.SOCKETS].look())
    assert await ended(socket) == 1008
    await looking
    assert not kept.closed
    assert client.app[live_routes.SOCKETS].n_open == 1
    await Account.filter(id=other).update(active=False)
    looking = asyncio.ensure_future(client.app[live_routes.SOCKETS].look())
    assert await ended(kept) == 1008
    await looking


async def test_signing_out_of_one_of_two_sessions_ends_its_socket_alone(client):
    me, mine = await signed_in()
    again = await open_session(me, face=Face.PHONE, at=datetime.now(UTC), settings=SETTINGS)
    kept = await connect(client, {"Authorization": f"Bearer {again.token}"})
    socket = await connect(client, mine)
    await revoke(mine["Authorization"].split()[1], at=datetime.now(UTC))
    looking = asyncio.ensure_future(client.app[live_routes.SOCKETS].look())
    assert await ended(socket) == 1008
    await looking
    assert not kept.closed
    assert client.app[live_routes.SOCKETS].n_open == 1


async def test_an_ended_session_is_noticed_within_five_seconds_by_itself(aiohttp_client, bus):
    app = make_app(Settings(poll_seconds=0.05))
    live_routes.routes.add_to(app)
    live_routes.install(app, bus)
    client = await aiohttp_client(app)
    me, mine = await signed_in()
    socket = await connect(client, mine)
    await revoke_all(me, at=datetime.now(UTC))
    assert await ended(socket) == 1008
    assert sockets.WATCH_SECONDS <= 4


async def test_a_lost_wake_up_is_made_up_for_by_the_look_at_the_database(client, bus):
    me, mine = await signed_in()
    socket = await connect(client, mine)
    await tell(LocalBus(), me, 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(socket.receive_json(), 0.1)
    socket = await connect(client, mine, since=1)
    await tell(LocalBus(), me, 2)
    await client.app[live_routes.SOCKETS].look()
    assert await frames(socket, 1) == [2]


async def test_the_oldest_of_too_many_sockets_of_one_account_is_ended(client):
    _, mine = await signed_in()
    opened = [await connect(client, mine) for _ in range(sockets.MAX_PER_ACCOUNT + 1)]
    assert await ended(opened[0]) == 1008
    assert not any(socket.closed for socket in opened[1:])


async def test_sockets_end_with_going_away_when_the_process_stops(client):
    _, mine = await signed_in()
    socket = await connect(client, mine)
    stopping = asyncio.ensure_future(client.server.close())
    assert await ended(socket) == 1001
    await asyncio.wait_for(stopping, 5)
    assert client.app[live_routes.SOCKETS].n_open == 0


async def test_a_phone_that_goes_leaves_nothing_behind(client, bus):
    me, mine = await signed_in()
    socket = await connect(client, mine)
    await socket.close()
    await open_are(client.app[live_routes.SOCKETS], 0)
    await tell(bus, me, 1)
    assert client.app[live_routes.SOCKETS].n_open == 0


async def test_a_phone_that_sends_much_is_ended(client):
    _, mine = await signed_in()
    socket = await connect(client, mine)
    await socket.send_str("x" * 2000)
    assert await ended(socket) == 1009


@pytest.mark.slow
async def test_a_phone_that_takes_nothing_is_cut_off(client, monkeypatch):
    monkeypatch.setattr(sockets, "SLOW_SECONDS", 0.3)
    me, mine = await signed_in()
    await Tortoise.get_connection("default").execute_query(
        "INSERT INTO inbox_message (account_id, seq, event, kind, no, stage, text, at)"
        " SELECT $1, n, n::text, 'case.accept', 'A', 'handling', '', now()"
        " FROM generate_series(1, 60000) n",
        [me],
    )
    raw = sockets_of_the_system.socket()
    raw.setsockopt(sockets_of_the_system.SOL_SOCKET, sockets_of_the_system.SO_RCVBUF, 4096)
    raw.setblocking(False)
    with raw:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, (client.host, client.port))
        request = (
            f"GET /m/v1/live?ticket={await ticket(client, mine)}&since=0 HTTP/1.1\r\n"
            f"Host: {client.host}:{client.port}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await loop.sock_sendall(raw, request.encode())
        held = client.app[live_routes.SOCKETS]
        await open_are(held, 1)
        await open_are(held, 0)
        assert held.n_open == 0


async def test_an_office_hears_at_once_that_a_case_waits_and_is_written_no_message(client, bus):
    people = {}
    for role in ("acceptor", "dispatcher"):
        people[role] = await signed_in()
        await Grant.create(account_id=people[role][0], role=role)
    office, other = [await connect(client, mine) for _, mine in people.values()]
    await open_are(client.app[live_routes.SOCKETS], 2)
    async with in_transaction():
        await record(CaseWaits(stream="waits:A", at=AT, role="acceptor", township=""))
    await pay({"live": Inside(take=live.teller(bus))}, at=datetime.now(UTC), limit=1000)
    frame = await asyncio.wait_for(office.receive_json(), 5)
    assert set(frame.values()) == {0, ""}
    await tell(bus, people["dispatcher"][0], 1)
    assert await frames(other, 1) == [1], "and nobody else heard anything before"


async def test_a_desk_hears_that_a_case_within_its_reach_was_changed_and_nothing_of_it(
    client, bus
):
    town = await Unit.create(code="T1", name="t", kind="township", township_code="330101")
    people = {}
    for role in ("dispatcher", "handler", "resident", "acceptor"):
        people[role] = await signed_in()
        await Grant.create(account_id=people[role][0], role=role)
    await Account.filter(id=people["handler"][0]).update(unit_id=town.id)
    desks = [await connect(client, mine, cases=True) for _, mine in people.values()]
    phone = await connect(client, people["dispatcher"][1])
    await open_are(client.app[live_routes.SOCKETS], 5)

    async def changed(units: tuple[int, ...]) -> None:
        async with in_transaction():
            await record(CaseChanged(stream="changed:A", at=AT, case=1, township="", units=units))
        await pay({"live": Inside(take=live.teller(bus))}, at=datetime.now(UTC), limit=1000)

    await changed((town.id,))
    for desk in (desks[0], desks[1], desks[3]):
        frame = await asyncio.wait_for(desk.receive_json(), 5)
        assert set(frame.values()) == {0, ""}
    for silent, role in ((desks[2], "resident"), (phone, "dispatcher")):
        await tell(bus, people[role][0], 1)
        assert await frames(silent, 1) == [1], "and nothing before"


async def test_the_desk_of_who_reaches_other_cases_now_comes_again_and_no_phone_does(client, bus):
    """Roles, unit and leave change what one reaches; not all of it ends the session."""
    held = client.app[live_routes.SOCKETS]
    here, there = [
        await Unit.create(code=code, name=code, kind="department") for code in ("D1", "D2")
    ]
    me, mine = await signed_in()
    other, _ = await signed_in()
    await Account.filter(id__in=[me, other]).update(unit_id=here.id)
    await Grant.create(account_id=me, role="handler")
    await Grant.create(account_id=other, role="dispatcher")
    phone = await connect(client, mine)
    leave = {"begun_at": AT, "since": AT, "account_id": other, "substitute_id": me, "at": AT}

    async def unit_changes() -> None:
        await Account.filter(id=me).update(unit_id=there.id)

    async def role_goes() -> None:
        await Grant.filter(account_id=me).delete()

    async def stands_in() -> None:
        until = datetime.now(UTC) + timedelta(hours=1)
        await Leave.create(until=until, **leave)
        await Account.filter(id=other).update(substitute_id=me)

    async def stands_in_no_more() -> None:
        await Leave.all().update(until=datetime.now(UTC))

    for change in (unit_changes, stands_in, stands_in_no_more, role_goes):
        desk = await connect(client, mine, cases=True)
        await held.look()
        assert not desk.closed
        await change()
        looking = asyncio.ensure_future(held.look())
        assert await ended(desk) == 1012
        await looking
        await open_are(held, 1)
    assert not phone.closed


async def test_whoever_has_a_case_open_hears_of_its_changes_whatever_their_unit(
    client, bus, county
):
    case = await Casework(county).submitted("resident1")
    await pay({"live": Inside(take=live.teller(bus))}, at=datetime.now(UTC), limit=1000)
    me, mine = await signed_in()
    await Onlooker.create(case_id=case.id, account_id=me, at=datetime.now(UTC))
    desk = await connect(client, mine, cases=True)
    await open_are(client.app[live_routes.SOCKETS], 1)
    async with in_transaction():
        await record(CaseChanged(stream="changed:A", at=AT, case=case.id, township="", units=()))
    await pay({"live": Inside(take=live.teller(bus))}, at=datetime.now(UTC), limit=1000)
    frame = await asyncio.wait_for(desk.receive_json(), 5)
    assert set(frame.values()) == {0, ""}
