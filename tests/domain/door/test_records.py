"""What a case keeps as one record is read from rows of every age, and written as before."""

import json
from dataclasses import asdict

from tortoise import Tortoise

from server.cases.models.case import Case
from server.cases.models.report import Report
from server.cases.rules.records import CasePlace, Evidence, PlaceChoice, Suggested
from server.responsibility.list.entries import Explanation
from tests.casework import Casework

#: As rows were written before there were candidates, precedents and processes.
OLD_PLACE = {"county": "县", "township": "镇", "village": "村", "grid": "", "text": "镇村"}
OLD_EXPLANATION = {"rule": "lead", "lead": "局", "cooperating": ["站"], "gone_since": 1}

_PLANT = """
UPDATE case_file SET place = $2::jsonb, explanation = $3::jsonb, suggestion = '{}'::jsonb
WHERE id = $1
"""
_STORED = "SELECT place::text, explanation::text FROM case_file WHERE id = $1"


async def test_rows_of_before_a_field_came_are_read_with_its_default(county):
    case = await Casework(county).report()
    connection = Tortoise.get_connection("default")
    values = [case.id, json.dumps(OLD_PLACE), json.dumps(OLD_EXPLANATION)]
    await connection.execute_query(_PLANT, values)
    old = await Case.get(id=case.id)
    assert old.place == CasePlace(county="县", township="镇", village="村", text="镇村")
    assert old.explanation == Explanation(rule="lead", lead="局", cooperating=("站",))
    assert old.suggestion == Suggested()
    await old.save()
    [row] = await connection.execute_query_dict(_STORED, [case.id])
    kept = {key: value for key, value in OLD_EXPLANATION.items() if key != "gone_since"}
    assert json.loads(row["explanation"]) == kept
    assert json.loads(row["place"]) == {key: value for key, value in OLD_PLACE.items() if value}


async def test_what_is_kept_of_a_reports_photos_is_stored_whole_but_for_what_is_not_known(county):
    case = await Casework(county).report()
    connection = Tortoise.get_connection("default")
    stored = "SELECT evidence::text FROM report WHERE case_id = $1"
    report = await Report.get(case_id=case.id)
    for evidence, kept in (
        (Evidence(), {"flags": []}),
        (
            Evidence(("photo_far",), photo_distance_m=9),
            {"flags": ["photo_far"], "photo_distance_m": 9},
        ),
    ):
        report.evidence = evidence
        await report.save()
        [row] = await connection.execute_query_dict(stored, [case.id])
        assert json.loads(row["evidence"]) == kept
        assert (await Report.get(case_id=case.id)).evidence == evidence
    await connection.execute_query("UPDATE report SET evidence = '{}' WHERE id = $1", [report.id])
    assert (await Report.get(case_id=case.id)).evidence == Evidence()


async def test_rows_as_they_were_written_by_the_server_before_are_read_whole(county):
    case = await Casework(county).report()
    place = CasePlace(grid="网格", candidates=(PlaceChoice("G1", "网格", "T", 0.5, 3.0),))
    whole = [case.id, json.dumps(asdict(place)), json.dumps(asdict(case.explanation))]
    await Tortoise.get_connection("default").execute_query(_PLANT, whole)
    read = await Case.get(id=case.id)
    assert (read.place, read.explanation) == (place, case.explanation)
