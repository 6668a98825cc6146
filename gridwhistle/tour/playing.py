"""Playing the stories one after the other, and saying how it went."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp

from gridwhistle.demo.geography import landmarks
from gridwhistle.demo.loading import SignIn
from gridwhistle.tour import closing, governing, handling, opening
from gridwhistle.tour.acting import act
from gridwhistle.tour.deviation import Deviation
from gridwhistle.tour.people import Town
from gridwhistle.tour.photos import Camera, Point
from gridwhistle.tour.play import Play, staged
from gridwhistle.tour.script import Script, script
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
        for each in names:
            name = text("tour.story" if each.isalpha() else "tour.detour", name=each)
            teller.begin(name, script(each).title)
            try:
                await _play(script(each), town, teller, camera, spots)
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
    told: Script, town: Town, teller: Teller, camera: Camera, spots: Mapping[str, Point]
) -> None:
    play = await staged(told, town, teller, camera, spots[told.landmark])
    try:
        # What leads up to a detour is what the stories have told at length.
        teller.brief = bool(told.acts)
        for step in told.steps:
            await STEPS[step](play)
        teller.brief = False
        for row in told.acts:
            await (STEPS[row.do](play) if row.do else act(play, row))
        for step in told.ending:
            await STEPS[step](play)
        await play.settled()
    finally:
        if play.reporter.socket is not None:
            await play.reporter.socket.close()


#: What scripts may have as a step, by its name.
STEPS: Final[Mapping[str, Callable[[Play], Awaitable[None]]]] = {
    "look_up": opening.look_up,
    "report": opening.report,
    "screen": opening.screen,
    "dispatched": opening.dispatched,
    "call": opening.call,
    "duties": handling.duties,
    "accept": handling.accept,
    "come": handling.come,
    "work": handling.work,
    "process": handling.process,
    "ask": closing.ask,
    "check": closing.check,
    "close": closing.close,
    "appraise": closing.appraise,
    "look_back": closing.look_back,
    "change_list": governing.change_list,
    "restore_list": governing.restore_list,
    "opinions": governing.opinions,
    "publish": governing.publish,
}


def _say_deviation(name: str, teller: Teller, deviation: Deviation) -> None:
    teller.say("")
    teller.say(text("tour.deviation", name=name, check=deviation.check))
    teller.say(text("tour.after", step=teller.last.strip() or text("tour.start")))
    teller.say(text("tour.expected", what=deviation.expected))
    teller.say(text("tour.got", what=deviation.got))
