"""Playing the stories one after the other, and saying how it went."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp

from gridwhistle.demo.geography import landmarks
from gridwhistle.demo.loading import SignIn
from gridwhistle.tour import closing, handling, opening
from gridwhistle.tour.deviation import Deviation
from gridwhistle.tour.inbox import listen
from gridwhistle.tour.people import Town
from gridwhistle.tour.photos import Camera, Point
from gridwhistle.tour.play import Play
from gridwhistle.tour.script import script
from gridwhistle.tour.telling import Teller
from server.texts.catalogue import text

_REQUEST_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outing:
    """Where the stories are played, by whom, with which photos."""

    url: str
    accounts: dict[str, SignIn]
    photos: tuple[Path, ...]
    zone: ZoneInfo


async def tour(outing: Outing, names: Sequence[str], say: Callable[[str], None]) -> bool:
    """Play the stories; return whether all went as written, having said so."""
    teller = Teller(say, outing.zone)
    spots = landmarks()
    say(text("tour.begin", url=outing.url))
    summaries = []
    timeout = aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
    async with aiohttp.ClientSession(outing.url, timeout=timeout) as http:
        town = Town(http, outing.accounts)
        camera = Camera(outing.zone, outing.photos)
        for name in names:
            try:
                await _play(name, town, teller, camera, spots)
            except Deviation as deviation:
                _say_deviation(name, teller, deviation)
                return False
            except (LookupError, TypeError, ValueError) as error:
                # An answer without what the story reads in it; the wire has no types.
                shape = Deviation("shape", expected=text("tour.yes"), got=repr(error))
                _say_deviation(name, teller, shape)
                return False
            summaries.append(teller.end(name))
    say("")
    for summary in summaries:
        say(summary)
    say(text("tour.good"))
    return True


async def _play(
    name: str, town: Town, teller: Teller, camera: Camera, spots: Mapping[str, Point]
) -> None:
    told = script(name)
    teller.begin(name, told.title)
    reporter = await listen(await town.person(told.reporter), live=True)
    officers = []
    for unit in dict.fromkeys((*told.units, told.township)):
        officer = await town.officer(unit)
        mine = officer is reporter.person
        officers.append(reporter if mine else await listen(officer))
    play = Play(told, town, teller, camera, spots[told.landmark], reporter, officers)
    try:
        await _STORIES[name](play)
    finally:
        if reporter.socket is not None:
            await reporter.socket.close()


async def _workshops(play: Play) -> None:
    """A: a resident's report is screened; six units come the same day."""
    await opening.look_up(play)
    await opening.report(play, screened=True)
    await opening.screen(play)
    await opening.dispatched(play)
    await handling.accept(play)
    departments = tuple(unit for unit in play.script.units if unit != play.script.township)
    await handling.come(play, departments, _at_desk)
    await _ended(play, f"/m/v1/reports/{play.no}/appraisal")


async def _wall(play: Play) -> None:
    """B: a grid worker's report is dispatched at once; three departments sign and come."""
    await opening.look_up(play)
    await opening.report(play, screened=False)
    await opening.dispatched(play)
    await handling.accept(play)
    departments = tuple(unit for unit in play.script.units if unit != play.script.township)
    await handling.come(play, departments, _at_desk)
    await _ended(play, f"/m/v1/reports/{play.no}/appraisal")


async def _barbecue(play: Play) -> None:
    """C: the township's room calls three departments to a place and a time."""
    await opening.look_up(play)
    call_id = await opening.call(play)
    await handling.accept(play)

    def by_call(task_id: str) -> str:
        return f"/m/v1/calls/{call_id}/arrivals/{task_id}/confirm"

    await handling.come(play, play.script.units, by_call)
    await _ended(play, f"{play.case}/appraise")
    await closing.hold_same_day(play)


async def _ended(play: Play, appraising: str) -> None:
    await handling.work(play)
    await closing.check(play)
    await closing.close(play)
    await closing.appraise(play, appraising)
    await closing.look_back(play)


def _at_desk(task_id: str) -> str:
    return f"/s/v1/tasks/{task_id}/confirm"


_STORIES: Final[Mapping[str, Callable[[Play], Awaitable[None]]]] = {
    "A": _workshops,
    "B": _wall,
    "C": _barbecue,
}


def _say_deviation(name: str, teller: Teller, deviation: Deviation) -> None:
    teller.say("")
    teller.say(text("tour.deviation", name=name, check=deviation.check))
    teller.say(text("tour.after", step=teller.last.strip() or text("tour.start")))
    teller.say(text("tour.expected", what=deviation.expected))
    teller.say(text("tour.got", what=deviation.got))
