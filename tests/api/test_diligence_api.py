"""A unit's record of diligence at a desk: as one page, as a file, and showing a duty."""

import io
from uuid import uuid4

import pytest
from docx import Document

from media.fonts import chinese_font
from server.permissions import GRANTS, Permission, Reach
from tests.casework import Casework, everything
from tests.domain.acts.door import ONE_OF_EACH

HOUSING = "区住房和城乡建设局"


async def test_a_unit_shows_a_duty_and_its_record_is_one_page(county, someone):
    work = Casework(county)
    case = await work.closed()
    officer = await someone("handler_D08", face="console")
    path = f"/s/v1/cases/{case.no}/diligence"
    before = await officer.get(f"{path}?unit=D08")
    assert (before["unit"], before["unit_code"]) == (HOUSING, "D08")
    assert {each["state"] for each in before["duties"]} == {"open"}
    assert [(each["duty"], each["state"]) for each in before["procedure"]] == [
        ("accept", "done"),
        ("handle", "done"),
        ("helped", "done"),
        ("result", "done"),
    ]
    assert (before["entry_id"], before["version_id"]) == (case.entry_id, case.list_version_id)
    [resolved] = before["procedure"][-1]["steps"]
    assert (resolved["verb"], resolved["unit"], resolved["role"]) == (
        "resolve",
        HOUSING,
        "单位经办人",
    )
    body = {
        "unit": HOUSING,
        "duty": 1,
        "note": "换了灯泡",
        "steps": [resolved["version"]],
        "photos": resolved["photos"],
    }
    after = await officer.post(path, body)
    [shown] = after["duties"][0]["shown"]
    assert (after["duties"][0]["state"], shown["note"]) == ("shown", "换了灯泡")
    assert (shown["steps"], shown["photos"]) == ([resolved], resolved["photos"])
    assert await officer.get(f"{path}?unit={HOUSING}") | {"at": ""} == after | {"at": ""}


async def test_a_record_is_a_file_to_print(county, someone):
    work = Casework(county)
    case = await work.handling()
    auditor = await someone("auditor1", face="console")
    path = f"/s/v1/cases/{case.no}/diligence"
    page = await auditor.get(f"{path}?unit=D08")
    status, word = await auditor.call("GET", f"{path}/file?unit=D08&format=docx")
    assert status == 200
    document = Document(io.BytesIO(word))
    [table] = document.tables
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert len(cells) == 1 + len(page["duties"]) + len(page["procedure"])
    assert [row[1] for row in cells[1:6]] == [each["text"] for each in page["duties"]]
    assert case.no in document.paragraphs[1].text
    assert page["cited"] in document.paragraphs[1].text
    status, printed = await auditor.call("GET", f"{path}/file?unit=D08")
    if chinese_font() is None:
        assert status == 503
    else:
        assert (status, printed[:5]) == (200, b"%PDF-")


@pytest.mark.slow
async def test_the_doors_open_exactly_as_the_grants_reach(county, someone):
    work = Casework(county)
    case, disputed = await work.handling(), await work.in_conference()
    statuses = []
    for role, username in ONE_OF_EACH.items():
        person, actor = await someone(username, face="console"), await work.actor(username)
        for each, permission in (
            (case, Permission.DILIGENCE_READ),
            (case, Permission.DILIGENCE_SHOW_DUTY),
            (disputed, Permission.DILIGENCE_READ),
        ):
            path = f"/s/v1/cases/{each.no}/diligence"
            if permission is Permission.DILIGENCE_SHOW_DUTY:
                body = {"unit": "D08", "duty": 1, "note": "办了"}
                found, _ = await person.call("POST", path, json=body)
            else:
                found, _ = await person.call("GET", f"{path}?unit=D08")
                file, _ = await person.call("GET", f"{path}/file?unit=D08&format=docx")
                assert file == found
            reach = GRANTS[role].get(permission)
            own = case.lead_id in actor.unit_ids
            covers = reach is Reach.EVERYWHERE or (
                own if reach is Reach.OWN_UNIT else each is disputed
            )
            if reach is Reach.CONFERENCES and not covers:
                assert found == 404, role  # not even the case is seen
            else:
                assert found == (200 if reach and covers else 403), (role, path)
            statuses.append(found)
    assert min(statuses.count(each) for each in (200, 403, 404)) > 0


@pytest.mark.parametrize(
    "change",
    [
        {"duty": 0},
        {"duty": 6},
        {"duty": "1"},
        {"note": " "},
        {"note": "长" * 2001},
        {"steps": [0]},
        {"steps": [9999]},
        {"steps": [1] * 51},
        {"photos": ["x"]},
        {"photos": [str(uuid4())]},
        {"who": "me"},
    ],
)
async def test_what_is_no_evidence_of_this_case_is_refused(county, someone, change):
    case = await Casework(county).handling()
    officer = await someone("handler_D08", face="console")
    before = await everything()
    body = {"unit": "D08", "duty": 1, "note": "换了灯泡"} | change
    status, answer = await officer.call("POST", f"/s/v1/cases/{case.no}/diligence", json=body)
    assert (status, answer["code"]) == (400, "bad_input")
    assert await everything() == before
