"""Two persons at once on the same thing: one is faster, and the other reads who that was."""

import asyncio

import pytest

from server.cases.models.case import Case
from server.cases.rules.flow import Verb
from server.clock import now
from server.people.accounts import NewAccount, create_account
from server.people.actor import Held
from server.permissions import Role
from tests.api.asking import Ways
from tests.api.doors import CASE_DOORS, sent
from tests.api.second_taps import WAYS
from tests.casework import Casework

_TOWNSHIP, _UNIT = ("township02", "duty02"), ("handler_D08", "head_D08")
_ACCEPTORS, _DISPATCHERS = ("acceptor1", "acceptor2"), ("dispatcher1", "dispatcher2")
_OF_ACCEPTORS = (
    *(Verb.FILE, Verb.RECUSE, Verb.DECLINE, Verb.CLOSE, Verb.REWORK, Verb.VERIFY),
    *(Verb.INQUIRE, Verb.MERGE, Verb.UNMERGE),
)
_OF_DISPATCHERS = (
    *(Verb.DISPATCH, Verb.RULE, Verb.CONVENE),
    *(Verb.SUSPEND, Verb.EXTEND, Verb.EXEMPT, Verb.RESUME),
)
#: Who both may do a verb to the case of its door.
PAIRS = {
    **dict.fromkeys(_OF_ACCEPTORS, _ACCEPTORS),
    **dict.fromkeys(_OF_DISPATCHERS, _DISPATCHERS),
    Verb.REDO: ("leader1", "resident1"),
    Verb.DECIDE: ("leader1", "keeper1"),
    Verb.CALL: _TOWNSHIP,
    Verb.SELF_HANDLE: _TOWNSHIP,
    Verb.ASK: _UNIT,
    Verb.REPLY: _UNIT,
}
#: Requests are refused by whoever would grant them.
REFUSING = {"extend": _DISPATCHERS, "call": _TOWNSHIP}
#: Verbs that two do both, or that one person alone does; and why.
EACH = {
    Verb.APPRAISE: "each has an own opinion",
    Verb.STATE: "a unit states its case more than once",
    Verb.URGE: "each urges",
    Verb.REBIND: "the place is what the boundaries say, whoever asks",
    Verb.WITHDRAW: "the reporter alone",
    Verb.SUPPLEMENT: "the reporter alone",
    Verb.OBJECT: "the reporter alone",
    Verb.CONFIRM_PLACE: "the reporter alone",
    Verb.INSTRUCT: "each leader has own words",
    Verb.SUPERVISE: "each leader has own words",
}
#: Who else may do the same to the same thing, by route.
OTHERS = {
    "/m/v1/leaves/{id}/end": "head_D08",
    "/s/v1/leaves": "admin1",
    "/s/v1/leaves/{id}/end": "admin1",
    "/m/v1/proposals/{id}/opine": "duty02",
    "/s/v1/proposals/{id}/opine": "duty02",
    "/s/v1/adjustments/{id}/amend": "keeper1",
    "/s/v1/proposals/{id}/review": "keeper3",
    "/s/v1/proposals/{id}/send-back": "keeper2",
    "/s/v1/proposals/{id}/refuse": "keeper2",
    "/s/v1/proposals/{id}/approve": "leader2",
    "/s/v1/burdens/{id}/rule": "keeper2",
    "/s/v1/burdens/{id}/withdraw": "duty02",
    "/s/v1/standard-texts": "acceptor2",
    "/s/v1/deliveries/{id}/replay": "dispatcher2",
    "/s/v1/accounts": "admin2",
    "/s/v1/accounts/sheets": "admin2",
    "/s/v1/roster/remove": "duty02",
    "/s/v1/teams/remove": "duty02",
    "/s/v1/word-proposals/{id}/accept": "keeper2",
    "/s/v1/word-proposals/{id}/reject": "keeper2",
    "/s/v1/lists/versions/{id}/answers": "keeper3",
    "/s/v1/lists/versions/{id}/review": "keeper3",
    "/s/v1/lists/versions/{id}/withdraw": "keeper3",
    "/s/v1/lists/versions/{id}/take-back": "keeper3",
    "/s/v1/lists/versions/{id}/publish": "keeper3",
    "/s/v1/places/generations/{id}/publish": "admin2",
    "/s/v1/units/{id}/rename": "keeper2",
    "/s/v1/units/{id}/merge": "keeper2",
    "/s/v1/unit-plans/{id}/withdraw": "keeper2",
    "/s/v1/unit-plans/{id}/confirm": "keeper2",
    "/s/v1/unit-plans/{id}/undo": "keeper2",
}
#: What two do both and are answered the same: it stands as each of them asked.
ALIKE = {
    "/s/v1/standard-texts/{id}/change": "acceptor2",
    "/s/v1/standard-texts/{id}/remove": "acceptor2",
    "/s/v1/accounts/{id}/change": "admin2",
    "/s/v1/accounts/{id}/disable": "admin2",
    "/s/v1/accounts/{id}/enable": "admin2",
    "/s/v1/accounts/{id}/sessions/end": "admin2",
    "/s/v1/roster": "duty02",
    "/s/v1/teams": "duty02",
    "/s/v1/entries/{id}/words": "keeper2",
    "/s/v1/calendar": "admin2",
}
#: What is each person's own thing, or drafts beside another, or has one person alone.
OWN = {
    *("/me/sessions/{id}/end", "/me/sessions/end-others", "/me/password", "/m/v1/leaves"),
    *("/m/v1/patrols", "/m/v1/patrols/{id}/end", "/m/v1/patrols/{id}/untrack"),
    *("/s/v1/views", "/s/v1/views/{id}/change", "/s/v1/views/{id}/remove"),
    *("/s/v1/cases/{no}/watch", "/s/v1/cases/{no}/unwatch", "/s/v1/cases/{no}/unfollow"),
    *("/m/v1/reports/{no}/follow", "/m/v1/reports/{no}/unfollow"),
    # A head alone: the unit has no other who may.
    *("/s/v1/admissions", "/s/v1/admissions/{id}/amend", "/s/v1/burdens/{id}/answer"),
    *("/s/v1/proposals/{id}/settle", "/s/v1/proposals/{id}/withdraw"),
    # Each brings an own one, and which goes on is decided later.
    *("/m/v1/calls", "/s/v1/calls", "/s/v1/adjustments", "/s/v1/burdens"),
    *("/s/v1/lists/{type}/versions", "/s/v1/lists/{type}/drafts", "/s/v1/places/generations"),
    "/s/v1/cases/{no}/diligence",
    # Who is slower finds none there.
    "/s/v1/accounts/{id}/sessions/{session}/end",
    # Each reads another password, and the later one holds.
    "/s/v1/accounts/{id}/password",
}


