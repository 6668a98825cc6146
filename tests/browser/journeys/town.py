"""Everybody of the town at their screens: who signs in once stays signed in."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from playwright.async_api import Browser, Page

from gridwhistle.demo.people import AccountSpec, accounts
from media.sample import jpeg
from server.clock import now
from tests.browser.conftest import Phone, new_phone
from tests.browser.desk.conftest import Desk, new_desk
from tests.casework import PLACES, rows_of
from tests.county import County

DOES_THE_WORK = ("handler", "township")
WHO_CHECKS = """
    SELECT username FROM account JOIN case_check ON assignee_id = account.id
    JOIN case_file ON case_file.id = case_check.case_id
    WHERE no = $1 AND case_check.done_at IS NULL
"""


@cache
def everybody() -> dict[str, AccountSpec]:
    """The people of the demo county, by their usernames."""
    return {each.username: each for each in accounts()}


@dataclass
class Town:
    """Opens a desk or a phone for somebody, signed in through its page the first time."""

    browser: Browser
    url: str
    county: County
    folder: Path
    desks: dict[str, tuple[Desk, Page]] = field(default_factory=dict)
    phones: dict[str, tuple[Phone, Page]] = field(default_factory=dict)
    n_photos: int = 0

    async def desk(self, who: str) -> Page:
        """The page at somebody's desk, where they left it."""
        who = self.username(who)
        if who not in self.desks:
            desk = await new_desk(self.browser, self.url)
            self.desks[who] = desk, await desk.sign_in(who)
        return self.desks[who][1]

    async def phone(self, who: str, at: str = "") -> Page:
        """The page on somebody's phone, where they left it; they stand at a landmark now."""
        who = self.username(who)
        if who not in self.phones:
            phone = await new_phone(self.browser, self.url)
            page = await phone.open("/sign-in")
            await phone.sign_in(page, who)
            self.phones[who] = phone, page
        phone, page = self.phones[who]
        if at:
            lon, lat = PLACES[at]
            await phone.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
        return page

    def username(self, who: str) -> str:
        """Who is meant: a username, or whoever does the work of a unit."""
        if who in everybody():
            return who
        [one] = [
            each.username
            for each in everybody().values()
            if each.unit == who and each.role in DOES_THE_WORK
        ]
        return one

    def matter(self, code: str) -> str:
        """What the list calls a matter."""
        entry = self.county.basis.lists.at(now()).entry(code)
        assert entry is not None, code
        return entry.name

    def photo(self) -> Path:
        """A new photo, unlike any other."""
        self.n_photos += 1
        file = self.folder / f"photo-{self.n_photos}.jpg"
        file.write_bytes(jpeg(320, 240, seed=self.n_photos))
        return file

    async def checker(self, no: str) -> str:
        """Whose phone will ring: the username of who is to look at the result of a case."""
        [row] = await rows_of(WHO_CHECKS, no)
        return row["username"]

    async def hold(self) -> None:
        """No page has thrown, asked elsewhere, or met what its policy refuses."""
        for desk, page in self.desks.values():
            assert desk.faults == []
            assert await page.evaluate("refused") == []
        for phone, _ in self.phones.values():
            assert phone.faults == []
