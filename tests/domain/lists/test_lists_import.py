"""Lists from spreadsheets into versions, and versions into force, on a real database."""

import csv
import io

import openpyxl
import pytest

from gridwhistle.demo.spreadsheet import workbook
from server.errors import (
    BadInput,
    DatesOutOfOrder,
    ListRefused,
    NotFound,
    QuestionsOpen,
    VersionState,
)
from server.people.actor import SYSTEM
from server.people.commands import NewUnit, import_units
from server.people.queries import units_index
from server.people.units import UnitKind
from server.responsibility.changing.commands import answer
from server.responsibility.list import queries, versions
from tests.domain.acts.lists import (
    DAY,
    GOOD,
    HEADER,
    KEEPER,
    NOON,
    altered,
    bring,
    make_demo_units,
    make_units,
    publish,
    xlsx,
)
from tests.parts import ROOT, SHARED

pytestmark = pytest.mark.usefixtures("db")


async def nothing_is_stored() -> bool:
    return not (await queries.versions(at=NOON) or await queries.matters())


async def test_the_demo_list_comes_back_from_its_spreadsheet_as_it_was_written():
    await make_demo_units()
    version = await bring(workbook())
    assert version.state == "draft"
    assert version.report["n_taken"] == 105
    assert version.report["unknown_columns"] == []
    entries = {each.matter_code: each for each in await queries.all_entries(version.id)}
    source = (ROOT / "gridwhistle/demo/data/matters.csv").read_text("utf-8")
    units = await units_index()
    rows = list(csv.DictReader(io.StringIO(source)))
    assert set(entries) == {row["code"] for row in rows}
    for row in rows:
        entry = entries[row["code"]]
        lead = units.by_id[entry.lead_id].name if entry.lead_id else "镇街"
        helpers = [units.by_id[c.unit_id].name if c.unit_id else "镇街" for c in entry.cooperating]
        assert (lead, helpers) == (row["lead"], row["cooperating"].split("、"))
        assert (entry.limit, entry.urgency) == (int(row["limit"]), row["urgency"])
        assert entry.responsibility == row["responsibility"]
        assert entry.self_handle == (row["self_handle"] == "yes")
        assert bool(entry.process) == (row["flow"] == "yes")
        assert entry.words == tuple(row["words"].split("、"))
        assert entry.description == row["description"]
        assert entry.receives == (row["receives"] or "department")
    steps = entries["CJ-001"].process
    assert [step.position for step in steps] == [1, 2, 3, 3, 4, 4, 5]
    assert steps[0].unit == "镇街"
    assert (steps[0].limit, steps[0].urgency) == (4, "work_hour")
    assert entries["ZH-001"].filing_conditions[1].urgency == "work_day"


@pytest.mark.needs("shared")
async def test_the_facts_of_a_countys_list_are_taken_as_csv_in_either_encoding():
    await make_demo_units()
    data = (SHARED / "data" / "matters.csv").read_text("utf-8")
    for number, encoding in enumerate(["utf-8", "gb18030"], 1):
        version = await bring(data.encode(encoding), "matters.csv")
        assert (version.number, version.report["n_taken"]) == (number, 105)


async def test_units_written_short_are_matched_and_the_report_says_so():
    await import_units(
        [
            NewUnit(code="A", name="区综合行政执法局", kind=UnitKind.DEPARTMENT),
            NewUnit(
                code="B", name="区公安分局", kind=UnitKind.DEPARTMENT, short_names=("公安分局",)
            ),
        ]
    )
    version = await bring(xlsx(["某区清单"], HEADER, GOOD))
    assert version.report["matches"] == [
        {"written": "公安分局", "unit": "区公安分局", "confidence": 0.9}
    ]
    assert version.report["rows"] == [
        {"row": 3, "code": "ZH-002", "status": "taken", "reasons": []}
    ]


FAULTY = [
    (altered(name=None), "事项名称", "missing"),
    (altered(name="长" * 501), "事项名称", "too_long"),
    (altered(code=1001.5), "事项编码", "number_for_text"),
    (altered(code="代码 1"), "事项编码", "bad_code"),
    (altered(phone="1.38E+10"), "联系电话", "number_for_text"),
]


