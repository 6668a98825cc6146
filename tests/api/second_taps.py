"""The ways to everything that is written and is no verb of a case: who sends what, and where."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from aiohttp import FormData

from server.clock import now
from server.outbox.models import Delivery
from server.people.queries import account_id_of
from tests.api.asking import (
    DAY,
    DOCUMENT,
    LEAVING,
    VERSIONS,
    Asking,
    Ways,
    accounts_file,
    list_file,
    places_file,
)
from tests.api.proposing import CHANGE, MAIN, admission
from tests.api.versions import TYPE, XLSX
from tests.casework import STREET_LAMP, WALL
from tests.domain.acts.governance import HEAD, approved
from tests.domain.acts.people import second_leader
from tests.pure.lists.sheets import xlsx


async def _id(username: str) -> str:
    return str(await account_id_of(username))


async def _leave(ways: Ways, who: str = "handler_D08") -> dict[str, Any]:
    away = {"until": (now() + DAY).isoformat(), "reason": "年休"}
    return away | {"substitute": await _id("head_D08"), "account": await _id(who)}


async def _entered(ways: Ways) -> str:
    made = await ways.post("head_D08", "/s/v1/leaves", await _leave(ways))
    return made["leave"]["id"]


async def _own_leave(ways: Ways) -> Asking:
    form = await _leave(ways)
    away = {"since": (now() + 10 * DAY).isoformat(), "until": (now() + 11 * DAY).isoformat()}
    form = {k: v for k, v in (form | away).items() if k != "account"}
    return Asking("handler_D08", "/m/v1/leaves", form)


async def _others_leave(ways: Ways) -> Asking:
    form = await _leave(ways)
    away = {"since": (now() + 30 * DAY).isoformat(), "until": (now() + 31 * DAY).isoformat()}
    return Asking("head_D08", "/s/v1/leaves", form | away)


async def _call(ways: Ways, face: str) -> Asking:
    place = {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "accuracy": 8.0}
    body = {"reason": "joint_enforcement", "place": "荣华里3号楼", "matter": "CJ-002"}
    return Asking("township02", f"/{face}/v1/calls", body | {"position": place})


async def _patrol(ways: Ways) -> str:
    form = {"key": str(uuid4()), "track": True}
    return (await ways.post("grid0202", "/m/v1/patrols", form))["id"]


async def _adjustment(ways: Ways) -> Asking:
    about = {"list_type": MAIN, "matter": STREET_LAMP, "ground": "law_changed"}
    body = {"kind": "adjustment", "reason": "修订"} | about | {"change": {"limit": 9}}
    return Asking("keeper3", "/s/v1/adjustments", body)


async def _amended_adjustment(ways: Ways) -> Asking:
    asking = await _adjustment(ways)
    made = await ways.post(asking.who, asking.path, asking.body)
    number = made["proposal"]["id"]
    for each in made["opinions"]:
        unit = ways.work.basis.units.named(each["unit"])
        who = f"township{unit.code[1:]}" if unit.kind == "township" else f"head_{unit.code}"
        form = {"agrees": False, "text": "九日太长"}
        await ways.post(who, f"/s/v1/proposals/{number}/opine", form)
    to = asking.body | {"change": {"limit": 5}}
    body = {"text": "改为五日", "to": to}
    return Asking("keeper3", f"/s/v1/adjustments/{number}/amend", body)


async def _amended_admission(ways: Ways) -> Asking:
    path = f"/s/v1/admissions/{await ways.proposal('settling')}/amend"
    to = admission(change=CHANGE | {"limit": 3})
    return Asking(HEAD, path, {"text": "改为三日", "to": to})


async def _opinion(ways: Ways, face: str) -> Asking:
    path = f"/{face}/v1/proposals/{await ways.proposal()}/opine"
    return Asking("township02", path, {"agrees": False, "text": "没有执法权"})


async def _replay(ways: Ways) -> Asking:
    await ways.work.report()
    owed = await Delivery.all().first()
    await Delivery.filter(id=owed.id).update(due_at=None, attempts=10)
    return Asking("dispatcher1", f"/s/v1/deliveries/{owed.id}/replay")


async def _words(ways: Ways) -> Asking:
    entry = (await (await ways.someone("keeper1")).get("/s/v1/entries?q=井盖"))["items"][0]
    return Asking("keeper1", f"/s/v1/entries/{entry['id']}/words", {"add": ["呜噜咔"]})


async def _diligence(ways: Ways) -> Asking:
    case = await ways.work.closed()
    body = {"unit": "区住房和城乡建设局", "duty": 1, "note": "换了灯泡"}
    return Asking("handler_D08", f"/s/v1/cases/{case.no}/diligence", body)


async def _answers(ways: Ways) -> Asking:
    headings = ["序号", "事项名称", "对应上级部门", "上级部门职责", "乡镇（街道）配合职责"]
    rows = [["城乡建设"], [1, "从来没有的事", "区住建局", "处置", "劝导"]]
    form = FormData()
    data = xlsx(["属地管理主体责任和配合责任清单"], headings, *rows)
    form.add_field("file", data, filename="清单.xlsx", content_type=XLSX)
    upload = Asking("keeper1", f"/s/v1/lists/{TYPE}/versions", form=lambda: form)
    made = await ways.sent(upload)
    path = f"{VERSIONS}/{made['version']['id']}/answers"
    return Asking("keeper1", path, {"new_matters": True})


async def _drafts(ways: Ways) -> Asking:
    await approved(ways.work)
    return Asking("keeper1", f"/s/v1/lists/{MAIN}/drafts", {"label": "第二版"})


async def _seat(ways: Ways, *, seated: bool) -> Asking:
    home = (await ways.work.actor("township02")).township_code
    person = await second_leader(ways.work.county) if not seated else await _id("duty02.second")
    body = {"township": home, "account": str(person), "shift": "night", "weekday": 3}
    return Asking("township02", "/s/v1/roster/remove" if seated else "/s/v1/roster", body)


async def _member(ways: Ways, *, joined: bool) -> Asking:
    home = (await ways.work.actor("township02")).township_code
    body = {"township": home, "unit": "区住建局"}
    tail, more = ("/remove", {}) if joined else ("", {"contact": "张三", "phone": "1"})
    return Asking("township02", f"/s/v1/teams{tail}", body | more)


async def _watched(ways: Ways, verb: str) -> Asking:
    case = await ways.work.report()
    if verb == "unwatch":
        await ways.post("leader1", f"/s/v1/cases/{case.no}/watch", {"note": ""})
    body = {"note": "盯着"} if verb == "watch" else {}
    return Asking("leader1", f"/s/v1/cases/{case.no}/{verb}", body)


async def _followed(ways: Ways, verb: str) -> Asking:
    case = await ways.work.report()
    if verb == "unfollow":
        await ways.post("resident2", f"/m/v1/reports/{case.no}/follow")
    return Asking("resident2", f"/m/v1/reports/{case.no}/{verb}")


async def _unfollowed_at_a_desk(ways: Ways) -> Asking:
    case = await ways.work.report()
    return Asking("acceptor2", f"/s/v1/cases/{case.no}/unfollow")


async def _changed_account(ways: Ways) -> Asking:
    made = await ways.new_account()
    body = {"roles": _ROLES, "mark": made["mark"]}
    return Asking("admin1", f"{_ACCOUNTS}/{made['id']}/change", body)


async def _kept(ways: Ways, path: str, form: dict[str, Any]) -> dict[str, Any]:
    return await ways.post("acceptor1", path, form)


async def _text(ways: Ways, tail: str) -> Asking:
    form = {"kind": "inquire", "text": f"请补充{uuid4().hex}"}
    if not tail:
        return Asking("acceptor1", "/s/v1/standard-texts", form)
    made = await _kept(ways, "/s/v1/standard-texts", form)
    changed = form | {"text": f"请补充{uuid4().hex}", "mark": made["mark"]}
    body = changed if tail == "/change" else {}
    return Asking("acceptor1", f"/s/v1/standard-texts/{made['id']}{tail}", body)


async def _view(ways: Ways, tail: str) -> Asking:
    form = {"name": uuid4().hex[:12], "query": "stage=filed"}
    if not tail:
        return Asking("acceptor1", "/s/v1/views", form)
    number = (await _kept(ways, "/s/v1/views", form))["id"]
    body = form | {"query": "stage=closed"} if tail == "/change" else {}
    return Asking("acceptor1", f"/s/v1/views/{number}{tail}", body)


async def _answered_burden(ways: Ways) -> str:
    number = await ways.burden()
    await ways.post("head_D03", f"/s/v1/burdens/{number}/answer", {"text": "停发"})
    return number


async def _merge(ways: Ways) -> Asking:
    units = ways.work.basis.units
    body = {"into": str(units.named("D06").id)} | DOCUMENT
    return Asking("keeper1", f"/s/v1/units/{units.named('D09').id}/merge", body)


async def _rename(ways: Ways) -> Asking:
    unit = ways.work.basis.units.named("D07")
    return Asking("keeper1", f"/s/v1/units/{unit.id}/rename", {"name": "区新局"} | DOCUMENT)


async def _planned(ways: Ways) -> str:
    return await ways.plan("区城市更新局")


async def _renamed(ways: Ways) -> str:
    return await ways.plan("区城市建设局", done=True)


async def _publish(ways: Ways) -> Asking:
    return Asking("keeper1", f"{VERSIONS}/{await ways.version(reviewed=True)}/publish", LEAVING)


async def _put_in_force(ways: Ways) -> Asking:
    path = f"/s/v1/places/generations/{await ways.generation()}/publish"
    return Asking("admin1", path)


async def _session(ways: Ways) -> Asking:
    await ways.sign_in("acceptor2")
    rows = (await (await ways.someone("acceptor2")).get("/me/sessions"))["items"]
    gone = next(each["id"] for each in rows if not each["here"])
    return Asking("acceptor2", f"/me/sessions/{gone}/end")


async def _signed_in(ways: Ways) -> str:
    await ways.sign_in("acceptor2")
    return str(await account_id_of("acceptor2"))


async def _sign_in_of(ways: Ways) -> Asking:
    path = f"{_ACCOUNTS}/{await _signed_in(ways)}/sessions"
    rows = (await (await ways.someone("admin1")).get(path))["items"]
    return Asking("admin1", f"{path}/{rows[0]['id']}/end")


async def _others(ways: Ways) -> Asking:
    await ways.sign_in("acceptor2")
    return Asking("acceptor2", "/me/sessions/end-others")


async def _password(ways: Ways) -> Asking:
    number = await account_id_of("acceptor2")
    first = (await ways.post("admin1", f"/s/v1/accounts/{number}/password"))["password"]
    ways.forget("acceptor2")
    return Asking("acceptor2", "/me/password", {"old": first, "password": "a longer new one"})


def _asks(who: str, path: str, body: dict[str, Any] | None = None) -> "Way":
    async def way(ways: Ways) -> Asking:
        return Asking(who, path, body or {})

    return way


def _on(who: str, made: Callable[[Ways], Awaitable[str]], path: str, **body: Any) -> "Way":
    async def way(ways: Ways) -> Asking:
        return Asking(who, path.format(await made(ways)), body)

    return way


def _with(way: Callable[..., Awaitable[Asking]], *given: Any, **more: Any) -> "Way":
    return lambda ways: way(ways, *given, **more)


def _file(who: str, path: str, form: Callable[[], FormData]) -> "Way":
    async def way(ways: Ways) -> Asking:
        return Asking(who, path, form=form)

    return way


Way = Callable[[Ways], Awaitable[Asking]]
_ACCOUNTS, _PROPOSALS, _BURDENS = "/s/v1/accounts", "/s/v1/proposals", "/s/v1/burdens"
_ROLES = [{"role": "dispatcher"}]
_NEW = {"username": "wang.jianguo", "name": "王建国", "roles": _ROLES}
_DAY_OFF = {"day": "2027-05-04", "is_work": False, "name": "劳动节"}
_OBJECTION = {"form": "pledge", "title": "责任状", "text": "没有", "against": "区卫生健康局"}


async def _closed_account(ways: Ways) -> str:
    number = await ways.account()
    await ways.post("admin1", f"{_ACCOUNTS}/{number}/disable")
    return number


def _at(stage: str) -> Callable[[Ways], Awaitable[str]]:
    return lambda ways: ways.proposal(stage)


#: By route, in the order in which they are tried: what changes the county comes last.
WAYS: dict[str, Way] = {
    "/me/sessions/{id}/end": _session,
    "/me/sessions/end-others": _others,
    "/me/password": _password,
    "/m/v1/calls": _with(_call, "m"),
    "/s/v1/calls": _with(_call, "s"),
    "/m/v1/leaves": _own_leave,
    "/m/v1/leaves/{id}/end": _on("handler_D08", _entered, "/m/v1/leaves/{}/end"),
    "/s/v1/leaves": _others_leave,
    "/s/v1/leaves/{id}/end": _on("head_D08", _entered, "/s/v1/leaves/{}/end"),
    "/s/v1/cases/{no}/diligence": _diligence,
    "/m/v1/patrols": _asks("grid0202", "/m/v1/patrols", {"key": str(uuid4()), "track": True}),
    "/m/v1/patrols/{id}/end": _on("grid0202", _patrol, "/m/v1/patrols/{}/end"),
    "/m/v1/patrols/{id}/untrack": _on("grid0202", _patrol, "/m/v1/patrols/{}/untrack"),
    "/m/v1/proposals/{id}/opine": _with(_opinion, "m"),
    "/s/v1/proposals/{id}/opine": _with(_opinion, "s"),
    "/s/v1/admissions": _asks(HEAD, "/s/v1/admissions", admission()),
    "/s/v1/admissions/{id}/amend": _amended_admission,
    "/s/v1/adjustments": _adjustment,
    "/s/v1/adjustments/{id}/amend": _amended_adjustment,
    "/s/v1/proposals/{id}/settle": _on(
        HEAD, _at("settling"), _PROPOSALS + "/{}/settle", text="留"
    ),
    "/s/v1/proposals/{id}/withdraw": _on(
        HEAD, _at("opinions"), _PROPOSALS + "/{}/withdraw", text="算了"
    ),
    "/s/v1/proposals/{id}/review": _on(
        "keeper1", _at("review"), _PROPOSALS + "/{}/review", text="可以"
    ),
    "/s/v1/proposals/{id}/send-back": _on(
        "keeper1", _at("review"), _PROPOSALS + "/{}/send-back", text="改"
    ),
    "/s/v1/proposals/{id}/refuse": _on(
        "keeper1", _at("review"), _PROPOSALS + "/{}/refuse", text="不行"
    ),
    "/s/v1/proposals/{id}/approve": _on("leader1", _at("approval"), _PROPOSALS + "/{}/approve"),
    "/s/v1/burdens": _asks("township02", _BURDENS, _OBJECTION),
    "/s/v1/burdens/{id}/answer": _on(
        "head_D03", Ways.burden, _BURDENS + "/{}/answer", text="停发"
    ),
    "/s/v1/burdens/{id}/rule": _on(
        "keeper1", _answered_burden, _BURDENS + "/{}/rule", upheld=True, text="不该下派"
    ),
    "/s/v1/burdens/{id}/withdraw": _on(
        "township02", Ways.burden, _BURDENS + "/{}/withdraw", text="算了"
    ),
    "/s/v1/standard-texts": _with(_text, ""),
    "/s/v1/standard-texts/{id}/change": _with(_text, "/change"),
    "/s/v1/standard-texts/{id}/remove": _with(_text, "/remove"),
    "/s/v1/views": _with(_view, ""),
    "/s/v1/views/{id}/change": _with(_view, "/change"),
    "/s/v1/views/{id}/remove": _with(_view, "/remove"),
    "/s/v1/cases/{no}/watch": _with(_watched, "watch"),
    "/s/v1/cases/{no}/unwatch": _with(_watched, "unwatch"),
    "/m/v1/reports/{no}/follow": _with(_followed, "follow"),
    "/m/v1/reports/{no}/unfollow": _with(_followed, "unfollow"),
    "/s/v1/cases/{no}/unfollow": _unfollowed_at_a_desk,
    "/s/v1/deliveries/{id}/replay": _replay,
    "/s/v1/accounts": _asks("admin1", _ACCOUNTS, _NEW),
    "/s/v1/accounts/sheets": _file("admin1", _ACCOUNTS + "/sheets", accounts_file),
    "/s/v1/accounts/{id}/change": _changed_account,
    "/s/v1/accounts/{id}/disable": _on("admin1", Ways.account, _ACCOUNTS + "/{}/disable"),
    "/s/v1/accounts/{id}/enable": _on("admin1", _closed_account, _ACCOUNTS + "/{}/enable"),
    "/s/v1/accounts/{id}/password": _on("admin1", Ways.account, _ACCOUNTS + "/{}/password"),
    "/s/v1/accounts/{id}/sessions/{session}/end": _sign_in_of,
    "/s/v1/accounts/{id}/sessions/end": _on("admin1", _signed_in, _ACCOUNTS + "/{}/sessions/end"),
    "/s/v1/roster": _with(_seat, seated=False),
    "/s/v1/roster/remove": _with(_seat, seated=True),
    "/s/v1/teams": _with(_member, joined=False),
    "/s/v1/teams/remove": _with(_member, joined=True),
    "/s/v1/entries/{id}/words": _words,
    "/s/v1/word-proposals/{id}/accept": _on(
        "keeper1", Ways.word, "/s/v1/word-proposals/{}/accept"
    ),
    "/s/v1/word-proposals/{id}/reject": _on(
        "keeper1", Ways.word, "/s/v1/word-proposals/{}/reject"
    ),
    "/s/v1/lists/{type}/versions": _file("keeper1", f"/s/v1/lists/{TYPE}/versions", list_file),
    "/s/v1/lists/versions/{id}/answers": _answers,
    "/s/v1/lists/versions/{id}/review": _on("keeper1", Ways.version, VERSIONS + "/{}/review"),
    "/s/v1/lists/versions/{id}/withdraw": _on("keeper1", Ways.version, VERSIONS + "/{}/withdraw"),
    "/s/v1/lists/versions/{id}/take-back": _on(
        "keeper1", Ways.published, VERSIONS + "/{}/take-back"
    ),
    "/s/v1/lists/versions/{id}/publish": _publish,
    "/s/v1/lists/{type}/drafts": _drafts,
    "/s/v1/calendar": _asks("admin1", "/s/v1/calendar", {"days": [_DAY_OFF]}),
    "/s/v1/places/generations": _file("admin1", "/s/v1/places/generations", places_file),
    "/s/v1/places/generations/{id}/publish": _put_in_force,
    "/s/v1/units/{id}/rename": _rename,
    "/s/v1/units/{id}/merge": _merge,
    "/s/v1/unit-plans/{id}/withdraw": _on("keeper1", _planned, "/s/v1/unit-plans/{}/withdraw"),
    "/s/v1/unit-plans/{id}/confirm": _on("admin1", _planned, "/s/v1/unit-plans/{}/confirm"),
    "/s/v1/unit-plans/{id}/undo": _on("admin1", _renamed, "/s/v1/unit-plans/{}/undo"),
}
