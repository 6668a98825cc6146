"""How a case begins: a report, screened or not, or a call; and what the list says of it."""

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from gridwhistle.tour.deviation import holds, same
from gridwhistle.tour.people import Json
from gridwhistle.tour.play import Play
from server.clock import now
from server.texts.catalogue import text

_CALL_IN: Final = timedelta(minutes=30)
_SLACK_HOURS: Final = 0.1


async def look_up(play: Play) -> None:
    """See in the published list who answers for the matter."""
    script, asking = play.script, play.reporter.person
    entry = await asking.find(
        "/m/v1/public/matters", lambda each: bool(each["code"] == script.matter)
    )
    holds("matter_on_list", entry, script.matter)
    assert entry is not None  # noqa: S101 - held just now
    # A matter of the townships names none of them.
    itself = script.lead == script.township
    same("list_lead", entry["lead"], text("word.township") if itself else script.lead)
    wanted = {unit for unit in script.cooperating if unit != script.township}
    holds("list_cooperating", wanted <= set(entry["cooperating"]), entry["cooperating"])
    helpers = text("format.and").join(entry["cooperating"])
    play.step(
        asking,
        "look_up",
        matter=entry["name"],
        code=script.matter,
        lead=entry["lead"],
        cooperating=helpers,
    )


async def report(play: Play) -> None:
    """Photograph and report; the receipt says where, who and until when, every time the same."""
    script, reporter = play.script, play.reporter.person
    photo = await play.take_photo(reporter)
    body = {
        "key": str(uuid4()),
        "kind": script.kind,
        "text": script.words,
        "matter": script.matter,
        "photos": [photo],
        "position": play.position,
        "captured_at": now().isoformat(),
        "anonymous": True,
        "channel": script.channel,
    }
    receipt = await reporter.post("/m/v1/reports", body)
    play.opened(receipt["no"])
    play.step(reporter, "report", words=script.words, no=play.no)
    _hold_receipt(play, receipt)
    again = await reporter.post("/m/v1/reports", body)
    same("receipt_again", again, receipt)
    other = body | {"text": script.words * 2}
    said = await reporter.refused("/m/v1/reports", other, status=422, code="report.key_reused")
    play.seen("again", said=said)
    if script.screened:  # else it is told as dispatched, and once
        await play.told("case.report", by=None, units=False)


async def screen(play: Play) -> None:
    """Take the report on, as the acceptor: filed, and dispatched by the list."""
    acceptor = await play.town.person("acceptor1")
    card = await acceptor.post(f"{play.case}/file", {"note": ""})
    same("stage", card["stage"], "dispatched")
    same("card_lead", card["lead"], play.script.lead)
    _hold_due(play, card["due_at"], card["due_why"])
    play.step(acceptor, "file", lead=card["lead"], due=play.teller.moment(card["due_at"]))
    play.seen("due", why=card["due_why"])


async def dispatched(play: Play) -> None:
    """See that everybody concerned hears of the dispatch, and of the same one."""
    await play.told("case.dispatch", by=None)
    await _hold_tasks(play)


async def call(play: Play) -> None:
    """Call units to a place at a time, as the township's room."""
    script, room = play.script, play.reporter.person
    asked_at = now() + _CALL_IN
    body = {
        "reason": "joint_enforcement",
        "place": script.meet,
        "asked_at": asked_at.isoformat(),
        "matter": script.matter,
        "text": script.words,
        "position": play.position | {"source": "map"},
        "lead": script.lead,
        "cooperating": list(script.cooperating),
    }
    made = await room.post("/m/v1/calls", body)
    card = made["case"]
    play.opened(card["no"])
    play.call_id = str(made["id"])
    play.step(
        room,
        "call",
        words=script.words,
        no=play.no,
        meet=script.meet,
        asked=play.teller.moment(made["asked_at"]),
    )
    same("stage", card["stage"], "dispatched")
    same("card_lead", card["lead"], script.lead)
    same("place", (card["township"], card["village"]), (script.township, script.village))
    _hold_due(play, card["due_at"], card["due_why"])
    play.seen("due", why=card["due_why"])
    asked = datetime.fromisoformat(made["asked_at"])
    same("asked_at", asked, asked_at)
    await play.told("case.call", by=room)
    await _hold_tasks(play)


async def _hold_tasks(play: Play) -> None:
    """See that exactly the named units have a task, one of them the lead's."""
    whole = await play.desk()
    parts = {task["unit"]: task["part"] for task in whole["tasks"]}
    wanted = dict.fromkeys(play.units, "cooperating")
    same("tasks", parts, wanted | {play.lead: "lead"})
    for task in whole["tasks"]:
        due_at = datetime.fromisoformat(task["due_at"])
        if play.script.order and task["part"] != "lead":
            # A step of a process has a clock of its own.
            holds("step_due", play.due_at and due_at <= play.due_at, due_at)
        else:
            same("tasks_due", due_at, play.due_at)
    holds("explained", whole["explanation"].get("text"), whole["explanation"])
    play.seen("why", why=whole["explanation"]["text"])


def _hold_receipt(play: Play, receipt: Json) -> None:
    script, place = play.script, receipt["place"]
    holds("placed", place and place["certain"], receipt)
    same("place", place["township"]["name"], script.township)
    if script.village:
        same("place", place["village"]["name"], script.village)
    reporter = play.reporter.person
    if reporter.account.role == "grid_worker":
        holds("own_grid", place["grid"]["code"] in reporter.grids, place["grid"])
    same("matter", receipt["matter"]["code"], script.matter)
    where = "".join(place[level]["name"] for level in ("township", "village", "grid"))
    play.seen("place", where=where)
    if script.screened:
        same("stage", receipt["stage"], "submitted")
        same("waits_for", [why["code"] for why in receipt["why"]], ["screened"])
        play.seen("waits", why=receipt["why"][0]["reason"])
        return
    same("stage", receipt["stage"], "dispatched")
    same("receipt_lead", receipt["lead"]["unit"], script.lead)
    _hold_due(play, receipt["lead"]["due_at"], receipt["lead"]["why"])
    due = play.teller.moment(receipt["lead"]["due_at"])
    play.seen("lead", lead=script.lead, due=due, why=receipt["lead"]["why"])


def _hold_due(play: Play, due_at: str | None, why: str) -> None:
    holds("due", due_at and why, due_at)
    assert due_at is not None  # noqa: S101 - held just now
    least, most = play.script.due_hours
    play.due_at = datetime.fromisoformat(due_at)
    hours = (play.due_at - now()).total_seconds() / 3600
    within = least - _SLACK_HOURS <= hours <= most + _SLACK_HOURS
    holds("due_hours", within, f"{due_at} ({hours:.1f} h)")