async def test_a_row_with_a_fault_refuses_the_whole_and_names_sheet_row_and_column():
    await make_units("区综合行政执法局", "公安分局")
    fine = ["ZH-003", "赌博活动查处", "公安分局", None, None, "2小时", None]
    for row, column, code in FAULTY:
        with pytest.raises(ListRefused) as refused:
            await bring(xlsx(["某区清单"], HEADER, fine, row))
        faults = refused.value.facts["rows"]
        assert refused.value.facts["n_faults"] == len(faults)
        found = {(f["sheet"], f["row"], f["column"], f["code"]) for f in faults}
        assert ("清单", 4, column, code) in found
        assert all(fault["reason"] for fault in faults)
    assert await nothing_is_stored()


SETTLED = [
    (altered(lead=None), "牵头部门"),
    (altered(lead="镇街"), "责任层级"),
    (altered(responsibility="镇街主责"), "责任层级"),
    (altered(cooperating="区综合行政执法局"), None),
    (altered(cooperating="公安分局；公安分局"), None),
]


@pytest.mark.parametrize(("row", "column"), SETTLED)
async def test_what_is_twice_or_against_itself_is_a_draft_with_a_question_or_a_note(row, column):
    await make_units("区综合行政执法局", "公安分局")
    version = await bring(xlsx(["某区清单"], HEADER, row))
    asked = [each for each in version.questions if each["kind"] != "matter"]
    assert [(each["column"], each["rows"]) for each in asked] == (
        [(column, [3])] if column else []
    )
    assert column or any("第 3 行配合单位" in each for each in version.report["notes"])
    for each in asked:
        values = [one["value"] for one in each["candidates"]]
        await answer(version.id, {each["id"]: values[0]}, new_matters=True, by=SYSTEM, at=NOON)
    assert len(await queries.all_entries(version.id)) == 1


async def test_a_type_of_list_there_is_not_is_refused():
    with pytest.raises(NotFound):
        await bring(xlsx(HEADER, GOOD), list_type="no_such_type")
    assert await nothing_is_stored()


async def test_a_matter_that_is_in_no_catalogue_is_asked_for_and_enters_it_only_then():
    await make_units("区综合行政执法局", "公安分局")
    version = await bring(xlsx(HEADER, altered(code=None)))
    assert [each["kind"] for each in version.questions] == ["matter"]
    assert not await queries.matters()
    assert not await queries.all_entries(version.id)
    asked = version.questions[0]
    for answers in ({asked["id"]: "ZZ-9"}, {"matter:x": "new"}):
        with pytest.raises(BadInput):
            await answer(version.id, answers, new_matters=False, by=SYSTEM, at=NOON)
    with pytest.raises(QuestionsOpen):
        await versions.submit(version.id, by=KEEPER, at=NOON)
    assert not await queries.matters()
    done = await answer(version.id, {asked["id"]: "new"}, new_matters=False, by=SYSTEM, at=NOON)
    assert done.questions == []
    assert done.answers[asked["id"]]["value"] == "new"
    assert [each.name for each in await queries.matters()] == ["犬只管理"]


async def test_a_unit_written_in_part_is_taken_when_only_one_is_named_so_and_said_in_the_report():
    await make_units("榴城区综合行政执法局", "区公安分局", "市生态环境局榴城分局")
    row = altered(lead="综合行政执法局", cooperating="市生态环境局、镇街")
    version = await bring(xlsx(HEADER, row))
    assert version.questions == []
    assert {(each["written"], each["confidence"]) for each in version.report["matches"]} == {
        ("综合行政执法局", 0.8),
        ("市生态环境局", 0.8),
    }


async def test_answers_to_a_file_that_no_longer_fits_change_nothing():
    await make_units("区综合行政执法局", "公安分局")
    await bring(xlsx(HEADER, GOOD))
    [known] = await queries.matters()
    rows = [altered(code=None, name=name) for name in ("流浪动物收容", "公园绿地养护")]
    version = await bring(xlsx(HEADER, *rows))
    said = dict.fromkeys([each["id"] for each in version.questions], known.code)
    with pytest.raises(ListRefused):
        await answer(version.id, said, new_matters=False, by=SYSTEM, at=NOON)
    assert await queries.matters() == [known]
    assert len(await queries.version_questions(version.id)) == 2


