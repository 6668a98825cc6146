"""How a case ends: checked, closed and appraised by three different people; what remains."""

import asyncio
import math
import re
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Final

from gridwhistle.tour.deviation import Deviation, holds, same
from gridwhistle.tour.inbox import PATIENCE_SECONDS
from gridwhistle.tour.people import Json, Person
from gridwhistle.tour.play import Play
from media.errors import MediaError
from media.inspect import inspect
from server.texts.catalogue import text

_EVERY_SECONDS: Final = 0.1
_PHONE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_STRANGERS: Final = ("resident1", "resident2")


async def ask(play: Play) -> None:
    """Find the grid worker who is asked for the check, and neither handled nor reported it."""
    play.found["checker"], _ = await _checker(play)


async def check(play: Play) -> None:
    """Look at the place again, as who is asked to."""
    checker, asked = await _checker(play)
    photo = await play.take_photo(checker)
    body = {
        "passed": True,
        "note": play.script.check,
        "photos": [photo],
        "position": play.position,
    }
    card = await checker.post(f"/m/v1/checks/{asked['id']}", body)
    same("stage", card["stage"], "checking")
    play.step(checker, "check", words=play.script.check)


async def close(play: Play) -> None:
    """Close it, as an acceptor; who handled it is refused."""
    handler = await play.town.officer(play.lead)
    refused = await handler.ask("POST", f"{play.case}/close", {"note": ""})
    same("own_closing", refused.status, HTTPStatus.FORBIDDEN)
    play.seen("own_closing", who=handler.who, said=refused.body["title"])
    closer = await play.town.person("acceptor2")
    card = await closer.post(f"{play.case}/close", {"note": ""})
    same("stage", card["stage"], "closed")
    play.step(closer, "close")
    await play.told("case.close", by=closer)


async def appraise(play: Play) -> None:
    """Say what one thinks of the answer, as who reported or called; solved means archived."""
    opinion = {"responded": True, "solved": True, "satisfaction": 5}
    path = f"{play.case}/appraise" if play.call_id else f"/m/v1/reports/{play.no}/appraisal"
    await play.reporter.person.post(path, opinion | {"comment": play.script.comment})
    play.step(play.reporter.person, "appraise", words=play.script.comment)
    await play.stage("archived")


async def look_back(play: Play) -> None:
    """See what remains: the history, the public entry, the photos' copies, every inbox."""
    await _hold_history(play)
    await _hold_public(play)
    await _hold_copies(play)
    await _hold_strangers_off(play)
    await _hold_within(play)


async def _checker(play: Play) -> tuple[Person, Json]:
    async for worker in play.town.grid_workers(play.script.township):
        board = await worker.get("/m/v1/tasks?limit=100")
        for asked in board["checks"]:
            if asked["no"] == play.no:
                same("checker", worker is play.reporter.person, False)
                play.asked[worker.account.username] += 1
                await _hold_asked(play, worker)
                return worker, asked
    raise Deviation("check_given", expected=play.no, got=text("tour.nothing"))


async def _hold_asked(play: Play, worker: Person) -> None:
    """Wait for the message that asks for the check; say what it says."""
    found: list[str] = []
    n_owed = play.asked[worker.account.username]  # one for each time
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if len(found := await _asked(play, worker)) >= n_owed:
                    break
                await asyncio.sleep(_EVERY_SECONDS)
    except TimeoutError as error:
        raise Deviation("message_comes", expected="work.check", got=worker.who) from error
    same("message_once", len(found), n_owed)
    play.teller.heard(worker.who, found[-1], live=False)


async def _asked(play: Play, worker: Person) -> list[str]:
    found = []
    async for page in worker.pages("/m/v1/inbox"):
        mine = (one for one in page["items"] if one["no"] == play.no)
        found += [one["text"] for one in mine if one["kind"] == "work.check"]
    return found