def _faster_and_slower(path, one, other):
    """The refusal of who was slower; exactly one of two was faster, and who is told."""
    assert sorted((one[0] < 300, other[0] < 300)) == [False, True], (path, one, other)
    refused = one if one[0] >= 300 else other
    assert refused[0] in (404, 409, 422), (path, refused)
    happened = refused[1]["facts"].get("happened", "")
    assert "已于 " in happened, (path, refused)
    assert refused[1]["title"].startswith(happened), (path, refused)
    return happened


def test_whatever_is_done_stands_in_these_tables():
    assert {door.verb for door in CASE_DOORS} == PAIRS.keys() | EACH.keys() | {Verb.REFUSE}
    tables = [OTHERS.keys(), ALIKE.keys(), OWN]
    assert set().union(*tables) == WAYS.keys()
    assert sum(map(len, tables)) == len(WAYS)


async def test_of_two_who_do_a_verb_at_once_one_is_faster_and_the_other_reads_who(county, someone):
    work, seen = Casework(county), set()
    for door in CASE_DOORS:
        key = (door.verb, door.body.get("what"))
        pair = REFUSING.get(str(key[1])) if door.verb is Verb.REFUSE else PAIRS.get(door.verb)
        if pair is None or key in seen:
            continue
        seen.add(key)
        case = await (door.make(work) if door.make else work.at(door.at))
        if door.prepare:
            await door.prepare(work, await Case.get(id=case.id))
        askings = []
        for who in pair:
            given = await door.sent(work, case, who) if door.sent else door.body
            body = sent(given, no=case.no)
            person = await someone(who, face="console")
            askings.append(person.call("POST", door.path.format(no=case.no), json=body))
        _faster_and_slower(door.path, *await asyncio.gather(*askings))
    assert {verb for verb, _ in seen} == PAIRS.keys() | {Verb.REFUSE}


@pytest.fixture
async def ways(county, someone) -> Ways:
    for role, username in ((Role.ADMIN, "admin2"), (Role.LEADER, "leader2")):
        new = NewAccount(name="李二", username=username, held=(Held(role=role),))
        await create_account(new, at=now())
    return Ways(Casework(county), someone)


async def test_of_two_who_do_anything_else_at_once_one_is_faster_too(ways):
    for path, way in WAYS.items():
        if path in OWN:
            await way(ways)
            continue
        asking = await way(ways)
        who = (asking.who, OTHERS.get(path) or ALIKE[path])
        persons = [await ways.someone(each) for each in who]
        one, other = await asyncio.gather(*(asking.send(each) for each in persons))
        if path in ALIKE:
            assert one == other, path
            assert one[0] < 300, (path, one)
            continue
        happened = _faster_and_slower(path, one, other)
        faster = who[0] if one[0] < 300 else who[1]
        family = (await ways.work.county.actor(faster)).name[0]
        assert f"{family}*" in happened or path.startswith("/m/v1/leaves"), (path, happened)
