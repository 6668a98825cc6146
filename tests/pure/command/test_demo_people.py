"""The demo's accounts: every role, every unit, every grid, and sign-ins that play a story."""

import csv
from collections import Counter
from importlib import resources

import pytest
import shapely

from gridwhistle.demo.geography import features, landmarks
from gridwhistle.demo.people import AccountSpec, accounts

ROLES = {
    "resident", "grid_worker", "township", "duty_leader", "handler", "unit_head",
    "acceptor", "dispatcher", "leader", "list_keeper", "auditor", "admin",
}  # fmt: skip


@pytest.fixture(scope="module")
def people() -> tuple[AccountSpec, ...]:
    return accounts()


@pytest.fixture(scope="module")
def units() -> list[dict[str, str]]:
    path = resources.files("gridwhistle.demo").joinpath("data/units.csv")
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def holding(people: tuple[AccountSpec, ...], role: str) -> list[AccountSpec]:
    return [one for one in people if one.role == role]


def test_every_role_is_held_and_has_exactly_one_demo_sign_in(
    people: tuple[AccountSpec, ...],
) -> None:
    assert {one.role for one in people} == ROLES
    assert Counter(one.role for one in people if one.demo) == dict.fromkeys(ROLES, 1)


def test_usernames_and_names_are_unique_and_usernames_are_ascii(
    people: tuple[AccountSpec, ...],
) -> None:
    assert len({one.username for one in people}) == len(people)
    assert len({one.name for one in people}) == len(people)
    assert all(one.username.isascii() and 2 <= len(one.name) <= 4 for one in people)


def test_each_township_has_an_operator_a_duty_leader_and_four_grid_workers(
    people: tuple[AccountSpec, ...],
) -> None:
    townships = {
        f["properties"]["name"]: f["properties"]["code"]
        for f in features()["features"]
        if f["properties"]["level"] == "township"
    }
    for role in ("township", "duty_leader"):
        assert {one.unit: one.place_codes for one in holding(people, role)} == {
            name: (code,) for name, code in townships.items()
        }
    workers = Counter(one.unit for one in holding(people, "grid_worker"))
    assert workers == dict.fromkeys(townships, 4)


def test_every_grid_has_exactly_one_worker_and_every_village_too(
    people: tuple[AccountSpec, ...],
) -> None:
    grids = [
        f["properties"]["code"]
        for f in features()["features"]
        if f["properties"]["level"] == "grid"
    ]
    workers = holding(people, "grid_worker")
    assert sorted(code for one in workers for code in one.place_codes) == sorted(grids)
    of_village = {(code[:12], one.username) for one in workers for code in one.place_codes}
    assert len(of_village) == len({grid[:12] for grid in grids})
    assert min(len(one.place_codes) for one in workers) >= 8


def test_every_unit_has_a_handler_and_every_department_and_utility_a_head(
    people: tuple[AccountSpec, ...], units: list[dict[str, str]]
) -> None:
    manned = [u["name"] for u in units if u["kind"] in ("department", "utility", "station")]
    headed = [u["name"] for u in units if u["kind"] in ("department", "utility")]
    assert sorted(one.unit for one in holding(people, "handler")) == sorted(manned)
    assert sorted(one.unit for one in holding(people, "unit_head")) == sorted(headed)


def test_the_demo_sign_ins_can_play_the_story_of_the_wall(
    people: tuple[AccountSpec, ...], units: list[dict[str, str]]
) -> None:
    shown = {one.role: one for one in people if one.demo}
    point = shapely.Point(landmarks()["load_bearing_wall"])
    around = {
        f["properties"]["level"]: f["properties"]
        for f in features()["features"]
        if shapely.geometry.shape(f["geometry"]).covers(point)
    }
    township = around["township"]
    assert around["grid"]["code"] in shown["grid_worker"].place_codes
    for role in ("grid_worker", "township", "duty_leader"):
        assert shown[role].unit == township["name"]
    (lead,) = [
        unit["name"]
        for unit in units
        if unit["kind"] == "department" and unit["name"].endswith("综合行政执法局")
    ]
    assert shown["handler"].unit == shown["unit_head"].unit == lead
