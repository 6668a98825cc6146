"""One story on stage: its script, its people, and who must hear of what."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final

from gridwhistle.tour.deviation import Deviation, holds, same
from gridwhistle.tour.inbox import Ear, listen
from gridwhistle.tour.people import Json, Person, Town
from gridwhistle.tour.photos import Camera, Point
from gridwhistle.tour.script import Script
from gridwhistle.tour.telling import Teller
from server.clock import now
from server.texts.catalogue import text

_SETTLE_SECONDS: Final = 0.15


@dataclass(slots=True)
class Play:
    """A story as it goes; `no` and `due_at` are known once the case is.

    `cast` are those who listen, by the names that the script has for them, `found` who turned out
    to have a part, `asked` how often each was asked to check. `lead` is who leads now; `kept` is
    what acts kept of answers for later ones.
    """

    script: Script
    town: Town
    teller: Teller
    camera: Camera
    spot: Point
    cast: Mapping[str, Ear]
    lead: str
    no: str = ""
    call_id: str = ""
    due_at: datetime | None = None
    position_open: int = 1
    photos: list[str] = field(default_factory=list)
    kept: dict[str, object] = field(default_factory=dict)
    found: dict[str, Person] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def reporter(self) -> Ear:
        """Who reported or called."""
        return self.cast["reporter"]

    @property
    def units(self) -> tuple[str, ...]:
        """The names of all units that have or had a task by now, the lead's first."""
        begun = self.script.order[: self.position_open]
        known = {name for names in begun for name in names} if begun else self.cast
        helpers = (name for name in self.script.cooperating if name in known)
        return tuple(dict.fromkeys((self.lead, *helpers)))

    @property
    def case(self) -> str:
        """The case's path at a desk."""
        return f"/s/v1/cases/{self.no}"

    @property
    def position(self) -> dict[str, object]:
        """Where the story happens, as a phone tells it."""
        lon, lat = self.spot
        return {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy": 8.0, "source": "device"}

    def opened(self, no: str) -> None:
        """Remember the story's case; from now on its messages are listened for."""
        self.no = no
        self.keep("no", no)

    def keep(self, name: str, value: object) -> None:
        """Keep something of an answer; the number of a further case is listened for."""
        self.kept[name] = value
        for ear in self.cast.values():
            ear.cases.add(str(value))

    def step(self, person: Person, what: str, /, **facts: object) -> None:
        """Say what somebody just did; `what` names the sentence."""
        self.teller.step(person.who, text(f"tour.did.{what}", **facts))

    def seen(self, what: str, /, **facts: object) -> None:
        """Say what else was seen; `what` names the sentence."""
        self.teller.detail(text(f"tour.seen.{what}", **facts))

    async def somebody(self, name: str) -> Person:
        """Return who plays a part of the script; raises NoSignIns."""
        ear = self.cast.get(self.lead if name == "lead" else name)
        if name in self.found:
            return self.found[name]
        return ear.person if ear else await self.town.somebody(name)

    async def desk(self) -> Json:
        """Return the case whole, as the supervision side sees it."""
        keeper = await self.town.person("acceptor1")
        return await keeper.get(self.case)

    async def stage(self, expected: str) -> None:
        """Hold the case to a stage."""
        case = (await self.desk())["case"]
        same("stage", case["stage"], expected)

    async def task_of(self, officer: Person) -> Json:
        """Return the unit's task of this case as its own board shows it."""
        task = await officer.find("/m/v1/tasks", lambda each: bool(each["no"] == self.no))
        if task is None:
            raise Deviation("on_board", expected=self.no, got=text("tour.nothing"))
        return task

    async def told(
        self,
        kind: str,
        *,
        by: Person | None,
        followers: bool = True,
        units: bool = True,
        but: Sequence[str] = (),
    ) -> None:
        """Wait until everybody who is owed a message of an act has it, and say what it says.

        All units `but` those that hear of something else at that moment.
        """
        told = [self.reporter] if followers else []
        if units:
            acting = by.unit if by is not None and by.unit else None
            caller = (self.script.township,) if self.call_id else ()
            officers = (self.cast[unit] for unit in (*self.units, *caller) if unit not in but)
            told += [ear for ear in officers if ear.person.unit != acting]
        # Whoever acts knows; a report is told to its reporter, so that one has no `by`.
        told = list({id(ear): ear for ear in told if ear.person is not by}.values())
        # The others are the first unit's equals: `settled` holds them to it, in one reading.
        n_first = 2 if followers and units else 1
        await self._heard(kind, self.no, told[:n_first])
        for ear in told[n_first:]:
            ear.owe(self.no, kind)
        self.teller.heard_too(len(told[n_first:]))

    async def hear(self, kind: str, names: Iterable[str]) -> None:
        """Wait until those have a message of a kind, `kind@name` about the case kept by a name."""
        plain, _, about = kind.partition("@")
        no = str(self.kept[about or "no"])
        await self._heard(plain, no, [self.cast[name] for name in names])

    async def _heard(self, kind: str, no: str, ears: Iterable[Ear]) -> None:
        """Say each wording once, and how many others heard one of them."""
        said: set[str] = set()
        n_more = 0
        for ear in ears:
            words = await ear.next(no, kind)
            if words in said:
                n_more += 1
            else:
                said.add(words)
                live = ear.socket is not None
                self.teller.heard(ear.person.who, words, live=live)
        self.teller.heard_too(n_more)

    async def take_photo(self, person: Person) -> str:
        """Photograph the place as somebody: its header is understood; sent twice it is one."""
        shot = self.camera.take(self.spot, now())
        first = await person.upload(shot)
        if not self.photos:
            again = await person.upload(shot)
            twice = (again.status, again.body["id"])
            same("photo_again", twice, (HTTPStatus.OK, first.body["id"]))
        same("photo_hash", first.body["sha256"], shot.sha256)
        if shot.facts.taken_local:
            holds("photo_time", first.body["taken_at"], first.body)
        if shot.facts.position:
            place = first.body["position"] or {}
            away = [
                abs(place.get("lon", 999.0) - shot.facts.position.lon),
                abs(place.get("lat", 999.0) - shot.facts.position.lat),
            ]
            holds("photo_position", max(away) < 1e-6, first.body)
        self.photos.append(str(first.body["id"]))
        return self.photos[-1]

    async def settled(self) -> None:
        """Hold every inbox of the story to what was owed, once each and in order."""
        await asyncio.sleep(_SETTLE_SECONDS)
        for ear in {id(ear): ear for ear in self.cast.values()}.values():
            await ear.settled()
        self.seen("settled")


async def staged(told: Script, town: Town, teller: Teller, camera: Camera, spot: Point) -> Play:
    """Return a story with everybody in place: the reporter by socket, the others by asking."""
    reporter = await listen(await town.somebody(told.reporter), live=True)
    ears = {reporter.person.account.username: reporter}
    cast = {"reporter": reporter}
    for name in (told.reporter, *told.units, told.township, *told.also):
        person = await town.somebody(name)
        username = person.account.username
        if username not in ears:
            ears[username] = await listen(person)
        cast[name] = ears[username]
    return Play(told, town, teller, camera, spot, cast, told.lead)
