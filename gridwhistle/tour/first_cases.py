"""Cases for a first look: reported over HTTP by the demo's people, each brought as far as told."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from itertools import count
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

import aiohttp
import shapely

from gridwhistle.demo.geography import features
from gridwhistle.demo.loading import SignIn
from gridwhistle.tour.deviation import Deviation
from gridwhistle.tour.people import Json, Person, Town
from gridwhistle.tour.photos import Camera, Point
from gridwhistle.tour.script import Row
from server.clock import now
from server.texts.catalogue import text

_AT_ONCE: Final = 4
_TOLD_EVERY: Final = 10
_SUSPENDED_DAYS: Final = 30


class FirstCase(Row):
    """A row of first_cases.toml, which says what its fields mean."""

    by: str
    township: str
    grid: int
    matter: str
    words: str
    until: str
    result: str = ""
    comment: str = ""
    proper_unit: str = ""


@dataclass(slots=True)
class Planting:
    """One case on its way: its row, where it lies, who reported it, and its number."""

    row: FirstCase
    town: Town
    camera: Camera
    spot: Point
    grid: str
    reporter: Person | None = None
    no: str = ""
    receipt: Json = field(default_factory=dict)
    _tasks: list[tuple[str, Person, str]] = field(default_factory=list)

    @property
    def desk(self) -> str:
        """The case's path at a desk."""
        return f"/s/v1/cases/{self.no}"

    @property
    def position(self) -> dict[str, object]:
        """Where it lies, as a phone tells it."""
        lon, lat = self.spot
        return {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy": 8.0, "source": "device"}

    async def photo(self, person: Person) -> str:
        """Upload a photo of the place and return its id."""
        return str((await person.upload(self.camera.take(self.spot, now()))).body["id"])

    async def tasks(self, part: str) -> list[tuple[Person, str]]:
        """Return who does the tasks of a part, with the path of each; looked up once."""
        if not self._tasks:
            whole = await (await self.town.person("acceptor1")).get(self.desk)
            for task in whole["tasks"]:
                officer = await self.town.officer(task["unit"])
                mine = await officer.find("/m/v1/tasks", lambda each: bool(each["no"] == self.no))
                if mine is not None:
                    self._tasks.append((task["part"], officer, f"/m/v1/tasks/{mine['id']}"))
        return [(officer, path) for of, officer, path in self._tasks if of == part]

    async def asked(self, listed: str) -> tuple[Person, str]:
        """Return which grid worker is asked for a check or verification, and its id."""
        async for worker in self.town.grid_workers(self.row.township):
            board = await worker.get("/m/v1/tasks?limit=100")
            for each in board[listed]:
                if each["no"] == self.no:
                    return worker, str(each["id"])
        raise Deviation("check_given", expected=self.no, got=text("tour.nothing"))


async def plant(
    url: str, accounts: dict[str, SignIn], zone: ZoneInfo, say: Callable[[str], None]
) -> None:
    """Report and handle the first cases over HTTP, unless the county has any case already.

    What goes wrong is said; what was planted by then stays.
    """
    try:
        async with aiohttp.ClientSession(url) as http:
            town = Town(http, accounts)
            board = await (await town.person("acceptor1")).get("/s/v1/cases?limit=1")
            if board["items"]:
                return
            say(text("cli.cases_begun", n=len(rows())))
            await _plant_all(town, Camera(zone), say)
    except* (
        Deviation,
        LookupError,
        aiohttp.ClientError,
        OSError,
        TypeError,
        ValueError,
    ) as errors:
        first = _first(errors)
        say(text("cli.cases_failed", reason=getattr(first, "got", repr(first))))
    else:
        say(text("cli.cases_planted", n=len(rows())))


def _first(errors: ExceptionGroup[Exception]) -> Exception:
    """Return what went wrong first, out of groups within groups."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def rows() -> list[FirstCase]:
    """Return the rows of first_cases.toml."""
    source = resources.files("gridwhistle.tour").joinpath("first_cases.toml")
    found = tomllib.loads(source.read_text(encoding="utf-8"))["cases"]
    return [FirstCase.model_validate(row) for row in found]


async def _plant_all(town: Town, camera: Camera, say: Callable[[str], None]) -> None:
    grids = await asyncio.to_thread(_grids)
    hands, all_rows, done = asyncio.Semaphore(_AT_ONCE), rows(), count(1)

    async def planted(row: FirstCase) -> None:
        of_township = grids[row.township]
        code, spot = of_township[row.grid % len(of_township)]
        async with hands:
            planting = Planting(row, town, camera, spot, code)
            for deed in WAYS[row.until]:
                await deed(planting)
        n_done = next(done)
        if n_done % _TOLD_EVERY == 0 and n_done < len(all_rows):
            say(text("cli.cases_going", n=n_done, of=len(all_rows)))

    async with asyncio.TaskGroup() as group:
        for row in all_rows:
            group.create_task(planted(row))


def _grids() -> dict[str, list[tuple[str, Point]]]:
    """Return the demo county's grids by township: code, and a point well inside."""
    found = [(each["properties"], each["geometry"]) for each in features()["features"]]
    named = {p["code"][:9]: p["name"] for p, _ in found if p["level"] == "township"}
    grids: dict[str, list[tuple[str, Point]]] = {name: [] for name in named.values()}
    for place, geometry in found:
        if place["level"] == "grid":
            inside = shapely.geometry.shape(geometry).representative_point()
            grids[named[place["code"][:9]]].append((place["code"], (inside.x, inside.y)))
    return grids


async def _report(it: Planting) -> None:
    it.reporter = await _reporter(it)
    body = {
        "key": str(uuid4()),
        "kind": "livelihood",
        "text": it.row.words,
        "matter": it.row.matter,
        "photos": [await it.photo(it.reporter)],
        "position": it.position,
        "captured_at": now().isoformat(),
        "channel": "patrol" if it.row.by == "grid" else "wechat",
    }
    it.receipt = await it.reporter.post("/m/v1/reports", body)
    it.no = str(it.receipt["no"])


async def _reporter(it: Planting) -> Person:
    if it.row.by != "grid":
        return await it.town.person(it.row.by)
    async for worker in it.town.grid_workers(it.row.township):
        if it.grid in worker.grids:
            return worker
    raise LookupError(it.grid)


async def _file(it: Planting) -> None:
    if it.receipt["stage"] == "submitted":
        await (await it.town.person("acceptor1")).post(f"{it.desk}/file", {"note": ""})


async def _verify(it: Planting) -> None:
    body = {"question": text("tour.planted.question")}
    await (await it.town.person("acceptor1")).post(f"{it.desk}/verify", body)


async def _decline(it: Planting) -> None:
    body = {"code": "private_dispute", "where_to_go": text("tour.planted.where_to_go")}
    await (await it.town.person("acceptor1")).post(f"{it.desk}/decline", body)


async def _withdraw(it: Planting) -> None:
    assert it.reporter is not None  # noqa: S101 - it was reported before
    body = {"reason": text("tour.planted.withdrawn")}
    await it.reporter.post(f"/m/v1/reports/{it.no}/withdraw", body)


async def _merge(it: Planting) -> None:
    """The same again by somebody else, merged into the first."""
    second = Planting(it.row.model_copy(update={"by": "resident1"}), *_where(it))
    await _report(second)
    await _file(second)
    body = {"into": it.no, "reason": text("tour.planted.merged")}
    await (await it.town.person("acceptor1")).post(f"{second.desk}/merge", body)


def _where(it: Planting) -> tuple[Town, Camera, Point, str]:
    return it.town, it.camera, it.spot, it.grid


async def _accept(it: Planting) -> None:
    for officer, path in await it.tasks("lead"):
        await officer.post(f"{path}/accept")


async def _return(it: Planting) -> None:
    for officer, path in await it.tasks("lead"):
        body = {"ground": "wrong_matter", "reason": text("tour.planted.returned")}
        await officer.post(f"{path}/return", body | {"proper_unit": it.row.proper_unit})


async def _arrive(it: Planting) -> None:
    for officer, path in await it.tasks("lead"):
        await officer.post(f"{path}/check-in", {"position": it.position})
        note = {"note": text("tour.planted.progress"), "photos": [await it.photo(officer)]}
        await officer.post(f"{path}/progress", note)


async def _suspend(it: Planting) -> None:
    whole = await (await it.town.person("acceptor1")).get(it.desk)
    head = await it.town.head(whole["case"]["lead"])
    until = (now() + timedelta(days=_SUSPENDED_DAYS)).date().isoformat()
    body = {"what": "suspend", "reason": text("tour.planted.suspended"), "ground": "season"}
    await head.post(f"{it.desk}/ask", body | {"until": until})
    await (await it.town.person("dispatcher1")).post(f"{it.desk}/suspend")


async def _resolve(it: Planting) -> None:
    for officer, path in await it.tasks("cooperating"):
        await officer.post(f"{path}/accept")
        await officer.post(f"{path}/resolve", {"result": text("tour.planted.helped")})
    for officer, path in await it.tasks("lead"):
        body = {"result": it.row.result, "photos": [await it.photo(officer)]}
        await officer.post(f"{path}/resolve", body)


async def _look(it: Planting, *, passed: bool) -> None:
    worker, number = await it.asked("checks")
    body = {
        "passed": passed,
        "note": text("tour.planted.passed" if passed else "tour.planted.failed"),
        "photos": [await it.photo(worker)],
        "position": it.position,
    }
    await worker.post(f"/m/v1/checks/{number}", body)


async def _close(it: Planting) -> None:
    await _look(it, passed=True)
    await (await it.town.person("acceptor2")).post(f"{it.desk}/close", {"note": ""})


async def _rework(it: Planting) -> None:
    await _look(it, passed=False)
    body = {"reason": text("tour.planted.failed")}
    await (await it.town.person("acceptor1")).post(f"{it.desk}/rework", body)


async def _appraise(it: Planting) -> None:
    assert it.reporter is not None  # noqa: S101 - it was reported before
    opinion = {"responded": True, "solved": True, "satisfaction": 5, "comment": it.row.comment}
    await it.reporter.post(f"/m/v1/reports/{it.no}/appraisal", opinion)


Deed = Callable[[Planting], Awaitable[None]]
_DISPATCHED: Final[tuple[Deed, ...]] = (_report, _file)
_HANDLING: Final = (*_DISPATCHED, _accept)
_CHECKING: Final = (*_HANDLING, _arrive, _resolve)

#: What is done to a case to bring it as far as a row's `until` says.
WAYS: Final[Mapping[str, tuple[Deed, ...]]] = {
    "submitted": (_report,),
    "verifying": (_report, _verify),
    "declined": (_report, _decline),
    "dispatched": _DISPATCHED,
    "withdrawn": (_report, _withdraw),
    "merged": (*_DISPATCHED, _merge),
    "disputed": (*_DISPATCHED, _return),
    "handling": _HANDLING,
    "arrived": (*_HANDLING, _arrive),
    "suspended": (*_HANDLING, _suspend),
    "checking": _CHECKING,
    "reworked": (*_CHECKING, _rework),
    "closed": (*_CHECKING, _close),
    "archived": (*_CHECKING, _close, _appraise),
}
