"""Acts that a script describes itself: what somebody asks, and what must come of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import uuid4

from gridwhistle.tour.deviation import Deviation, same
from gridwhistle.tour.people import Json, Person
from gridwhistle.tour.play import Play
from gridwhistle.tour.script import Act
from server.clock import now
from server.texts.catalogue import text

#: What a person may be asked to look at, by the list of their board that shows it.
_GIVEN: Final = {"{check}": "checks", "{verification}": "verifications"}


async def act(play: Play, row: Act) -> None:
    """Do one act of a script: the answer, the stage and every message are as it says."""
    person = await play.somebody(row.by)
    path = (row.post or row.get).format(**await _named(play, person, row.post or row.get))
    method = "POST" if row.post else "GET"
    body = await _filled(row.body, play, person) if row.post else None
    play.step(person, "act", words=row.say)
    if row.refused:
        said = await person.refused(path, body, status=row.status, code=row.refused)
        play.seen("act_refused", said=said)
    else:
        answer = await person.good(method, path, body)
        _hold(play, row, answer)
    if row.lead:
        play.lead = row.lead
    if row.stage:
        await play.stage(row.stage)
    for kind, names in row.hears.items():
        await play.hear(kind, names)


def _hold(play: Play, row: Act, answer: Json) -> None:
    for where, expected in row.gives.items():
        got = found(answer, where)
        same("act_gives", (where, got), (where, play.kept.get(_name(expected), expected)))
    for where in row.shows:
        play.seen("act_shows", what=_words(play, found(answer, where)))
    for name, where in row.keeps.items():
        play.keep(name, found(answer, where))


def _words(play: Play, value: object) -> object:
    """Return an instant in words, anything else as it is."""
    try:
        return play.teller.moment(value) if isinstance(value, str) else value
    except ValueError:
        return value


def found(answer: Json, where: str) -> object:
    """Return what stands at a dotted path of an answer, list items by number or by `key=value`."""
    for part in where.split("."):
        if isinstance(answer, list):
            answer = _item(answer, part)
        elif isinstance(answer, Mapping) and part in answer:
            answer = answer[part]
        else:
            raise Deviation("shape", expected=where, got=answer)
    return answer


def _item(items: list[Json], part: str) -> Json:
    key, equals, value = part.partition("=")
    wanted = [each for each in items if not equals or str(each.get(key)) == value]
    number = 0 if equals else int(key)
    if not -len(wanted) <= number < len(wanted):
        raise Deviation("shape", expected=part, got=items)
    return wanted[number]


async def _named(play: Play, person: Person, path: str) -> Mapping[str, object]:
    """Return what a path may name; a task or check is looked for only where it does."""
    known = dict(play.kept) | {"no": play.no, "call": play.call_id}
    if "{task}" in path:
        known["task"] = (await play.task_of(person))["id"]
    for name, listed in _GIVEN.items():
        if name in path:
            board = await person.get("/m/v1/tasks?limit=100")
            mine = [each["id"] for each in board[listed] if each["no"] == play.no]
            if not mine:
                raise Deviation("check_given", expected=play.no, got=text("tour.nothing"))
            known[name.strip("{}")] = mine[0]
    return known


async def _filled(value: Json, play: Play, person: Person) -> Json:
    """Return a body with its `$words` replaced."""
    if isinstance(value, dict):
        return {key: await _filled(each, play, person) for key, each in value.items()}
    if isinstance(value, list):
        return [await _filled(each, play, person) for each in value]
    if not _name(value):
        return value
    return await _meant(_name(value), play, person)


async def _meant(name: str, play: Play, person: Person) -> object:
    word, _, number = name.partition(":")
    match word:
        case "photo":
            return await play.take_photo(person)
        case "position":
            return play.position
        case "key":
            return str(uuid4())
        case "day":
            return (now() + timedelta(days=int(number or 0))).date().isoformat()
        case "in":
            return (now() + timedelta(minutes=int(number or 0))).isoformat()
    return play.kept[name]


def _name(value: object) -> str:
    """Return the name that a `$word` stands for, empty for anything else."""
    return value[1:] if isinstance(value, str) and value.startswith("$") else ""
