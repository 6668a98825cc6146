"""How the list itself is changed: by a spreadsheet or by what was approved, and published."""

import io
from http import HTTPStatus
from typing import Final

import aiohttp
from openpyxl import load_workbook

from gridwhistle.tour.deviation import holds, same
from gridwhistle.tour.people import Json, Person
from gridwhistle.tour.play import Play
from server.calendar.working import limit_text
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.sheets.columns import heading
from server.texts.catalogue import text

_KEEPER: Final = "keeper1"
#: What the list says of the matter while the scene lasts.
_LIMIT: Final = (9, "work_day")
_VERSIONS: Final = "/s/v1/lists/versions"


async def change_list(play: Play) -> None:
    """Take the list in force as a spreadsheet, change a limit in it, and put it into force."""
    keeper = await play.town.person(_KEEPER)
    listed = await keeper.get(f"{_VERSIONS}?type={MAIN}")
    before = next(each for each in listed["items"] if each["state"] == "published")
    book = await keeper.ask("GET", f"{_VERSIONS}/{before['id']}/export?format=xlsx")
    same("answer", book.status, HTTPStatus.OK)
    play.keep("sheet", book.body)
    limit = limit_text(*_LIMIT)
    draft = await _brought(play, keeper, with_limit(book.body, play.script.matter, limit))
    changes = (await keeper.get(f"{_VERSIONS}/{draft}/diff"))["items"]
    said = [each["said"] for change in changes for each in change["fields"]]
    codes = [change["code"] for change in changes]
    same("list_changes", (codes, len(said)), ([play.script.matter], 1))
    play.seen("list_changed", said=said[0])
    await _publish(play, keeper, draft)


async def restore_list(play: Play) -> None:
    """Put the spreadsheet as it was before into force again, so that the county is as it was."""
    keeper = await play.town.person(_KEEPER)
    sheet = play.kept["sheet"]
    assert isinstance(sheet, bytes)  # noqa: S101 - kept by the step before
    await _publish(play, keeper, await _brought(play, keeper, sheet))


async def opinions(play: Play) -> None:
    """Everybody who was asked about a proposal agrees in writing."""
    keeper = await play.town.person(_KEEPER)
    whole = await keeper.get(f"/s/v1/proposals/{play.kept['proposal']}")
    owed = [each["unit"] for each in whole["opinions"] if not each["stance"]]
    for unit in owed:
        person = await _office(play, unit)
        words = {"agrees": True, "text": text("tour.agreed")}
        await person.post(f"/s/v1/proposals/{play.kept['proposal']}/opine", words)
    play.step(keeper, "opinions", n=len(owed), units=text("format.and").join(owed[:3]))


async def publish(play: Play) -> None:
    """Draft the list's next version with all that was approved, and put it into force."""
    keeper = await play.town.person(_KEEPER)
    body = {"label": text("tour.next_version")}
    made = await keeper.post(f"/s/v1/lists/{MAIN}/drafts", body)
    holds("carried", str(play.kept["proposal"]) in made["proposals"], made)
    await _publish(play, keeper, made["version"])


def with_limit(sheet: bytes, matter: str, limit: str) -> bytes:
    """Return a spreadsheet of the list with another limit for one matter."""
    book = load_workbook(io.BytesIO(sheet))
    rows = list(book.worksheets[0].iter_rows())
    named = heading("limit", list_type(MAIN))
    column = next(cell.column for row in rows for cell in row if cell.value == named)
    [number] = [cell.row for row in rows for cell in row if cell.value == matter]
    book.worksheets[0].cell(number, column).value = limit
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


async def _office(play: Play, unit: str) -> Person:
    """Return who gives a unit's opinion: its head, or the township's command room."""
    heads = [
        one.username
        for one in play.town.accounts.values()
        if one.unit == unit and one.role == "unit_head"
    ]
    return await play.town.somebody(heads[0] if heads else unit)


async def _brought(play: Play, keeper: Person, sheet: bytes) -> str:
    form = aiohttp.FormData()
    form.add_field("label", text("tour.next_version"))
    form.add_field("file", sheet, filename="list.xlsx")
    answer: Json = (await keeper.send(f"/s/v1/lists/{MAIN}/versions", form)).body
    same("list_questions", answer["questions"], [])
    play.step(keeper, "brought", n=answer["version"]["n_entries"])
    return str(answer["version"]["id"])


async def _publish(play: Play, keeper: Person, version: str) -> None:
    await keeper.post(f"{_VERSIONS}/{version}/review")
    published = await keeper.post(f"{_VERSIONS}/{version}/publish", {})
    same("list_state", published["version"]["state"], "published")
    play.keep("version", int(version))
    play.step(keeper, "published", number=published["version"]["number"])
