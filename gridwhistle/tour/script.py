"""The stories and detours as data: where they happen, who speaks, and what must come of it."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

_FILES: Final = ("stories.toml", "detours.toml")


class Row(BaseModel):
    """A row of a script's file; a word that is none of its fields is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Act(Row):
    """What somebody asks of the server, and what must come of it; or a general step, in `do`.

    `by` is a username, a unit's name, or who plays a part: reporter, lead, checker. A path may
    name `{no}`, `{task}` (the actor's own), `{check}` and whatever `keeps` kept; in a body,
    `$photo`, `$position`, `$key`, `$in:30` (minutes from now), `$day:30` and `$name` of what was
    kept are filled in. `gives` are fields of the answer by dotted path, `shows` those told;
    `hears` names who hears which messages of it, in order: nobody else hears anything. `lead` is
    who leads from then on.
    """

    do: str = ""
    by: str = ""
    say: str = ""
    post: str = ""
    get: str = ""
    body: dict[str, Any] = {}
    status: int = 409
    refused: str = ""
    gives: dict[str, Any] = {}
    shows: tuple[str, ...] = ()
    keeps: dict[str, str] = {}
    hears: dict[str, tuple[str, ...]] = {}
    stage: str = ""
    lead: str = ""


class Within(Row):
    """How many minutes after receipt the lead must have come and finished, the case be closed."""

    arrived: int | None = None
    done: int | None = None
    closed: int | None = None


class Script(Row):
    """One story or detour: general `steps`, then `acts` of its own, then general steps again.

    `village` and `meet` (where units are called to) may be empty. `also` are people who listen
    besides the reporter, the units and the township; `n_duties` says how many duties the list
    gives the lead and the township; `order` names the units whose turn it is, one position of the
    matter's process after the other.
    """

    title: str
    landmark: str
    township: str
    village: str
    matter: str
    kind: str
    channel: str
    reporter: str
    words: str
    lead: str
    cooperating: tuple[str, ...]
    due_hours: tuple[float, float]
    steps: tuple[str, ...]
    acts: tuple[Act, ...] = ()
    ending: tuple[str, ...] = ()
    screened: bool = False
    also: tuple[str, ...] = ()
    meet: str = ""
    within: Within = Within()
    n_duties: tuple[int, int] = (0, 0)
    order: tuple[tuple[str, ...], ...] = ()
    progress: str = ""
    helped: str = ""
    result: str = ""
    check: str = ""
    comment: str = ""

    @property
    def units(self) -> tuple[str, ...]:
        """The names of all units with a task, the lead's first."""
        return (self.lead, *self.cooperating)


def names() -> tuple[str, ...]:
    """Return the names of all stories and detours, in the order they are played."""
    return tuple(_rows())


def script(name: str) -> Script:
    """Return the story or detour of that name; raises KeyError."""
    return Script.model_validate(_rows()[name])


def _rows() -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name in _FILES:
        source = resources.files("gridwhistle.tour").joinpath(name)
        found |= tomllib.loads(source.read_text(encoding="utf-8"))
    return found
