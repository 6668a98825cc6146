"""The demonstration county's list: complete, consistent, and in people's words."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.parts import ROOT, SHARED

DATA = ROOT / "gridwhistle" / "demo" / "data"

TOWNSHIP = "镇街"
LIMITED = re.compile(r"^[^〔〕]+〔[1-9]\d* (urgent_hour|work_hour|work_day|natural_day)〕$")
STEP = re.compile(
    r"^(\d+)\. (\S+) \| (\S+)(?: \| ([1-9]\d*) ((?:urgent|work|natural)_(?:hour|day)))?$"
)
#: Of a working day, for adding up; an urgent hour is one of its own kind.
WORTH = {"work_day": 8.0, "work_hour": 1.0, "natural_day": 24.0, "urgent_hour": 1.0}
LISTED_FIELDS = (
    "description",
    "lead_duties",
    "township_duties",
    "legal_basis",
    "contact_name",
    "contact_phone",
    "words",
    "filing_conditions",
    "closing_condition",
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MATTERS = rows_of(DATA / "matters.csv")
UNITS = rows_of(DATA / "units.csv")
BY_CODE = {row["code"]: row for row in MATTERS}


def cooperating(row: dict[str, str]) -> list[str]:
    return [unit for unit in row["cooperating"].split("、") if unit != TOWNSHIP]


def test_the_files_have_no_byte_order_mark() -> None:
    for name in ("matters.csv", "units.csv"):
        assert not (DATA / name).read_bytes().startswith(b"\xef\xbb\xbf")


def test_there_are_105_matters_with_unique_codes_and_names() -> None:
    assert len(MATTERS) == len(BY_CODE) == len({row["name"] for row in MATTERS}) == 105
    assert Counter(row["responsibility"] for row in MATTERS) == {
        "county": 84,
        "township": 18,
        "joint": 3,
    }


@pytest.mark.needs("shared")
def test_the_facts_are_those_of_the_source_list() -> None:
    source = rows_of(SHARED / "data" / "matters.csv")
    assert [{key: row[key] for key in source[0]} for row in MATTERS] == source


def test_no_listed_field_is_empty() -> None:
    empty = [(row["code"], key) for row in MATTERS for key in LISTED_FIELDS if not row[key]]
    assert empty == []


def test_every_cooperating_unit_has_its_duties_exactly_once() -> None:
    for row in MATTERS:
        lines = [line.split("：", 1) for line in row["cooperating_duties"].split("\n")]
        assert [unit for unit, _ in lines] == cooperating(row), row["code"]
        assert all(len(duty) >= 4 for _, duty in lines), row["code"]


def test_duties_are_as_many_as_the_list_promises() -> None:
    dogs = BY_CODE["ZH-002"]
    assert len(dogs["lead_duties"].split("；")) == 8
    assert len(dogs["township_duties"].split("；")) == 5
    for row in MATTERS:
        assert 2 <= len(row["township_duties"].split("；")) <= 5, row["code"]
        if row is not dogs:
            assert 3 <= len(row["lead_duties"].split("；")) <= 6, row["code"]


def test_a_township_never_penalises_where_the_county_leads() -> None:
    for row in MATTERS:
        if row["responsibility"] == "county":
            for word in ("处罚", "罚款", "查处", "没收", "扣押", "强制拆除"):
                assert word not in row["township_duties"], row["code"]


def test_every_matter_has_four_to_eight_words_that_no_other_matter_has() -> None:
    owners: dict[str, str] = {}
    for row in MATTERS:
        words = row["words"].split("、")
        assert 4 <= len(words) <= 8, row["code"]
        assert len(set(words)) == len(words), row["code"]
        for word in words:
            assert 2 <= len(word) <= 12, (row["code"], word)
            if len(word) >= 3:
                assert owners.setdefault(word, row["code"]) == row["code"], word


def test_the_first_filing_condition_takes_the_limit_of_the_matter() -> None:
    for row in MATTERS:
        first, *others = row["filing_conditions"].split("；")
        assert "〔" not in first, row["code"]
        assert len(others) <= 2, row["code"]
        assert all(LIMITED.match(one) or "〔" not in one for one in others), row["code"]


def steps_of(row: dict[str, str]) -> list[re.Match[str]]:
    found = [STEP.match(line) for line in filter(None, row["process"].split("\n"))]
    assert None not in found, row["code"]
    return [step for step in found if step is not None]


def test_exactly_the_ten_flow_matters_have_a_process_of_units_that_belong_to_them() -> None:
    for row in MATTERS:
        assert bool(row["process"]) == (row["flow"] == "yes"), row["code"]
        members = {row["lead"], TOWNSHIP, *cooperating(row)}
        steps = steps_of(row)
        positions = [int(step[1]) for step in steps]
        assert sorted(set(positions)) == list(range(1, max(positions, default=0) + 1)), row["code"]
        assert positions == sorted(positions), row["code"]
        for step in steps:
            assert step[2] in members, (row["code"], step[0])
    assert sum(bool(row["process"]) for row in MATTERS) == 10


def test_the_steps_of_a_process_one_after_the_other_fit_into_the_limit_of_the_matter() -> None:
    for row in MATTERS:
        longest: dict[str, float] = {}
        for step in steps_of(row):
            hours = int(step[4]) * WORTH[step[5]] if step[4] else 0.0
            longest[step[1]] = max(longest.get(step[1], 0.0), hours)
        assert sum(longest.values()) <= int(row["limit"]) * WORTH[row["urgency"]], row["code"]


def test_a_station_receives_only_a_few_matters_of_departments_that_have_stations() -> None:
    with_stations = {unit["parent"] for unit in UNITS if unit["kind"] == "station"}
    received = [row for row in MATTERS if row["receives"] == "station"]
    assert {row["receives"] for row in MATTERS} == {"department", "station"}
    assert 3 <= len(received) <= 6
    assert {row["lead"] for row in received} <= with_stations


def test_every_unit_of_the_list_is_among_the_units() -> None:
    names = {unit["name"] for unit in UNITS}
    for row in MATTERS:
        assert {row["lead"], *cooperating(row)} - {TOWNSHIP} <= names, row["code"]
    for unit in UNITS:
        assert not unit["parent"] or unit["parent"] in names, unit["name"]
    kinds = Counter(unit["kind"] for unit in UNITS)
    assert kinds == {"department": 35, "utility": 5, "township": 8, "station": 32}


def test_codes_phones_names_and_short_names_of_units_are_unique() -> None:
    for key in ("code", "phone", "name"):
        assert len({unit[key] for unit in UNITS}) == len(UNITS), key
    spoken = [unit["name"] for unit in UNITS]
    for unit in UNITS:
        short = unit["short_names"].split("、")
        assert 1 <= len(short) <= 3, unit["name"]
        spoken += short
    assert [name for name, n in Counter(spoken).items() if n > 1] == []


def test_every_lead_has_one_telephone_of_its_own() -> None:
    phones = {(row["lead"], row["contact_phone"]) for row in MATTERS}
    assert len(phones) == len({lead for lead, _ in phones}) == 23
    assert len({phone for _, phone in phones}) == 23
    assert all(re.fullmatch(r"0632-555\d{4}", phone) for _, phone in phones)