async def _hold_history(play: Play) -> None:
    keeper = await play.town.person("acceptor1")
    rows: list[Json] = []
    async for page in keeper.pages(f"{play.case}/steps"):
        rows += page["items"]
    versions = [row["version"] for row in rows]
    same("history", versions, list(range(1, len(rows) + 1)))
    same("history", rows[-1]["target"], "archived")
    for before, after in pairwise(rows):
        same("history", after["source"], before["target"])
    verbs = dict.fromkeys(row["verb_text"] for row in rows)
    play.seen("history", n=len(rows), verbs=text("tour.arrow").join(verbs))


async def _hold_public(play: Play) -> None:
    """See the closed case in the public list: what, where roughly, by whom; nobody's name."""
    path = "/m/v1/public/cases"
    row = await play.reporter.person.find(path, lambda each: bool(each["no"] == play.no))
    if row is None:
        raise Deviation("public", expected=play.no, got=text("tour.nothing"))
    same("public", (row["township"], row["lead"]), (play.script.township, play.lead))
    same("public_in_time", row["in_time"], True)
    whole = str(row)
    account = play.reporter.person.account
    secrets = [account.name, account.username, play.script.words[:8], play.script.comment]
    leaked = [word for word in secrets if word in whole] + _PHONE.findall(whole)
    holds("public_discretion", not leaked, leaked)
    coarse = all(round(row[axis], 3) == row[axis] for axis in ("lon", "lat"))
    holds("public_discretion", coarse, (row["lon"], row["lat"]))
    play.seen("public", matter=row["matter"], village=row["village"], lead=row["lead"])


async def _hold_copies(play: Play) -> None:
    """Fetch the photos' display copies as the handler, once made; no metadata is left."""
    handler = await play.town.officer(play.lead)
    for photo in play.photos:
        data = await _copy(handler, photo)
        try:
            facts = inspect(data)
        except MediaError as error:
            raise Deviation("copy", expected="JPEG", got=str(error)) from error
        left = (facts.taken_local, facts.position, facts.make, facts.model)
        same("copy_clean", left, (None, None, None, None))
        holds("copy_clean", b"Exif\0\0" not in data, photo)
    play.seen("copies", n=len(play.photos))


async def _copy(handler: Person, photo: str) -> bytes:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (answer := await handler.ask("GET", f"/m/v1/photos/{photo}")).status != 200:
                same("copy", answer.status, HTTPStatus.SERVICE_UNAVAILABLE)
                await asyncio.sleep(_EVERY_SECONDS)
    except TimeoutError as error:
        raise Deviation("copy", expected=200, got=answer.status) from error
    return bytes(answer.body)


async def _hold_within(play: Play) -> None:
    """See that the lead had come and finished, and the case was closed, soon enough."""
    whole, script = await play.desk(), play.script
    begun = datetime.fromisoformat(whole["case"]["received_at"])
    lead = next(task for task in whole["tasks"] if task["unit"] == play.lead)
    ends = {
        "arrived": (script.within.arrived, lead["arrived_at"]),
        "done": (script.within.done, lead["done_at"]),
        "closed": (script.within.closed, whole["case"]["closed_at"]),
    }
    for what, (allowed, at) in ends.items():
        if allowed is None:
            continue
        minutes = (datetime.fromisoformat(at) - begun) / timedelta(minutes=1)
        holds(f"within_{what}", minutes <= allowed, at)
        play.seen(f"within_{what}", took=math.ceil(minutes), allowed=allowed)


async def _stranger(play: Play) -> Person:
    """Return a resident who has nothing to do with the story."""
    here = {ear.person.account.username for ear in play.cast.values()}
    return await play.town.person(next(name for name in _STRANGERS if name not in here))


async def _hold_strangers_off(play: Play) -> None:
    """See that somebody else does not even learn that the case exists."""
    stranger = await _stranger(play)
    paths = [f"/m/v1/reports/{play.no}", *(f"/m/v1/photos/{photo}" for photo in play.photos)]
    statuses = [(await stranger.ask("GET", path)).status for path in paths]
    same("strangers", statuses, [HTTPStatus.NOT_FOUND] * len(paths))
    play.seen("strangers", who=stranger.who)
