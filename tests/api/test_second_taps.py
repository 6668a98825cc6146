"""One finger, two taps: whatever is written, the second does nothing and is told as the first."""

import asyncio

import pytest

from gridwhistle.assembly import make_app
from server.http.routes import ROUTES
from tests.api.asking import Ways
from tests.api.doors import CASE_DOORS, TASK_DOORS
from tests.api.second_taps import WAYS
from tests.casework import Casework, everything

#: Acts on cases that are no doors: told by the case's history as those are, tried elsewhere.
BY_HISTORY = {
    "/m/v1/checks/{id}": "tests/api/test_too_late.py",
    "/s/v1/checks/{id}": "as on the phone",
    "/m/v1/verifications/{id}": "tests/domain/intake/test_verifying.py",
    "/m/v1/tasks/{id}/ask": "as by the number of the case",
    "/m/v1/calls/{call}/arrivals/{id}/confirm": "as by the task",
    "/m/v1/calls/{call}/arrivals/{id}/contest": "as by the task",
}
#: What rightly is done, or answered, anew each time; and why.
EACH_TIME = {
    "/auth/logout": "who is signed out is nobody, and the second tap comes from nobody",
    "/me/sessions/display": "the session of who asks ends with it: as signing out",
    "/m/v1/live-ticket": "a ticket opens one socket: every one who asks gets another",
    "/m/v1/inbox/read": "says up to where is read: the same again changes nothing",
    "/m/v1/reports": "a key of the phone's own, valid for ever: 201, then 200 with the same",
    "/m/v1/photos": "the bytes are their own key: 201, then 200 with the same",
    "/m/v1/patrols/{id}/points": "a point that is known already is passed over",
    "/s/v1/cases/{no}/look": "says that one looks still, every ten seconds",
    "/s/v1/cases/{no}/leave": "says that one looks no more: the same again changes nothing",
    "/s/v1/accounts/sheets/check": "reads a file and writes nothing",
    "/s/v1/places/mending": "reads a file and writes nothing",
    "/s/v1/places/mending.geojson": "reads a file and writes nothing",
}


def written(county) -> dict[str, bool]:
    """Every route by which somebody who is signed in writes, and whether taps are told there."""
    routes = make_app(county.parts)[ROUTES]
    assert {route.method for route in routes} == {"GET", "POST"}
    return {r.path: r.once for r in routes if r.method == "POST" and not r.public}


async def test_whatever_is_written_stands_in_these_tables(county):
    doors = {door.path for door in (*CASE_DOORS, *TASK_DOORS)}
    routes = written(county)
    assert set(routes) == doors | WAYS.keys() | BY_HISTORY.keys() | EACH_TIME.keys()
    assert WAYS.keys() >= {path for path, once in routes.items() if once}
    assert not [path for path in WAYS if not routes[path]]


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_second_tap_writes_nothing_and_is_answered_as_the_first(county, someone, at_once):
    ways = Ways(Casework(county), someone)
    for path, way in WAYS.items():
        asking = await way(ways)
        person = await ways.someone(asking.who)
        if at_once:
            first, second = await asyncio.gather(asking.send(person), asking.send(person))
            assert first[0] < 300, (path, first)
            before = await everything()
        else:
            first = await asking.send(person)
            assert first[0] < 300, (path, first)
            before = await everything()
            second = await asking.send(person)
        assert second == first, path
        assert await asking.send(person) == first, path
        assert await everything() == before, path