async def test_a_unit_answered_to_be_new_is_made_and_leads():
    await make_units("公安分局")
    version = await bring(xlsx(HEADER, altered(lead="区委组织部", cooperating="各有关部门")))
    said = {"unit:区委组织部": "new", "unit:各有关部门": "nobody"}
    done = await answer(version.id, said, new_matters=True, by=SYSTEM, at=NOON)
    assert done.questions == []
    [entry] = await queries.all_entries(version.id)
    made = (await units_index()).by_id[entry.lead_id]
    assert (made.name, made.code, made.kind) == ("区委组织部", "N-001", UnitKind.DEPARTMENT)
    assert entry.cooperating == ()
    assert done.answers["unit:区委组织部"]["value"] == str(made.id)


async def test_marks_and_one_name_in_two_places_are_answered_and_become_entries():
    await make_units("公安分局", "林业局")
    head = ["序号", "事项名称", "公安分局", "林业局", "办理时限"]
    rows = [["1", "校园安全", "★", "●", "5日"], ["2", "校园安全", "", "★", "2日"]]
    version = await bring(xlsx(head, *rows))
    said = {"mark:★": "lead", "mark:●": "help", "same:/校园安全": "several"}
    assert {each["id"] for each in version.questions} == set(said)
    asked = await answer(version.id, said, new_matters=False, by=SYSTEM, at=NOON)
    assert [each["kind"] for each in asked.questions] == ["matter", "matter"]
    done = await answer(version.id, {}, new_matters=True, by=SYSTEM, at=NOON)
    assert done.questions == []
    known = await units_index()
    police, forest = (known.named(name).id for name in ("公安分局", "林业局"))
    one, other = await queries.all_entries(version.id)
    assert (one.name, one.lead_id) == (other.name, police) == ("校园安全", police)
    assert [each.unit_id for each in one.cooperating] == [forest]
    assert other.lead_id == forest
    assert one.matter_code != other.matter_code


async def test_what_headings_mean_is_kept_with_the_version_and_read_again_with_its_answers():
    await make_units("公安分局")
    sheet = xlsx(["序号", "管什么", "谁来管", "期限"], ["1", "犬只管理", "公安分局", "马上"])
    columns = {"管什么": "事项名称", "谁来管": "lead", "期限": "办理时限"}
    version = await bring(sheet, columns=columns)
    for wrong in ("limit:马上", "unit:马上"):
        with pytest.raises(BadInput):
            await answer(version.id, {wrong: "x"}, new_matters=True, by=SYSTEM, at=NOON)
    said = {"limit:马上": "2小时"}
    done = await answer(version.id, said, new_matters=True, by=SYSTEM, at=NOON)
    assert done.questions == []
    [entry] = await queries.all_entries(version.id)
    assert (entry.name, entry.limit, entry.urgency) == ("犬只管理", 2, "urgent_hour")
    with pytest.raises(BadInput):
        await bring(sheet, columns={"管什么": "没有这一列"})


async def test_a_matter_of_five_hundred_characters_enters_list_and_catalogue_whole():
    await make_units("公安分局")
    name = "加强犬只管理，" + "做" * 493
    version = await bring(xlsx(HEADER, altered(name=name, lead="公安分局", cooperating=None)))
    await answer(version.id, {}, new_matters=True, by=SYSTEM, at=NOON) if version.questions else 0
    [entry] = await queries.all_entries(version.id)
    assert (entry.name, entry.title) == (name, "加强犬只管理…")
    assert [each.name for each in await queries.matters()] == [name]


async def test_a_later_publication_bars_an_earlier_one_until_it_is_taken_back():
    await make_units("区综合行政执法局", "公安分局")
    one, two = await bring(xlsx(HEADER, GOOD)), await bring(xlsx(HEADER, GOOD))
    await publish(one, NOON + DAY)
    with pytest.raises(DatesOutOfOrder):
        await publish(two)
    await versions.take_back(one.id, at=NOON)
    two = await versions.publish(two.id, starts_at=NOON, by=KEEPER, at=NOON)
    assert two.state == "published"
    with pytest.raises(VersionState):
        await versions.take_back(two.id, at=NOON)


