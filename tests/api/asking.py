"""What somebody asks for over HTTP, and a county in which it can be asked for."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from aiohttp import FormData

from gridwhistle.demo.geography import features
from server.clock import now
from server.responsibility.search.everyday_words import Confirmed, confirm
from tests.api.versions import TYPE, XLSX, changed
from tests.casework import Casework
from tests.county import Person
from tests.domain.acts.governance import answered, proposed
from tests.pure.lists.sheets import xlsx

DAY = timedelta(days=1)
VERSIONS = "/s/v1/lists/versions"
LEAVING = {"leave_proposals": True, "leave_open": True}
DOCUMENT = {"document": "榴编〔2026〕12号"}


@dataclass
class Asking:
    """Who asks for what, where; `form` makes the same upload anew each time."""

    who: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    form: Callable[[], FormData] | None = None

    async def send(self, person: Person) -> tuple[int, Any]:
        """Ask as somebody; the status and the answer."""
        given = {"data": self.form()} if self.form else {"json": self.body}
        return await person.call("POST", self.path, **given)


@dataclass
class Ways:
    """A county in which everything can be brought about that somebody may then ask for."""

    work: Casework
    sign_in: Callable[..., Awaitable[Person]]
    _people: dict[str, Person] = field(default_factory=dict)

    async def someone(self, who: str) -> Person:
        """Somebody at a desk, signed in once."""
        if who not in self._people:
            self._people[who] = await self.sign_in(who, face="console")
        return self._people[who]

    def forget(self, who: str) -> None:
        """Sign somebody in anew at the next use."""
        self._people.pop(who)

    async def post(self, who: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to somebody whose asking must succeed."""
        return await (await self.someone(who)).post(path, body)

    async def sent(self, asking: Asking) -> Any:
        """The answer to an asking that must succeed."""
        status, made = await asking.send(await self.someone(asking.who))
        assert status < 300, (asking, made)
        return made

    async def account(self) -> str:
        """The id of a new account."""
        return (await self.new_account())["id"]

    async def new_account(self) -> dict[str, Any]:
        """What is answered of a new account."""
        roles = [{"role": "acceptor"}]
        form = {"username": f"new{uuid4().hex[:8]}", "name": "新人", "roles": roles}
        return await self.post("admin1", "/s/v1/accounts", form)

    async def proposal(self, stage: str = "opinions") -> str:
        """The id of a department's admission at a stage."""
        made = await proposed(self.work)
        if stage == "settling":
            await answered(self.work, made, objects="T02")
        elif stage != "opinions":
            await answered(self.work, made)
        if stage == "approval":
            for who in ("keeper1", "keeper2"):
                await self.post(who, f"/s/v1/proposals/{made.id}/review", {"text": "可以"})
        return str(made.id)

    async def burden(self) -> str:
        """The id of a township's objection."""
        form = {"form": "pledge", "title": f"责任状{uuid4().hex[:4]}", "text": "没有"}
        made = await self.post("township02", "/s/v1/burdens", form | {"against": "区卫生健康局"})
        return made["burden"]["id"]

    async def version(self, *, reviewed: bool = False) -> str:
        """The id of a draft of the list, or of one that was reviewed."""
        made = await self.sent(Asking("keeper1", f"/s/v1/lists/{TYPE}/versions", form=list_file))
        number = made["version"]["id"]
        if reviewed:
            await self.post("keeper1", f"{VERSIONS}/{number}/review")
        return number

    async def published(self) -> str:
        """The id of a version that is to be in force in a while."""
        number = await self.version(reviewed=True)
        starts = {"starts_at": (now() + 9 * DAY).isoformat()} | LEAVING
        await self.post("keeper1", f"{VERSIONS}/{number}/publish", starts)
        return number

    async def plan(self, name: str, *, done: bool = False) -> str:
        """The id of a plan to rename a unit, or of one that was carried out."""
        unit = self.work.basis.units.named("D05")
        form = {"name": name} | DOCUMENT
        made = await self.post("keeper1", f"/s/v1/units/{unit.id}/rename", form)
        if done:
            await self.post("admin1", f"/s/v1/unit-plans/{made['id']}/confirm")
        return made["id"]

    async def generation(self) -> str:
        """The id of a draft of the boundaries."""
        path = "/s/v1/places/generations"
        made = await self.sent(Asking("admin1", path, form=places_file))
        return made["generation"]["id"]

    async def word(self) -> str:
        """The id of an everyday word that reports proposed."""
        told = f"{chr(0x4E00 + uuid4().int % 9999)}{chr(0x4E00 + uuid4().int % 9999)}圆"
        facts = {"matter_code": "CJ-010", "suggested_code": "", "band": "morning"}
        news = [
            Confirmed(
                case_no=f"C{n}{told}",
                text=f"{told}{'好破大'[n]}",
                at=now(),
                township_code="",
                **facts,
            )
            for n in range(3)
        ]
        await confirm(news, at=now())
        return (await (await self.someone("keeper1")).get("/s/v1/word-proposals"))["items"][0][
            "id"
        ]


@cache
def _list() -> bytes:
    return changed("CJ-012", "办理时限", "9个工作日")


@cache
def _accounts() -> bytes:
    headings = ["姓名", "用户名", "所属单位", "角色"]
    rows = (["王一", "Wang.Yi", "区住建局", "单位经办人"], ["赵三", "zhao.san", None, "受理员"])
    return xlsx(["全区人员"], headings, *rows)


def list_file() -> FormData:
    form = FormData()
    form.add_field("file", _list(), filename="清单.xlsx", content_type=XLSX)
    return form


def places_file() -> FormData:
    form = FormData()
    data = json.dumps(features()).encode()
    form.add_field("file", data, filename="new.geojson", content_type="application/geo+json")
    form.add_field("datum", "wgs84")
    return form


def accounts_file() -> FormData:
    form = FormData()
    form.add_field("file", _accounts(), filename="账号.xlsx")
    return form
