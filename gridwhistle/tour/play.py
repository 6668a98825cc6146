"""One story on stage: its script, its people, and who must hear of what."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final

from gridwhistle.tour.deviation import holds, same
from gridwhistle.tour.inbox import Ear
from gridwhistle.tour.people import Json, Person, Town
from gridwhistle.tour.photos import Camera, Point
from gridwhistle.tour.script import Script
from gridwhistle.tour.telling import Teller
from server.clock import now
from server.texts.catalogue import text

_SETTLE_SECONDS: Final = 0.3


@dataclass(slots=True)
class Play:
    """A story as it goes; `no` and `due_at` are known once the case is."""

    script: Script
    town: Town
    teller: Teller
    camera: Camera
    spot: Point
    reporter: Ear
    officers: Sequence[Ear]
    no: str = ""
    due_at: datetime | None = None
    photos: list[str] = field(default_factory=list)

    @property
    def case(self) -> str:
        """The case's path at a desk."""
        return f"/s/v1/cases/{self.no}"

    @property
    def position(self) -> dict[str, object]:
        """Where the story happens, as a phone tells it."""
        lon, lat = self.spot
        return {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy": 8.0, "source": "device"}

    def step(self, person: Person, what: str, /, **facts: object) -> None:
        """Say what somebody just did; `what` names the sentence."""
        self.teller.step(person.who, text(f"tour.did.{what}", **facts))

    def seen(self, what: str, /, **facts: object) -> None:
        """Say what else was seen; `what` names the sentence."""
        self.teller.detail(text(f"tour.seen.{what}", **facts))

    async def desk(self) -> Json:
        """Return the case whole, as the supervision side sees it."""
        keeper = await self.town.person("acceptor1")
        return await keeper.get(self.case)

    async def stage(self, expected: str) -> None:
        """Hold the case to a stage."""
        case = (await self.desk())["case"]
        same("stage", case["stage"], expected)

    async def told(
        self, kind: str, *, by: Person | None, followers: bool = True, units: bool = True
    ) -> None:
        """Wait until everybody who is owed a message of an act has it, and say what it says."""
        if followers:
            words = await self.reporter.next(self.no, kind)
            live = self.reporter.socket is not None
            self.teller.heard(self.reporter.person.who, words, live=live)
        if not units:
            return
        acting = by.unit if by is not None and by.unit else None
        others = [
            ear
            for ear in self.officers
            if ear.person.unit != acting and not (followers and ear is self.reporter)
        ]
        told = [(ear, await ear.next(self.no, kind)) for ear in others]
        for ear, words in told[:1]:
            self.teller.heard(ear.person.who, words, live=ear.socket is not None)
        self.teller.heard_too(len(told) - 1)

    async def take_photo(self, person: Person) -> str:
        """Photograph the place as somebody: what the header says is understood, twice is once."""
        shot = self.camera.take(self.spot, now())
        first = await person.upload(shot)
        again = await person.upload(shot)
        same("photo_again", (again.status, again.body["id"]), (HTTPStatus.OK, first.body["id"]))
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
        others = [ear for ear in self.officers if ear is not self.reporter]
        for ear in (self.reporter, *others):
            await ear.settled(self.no)