async def test_codes_and_names_that_come_twice_are_refused_with_the_first_row():
    await make_units("区综合行政执法局", "公安分局")
    with pytest.raises(ListRefused) as refused:
        await bring(xlsx(HEADER, GOOD, altered(code="ZH-003", name="赌博活动查处"), GOOD))
    assert [(f["row"], f["code"]) for f in refused.value.facts["rows"]] == [
        (4, "code_twice"),
        (4, "name_twice"),
    ]
    assert await nothing_is_stored()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (xlsx(["a", "b"], ["c", "d"]), "x.xlsx", "no_table"),
        (xlsx(["事项编码", "事项名称", "联系人"], ["1", "2", "3"]), "x.xlsx", "missing_columns"),
        (xlsx(HEADER), "x.xlsx", "no_rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls", "old_or_encrypted"),
        (b"rubbish", "x.xlsx", "not_a_workbook"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_whole(data, name, code):
    with pytest.raises(ListRefused) as refused:
        await bring(data, name)
    assert refused.value.facts["n_faults"] == 1
    assert refused.value.facts["rows"][0]["code"] == code
    assert await nothing_is_stored()


async def test_sheets_without_codes_are_matched_to_the_catalogue_by_name():
    await make_units("区综合行政执法局", "公安分局")
    await bring(xlsx(HEADER, GOOD))
    version = await bring(xlsx(HEADER[1:], GOOD[1:]), list_type="cooperating")
    assert version.number == 1
    assert [each.matter_code for each in await queries.entries(version.id)] == ["ZH-002"]


async def test_headings_between_rows_are_passed_over_and_merged_cells_hold_for_their_rows():
    await make_units("区综合行政执法局", "公安分局")
    book = openpyxl.Workbook()
    for row in (
        ["领域", *HEADER],
        ["一、综合治理"],
        ["综合治理", *GOOD],
        [None, "ZH-003", "赌博活动查处", "公安分局", None, None, "2小时", None],
    ):
        book.active.append(row)
    book.active.merge_cells("A3:A4")
    kept = io.BytesIO()
    book.save(kept)
    version = await bring(kept.getvalue())
    entries = await queries.all_entries(version.id)
    assert [(each.row, each.domain) for each in entries] == [(3, "综合治理"), (4, "综合治理")]


async def test_a_unit_may_be_answered_to_be_the_township_and_a_word_to_mean_a_kind():
    await make_units("区综合行政执法局", "公安分局")
    header = ["事项名称", "类别", "牵头部门", "配合单位"]
    other = ["路灯", "民生", "公安分局", ""]
    draft = await bring(xlsx(header, other, ["犬只管理", "城市管理", "公安分局", "榴园镇"]))
    assert [each["id"] for each in draft.questions] == [
        "unit:榴园镇",
        "kind:城市管理",
        "matter:路灯",
        "matter:犬只管理",
    ]
    said = {"unit:榴园镇": "镇街", "kind:城市管理": "执法"}
    for wrong in ({"kind:城市管理": "都管"}, {"kind:城市管理": "是"}, {"unit:榴园镇": "村"}):
        with pytest.raises(BadInput):
            await answer(draft.id, said | wrong, new_matters=True, by=SYSTEM, at=NOON)
    await answer(draft.id, said, new_matters=True, by=SYSTEM, at=NOON)
    _, entry = await queries.all_entries(draft.id)
    assert (entry.kind, entry.tags) == ("enforcement", ("城市管理",))
    assert [each.unit_id for each in entry.cooperating] == [None]


async def test_a_list_of_several_sheets_is_written_whole_and_what_was_left_out_is_told():
    await make_units("区综合行政执法局", "公安分局")
    book = openpyxl.Workbook()
    header = ["序号", "事项名称", "对应上级部门"]
    parts = {"教育": ["校园安全"], "住建": ["违建", "危房"]}
    for name, matters in parts.items():
        sheet = book.create_sheet(name)
        sheet.append(header)
        for number, matter in enumerate(matters, 1):
            sheet.append([number, matter, "公安分局"])
    book.active.append(["目录"])
    kept = io.BytesIO()
    book.save(kept)
    draft = await bring(kept.getvalue(), list_type="cooperating")
    assert draft.report["notes"][1] == "没有读取的 1 张表：Sheet"
    await answer(draft.id, {}, new_matters=True, by=SYSTEM, at=NOON)
    entries = await queries.all_entries(draft.id)
    assert [(each.domain, each.name) for each in entries] == [
        ("教育", "校园安全"),
        ("住建", "违建"),
        ("住建", "危房"),
    ]
