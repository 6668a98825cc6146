"""The demo county's people: one account specification per person, in every role."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import shapely

from gridwhistle.demo.geography import features, landmarks

COUNTY_ROLES = (
    ("acceptor", "acceptor", 2),
    ("dispatcher", "dispatcher", 2),
    ("leader", "leader", 1),
    ("auditor", "auditor", 1),
    ("admin", "admin", 1),
    ("resident", "resident", 3),
)
#: The offices that keep the list, by the codes of their units.
KEEPERS = ("D99", "D24", "D99")
WORKERS_PER_TOWNSHIP = 4
STORY = "load_bearing_wall"


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One account to make; `unit` is a unit's name or '', `demo` marks a printed sign-in."""

    username: str
    name: str
    role: str
    unit: str
    place_codes: tuple[str, ...]
    demo: bool


def accounts(seed: int = 1) -> tuple[AccountSpec, ...]:
    """Return everybody with an account, exactly one of each role marked as a demo sign-in.

    Needs the units of units.csv; the places are those of `features(seed)`. Every grid has exactly
    one grid worker. The demo sign-ins are those who play the story of the hole cut in a wall.
    """
    units = _rows("units.csv")
    found = features(seed)["features"]
    places = [feature["properties"] for feature in found]
    drafts = [*_townships(units, places), *_units(units), *_county(), *_keepers(units)]
    shown = _shown(drafts, _story_grid(found, seed))
    return tuple(
        replace(draft, name=name, demo=draft.username in shown)
        for draft, name in zip(drafts, _person_names(), strict=False)
    )


def _townships(
    units: Iterable[Mapping[str, str]], places: list[dict[str, str]]
) -> Iterator[AccountSpec]:
    codes = {place["name"]: place["code"] for place in places if place["level"] == "township"}
    rows = [row for row in units if row["kind"] == "township"]
    for number, row in enumerate(rows, start=1):
        unit, code = row["name"], codes[row["name"]]
        yield _draft(f"township{number:02d}", "township", unit, code)
        yield _draft(f"duty{number:02d}", "duty_leader", unit, code)
        for n, grids in enumerate(_shares(places, code), start=1):
            yield _draft(f"grid{number:02d}{n:02d}", "grid_worker", unit, *grids)


def _units(units: Iterable[Mapping[str, str]]) -> Iterator[AccountSpec]:
    for row in units:
        if row["kind"] in ("department", "utility", "station"):
            yield _draft(f"handler_{row['code']}", "handler", row["name"])
        if row["kind"] in ("department", "utility"):
            yield _draft(f"head_{row['code']}", "unit_head", row["name"])


def _county() -> Iterator[AccountSpec]:
    for role, stem, n in COUNTY_ROLES:
        for number in range(1, n + 1):
            yield _draft(f"{stem}{number}", role, "")


def _keepers(units: Iterable[Mapping[str, str]]) -> Iterator[AccountSpec]:
    names = {row["code"]: row["name"] for row in units}
    for number, code in enumerate(KEEPERS, start=1):
        yield _draft(f"keeper{number}", "list_keeper", names[code])


def _draft(username: str, role: str, unit: str, *place_codes: str) -> AccountSpec:
    return AccountSpec(username, "", role, unit, place_codes, demo=False)


def _shares(places: list[dict[str, str]], township: str) -> list[list[str]]:
    """Share out whole villages to the workers, the largest first to whoever has least."""
    villages = [place["code"] for place in places if place["parent"] == township]
    grids = {
        village: [place["code"] for place in places if place["parent"] == village]
        for village in villages
    }
    shares: list[list[str]] = [[] for _ in range(WORKERS_PER_TOWNSHIP)]
    for village in sorted(villages, key=lambda code: (-len(grids[code]), code)):
        min(shares, key=len).extend(grids[village])
    return [sorted(share) for share in shares]


def _shown(drafts: Iterable[AccountSpec], grid: str) -> frozenset[str]:
    """Choose one username per role: who belongs to the story, or else the first."""
    wanted = {row["role"]: row["unit"] for row in _rows("signins.csv")}
    shown: dict[str, str] = {}
    for draft in drafts:
        fits = wanted.get(draft.role, "") in draft.unit
        if draft.role == "grid_worker":
            fits = grid in draft.place_codes
        if fits:
            shown.setdefault(draft.role, draft.username)
    return frozenset(shown.values())


def _story_grid(found: Iterable[Mapping[str, Any]], seed: int) -> str:
    point = shapely.Point(landmarks(seed)[STORY])
    for feature in found:
        if feature["properties"]["level"] == "grid" and _shape(feature).covers(point):
            return str(feature["properties"]["code"])
    raise LookupError(STORY)


def _shape(feature: Mapping[str, Any]) -> shapely.Geometry:
    return shapely.geometry.shape(feature["geometry"])


def _person_names() -> Iterator[str]:
    """Invent names, all different: every surname of people.csv with every given name."""
    rows = _rows("people.csv")
    for turn in range(len(rows)):
        for i, row in enumerate(rows):
            yield row["surname"] + rows[(i * 7 + turn) % len(rows)]["given"]


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("gridwhistle.demo").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
