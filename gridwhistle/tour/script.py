"""The stories as data: where they happen, who speaks, and what must come of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

NAMES: Final = ("A", "B", "C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One story; `village` and `meet` (where units are called to) may be empty."""

    name: str
    title: str
    landmark: str
    township: str
    village: str
    meet: str
    matter: str
    kind: str
    channel: str
    reporter: str
    words: str
    lead: str
    cooperating: tuple[str, ...]
    due_hours: tuple[float, float]
    progress: str
    helped: str
    result: str
    check: str
    comment: str

    @property
    def units(self) -> tuple[str, ...]:
        """The names of all units with a task, the lead's first."""
        return (self.lead, *self.cooperating)


def script(name: str) -> Script:
    """Return the story of that name; raises KeyError."""
    source = resources.files("gridwhistle.tour").joinpath("stories.toml")
    return _script(name, tomllib.loads(source.read_text(encoding="utf-8"))[name])


def _script(name: str, row: Mapping[str, Any]) -> Script:
    least, most = row["due_hours"]
    return Script(
        name=name,
        title=row["title"],
        landmark=row["landmark"],
        township=row["township"],
        village=row["village"],
        meet=row.get("meet", ""),
        matter=row["matter"],
        kind=row["kind"],
        channel=row["channel"],
        reporter=row["reporter"],
        words=row["words"],
        lead=row["lead"],
        cooperating=tuple(row["cooperating"]),
        due_hours=(least, most),
        progress=row["progress"],
        helped=row["helped"],
        result=row["result"],
        check=row["check"],
        comment=row["comment"],
    )
